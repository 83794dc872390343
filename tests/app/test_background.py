"""What the bot does by itself: turns that fail are told, and never end the others."""

import asyncio
from datetime import datetime, timedelta
from typing import cast

import structlog
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from deploybot.app.background import Turn
from deploybot.domain.ports import Notifier
from deploybot.domain.storage import Outbox
from deploybot.domain.telemetry import PartFailed, TurnRan
from deploybot.service.budget import Budget
from deploybot.service.failures import survive
from deploybot.service.request_id import request_id
from deploybot.service.sending import Sender
from tests.fake_telemetry import FakeTelemetry


class Seconds:
    """A monotonic clock that a test moves by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_a_turn_is_noted_with_its_lateness_and_length() -> None:
    telemetry, seconds = FakeTelemetry(), Seconds()

    async def work(_: datetime) -> None:
        seconds.now += 0.5

    turn = Turn("send", timedelta(seconds=2), work, telemetry, seconds)
    await turn.begin()
    await turn.end(5)
    seconds.now = 103.0
    await turn.begin()
    await turn.end(5)
    assert telemetry.of(TurnRan) == [TurnRan("send", 0.0, 0.5, failed=False), TurnRan("send", 1.0, 0.5, failed=False)]


async def test_a_turn_that_failed_is_noted_as_that_and_begins_again() -> None:
    telemetry = FakeTelemetry()

    async def stumble(_: datetime) -> None:
        raise RuntimeError("a bug")

    turn = Turn("poll", timedelta(seconds=1), stumble, telemetry, Seconds())
    for _ in range(2):
        await turn.begin()
        await turn.end(5)
    assert [(one.turn, one.failed) for one in telemetry.of(TurnRan)] == [("poll", True), ("poll", True)]


async def test_a_part_that_fails_is_counted_for_its_turn_at_once_and_in_tasks_too() -> None:
    """Most turns survive what fails in them, so that nothing else has to wait: that must be seen all the same."""
    telemetry, started = FakeTelemetry(), list[asyncio.Task[None]]()

    async def stumble() -> None:
        try:
            raise RuntimeError("a bug")
        except RuntimeError:
            survive(structlog.get_logger(), "tick failed")

    async def work(_: datetime) -> None:
        await stumble()
        started.append(asyncio.create_task(stumble()))

    turn = Turn("send", timedelta(seconds=1), work, telemetry, Seconds())
    await turn.begin()
    await turn.end(5)
    await asyncio.gather(*started)
    await stumble()  # of no turn
    assert telemetry.of(PartFailed) == [PartFailed("send"), PartFailed("send")]
    assert [one.failed for one in telemetry.of(TurnRan)] == [False]


async def test_a_sender_whose_store_is_away_counts_as_failing() -> None:
    telemetry = FakeTelemetry()
    sender = Sender(cast(Outbox, None), cast(Notifier, None), edits=Budget(60, Seconds()))
    turn = Turn("send", timedelta(seconds=1), sender.tick, telemetry, Seconds())
    await turn.begin()
    await turn.end(5)
    assert telemetry.of(PartFailed) == [PartFailed("send")]


async def test_a_turn_that_still_goes_on_is_not_begun_twice() -> None:
    telemetry, go, begun = FakeTelemetry(), asyncio.Event(), 0

    async def work(_: datetime) -> None:
        nonlocal begun
        begun += 1
        await go.wait()

    turn = Turn("send", timedelta(seconds=1), work, telemetry, Seconds())
    await turn.begin()
    await turn.begin()
    go.set()
    await turn.end(5)
    assert begun == 1
    assert len(telemetry.of(TurnRan)) == 1


async def test_each_turn_has_an_id_of_its_own_in_every_line() -> None:
    ids: list[str] = []

    async def stumble(_: datetime) -> None:
        ids.append(request_id())
        raise RuntimeError("a bug")

    turn = Turn("poll", timedelta(seconds=1), stumble)
    with capture_logs(processors=[merge_contextvars]) as lines:
        for _ in range(2):
            await turn.begin()
            await turn.end(5)
    assert len(set(ids)) == 2
    assert [(line["turn"], line["request_id"]) for line in lines] == [("poll", id_) for id_ in ids]
    assert request_id() == ""
