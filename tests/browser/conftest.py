"""A Chromium for these tests, the demo it looks at, and one page for each test."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.desk import Desk
from tests.demo_process import Demo, running_demo

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """A calm foundation, so that what a test sees is its own doing."""
    with running_demo("--scenario", "calm", "--speed", "20") as demo:
        yield demo


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for all tests of a module; each opens a profile of its own in it."""
    with chromium() as browser:
        yield browser


@contextmanager
def chromium() -> Iterator[Browser]:
    """The distribution's Chromium, without a window."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.fail("The browser tests need Chromium: apt-get install --no-install-recommends chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, headless=True, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def desk(browser: Browser, demo: Demo) -> Iterator[Desk]:
    """A page at a desktop's width, in light; the browser must have nothing to complain about in the end."""
    with opened(browser, demo) as desk:
        yield desk


@contextmanager
def opened(browser: Browser, demo: Demo, **look: Any) -> Iterator[Desk]:
    """A page with a fresh profile; `look` as Playwright's `color_scheme`, `viewport`."""
    given = {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light", "timezone_id": "UTC", **look}
    with browser.new_context(**given) as context:
        context.set_default_timeout(15_000)
        desk = Desk(context.new_page(), demo.address)
        desk.tidy()
        yield desk
        assert desk.complaints == []
