"""For every floor: a simulated Slack workspace to act in, and property tests that judge values, not the clock."""

import os
from collections.abc import AsyncIterator

import pytest_asyncio
from hypothesis import settings

from tests.workspace_client import SlackClient, served_workspace

# A busy machine is no counterexample; and what CI says of a commit must not depend on chance.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile("fuzz", deadline=None, max_examples=int(os.environ.get("EXAMPLES", "5000")))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "here"))


@pytest_asyncio.fixture
async def slack() -> AsyncIterator[SlackClient]:
    """A workspace under uvicorn in this test's loop; for other settings use `served_workspace` itself."""
    async with served_workspace() as client:
        yield client
