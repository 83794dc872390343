"""A bot between a fake Slack and made-up answers."""

from collections.abc import AsyncIterator

import pytest

from tests.slack.fake_slack import FakeSlack, fake_slack


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with fake_slack() as running:
        yield running
