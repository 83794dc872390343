"""What the bot remembers of deployments: entries of the ledger, what changed in them, and which time was not seen.

Everything here is stored and travels as it is, so the structs hold plain values: text is "" and numbers and times are
None where nothing is known. Times are UTC.
"""

from datetime import datetime
from enum import StrEnum

import msgspec

from deploybot.domain.outcome import Outcome


class Kind(StrEnum):
    """What can happen to a deployment, as far as anybody is told of it."""

    STARTED = "started"
    PAUSED = "paused"
    CONTINUED = "continued"
    STALLED = "stalled"
    RECOVERED = "recovered"
    FAILED = "failed"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"
    SUPERSEDED = "superseded"
    ENDED = "ended"
    """In words of the server's that nobody knows."""


class Entry(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One deployment in the ledger: what was last seen of it, and what Cloud Foundry forgets.

    Foundation and guid are its key. `ordinal` counts its transitions: 0 when none was ever noticed, as for what was
    old when the bot first looked.
    """

    foundation: str
    guid: str
    app_guid: str = ""
    app: str = ""
    space_guid: str = ""
    space: str = ""
    org_guid: str = ""
    org: str = ""
    strategy: str = ""
    created_at: datetime
    updated_at: datetime | None = None
    value: str = ""
    """The server's status value and reason, in its own words."""
    reason: str = ""
    step: int | None = None
    """Where a canary stands, and of how many."""
    steps: int | None = None
    last_healthy_at: datetime | None = None
    status_changed_at: datetime | None = None
    error: str = ""
    """The error that is shown at the moment."""
    last_error: str = ""
    """The last error that ever was shown: Cloud Foundry clears it."""
    revision: int | None = None
    labels: tuple[tuple[str, str], ...] = ()
    by: str = ""
    """Who started it, as people read it; audit events are kept for 31 days only."""
    by_guid: str = ""
    outcome: Outcome = Outcome.UNKNOWN
    why: str = ""
    stalled: bool = False
    """Whether it ever was stalled, or failed while it was active."""
    failed: bool = False
    ordinal: int = 0
    ended_at: datetime | None = None
    """When it ended; while it is under way None."""
    gone_at: datetime | None = None
    """When Cloud Foundry was first found to know it no more."""
    superseded_by: str = ""
    first_seen_at: datetime
    changed_at: datetime
    """When the bot last noticed a change of it."""

    @property
    def is_active(self) -> bool:
        """Is it under way, as far as is known?"""
        return self.ended_at is None and self.gone_at is None


class Transition(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Something that happened to a deployment. (foundation, guid, ordinal) is its key; ordinals begin with 1.

    `at` is when it happened as far as Cloud Foundry tells, `noticed_at` when the bot saw it. `late` says that it was
    noticed only after a time that was not seen (an outage), so that it is told in one line with others.
    """

    foundation: str
    guid: str
    ordinal: int
    kind: Kind
    outcome: Outcome
    at: datetime
    noticed_at: datetime
    step: int | None = None
    steps: int | None = None
    why: str = ""
    error: str = ""
    other: str = ""
    """The guid of the deployment that superseded it."""
    late: bool = False


class Gap(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A time in which a foundation was not seen, and why: `not reachable`, `deploybot was not running`.

    `until` is None while it lasts.
    """

    foundation: str
    since: datetime
    until: datetime | None
    reason: str


class PollState(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """How far a foundation has been read: `cursor` is the newest update time seen, `polled_at` the last good poll.

    `failing_since` and `failure` are set while polls fail.
    """

    foundation: str
    cursor: datetime
    polled_at: datetime
    failing_since: datetime | None = None
    failure: str = ""


class Observation(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """All that one good poll changes: stored in one transaction with what is to be announced, or not at all."""

    state: PollState
    entries: tuple[Entry, ...] = ()
    """Entries that are new or changed."""
    transitions: tuple[Transition, ...] = ()
    gap: Gap | None = None
    """The time before this poll that was not seen."""
