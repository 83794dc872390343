"""What the bot says by itself: announcements that wait to be told, and messages as values, before Slack's clothes.

A transition that matches subscriptions of a channel becomes one announcement there. Pending announcements are composed
into messages (a thread per deployment, or a summary for a burst), and each message is posted once, known by its key.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec

from deploybot.domain.approval import Approval
from deploybot.domain.ledger import Entry, Gap, Transition
from deploybot.domain.watch import Watch


class Announcement(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A transition that a channel is to be told of, once, however many of its subscriptions ask for it.

    `mentions` are who is pinged, for failures only. `not_before` is the end of quiet hours or of a snooze.
    """

    channel: str
    foundation: str
    guid: str
    ordinal: int
    subscriptions: tuple[str, ...]
    mentions: tuple[str, ...] = ()
    not_before: datetime | None = None


class DigestLine(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One deployment in a digest."""

    entry: Entry
    note: str = ""
    """What to add in words: `waits at step 2 of 4 since 09:12`."""


class DigestBody(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="digest"):
    """A digest: what was noticed in `since` (included) to `until` (excluded), shown in `tz`.

    `counts` and `before` are numbers by outcome in this window and in the one of the same length before it (empty
    where that was not seen). `failed` come first, then what waits or stalls (`open`), then the `rest`; `more` counts
    those that are in none of the three lists. `gaps` are the times in the window that were not seen.
    """

    subscription: str
    filters: str
    since: datetime
    until: datetime
    tz: str
    counts: tuple[tuple[str, int], ...] = ()
    before: tuple[tuple[str, int], ...] = ()
    failed: tuple[DigestLine, ...] = ()
    open: tuple[DigestLine, ...] = ()
    rest: tuple[DigestLine, ...] = ()
    more: int = 0
    gaps: tuple[Gap, ...] = ()
    late: bool = False
    """Sent after its slot, since the bot was not running then."""
    mention: str = ""
    """Who is pinged; only where something failed."""


class AlertBody(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="alert"):
    """The first message about a deployment in a channel. It is drawn from the ledger, and later brought up to date."""

    foundation: str
    guid: str


class ReplyBody(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="reply"):
    """A change, told in the thread of its deployment; a failure pings."""

    transition: Transition
    mentions: tuple[str, ...] = ()


class SummaryBody(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="summary"):
    """Many transitions in one message: a burst, what was held back in quiet hours, or what an outage hid.

    `lines` are the most important ones with their entries; all are counted in `counts`, by kind, and listed by the
    message's button. `why` says in words what made it a summary: `20 changes in a minute`, `eu was not reachable
    03:10-03:25`.
    """

    counts: tuple[tuple[str, int], ...]
    deployments: int
    lines: tuple[tuple[Transition, Entry], ...] = ()
    why: str = ""
    mentions: tuple[str, ...] = ()


class NoticeBody(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="notice"):
    """A sentence of the bot's own, such as the one to a subscription's maker when it was paused by an error.

    `resume` is the id of a subscription that a button resumes, "" for none. `mentions` are who is pinged.
    """

    text: str
    resume: str = ""
    mentions: tuple[str, ...] = ()


class WatchBody(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="watch"):
    """The message of a watch, which is edited as long as the watch goes on."""

    watch: Watch


class WatchReplyBody(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="watch_reply"):
    """What a watch saw, told in its thread: a change, or in words why the watch ended. The end pings the watchers."""

    entry: Entry
    transition: Transition | None = None
    text: str = ""
    mentions: tuple[str, ...] = ()


class ApprovalBody(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="approval"):
    """A request for a second person's agreement; edited when it is decided, over or void."""

    approval: Approval


class GuardBody(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="guard"):
    """What the forgotten canary guard says about a paused deployment, with the buttons to continue and to cancel.

    Once the deployment has moved on it is edited: `moved_on` shows `entry` as it was then, without those buttons.
    """

    entry: Entry
    text: str
    mentions: tuple[str, ...] = ()
    moved_on: bool = False


Body = (
    DigestBody
    | AlertBody
    | ReplyBody
    | SummaryBody
    | NoticeBody
    | WatchBody
    | WatchReplyBody
    | ApprovalBody
    | GuardBody
)


class Listed(msgspec.Struct, frozen=True, gc=False):
    """One deployment that a message stands for, whether it is named in it or only counted."""

    foundation: str
    guid: str


class Draft(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A message that is to be posted. `key` is unique for ever: the same occasion makes the same key.

    `channel` is a channel's id, or a person's for a direct message. `thread` is the key of the message in whose thread
    it goes. `listed` is all that the message's button lists.
    """

    key: str
    channel: str
    body: Body
    thread: str = ""
    not_before: datetime | None = None
    listed: tuple[Listed, ...] = ()
    subscriptions: tuple[str, ...] = ()


class MessageState(StrEnum):
    """Waits; is being sent; may or may not have been sent; has been sent; can't be, since its channel is shut."""

    READY = "ready"
    SENDING = "sending"
    UNCLEAR = "unclear"
    SENT = "sent"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that one sender has for a while, with all that drawing it needs.

    `token` tells this claim from any later one. `attempts` counts the sends before this one: above zero the last one,
    at `attempted_at`, is unclear and must be settled first. `repeat` says that it may already be there, since nobody
    can look. `thread_ts` is where a reply goes. `entry` is the ledger's for an alert or a reply. `ts` is under which a
    doubtful one was noted as sent. `drafted_at` is when it was put into the outbox, None where that does not matter.
    """

    message: int
    draft: Draft
    token: str
    until: datetime
    attempts: int = 0
    attempted_at: datetime | None = None
    repeat: bool = False
    thread_ts: str = ""
    entry: Entry | None = None
    ts: str = ""
    drafted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outdated:
    """A deployment's first message that shows an older state than the ledger has."""

    message: int
    channel: str
    ts: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class Edit:
    """A message in Slack that is to show this from now on."""

    channel: str
    ts: str
    body: Body


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that is in Slack, under this `ts`."""

    draft: Draft
    ts: str


@dataclass(frozen=True, slots=True)
class Pending:
    """What waits in a channel, to be composed: announcements with their transitions and entries, oldest first.

    `threads` are the keys of the first messages that deployments already have here, by (foundation, guid).
    `recent` are when the newest messages outside of threads were drafted here, newest first. `queued` counts the
    messages here that are not sent yet, replies included.
    """

    channel: str
    waiting: tuple[tuple[Announcement, Transition, Entry], ...]
    threads: dict[tuple[str, str], str]
    recent: tuple[datetime, ...] = ()
    queued: int = 0
