"""What the bot does by itself: turns that fail are told, and never end the others."""

import asyncio
from datetime import datetime, timedelta

from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from deploybot.app.background import Turn
from deploybot.domain.telemetry import TurnRan
from deploybot.service.request_id import request_id
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
