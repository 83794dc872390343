"""Announcements, transitions and entries for tests: build one, change one thing."""

from datetime import UTC, datetime, timedelta
from typing import Any

from deploybot.domain.ledger import Entry, Kind, Transition
from deploybot.domain.outcome import Outcome
from deploybot.domain.outgoing import Announcement, Pending

NOW = datetime(2026, 11, 23, 10, 0, 0, tzinfo=UTC)
CHANNEL = "C0CHECKOUT"

Waiting = tuple[Announcement, Transition, Entry]


def entry(guid: str = "d1", **more: Any) -> Entry:
    known: dict[str, Any] = {
        "foundation": "eu",
        "guid": guid,
        "app": f"app-of-{guid}",
        "created_at": NOW,
        "outcome": Outcome.IN_PROGRESS,
        "ordinal": 1,
        "first_seen_at": NOW,
        "changed_at": NOW,
    }
    return Entry(**(known | more))


def transition(guid: str = "d1", kind: Kind = Kind.STARTED, ordinal: int = 1, **more: Any) -> Transition:
    known: dict[str, Any] = {"outcome": Outcome.IN_PROGRESS, "at": NOW, "noticed_at": NOW}
    return Transition(foundation="eu", guid=guid, ordinal=ordinal, kind=kind, **(known | more))


def waiting(
    guid: str = "d1",
    kind: Kind = Kind.STARTED,
    ordinal: int = 1,
    *,
    mentions: tuple[str, ...] = (),
    not_before: datetime | None = None,
    subscriptions: tuple[str, ...] = ("s1",),
    **more: Any,
) -> Waiting:
    """An announcement that waits in the channel, with its transition and entry."""
    announcement = Announcement(
        channel=CHANNEL,
        foundation="eu",
        guid=guid,
        ordinal=ordinal,
        subscriptions=subscriptions,
        mentions=mentions,
        not_before=not_before,
    )
    return announcement, transition(guid, kind, ordinal, **more), entry(guid, ordinal=ordinal)


def pending(*told: Waiting, threads: dict[str, str] | None = None, **more: Any) -> Pending:
    """What waits; `threads` are keys of first messages by the deployment's guid."""
    known = {("eu", guid): key for guid, key in (threads or {}).items()}
    return Pending(CHANNEL, told, known, **more)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)
