"""For every floor: a simulated Slack workspace to act in, and property tests that judge values, not the clock."""

from collections.abc import AsyncIterator

import pytest_asyncio
from hypothesis import settings

from tests.workspace_client import SlackClient, served_workspace

settings.register_profile("untimed", deadline=None)  # a busy machine is no counterexample
settings.load_profile("untimed")


@pytest_asyncio.fixture
async def slack() -> AsyncIterator[SlackClient]:
    """A workspace under uvicorn in this test's loop; for other settings use `served_workspace` itself."""
    async with served_workspace() as client:
        yield client
