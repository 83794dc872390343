"""What an examination of the set-up found, as values: every trouble with what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Level(StrEnum):
    """How bad it is. A failure means that something promised does not work; a warning, that it may not for long."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    `area` is what was examined (`configuration`, `slack`, `foundation eu`, `database`), `check` a constant name in
    kebab case that scripts may rely on (`tls-expiry`), `says` one sentence. `fix` says what to do next; ValueError
    where a warning or failure has none.
    """

    area: str
    check: str
    level: Level
    says: str
    fix: str = ""

    def __post_init__(self) -> None:
        if self.level in (Level.WARNING, Level.FAILURE) and not self.fix:
            raise ValueError(f"{self.area}: {self.check} says no fix")


class Examination(Protocol):
    """Looks at one part of the set-up. It raises nothing; what can't be found out in time is a finding, too."""

    @property
    def area(self) -> str: ...

    async def findings(self, until: float) -> tuple[Finding, ...]:
        """All that was looked at, in the order of importance. `until` is a deadline on the monotonic clock."""
        ...


_ORDER = (Level.OK, Level.NOTE, Level.WARNING, Level.FAILURE)


def worst(findings: Iterable[Finding]) -> Level:
    """The worst level among them; OK for none."""
    return max((one.level for one in findings), key=_ORDER.index, default=Level.OK)
