"""The record of what people did, or were refused: one event each, appended and never changed."""

from datetime import datetime
from enum import StrEnum

import msgspec


class AuditKind(StrEnum):
    """What was done, or tried. Two events tell one action: that it was begun, and what came of it."""

    CONTINUE = "continue"
    CANCEL = "cancel"
    ASK = "ask"
    """Asked for a second person's agreement."""
    AGREE = "agree"
    DECLINE = "decline"
    LINK = "link"
    UNLINK = "unlink"
    SUBSCRIBE = "subscribe"
    WATCH = "watch"
    READ_AUDIT = "audit"


class AuditOutcome(StrEnum):
    BEGUN = "begun"
    """About to be sent; what came of it is the next event, unless the process died."""
    DONE = "done"
    REFUSED = "refused"
    """By the bot's own rules, since something moved on, or by Cloud Foundry: `reason` says which."""
    UNCLEAR = "unclear"


class AuditEvent(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Who did what where to what, who allowed it, and what came of it. Text is "" where there is none.

    `by` may be the bot itself (the forgotten canary guard): then `user` is "". `decision` is the access decision in
    words, `rule` the rule behind it.
    """

    id: str
    at: datetime
    kind: AuditKind
    outcome: AuditOutcome
    user: str = ""
    account: str = ""
    account_guid: str = ""
    channel: str = ""
    foundation: str = ""
    org: str = ""
    space: str = ""
    app: str = ""
    guid: str = ""
    value: str = ""
    reason: str = ""
    """The deployment's status words and step at that moment."""
    step: int | None = None
    decision: str = ""
    rule: str = ""
    told: str = ""
    """What came of it in words: why it was refused, what was found when it was unclear."""
    request_id: str = ""
    event_guid: str = ""
    """Cloud Foundry's own audit event, where it was found."""
    action: str = ""
    """The id of the ActionRow."""


class AuditAsk(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Which events: names compared without case, `*` for anything; empty means any. Times are UTC."""

    kinds: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    """Slack user ids or Cloud Foundry account names."""
    foundations: tuple[str, ...] = ()
    orgs: tuple[str, ...] = ()
    spaces: tuple[str, ...] = ()
    apps: tuple[str, ...] = ()
    guids: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
