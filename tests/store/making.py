"""Values for tests of the store: each with everything it needs, one thing changed by the test."""

from datetime import UTC, datetime, timedelta
from typing import Any

from deploybot.domain.acting import Action, ActionRow, Bound, Stand
from deploybot.domain.approval import Approval
from deploybot.domain.audit import AuditEvent, AuditKind, AuditOutcome
from deploybot.domain.ledger import Entry, Kind, Observation, PollState, Transition
from deploybot.domain.outcome import Outcome
from deploybot.domain.outgoing import AlertBody, Announcement, ApprovalBody, Draft, NoticeBody, ReplyBody
from deploybot.domain.subscription import Subscription, SubscriptionKind
from deploybot.domain.watch import Watch, WatchView

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """So many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def entry(guid: str = "d1", **changes: Any) -> Entry:
    known = {"foundation": "eu", "created_at": NOON, "first_seen_at": NOON, "changed_at": NOON, "ordinal": 1}
    return Entry(guid=guid, **{**known, **changes})


def transition(guid: str = "d1", ordinal: int = 1, **changes: Any) -> Transition:
    known = {"foundation": "eu", "kind": Kind.STARTED, "outcome": Outcome.IN_PROGRESS, "at": NOON, "noticed_at": NOON}
    return Transition(guid=guid, ordinal=ordinal, **{**known, **changes})


def announcement(guid: str = "d1", ordinal: int = 1, **changes: Any) -> Announcement:
    known = {"channel": "C1", "foundation": "eu", "subscriptions": ("s1",)}
    return Announcement(guid=guid, ordinal=ordinal, **{**known, **changes})


def observation(*, polled_at: datetime = NOON, **changes: Any) -> Observation:
    return Observation(state=PollState(foundation="eu", cursor=polled_at, polled_at=polled_at), **changes)


def notice(key: str, channel: str = "C1", **changes: Any) -> Draft:
    return Draft(**{"key": key, "channel": channel, "body": NoticeBody(text=key), **changes})


def alert(key: str, guid: str = "d1", channel: str = "C1", **changes: Any) -> Draft:
    return Draft(**{"key": key, "channel": channel, "body": AlertBody(foundation="eu", guid=guid), **changes})


def reply(key: str, thread: str, channel: str = "C1", **changes: Any) -> Draft:
    body = ReplyBody(transition=transition())
    return Draft(**{"key": key, "channel": channel, "thread": thread, "body": body, **changes})


def subscription(id_: str = "s1", **changes: Any) -> Subscription:
    known = {"channel": "C1", "made_by": "U1", "made_at": NOON, "kind": SubscriptionKind.ALERT}
    return Subscription(id=id_, **{**known, **changes})


def digest(id_: str = "s1", **changes: Any) -> Subscription:
    return subscription(id_, **{"kind": SubscriptionKind.DIGEST, "next_due": NOON, "schedule": "every=15m", **changes})


def approval(id_: str = "a1", **changes: Any) -> Approval:
    """A request to continue d1 at step 2, by U1 in C1, for half an hour."""
    known: dict[str, Any] = {
        "bound": Bound(action=Action.CONTINUE, foundation="eu", guid="d1", stand=Stand("ACTIVE", "PAUSED", 2)),
        "app": "checkout",
        "space": "prod",
        "org": "shop",
        "asked_by": "U1",
        "asked_account": "cat@example.com",
        "asked_account_guid": "user-cat",
        "channel": "C1",
        "asked_at": NOON,
        "expires_at": NOON + timedelta(minutes=30),
    }
    return Approval(id=id_, **{**known, **changes})


def asked(one: Approval) -> Draft:
    """The message of a request."""
    return Draft(key=f"approval:{one.id}", channel=one.channel, body=ApprovalBody(approval=one))


def event(id_: str = "e1", kind: AuditKind = AuditKind.ASK, **changes: Any) -> AuditEvent:
    return AuditEvent(id=id_, at=NOON, kind=kind, outcome=AuditOutcome.DONE, **changes)


def action(
    id_: str = "a1", *, guid: str = "d1", do: Action = Action.CONTINUE, step: int = 2, **changes: Any
) -> ActionRow:
    """A continue of a canary that waits at its second step, by ann."""
    bound = Bound(action=do, foundation="eu", guid=guid, stand=Stand("ACTIVE", "PAUSED", step))
    known = {
        "confirmation": f"view-{id_}",
        "bound": bound,
        "user": "U1",
        "account": "ann@example.com",
        "account_guid": "user-ann",
        "channel": "C1",
        "claimed_at": NOON,
    }
    return ActionRow(id=id_, **{**known, **changes})


def watch(id_: str = "w1", guid: str = "d1", **changes: Any) -> Watch:
    """A watch of a deployment in C1 by U1, begun at noon."""
    known = {
        "channel": "C1",
        "foundation": "eu",
        "made_by": "U1",
        "made_at": NOON,
        "watchers": ("U1",),
        "view": WatchView(entry=entry(guid), as_of=NOON),
        "changed_at": NOON,
    }
    return Watch(id=id_, guid=guid, **{**known, **changes})
