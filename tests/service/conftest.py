"""A real store, with a sender and a Slack that a test directs, or with foundations that were polled."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from deploybot.settings.model import StoreSettings
from deploybot.store.opening import open_store
from tests.service.post_office import Post, posting
from tests.service.subscribed import DAY, NOW
from tests.service.watched import Watched


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    async with posting(tmp_path) as ready:
        yield ready


@pytest_asyncio.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    async with open_store(StoreSettings(data_dir=tmp_path)) as store:
        known = Watched(store)
        await known.poll(NOW - 90 * DAY)
        yield known
