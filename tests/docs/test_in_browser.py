"""A browser that opens the documentation asks nobody but the server that it came from, and finds what is searched."""

import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import chromium
from tests.docs.crawl import Page


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture
def address(site: Path) -> Iterator[str]:
    """Where the pages are served."""
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=site)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_a_browser_asks_no_other_host_and_complains_of_nothing(
    address: str, site: Path, pages: dict[Path, Page]
) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    with chromium() as browser, browser.new_context() as context:
        desk = context.new_page()
        desk.on("request", lambda request: asked.append(request.url))
        desk.on("console", lambda message: complaints.extend([message.text] * (message.type == "error")))
        for file in pages:
            desk.goto(f"{address}{file.relative_to(site)}")
        desk.goto(f"{address}index.html")
        desk.get_by_role("textbox", name="Search").fill("outbox canary")
        expect(desk.get_by_role("link", name="Messages").first).to_be_visible()
    assert complaints == []
    assert len(asked) > len(pages)
    assert [one for one in asked if not one.startswith((address, "data:", "blob:"))] == []
