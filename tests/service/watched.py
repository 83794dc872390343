"""A real store whose ledger a test fills poll by poll, as if foundations had been watched."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from secrets import token_hex
from typing import Any

from deploybot.domain.ledger import Entry, Gap, Kind, Observation, PollState, Transition
from deploybot.domain.outcome import Outcome
from deploybot.domain.outgoing import Claim, DigestBody
from deploybot.service.recording import SubscriptionRecord
from deploybot.store.opening import Store
from tests.domain.making import entry

NOTED_AT = datetime(2026, 11, 23, 10, 45, tzinfo=UTC)
YEAR = timedelta(days=365)
OUTCOMES = {
    Kind.FAILED: Outcome.FAILED,
    Kind.SUCCEEDED: Outcome.SUCCEEDED,
    Kind.PAUSED: Outcome.PAUSED,
    Kind.STALLED: Outcome.STALLED,
    Kind.STARTED: Outcome.IN_PROGRESS,
}


def record_in(store: Store) -> SubscriptionRecord:
    """The store's own record, with events as of a moment that nothing depends on."""
    return SubscriptionRecord(store.actions.note, partial(token_hex, 8), lambda: NOTED_AT)


class Watched:
    """Polls of foundations at instants that the test names."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._ordinals: dict[tuple[str, str], int] = {}

    async def poll(
        self, now: datetime, *happened: tuple[str, Kind], foundation: str = "eu", gap: Gap | None = None, **more: Any
    ) -> None:
        """One good poll that notices something of deployments, by guid."""
        told = [self._told(now, guid, kind, foundation, more) for guid, kind in happened]
        await self._record(now, foundation, [one for one, _ in told], [of for _, of in told], gap)

    async def fail(self, now: datetime, foundation: str = "eu", reason: str = "not reachable") -> None:
        lease = await self.store.leases.acquire("poll", "test", now, now + YEAR)
        assert lease
        await self.store.ledger.record_failure(lease, foundation, now, reason)

    async def messages(self, now: datetime) -> list[Claim]:
        """All that was to be posted by then, in the order of drafting; taken out as if it had been."""
        taken: list[Claim] = []
        while claims := await self.store.outbox.claim(now, now + timedelta(minutes=1), "test", 100):
            for claim in claims:
                assert await self.store.outbox.sending(claim, now)
                await self.store.outbox.sent(claim, f"{claim.message}.0", now, now)
            taken += claims
            now += timedelta(seconds=2)
        return sorted(taken, key=lambda claim: claim.message)

    async def digests(self, now: datetime) -> list[DigestBody]:
        """The digests among them."""
        bodies = [claim.draft.body for claim in await self.messages(now)]
        return [body for body in bodies if isinstance(body, DigestBody)]

    def _told(
        self, now: datetime, guid: str, kind: Kind, foundation: str, more: dict[str, Any]
    ) -> tuple[Transition, Entry]:
        ordinal = self._ordinals[foundation, guid] = self._ordinals.get((foundation, guid), 0) + 1
        ended = now if kind in {Kind.SUCCEEDED, Kind.CANCELED, Kind.SUPERSEDED} else None
        of = entry(
            guid,
            **{
                "foundation": foundation,
                "created_at": now,
                "status_changed_at": now,
                "outcome": OUTCOMES[kind],
                "ordinal": ordinal,
                "ended_at": ended,
                "changed_at": now,
                **more,
            },
        )
        happened = Transition(
            foundation=foundation,
            guid=guid,
            ordinal=ordinal,
            kind=kind,
            outcome=OUTCOMES[kind],
            at=now,
            noticed_at=now,
        )
        return happened, of

    async def _record(
        self, now: datetime, foundation: str, told: Sequence[Transition], entries: Sequence[Entry], gap: Gap | None
    ) -> None:
        lease = await self.store.leases.acquire("poll", "test", now, now + YEAR)
        assert lease
        state = PollState(foundation=foundation, cursor=now, polled_at=now)
        observed = Observation(state=state, entries=tuple(entries), transitions=tuple(told), gap=gap)
        await self.store.ledger.record(lease, observed, [])
