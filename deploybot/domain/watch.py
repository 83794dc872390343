"""A watch: one message in a channel that follows a deployment to its end, and what it shows."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from deploybot.domain.ledger import Entry


class Bar(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Instances of the new version and of those before: how many run, of how many wanted now; `goal` in the end."""

    new_running: int
    new_wanted: int
    new_crashed: int
    old_running: int
    old_wanted: int
    goal: int | None = None


class WatchView(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """All that the message shows. `weights` are the canary's steps in percent; `bar` is None where nobody can tell.

    `as_of` is when this was decided; where the foundation could not be asked then, `unseen_since` is when all this was
    last seen, and `unseen_why` says why in words. `expected` is the usual length of a rollout of this app in seconds,
    None without past ones. `every` is how often the message is edited, in seconds. `over` says in words why the watch
    ended, "" while it goes on.
    """

    entry: Entry
    as_of: datetime
    weights: tuple[int, ...] = ()
    bar: Bar | None = None
    expected: float | None = None
    every: float = 5.0
    unseen_since: datetime | None = None
    unseen_why: str = ""
    over: str = ""


class Watch(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One watch of a channel. `watchers` are the Slack ids of those who watch: the end pings them."""

    id: str
    channel: str
    foundation: str
    guid: str
    made_by: str
    made_at: datetime
    watchers: tuple[str, ...]
    view: WatchView
    """What was seen last."""
    changed_at: datetime
    """When the deployment last changed as far as the watch saw: a day later the watch ends."""
    ended_at: datetime | None = None
    """When the deployment's end was seen: ten minutes later the watch ends."""
    over_at: datetime | None = None
    """When the watch ended; it is not edited any more then."""
    worded_at: datetime | None = None
    """The `as_of` of the first view that says what the last one says in words, and of the last end or pause."""
    urgent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StaleWatch:
    """A watch whose message, which is in Slack under this `ts`, shows an older view than the last.

    `shown` is the `as_of` of the view that it shows, None where nobody knows; `shown_at` is when it was last edited.
    """

    watch: Watch
    ts: str
    shown: datetime | None = None
    shown_at: datetime | None = None
