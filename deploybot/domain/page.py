"""What is shown: a page of rows or one deployment in detail, with everything that went wrong as data."""

from dataclasses import dataclass
from datetime import datetime

from deploybot.domain.deployment import App, Deployment, Event, Person, Progress, Revision
from deploybot.domain.outcome import Verdict
from deploybot.domain.paging import FIRST, Turn
from deploybot.domain.query import ANY_TIME, Interval, Query


@dataclass(frozen=True, slots=True)
class Row:
    """One deployment with all that could be found out about it; None where it could not."""

    foundation: str
    deployment: Deployment
    verdict: Verdict
    app: App | None = None
    progress: Progress | None = None
    by: Person | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """How many deployments match: exactly, or at least so many when the search stopped before the end."""

    count: int
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Trouble:
    """A foundation that could not answer, in words."""

    foundation: str
    reason: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an answer. A turn is None where it would lead nowhere.

    `number` and `pages` are None when the total is not exact. `newer` counts the rows above the first one of this
    walk. `further` looks on where the budget ended the search.
    """

    query: Query
    rows: tuple[Row, ...]
    total: Total
    as_of: datetime
    number: int | None = 1
    pages: int | None = 1
    turn: Turn = FIRST
    first: Turn | None = None
    previous: Turn | None = None
    next: Turn | None = None
    last: Turn | None = None
    further: Turn | None = None
    newer: int = 0
    newer_exact: bool = True
    created: Interval = ANY_TIME
    updated: Interval = ANY_TIME
    several_foundations: bool = False
    notes: tuple[str, ...] = ()
    troubles: tuple[Trouble, ...] = ()


@dataclass(frozen=True, slots=True)
class Detail:
    """One deployment in full. `events` is None where the token may not see audit events."""

    row: Row
    as_of: datetime
    advice: str
    """What to do next, in words."""
    events: tuple[Event, ...] | None = None
    revision: Revision | None = None
    several_foundations: bool = False
    notes: tuple[str, ...] = ()
    troubles: tuple[Trouble, ...] = ()
