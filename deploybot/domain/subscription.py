"""What a channel wants to be told, and when: subscriptions as values."""

from datetime import datetime
from enum import StrEnum

import msgspec

from deploybot.domain.ledger import Kind


class SubscriptionKind(StrEnum):
    """A digest comes on a schedule, an alert as it happens."""

    DIGEST = "digest"
    ALERT = "alert"


class Subscription(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One subscription of a channel. Nothing is ever deleted by an error: it is paused, and says why."""

    id: str
    channel: str
    made_by: str
    """The person's Slack id."""
    made_at: datetime
    kind: SubscriptionKind
    filters: str = ""
    """The question in the canonical text of the grammar; "" is everything."""
    schedule: str = ""
    """A digest's schedule in the canonical text of `domain.schedule`: `every=15m`, `at="mon-fri 09:00"`."""
    on: tuple[Kind, ...] = ()
    """What an alert tells."""
    tz: str = "UTC"
    """The IANA zone that the schedule and the quiet hours mean."""
    quiet: str = ""
    """`22:00-07:00`: hours in which nothing is posted; what happens then is told in one message afterwards."""
    mention: str = ""
    """Who is pinged about failures, as Slack writes it: `<!subteam^S1>`, `<@U1>`, `<!here>`."""
    mention_label: str = ""
    """The same as people read it: `@oncall`."""
    proof: bool = False
    """Whether a digest in which nothing happened is posted as well."""
    paused: str = ""
    """Why nothing is posted, in words; "" while it is."""
    paused_by: str = ""
    """Who paused it; "" where an error did."""
    snoozed_until: datetime | None = None
    next_due: datetime | None = None
    """A digest's next slot."""
    covered_until: datetime | None = None
    """Where the window of a digest's last message ended, so where the next one begins."""
    last_posted_at: datetime | None = None
    revision: int = 1
    """Counts edits and pauses, an error's too, so that nobody overwrites another unseen; digests do not count."""
