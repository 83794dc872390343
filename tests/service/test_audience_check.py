"""A channel in which nothing may be told to all is named before somebody waits there."""

import asyncio
import time

from deploybot.domain.access import Right
from deploybot.domain.finding import Finding, Level
from deploybot.service.audience_check import AREA, CHECKS, MOST, AudienceExamination
from deploybot.service.places import Places
from deploybot.service.reading import Reading
from tests.domain.access_rules import rule
from tests.fake_directory import WITH_GUESTS, FakeDirectory

SILENT = FakeDirectory(channels={"C1": WITH_GUESTS, "C3": None})


async def examined(directory: FakeDirectory, *channels: str, open_to_all: bool = False) -> tuple[Finding, ...]:
    async def places() -> Places:
        return Places(dict.fromkeys(channels, "guard 1"))

    rules = [rule("everyone", may=Right.READ)] if open_to_all else []
    found = await AudienceExamination(Reading(rules, directory).of_all, places).findings(time.monotonic() + 5)
    assert {one.area for one in found} <= {AREA}
    assert {one.check for one in found} <= set(CHECKS)
    return found


async def test_a_channel_with_guests_is_a_warning_and_one_that_nobody_knows_a_note() -> None:
    guests, unknown, well = await examined(SILENT, "C1", "C2", "C3", "D1")
    assert (guests.level, unknown.level, well.level) == (Level.WARNING, Level.NOTE, Level.OK)
    assert guests.says.startswith("in C1 (guard 1) nothing is told")
    assert 'who = "everyone"' in guests.fix
    assert "C3" in unknown.says
    assert well.says == "in 1 of 3 channels all who are there may read"


async def test_where_everybody_may_read_nobody_is_asked_about() -> None:
    directory = FakeDirectory(channels={"C1": WITH_GUESTS})
    (found,) = await examined(directory, "C1", open_to_all=True)
    assert found.level is Level.OK
    assert directory.asked == []


async def test_of_very_many_channels_some_are_looked_at() -> None:
    directory = FakeDirectory()
    await examined(directory, *(f"C{number}" for number in range(MOST + 5)))
    assert len(directory.asked) == MOST


async def test_a_slack_that_does_not_tell_in_time_is_a_note() -> None:
    async def never(channel: str) -> None:
        await asyncio.Event().wait()

    async def places() -> Places:
        return Places({"C1": "guard 1"})

    (found,) = await AudienceExamination(never, places).findings(time.monotonic() + 0.05)
    assert (found.check, found.level) == ("audience", Level.NOTE)
