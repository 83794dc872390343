"""Entries, transitions and subscriptions for tests: sensible ones, of which a test changes what it is about."""

from datetime import UTC, datetime
from typing import Any

from deploybot.domain.ledger import Entry, Kind, Transition
from deploybot.domain.outcome import Outcome
from deploybot.domain.subscription import Subscription, SubscriptionKind

NOW = datetime(2026, 11, 23, 10, 0, 0, tzinfo=UTC)


def entry(guid: str = "d-1", **changes: Any) -> Entry:
    """A rolling deployment of checkout in shop/prod on eu, by ann, that is under way."""
    known: dict[str, Any] = {
        "foundation": "eu",
        "app_guid": "app-1",
        "app": "checkout",
        "space_guid": "space-1",
        "space": "prod",
        "org_guid": "org-1",
        "org": "shop",
        "strategy": "rolling",
        "created_at": NOW,
        "updated_at": NOW,
        "value": "ACTIVE",
        "reason": "DEPLOYING",
        "by": "ann@example.com",
        "by_guid": "user-ann",
        "outcome": Outcome.IN_PROGRESS,
        "first_seen_at": NOW,
        "changed_at": NOW,
    }
    return Entry(guid=guid, **{**known, **changes})


def transition(kind: Kind = Kind.FAILED, guid: str = "d-1", ordinal: int = 1, **changes: Any) -> Transition:
    known: dict[str, Any] = {"foundation": "eu", "outcome": Outcome.FAILED, "at": NOW, "noticed_at": NOW}
    return Transition(guid=guid, ordinal=ordinal, kind=kind, **{**known, **changes})


def alert(id: str = "s-1", filters: str = "", channel: str = "C1", **changes: Any) -> Subscription:  # noqa: A002
    """An alert for what failed, stalled or paused."""
    known: dict[str, Any] = {
        "made_by": "U1",
        "made_at": NOW,
        "kind": SubscriptionKind.ALERT,
        "on": (Kind.FAILED, Kind.STALLED, Kind.PAUSED),
    }
    return Subscription(id=id, filters=filters, channel=channel, **{**known, **changes})
