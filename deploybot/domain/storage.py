"""What the service needs of a store, as Protocols it owns. Every method is one transaction: it happens or it does not.

Instants are arguments. Rows keep UTC to the microsecond.
"""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from deploybot.domain.ledger import Entry, Gap, Observation, PollState, Transition
from deploybot.domain.outgoing import Announcement, Body, Claim, Draft, Outdated, Pending, Sent
from deploybot.domain.subscription import Subscription


class LeaseLostError(Exception):
    """Somebody else has taken over: what was going to be written is not, and need not be."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to do something alone until an instant. `token` grows with every new holder: the fencing token."""

    name: str
    holder: str
    token: int
    until: datetime


class Leases(Protocol):
    async def acquire(self, name: str, holder: str, now: datetime, until: datetime) -> Lease | None:
        """Take a lease that is free or over, or renew one's own (the token stays); None while another has it."""
        ...

    async def release(self, lease: Lease) -> None:
        """Let go at once; nothing where it was lost already."""
        ...


class Ledger(Protocol):
    async def poll_state(self, foundation: str) -> PollState | None: ...

    async def active(self, foundation: str) -> tuple[Entry, ...]:
        """The entries that are under way, as far as is known."""
        ...

    async def entries(self, foundation: str, guids: Collection[str]) -> Mapping[str, Entry]:
        """Entries by guid; unknown ones are left out."""
        ...

    async def record(self, lease: Lease, observed: Observation, announcements: Sequence[Announcement]) -> None:
        """Write a poll's outcome and what is to be announced; LeaseLostError where the lease's token is not current.

        Transitions and announcements that are there already stay as they are.
        """
        ...

    async def record_failure(self, lease: Lease, foundation: str, now: datetime, reason: str) -> None:
        """Remember that polls fail, since when and why; the cursor stays. LeaseLostError as with `record`."""
        ...

    def transitions(
        self, since: datetime, until: datetime, foundations: Collection[str] = ()
    ) -> AsyncIterator[Sequence[tuple[Transition, Entry]]]:
        """What was noticed in [since, until), in that order, with the entries as they are now; none named: all.

        It comes in batches of a few hundred, so that nobody who reads a long time holds the event loop.
        """
        ...

    async def gaps(self, since: datetime, until: datetime, foundations: Collection[str]) -> tuple[Gap, ...]:
        """The times in [since, until) in which these foundations were not seen, the one that lasts included."""
        ...

    async def seen_since(self, foundation: str) -> datetime | None:
        """When the foundation's very first poll was."""
        ...

    async def prune(self, before: datetime, most: int) -> int:
        """Forget what ended before an instant, with all that belongs to it, at most so many; how many were."""
        ...


