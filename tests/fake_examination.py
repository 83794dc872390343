"""An examination that finds what it is told to, or hangs, or fails."""

import asyncio
from dataclasses import dataclass

from deploybot.domain.finding import Finding, Level


def finding(level: Level = Level.OK, check: str = "a-check", area: str = "slack", says: str = "it is so") -> Finding:
    """One finding, of which a test changes what it is about; what is bad has a fix."""
    return Finding(area, check, level, says, "mend it" if level in {Level.WARNING, Level.FAILURE} else "")


@dataclass
class FakeExamination:
    """`error` is raised; with `hangs` it never ends, with `stubborn` not even when it is cancelled."""

    area: str = "slack"
    found: tuple[Finding, ...] = ()
    error: Exception | None = None
    hangs: bool = False
    stubborn: bool = False
    cancelled: bool = False

    async def findings(self, until: float) -> tuple[Finding, ...]:
        if self.error:
            raise self.error
        while self.hangs:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.cancelled = True
                self.hangs = self.stubborn
        return self.found
