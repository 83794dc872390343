"""Two replicas and what is watched: whoever slept doubles and takes back nothing, and edits no more than is due."""

import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.crashes import Theatre, theatre
from tests.e2e.followed import SOON, assert_told_once, ended, root_of, until, watched

PER_MINUTE = 12
WATCHED = 4
STILL = 8
"""Seconds in which nothing more may be edited: longer than two edits of a message are apart."""


async def _edits(house: Theatre) -> list[dict[str, Any]]:
    """The edits that Slack was asked for, oldest first."""
    return [one for one in await house.slack.inspected("web_api") if one["what"] == "chat.update"]


@pytest.mark.parametrize("point", ["watch.seen@2:stop", "watch.edited:stop"])
async def test_a_replica_that_froze_amid_a_watch_doubles_and_takes_back_nothing(
    tmp_path: Path, postgres_url: str, point: str
) -> None:
    async with theatre(tmp_path, postgres_url) as house:
        frozen = await house.start(point)
        house.slack.patience = SOON
        await house.slack.wait_for_connections(1)
        await house.seen_first()
        await watched(house, "canary")
        await house.stopped(frozen)
        await house.start()
        await until(lambda: ended(house), "the end")
        frozen.process.send_signal(signal.SIGCONT)
        await asyncio.sleep(STILL)  # for what must not come any more
        await assert_told_once(house)
        root = await root_of(house)
        assert root
        assert "ended" in str(root)


async def test_several_watches_are_edited_within_what_the_workspace_allows_whoever_follows(
    tmp_path: Path, postgres_url: str
) -> None:
    async with theatre(tmp_path, postgres_url) as house:
        for _ in range(2):
            await house.start(DEPLOYBOT_EDITS_PER_MINUTE=str(PER_MINUTE))
        house.slack.patience = SOON
        await house.slack.wait_for_connections(2)
        await house.seen_first()
        for _ in range(WATCHED):
            await watched(house, "canary")
        await house.rollouts.ended()
        await asyncio.sleep(STILL)  # for edits that are too many
        edits = await _edits(house)
        times = [float(one["at"]) for one in edits]
        assert len(edits) >= WATCHED
        assert _most_within(60, times) <= PER_MINUTE


def _most_within(seconds: float, times: Sequence[float]) -> int:
    return max((sum(start <= at < start + seconds for at in times) for start in times), default=0)
