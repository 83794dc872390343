"""What is measured of the store, how often, and that trouble is told instead of figures."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from deploybot.domain.telemetry import PollMeasured, StoreMeasured
from deploybot.service.measuring import COUNT_EVERY, Measuring
from tests.fake_foundation import NOW
from tests.fake_telemetry import FakeTelemetry


@dataclass
class FakeMeasures:
    wrong: str = ""
    counted: int = 0
    of_ledger: int = 7
    polls: dict[str, datetime | None] = field(default_factory=dict)

    async def trouble(self) -> str:
        return self.wrong

    async def deployments(self) -> int:
        self.counted += 1
        return self.of_ledger * self.counted

    async def waiting(self, now: datetime) -> tuple[int, float]:
        return 2, 30.0

    async def polled_at(self) -> Mapping[str, datetime | None]:
        return self.polls


async def test_the_store_and_the_polls_are_measured() -> None:
    telemetry, told = FakeTelemetry(), list[str]()
    measures = FakeMeasures(polls={"eu": NOW - timedelta(seconds=20), "us": None, "gone": NOW})
    await Measuring(measures, ("eu", "us", "ap"), telemetry, told.append).tick(NOW)
    assert telemetry.signals == [
        StoreMeasured(7, 2, 30.0),
        PollMeasured("eu", 20.0),
        PollMeasured("us", None),
        PollMeasured("ap", None),
    ]
    assert told == [""]


async def test_the_ledger_is_counted_now_and_then_only() -> None:
    telemetry, measures = FakeTelemetry(), FakeMeasures()
    measuring = Measuring(measures, (), telemetry, lambda _: None)
    for seconds in (0, 15, COUNT_EVERY.total_seconds() - 1, COUNT_EVERY.total_seconds()):
        await measuring.tick(NOW + timedelta(seconds=seconds))
    assert [one.deployments for one in telemetry.of(StoreMeasured)] == [7, 7, 7, 14]


async def test_an_empty_ledger_is_counted_again_at_once() -> None:
    """The first poll of a new bot comes after the first count."""
    telemetry, measures = FakeTelemetry(), FakeMeasures(of_ledger=0)
    measuring = Measuring(measures, (), telemetry, lambda _: None)
    await measuring.tick(NOW)
    measures.of_ledger = 7
    await measuring.tick(NOW + timedelta(seconds=15))
    assert [one.deployments for one in telemetry.of(StoreMeasured)] == [0, 14]


async def test_trouble_is_told_and_nothing_is_measured() -> None:
    telemetry, told, measures = FakeTelemetry(), list[str](), FakeMeasures(wrong="database is locked")
    measuring = Measuring(measures, ("eu",), telemetry, told.append)
    await measuring.tick(NOW)
    assert (telemetry.signals, measures.counted) == ([], 0)
    measures.wrong = ""
    await measuring.tick(NOW)
    assert told == ["database is locked", ""]
    assert len(telemetry.of(StoreMeasured)) == 1
