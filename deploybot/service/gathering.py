"""Reads from the ledger what digests are made of: a window once, however many subscriptions look through it."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from deploybot.domain.access import Sight
from deploybot.domain.digest import Happened, Seen, Window, unseen
from deploybot.domain.ledger import Entry, Gap, Transition
from deploybot.domain.matching import Index, Known, read_filters
from deploybot.domain.outcome import Outcome
from deploybot.domain.storage import Ledger
from deploybot.domain.subscription import Subscription
from deploybot.domain.wildcard import matches
from deploybot.errors import UserError
from deploybot.service.turns import in_turns

_ROWS_AT_ONCE = 16
"""After so many rows the event loop gets its turn: each row is compared with every subscription of the window."""

_READ_AT_ONCE = 10
"""Filters, which take some tenths of a millisecond each."""

Told = tuple[Transition, Entry, list[Subscription]]
"""What happened, its deployment as it is now, and the subscriptions that ask for it."""


class Gathering:
    """What is read stays as long as this does: make one for a tick."""

    def __init__(self, ledger: Ledger, foundations: Sequence[str]) -> None:
        self._ledger = ledger
        self._foundations = tuple(foundations)
        self._active: tuple[Entry, ...] | None = None
        self._first_seen: dict[str, datetime | None] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        self._known: Known = {}

    async def horizon(self, now: datetime, earliest: datetime | None) -> datetime:
        """Up to when the ledger knows all that was noticed: every poll before it has been stored.

        Foundations that are not polled any more are not waited for beyond `earliest`, if there is such an instant.
        """
        states = [await self._ledger.poll_state(name) for name in self._foundations]
        known = min((now, *(state.polled_at for state in states if state)))
        return max(known, earliest) if earliest else known

    async def seen(
        self, window: Window, subscriptions: Sequence[Subscription], sights: Mapping[str, Sight]
    ) -> dict[str, Seen]:
        """What each of these subscriptions, by its id, sees of a window; `sights` are those of their channels."""
        await self._read(subscriptions)
        index = Index(subscriptions, self._known, sights)
        happened = await self.happened(window, index)
        before = await self._before(window.before, index)
        gaps = await self._ledger.gaps(window.since, window.until, self._foundations)
        active = await self._matching_active(index, window.until)
        first = await self._firsts()
        found = {}
        for one in subscriptions:
            found[one.id] = Seen(
                happened=happened.get(one.id, Happened()),
                before=before.get(one.id, {}) if self._was_watched(one, window.before.since, first) else None,
                active=active.get(one.id, []),
                gaps=self._gaps(one, window, gaps, first),
            )
            await asyncio.sleep(0)
        return found

    async def happened(self, window: Window, index: Index) -> dict[str, Happened]:
        """What happened in a window, by the ids of the subscriptions that ask for it."""
        found: dict[str, Happened] = {}
        async for rows in self.told(window, index):
            for transition, entry, wanted in rows:
                for subscription in wanted:
                    if subscription.id not in found:
                        found[subscription.id] = Happened()
                    found[subscription.id].add(transition, entry)
        return found

    async def told(self, window: Window, index: Index) -> AsyncIterator[list[Told]]:
        """The transitions of a window, a few at a time, each with the subscriptions whose filters it matches."""
        known: dict[tuple[str, str], list[Subscription]] = {}

        def told(transition: Transition, entry: Entry) -> Told:
            key = (entry.foundation, entry.guid)
            if key not in known:
                known[key] = index.matching(entry, window.until)
            return transition, entry, known[key]

        async for batch in self._ledger.transitions(window.since, window.until):
            for start in range(0, len(batch), _ROWS_AT_ONCE):
                yield [told(*row) for row in batch[start : start + _ROWS_AT_ONCE]]
                await asyncio.sleep(0)

    async def watched_since(self, subscription: Subscription, since: datetime) -> datetime | None:
        """From when on all that a subscription asks for was watched, `since` at the earliest; None: never."""
        first = await self._firsts()
        seen = [at for name in self._named(subscription) if (at := first[name])]
        return max(since, *seen) if seen else None

    async def _read(self, subscriptions: Sequence[Subscription]) -> None:
        """All filters, a few at a time: a hundred in one go would hold everybody up."""
        async for one in in_turns(subscriptions, _READ_AT_ONCE):
            with suppress(UserError):  # the index tells of it
                read_filters(one, self._known)

    async def _before(self, window: Window, index: Index) -> dict[str, dict[Outcome, int]]:
        return {of: happened.counts() for of, happened in (await self.happened(window, index)).items()}

    async def _matching_active(self, index: Index, now: datetime) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for number, entry in enumerate(await self._read_active()):
            for subscription in index.matching(entry, now):
                found.setdefault(subscription.id, []).append(entry)
            if number % _ROWS_AT_ONCE == 0:
                await asyncio.sleep(0)
        return found

    async def _read_active(self) -> tuple[Entry, ...]:
        if self._active is None:
            self._active = tuple([entry for name in self._foundations for entry in await self._ledger.active(name)])
        return self._active

    async def _firsts(self) -> dict[str, datetime | None]:
        for name in self._foundations:
            if name not in self._first_seen:
                self._first_seen[name] = await self._ledger.seen_since(name)
        return self._first_seen

    def _was_watched(self, subscription: Subscription, since: datetime, first: dict[str, datetime | None]) -> bool:
        known = [first[name] for name in self._named(subscription)]
        return all(at and at <= since for at in known)

    def _gaps(
        self, subscription: Subscription, window: Window, gaps: Iterable[Gap], first: dict[str, datetime | None]
    ) -> tuple[Gap, ...]:
        names = self._named(subscription)
        mine = [gap for gap in gaps if gap.foundation in names]
        return tuple(unseen(window, mine, [(name, first[name]) for name in names]))

    def _named(self, subscription: Subscription) -> tuple[str, ...]:
        """The foundations that a subscription is about; reading its filters is dear."""
        if subscription.id not in self._names:
            words = read_filters(subscription, self._known).query.foundations
            self._names[subscription.id] = tuple(
                name for name in self._foundations if not words or any(matches(word, name) for word in words)
            )
        return self._names[subscription.id]
