"""Nothing is lost and nothing stays doubled when the bot is killed at any point, or Slack or the foundation is faulty.

`make kill` does a hundred random kills instead of ten; DEPLOYBOT_KILLS and DEPLOYBOT_KILL_SEED say how many and which.
"""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploybot.domain.ledger import Kind
from tests.e2e.crashes import STILL_SECONDS, Theatre, random_kills, theatre
from tests.e2e.stage import text_of

KILLS = int(os.environ.get("DEPLOYBOT_KILLS", "10"))
SEED = int(os.environ.get("DEPLOYBOT_KILL_SEED", "20261123"))

FROZEN_SECONDS = 6

POINTS = (
    "poll.asked",
    "poll.decided",
    "poll.stored",
    "compose.done",
    "send.claimed",
    "send.begun",
    "send.checked",
    "send.recorded",
    "send.posted",
    "settle.looked",
    "send.posted@2",
    "poll.stored@3",
)


@pytest.fixture(params=["sqlite", "postgresql"])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Theatre]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    async with theatre(tmp_path, url) as ready:
        yield ready


async def test_a_kill_at_any_point_loses_and_doubles_nothing(house: Theatre) -> None:
    first = await house.start()
    await house.seen_first()
    await first.stop()
    for point in POINTS:
        await house.killed_at(point)
    await house.start()
    house.rollouts.begin(3, ("failing", "canary", "rolling"))
    await house.rollouts.ended()
    await house.settled()
    await house.assert_told_once()


async def test_kills_at_random_moments_lose_and_double_nothing(house: Theatre) -> None:
    first = await house.start()
    await house.seen_first()
    await first.stop()
    await random_kills(house, KILLS, SEED)
    await house.start()
    await house.rollouts.ended()
    await house.settled()
    await house.assert_told_once()


async def test_a_kill_while_a_digest_is_made_sends_it_once(house: Theatre) -> None:
    first = await house.start()
    await house.seen_first()
    await first.stop()
    await house.digest_due()
    for point in ("digest.built", "digest.stored", "send.posted"):
        await house.killed_at(point, begin=False)
    await house.start()
    await house.digests_sent(1)
    await house.settled()
    await house.assert_told_once()


async def test_two_replicas_that_freeze_and_die_in_turn_lose_and_double_nothing(
    tmp_path: Path, postgres_url: str
) -> None:
    async with theatre(tmp_path, postgres_url) as house:
        one, other = await house.start(), await house.start()
        await house.seen_first()
        for frozen in (one, other, one):
            house.rollouts.begin(1, ("canary",))
            frozen.process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(FROZEN_SECONDS)  # longer than its lease and its claims last
            frozen.process.send_signal(signal.SIGCONT)
            house.rollouts.begin(1, ("rolling",))
        one.process.kill()
        house.rollouts.begin(1, ("failing",))
        await house.rollouts.ended()
        await house.settled()
        await house.assert_told_once()


@pytest.mark.parametrize("point", ["poll.decided", "send.checked", "digest.built"])
async def test_a_leader_frozen_at_the_worst_moment_and_let_go_doubles_nothing(
    tmp_path: Path, postgres_url: str, point: str
) -> None:
    async with theatre(tmp_path, postgres_url) as house:
        frozen = await house.start(f"{point}@2:stop" if point.startswith("poll") else f"{point}:stop")
        await house.seen_first_or_stopped(frozen)
        await house.digest_due()
        house.rollouts.begin(1, ("canary",))
        await house.stopped(frozen)
        await house.start()
        await house.rollouts.ended()
        await house.settled()
        frozen.process.send_signal(signal.SIGCONT)
        house.rollouts.begin(1, ("rolling",))
        await house.rollouts.ended()
        await house.digests_sent(1)
        await house.settled()
        await house.assert_told_once()


async def test_two_hundred_deployments_in_a_minute_are_two_messages_at_most(tmp_path: Path) -> None:
    async with theatre(tmp_path) as house:
        await house.start(DEPLOYBOT_MESSAGES_PER_MINUTE="2")
        await house.seen_first()
        began = time.time()
        for _ in range(5):
            house.rollouts.begin(40, ("rolling",))
            await house.rollouts.ended()
        assert time.time() - began < 60
        await house.settled(still=60 + STILL_SECONDS)
        await house.assert_told_once()
        posted = sorted(float(one["ts"]) for one in await house.shown() if "thread_ts" not in one and "bot_id" in one)
        assert len(house.rollouts.begun) == 200
        assert all(later - first > 59 for first, later in zip(posted, posted[2:], strict=False))


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "rate_limited", "times": 3, "retry_after": 1},
        {"kind": "internal_error", "times": 3},
        {"kind": "cut", "times": 3},
        {"kind": "done_but_500", "times": 3},
        {"kind": "done_but_slow", "times": 2, "seconds": 3.0},
    ],
    ids=lambda fault: fault["kind"],
)
async def test_a_slack_in_trouble_loses_and_doubles_nothing(tmp_path: Path, fault: dict[str, object]) -> None:
    async with theatre(tmp_path) as house:
        await house.start()
        await house.seen_first()
        await house.slack.set_faults({**fault, "methods": ["chat.postMessage"]})
        house.rollouts.begin(3, ("rolling", "canary", "failing"))
        await house.rollouts.ended()
        await house.settled()
        await house.assert_told_once()


@pytest.mark.parametrize(
    "trouble",
    [{"outage": True}, {"latency_ms": 1500}, {"cut": 0.5}, {"server_error": 0.5}],
    ids=lambda one: next(iter(one)),
)
async def test_a_foundation_in_trouble_loses_and_doubles_nothing(tmp_path: Path, trouble: dict[str, object]) -> None:
    async with theatre(tmp_path) as house:
        await house.start()
        await house.seen_first()
        house.rollouts.begin(2, ("rolling", "canary"))
        await house.foundation_in(trouble, seconds=3)
        house.rollouts.begin(2, ("rolling", "canary"))
        await house.rollouts.ended()
        await house.settled()
        await house.assert_told_once()


async def test_a_failure_pings_once(tmp_path: Path) -> None:
    async with theatre(tmp_path) as house:
        await house.subscribe(on=(Kind.FAILED,), mention="<!subteam^S0ONCALL>")
        await house.start()
        await house.seen_first()
        house.rollouts.begin(1, ("failing",))
        await house.rollouts.ended()
        await house.settled()
        await house.assert_told_once((Kind.FAILED,))
        assert len([one for one in await house.shown() if "<!subteam^S0ONCALL>" in text_of(one)]) == 1
