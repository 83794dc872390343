"""Has all parts of the set-up examined at once: one that hangs, or fails by a bug of ours, hides no other."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

import structlog

from deploybot.domain.finding import Examination, Finding, Level

log = structlog.get_logger(__name__)

GRACE = 1.0
"""Seconds that an examination may take beyond the deadline, to say what it could not find out."""

LATE, BUG = "unfinished", "bug"

CHECKS: Mapping[str, tuple[str, str]] = {
    LATE: (
        "An area that could not be examined in time: something on the way to it hangs.",
        "Run it again with a longer `--timeout`; if that does not help, look for what hangs.",
    ),
    BUG: ("An area that could not be examined because of a bug of deploybot.", "Report it with the traceback."),
}
"""What each check looks at, and what to do where it is not well."""

_Task = asyncio.Task[tuple[Finding, ...]]


async def examine(
    examinations: Sequence[Examination], until: float, monotonic: Callable[[], float], grace: float = GRACE
) -> tuple[Finding, ...]:
    """All that they find, in their order, what several find once. `until` is the deadline, on the monotonic clock."""
    tasks = [asyncio.create_task(_findings(one, until), name=one.area) for one in examinations]
    late = await _late_ones(tasks, max(0.0, until - monotonic()) + grace, grace)
    found = (_found(one, task, is_late=task in late) for one, task in zip(examinations, tasks, strict=True))
    return tuple(dict.fromkeys(finding for each in found for finding in each))


async def _findings(examination: Examination, until: float) -> tuple[Finding, ...]:
    try:
        return await examination.findings(until)
    except Exception as bug:  # it promised to raise nothing; the others must be told all the same
        log.exception("examination failed", area=examination.area)
        return (_bug(examination.area, bug),)


async def _late_ones(tasks: Sequence[_Task], patience: float, grace: float) -> set[_Task]:
    """Those that did not end in time; they are broken off, and one that will not end is left behind."""
    if not tasks:
        return set()
    _, late = await asyncio.wait(tasks, timeout=patience)
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late, timeout=grace)
    return late


def _found(examination: Examination, task: _Task, *, is_late: bool) -> tuple[Finding, ...]:
    found = task.result() if task.done() and not task.cancelled() else ()
    return (*found, _late(examination.area)) if is_late else found


def _late(area: str) -> Finding:
    return Finding(
        area,
        LATE,
        Level.FAILURE,
        "this could not be examined in time, so nobody knows how it is",
        "run it again with a longer --timeout; if that does not help, look whether something on the way hangs",
    )


def _bug(area: str, bug: Exception) -> Finding:
    return Finding(
        area,
        BUG,
        Level.FAILURE,
        f"this could not be examined: a bug of deploybot ({type(bug).__name__})",
        "report it with the traceback that was printed; the other findings hold",
    )
