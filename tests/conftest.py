"""Fixtures for every floor: a simulated Slack workspace to act in."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.workspace_client import SlackClient, served_workspace


@pytest_asyncio.fixture
async def slack() -> AsyncIterator[SlackClient]:
    """A workspace under uvicorn in this test's loop; for other settings use `served_workspace` itself."""
    async with served_workspace() as client:
        yield client
