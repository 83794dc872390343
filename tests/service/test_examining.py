"""All examinations at once: none hides another, whatever becomes of it."""

import asyncio
import time

import pytest

from deploybot.domain.finding import Examination, Finding, Level
from deploybot.service.examining import BUG, LATE, examine
from tests.fake_examination import FakeExamination, finding

SOON = 0.05


async def examined(*examinations: Examination) -> tuple[Finding, ...]:
    return await examine(examinations, time.monotonic() + SOON, time.monotonic, grace=SOON)


async def test_what_all_find_is_told_in_their_order() -> None:
    first, second = finding(area="slack"), finding(Level.FAILURE, area="database")
    assert await examined(FakeExamination(found=(first,)), FakeExamination(found=(second,))) == (first, second)
    assert await examined() == ()


async def test_what_several_find_is_told_once() -> None:
    away, other = finding(Level.FAILURE, "reachable"), finding(Level.FAILURE, "bot-token")
    assert await examined(FakeExamination(found=(away, away)), FakeExamination(found=(other, away))) == (away, other)


@pytest.mark.parametrize("stubborn", [False, True])
async def test_one_that_hangs_is_broken_off_and_told_and_hides_no_other(stubborn: bool) -> None:
    hanging = FakeExamination(area="foundation eu", hangs=True, stubborn=stubborn)
    late, other = await examined(hanging, FakeExamination(found=(finding(),)))
    assert (late.area, late.check, late.level) == ("foundation eu", LATE, Level.FAILURE)
    assert "--timeout" in late.fix
    assert other == finding()
    assert hanging.cancelled
    hanging.stubborn = False
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()


async def test_one_that_fails_by_a_bug_is_told_and_hides_no_other() -> None:
    bug, other = await examined(FakeExamination(error=KeyError("xoxb-secret")), FakeExamination(found=(finding(),)))
    assert (bug.check, bug.level) == (BUG, Level.FAILURE)
    assert "KeyError" in bug.says
    assert "xoxb-secret" not in bug.says
    assert other == finding()


async def test_they_run_at_once() -> None:
    """Each waits for the other: one after the other neither would end."""
    met = asyncio.Barrier(2)

    class Meeting(FakeExamination):
        async def findings(self, until: float) -> tuple[Finding, ...]:
            await met.wait()
            return (finding(area=self.area),)

    found = await examined(Meeting("slack"), Meeting("database"))
    assert found == (finding(area="slack"), finding(area="database"))