class Subscriptions(Protocol):
    async def add(
        self, subscription: Subscription, check: Callable[[Sequence[Subscription]], None] | None = None
    ) -> None:
        """Store a new one. If its channel was shut it is tried again: what is held there is sent.

        `check` is given those that the channel has, and nobody adds another one meanwhile; what it raises undoes all.
        """
        ...

    async def replace(self, before: Subscription, after: Subscription) -> bool:
        """Store an edit (its `revision` is raised here). One that is not paused opens its channel as a new one does.

        False where `revision`, `next_due` or `covered_until` is not that of `before` any more: somebody edited, paused,
        settled or removed it meanwhile. `last_posted_at` is left alone: only `Outbox.sent` writes it.
        """
        ...

    async def remove(self, subscription_id: str) -> bool:
        """Whether there was one. What waits to be told for nobody else any more goes with it."""
        ...

    async def one(self, subscription_id: str) -> Subscription | None: ...

    async def of_channel(self, channel: str) -> tuple[Subscription, ...]:
        """Oldest first."""
        ...

    async def alerts(self) -> tuple[int, tuple[Subscription, ...]]:
        """All alert subscriptions that are not paused, and the `version` that they are of."""
        ...

    async def version(self) -> int:
        """Grows with every change of any subscription, so that whoever keeps `alerts` knows when to read them again."""
        ...

    async def due(self, now: datetime, until: datetime, most: int) -> tuple[Subscription, ...]:
        """Claim digests whose `next_due` is not after `now`, longest due first; until `until` nobody else gets them.

        Paused ones are never due. Any number of replicas may do this at once.
        """
        ...

    async def settle(self, settled: Sequence[tuple[Subscription, "Settled"]], now: datetime) -> int:
        """Store what became of claimed digests, with their messages, in one transaction; how many.

        Each comes with what it was when it was read. Where its `revision`, `next_due` or `covered_until` is another by
        now nothing of it is stored, its message included. The claims end; `revision` and `last_posted_at` stay.
        """
        ...


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of a due digest: its next state, and its message if there is something to say."""

    subscription: Subscription
    draft: Draft | None = None


@dataclass(frozen=True, slots=True)
class Waits:
    """What there is to do: announcements to compose, messages to send or to settle, doubles to look for, edits.

    True may turn out to be nothing, as where a channel is blocked; False is certain.
    """

    announcements: bool
    messages: bool
    doubts: bool
    edits: bool


class Outbox(Protocol):
    async def add(self, draft: Draft, now: datetime) -> bool:
        """Put a message into the outbox; False where its key is there already."""
        ...

    async def sent_at(self, keys: Collection[str]) -> Mapping[str, datetime | None]:
        """When these messages were sent, None for those that wait; those that there are not are left out."""
        ...

    async def sent_ones(self, keys: Collection[str]) -> tuple[Sent, ...]:
        """Those of these messages that are in Slack, oldest first."""
        ...

    async def redrawn(self, key: str, body: Body) -> None:
        """A message shows something else from now on, or never will again since it is gone."""
        ...

    async def waits(self, now: datetime, before: datetime) -> Waits:
        """What there is to do now, with doubles of what was last sent before an instant; asking costs little."""
        ...

    async def channels_waiting(self, now: datetime) -> tuple[str, ...]:
        """The channels with announcements that may be told now."""
        ...

    async def compose(
        self, channel: str, now: datetime, decide: Callable[[Pending], Sequence["Composed | Withheld"]]
    ) -> int:
        """Turn what waits in a channel into messages, in one transaction that no other sender shares; how many."""
        ...

    async def claim(self, now: datetime, until: datetime, token: str, most: int) -> tuple[Claim, ...]:
        """Take messages that may be sent or must be settled now: the oldest one of each channel that is free.

        What an earlier claim left in the middle of a send counts as unclear once it has run out.
        """
        ...

    async def sending(self, claim: Claim, now: datetime) -> bool:
        """Note that the send begins; False where the claim is not ours any more, and nothing may be sent."""
        ...

    async def sent(self, claim: Claim, ts: str, now: datetime, next_at: datetime) -> str | None:
        """Note that it is there, and when the channel may be posted to again.

        A deployment's first message is taken to show the claim's entry; where the claim has none, something older
        than the ledger. Where another send of the same message was noted first, nothing changes and that one's `ts` is
        returned.
        """
        ...

    async def unclear(self, claim: Claim, reason: str, settle_at: datetime) -> None:
        """Nobody knows whether it is there: look from `settle_at` on."""
        ...

    async def later(self, claim: Claim, reason: str, not_before: datetime, *, repeat: bool = False) -> None:
        """Send it from then on: it is certainly not there or, with `repeat`, nobody can know. The channel waits too."""
        ...

    async def blocked(
        self, claim: Claim, reason: str, now: datetime, notice: Callable[[Subscription], Draft]
    ) -> tuple[Subscription, ...]:
        """The channel can't be posted to: hold its messages, pause its subscriptions with this reason; those paused.

        In the same transaction the `notice` of each that was not paused before goes into the outbox.
        """
        ...

    async def doubtful(self, before: datetime, most: int) -> tuple[Claim, ...]:
        """Messages that were sent more than once, or late, and were not yet looked at for doubles since.

        Only those whose last send began before that instant, oldest first; `ts` is under which each was noted.
        """
        ...

    async def cleared(self, message: int, ts: str) -> None:
        """A doubtful message has been looked at: `ts` is the one that stays."""
        ...

    async def outdated(self, now: datetime, most: int) -> tuple[Outdated, ...]:
        """First messages that show an older state than the ledger has, those that ended first; no blocked channel's."""
        ...

    async def updated(self, message: int, ordinal: int, *, gone: bool = False) -> None:
        """A first message shows the entry with this ordinal; `gone`: it was deleted, so the next alert begins anew."""
        ...

    async def listed(self, message: int, skip: int, most: int) -> tuple[int, tuple[Entry, ...]]:
        """How many deployments a message stands for, and some of them."""
        ...


@dataclass(frozen=True, slots=True)
class Composed:
    """A message and the announcements that it tells."""

    draft: Draft
    tells: tuple[Announcement, ...]


@dataclass(frozen=True, slots=True)
class Withheld:
    """Announcements that are told by nobody, for good: not all in the channel may read what they are about."""

    tells: tuple[Announcement, ...]
