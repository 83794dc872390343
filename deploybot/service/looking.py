"""One look at a foundation: what changed there, what is under way, and the names around it. It decides nothing."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from deploybot.domain.deployment import App, Deployment, Person
from deploybot.domain.ledger import Entry
from deploybot.domain.ports import DeploymentsAsk, Foundation, StartersFound
from deploybot.domain.query import Column
from deploybot.domain.storage import Ledger
from deploybot.errors import UpstreamError
from deploybot.service.sweeping import Sweep
from deploybot.service.turns import in_turns
from deploybot.service.walking import Budget

GUIDS_PER_REQUEST = 100
"""More would not fit the request line that the proxies in front of a Cloud Controller accept."""
MOST_MISSING = 20
"""How many deployments that an answer lacks are looked for one by one in a poll; the others in the next."""
MOST_STARTERS = 500
MOST_TRIES = 5
"""How often it is asked who started a deployment: some events never show, or are not for the bot to see."""
EVENTS_KEPT = timedelta(days=31)
FIRST_WINDOW = timedelta(minutes=10)
"""How far back the very first look must see; what is older is an extra."""
ABSURD = timedelta(minutes=5)
"""An update so far in the future is no time to go by."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Looked:
    """What was seen. `known` are the ledger's entries of it and of all that is under way.

    `reached` is before which every change was seen, `newest` the newest change of all, `whole` whether nothing was
    left for the next look, and `trouble` why, where it was no bound of ours. `who_unknown` says that it could not be
    asked who started something. `notes` are for the log.
    """

    now: datetime
    rows: tuple[Deployment, ...]
    known: Mapping[str, Entry]
    gone: tuple[Entry, ...]
    reached: datetime
    newest: datetime | None
    whole: bool
    apps: Mapping[str, App] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    trouble: UpstreamError | None = None
    who_unknown: bool = False
    requests_beside: int = 0
    """How many requests, at most, names and starters took."""
    notes: tuple[str, ...] = ()


@dataclass
class Looker:
    """Looks at one foundation again and again; remembers only whom it has asked for in vain, and whose turn it is."""

    foundation: Foundation
    ledger: Ledger
    _tries: dict[str, int] = field(default_factory=dict)
    _turn: int = 0

    async def changes(self, since: datetime, now: datetime, budget: Budget, most_rows: int, until: float) -> Looked:
        """What changed since an instant, and what is under way as far as the ledger knows.

        Names may be asked for until `until`, which is later than the budget's end. UpstreamError where nothing came of
        it; what was cut or failed on the way is told and goes on next time.
        """
        sweep = Sweep(self.foundation, budget, most_rows)
        trouble = await _read(sweep, since)
        active = {entry.guid: entry for entry in await self.ledger.active(self.foundation.name)}
        newest = _newest(sweep.found.values(), now)
        asked = _Asked(self.foundation, budget, dict(sweep.found))
        if sweep.whole:
            await asked.ask_for(self._in_turn([guid for guid in active if guid not in sweep.found]))
        known = {
            **active,
            **await self.ledger.entries(self.foundation.name, [g for g in asked.rows if g not in active]),
        }
        return await self._with_names(
            Looked(
                now=now,
                rows=tuple(asked.rows.values()),
                known=known,
                gone=tuple(active[guid] for guid in asked.gone),
                reached=sweep.reached or since,
                newest=newest,
                whole=sweep.whole and asked.whole,
                trouble=trouble,
                notes=(*sweep.problems, *asked.problems),
            ),
            until,
        )

    async def first(self, back: timedelta, now: datetime, budget: Budget, most_rows: int, until: float) -> Looked:
        """All that is under way, and what changed in the time before, as far back as the budget goes."""
        active = Sweep(
            self.foundation, budget, most_rows, DeploymentsAsk(status_values=("ACTIVE",)), column=Column.CREATED
        )
        await active.read(_EPOCH)
        recent = Sweep(self.foundation, budget, most_rows)
        await recent.read(now - FIRST_WINDOW)
        notes = [] if active.whole and recent.whole else ["more is under way than could be read at once"]
        rows = {**active.found, **recent.found}
        older, note = await _older(self.foundation, budget, most_rows, now - back, now - FIRST_WINDOW)
        rows = {**older, **rows}
        looked = Looked(
            now=now,
            rows=tuple(rows.values()),
            known={},
            gone=(),
            reached=recent.reached or now,
            newest=_newest(rows.values(), now),
            whole=recent.whole,
            notes=(*notes, *note, *active.problems, *recent.problems),
        )
        return await self._with_names(looked, until, first=True)

    def _in_turn(self, guids: Sequence[str]) -> list[str]:
        """Where a look has not the time for all, the next one begins with others."""
        at = self._turn % len(guids) if guids else 0
        self._turn += GUIDS_PER_REQUEST
        return [*guids[at:], *guids[:at]]

    async def _with_names(self, looked: Looked, until: float, *, first: bool = False) -> Looked:
        """Apps, or an UpstreamError: nobody could match what has no name. Who started it, if that can be had."""
        wanted = [row async for row in in_turns(looked.rows) if _needs_names(looked.known.get(row.guid))]
        app_guids = {row.app_guid async for row in in_turns(wanted) if row.app_guid}
        apps = await self.foundation.apps(app_guids, until) if app_guids else {}
        unseen = {row.app_guid async for row in in_turns(wanted) if row.guid not in looked.known}
        starters, requests = await self._starters(looked, until, first=first)
        return replace(
            looked,
            apps=apps,
            people=starters.people,
            who_unknown=not starters.complete,
            notes=looked.notes if starters.complete else (*looked.notes, "it could not say who started what"),
            requests_beside=_batches(unseen) + requests,
        )

    async def _starters(self, looked: Looked, until: float, *, first: bool) -> tuple[StartersFound, int]:
        """Who started what nobody is known of, and how many requests that took, at most; at first the newest only."""
        nobody = [row async for row in in_turns(looked.rows) if self._is_asked_for(looked, row)]
        nobody.sort(key=lambda row: row.created_at or _EPOCH, reverse=True)
        if first:
            del nobody[MOST_STARTERS:]
        people: dict[str, Person] = {}
        complete, requests = True, 0
        for at in range(0, len(nobody), MOST_STARTERS):
            asked = nobody[at : at + MOST_STARTERS]
            found = await self.foundation.starters(asked, until)
            people.update(found.people)
            complete = complete and found.complete
            requests += _batches({row.app_guid for row in asked})
            if found.complete:
                self._count(asked, found.people)
            await asyncio.sleep(0)
        return StartersFound(people, complete=complete), requests

    def _is_asked_for(self, looked: Looked, row: Deployment) -> bool:
        entry = looked.known.get(row.guid)
        is_known = entry is not None and bool(entry.by)
        is_young = row.created_at is not None and row.created_at > looked.now - EVENTS_KEPT
        return is_young and not is_known and self._tries.get(row.guid, 0) < MOST_TRIES

    def _count(self, asked: Iterable[Deployment], people: Mapping[str, Person]) -> None:
        for row in asked:
            if row.guid in people:
                self._tries.pop(row.guid, None)
            else:
                self._tries[row.guid] = self._tries.get(row.guid, 0) + 1
        for guid in list(self._tries)[: -10 * MOST_STARTERS]:
            del self._tries[guid]


def _batches(guids: Collection[str | None]) -> int:
    return -(-len(guids) // GUIDS_PER_REQUEST)


def _needs_names(entry: Entry | None) -> bool:
    """An app may be renamed while its deployment is under way; afterwards its name is kept."""
    return entry is None or entry.is_active or not entry.app


def _newest(rows: Iterable[Deployment], now: datetime) -> datetime | None:
    times = [row.updated_at for row in rows if row.updated_at and row.updated_at <= now + ABSURD]
    return max(times, default=None)


async def _read(sweep: Sweep, since: datetime) -> UpstreamError | None:
    """The trouble in which reading ended after it had got somewhere; raises it where it had not."""
    try:
        await sweep.read(since)
    except UpstreamError as error:
        if sweep.reached is None or sweep.reached <= since:
            raise
        return error
    return None


async def _older(
    foundation: Foundation, budget: Budget, most_rows: int, since: datetime, before: datetime
) -> tuple[dict[str, Deployment], tuple[str, ...]]:
    """What changed last in [since, before), in ever longer windows back in time, so that a cut loses the oldest."""
    rows: dict[str, Deployment] = {}
    length = FIRST_WINDOW
    while before > since:
        start = max(since, before - length)
        sweep = Sweep(foundation, budget, most_rows - len(rows))
        reason = "there are too many deployments"
        try:
            await sweep.read(start, before)
        except UpstreamError as error:
            reason = error.reason
        rows = {**sweep.found, **rows}
        if not sweep.whole:
            return rows, (f"what happened before {before:%Y-%m-%d %H:%M} UTC is not known whole: {reason}",)
        before, length = start, length * 2
    return rows, ()


@dataclass
class _Asked:
    """Deployments that are asked for by guid, beside what was read already."""

    foundation: Foundation
    budget: Budget
    rows: dict[str, Deployment]
    gone: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    whole: bool = True

    async def ask_for(self, guids: Sequence[str]) -> None:
        missing: list[str] = []
        for at in range(0, len(guids), GUIDS_PER_REQUEST):
            if not self.budget.take():
                self.whole = False
                break
            batch = tuple(guids[at : at + GUIDS_PER_REQUEST])
            missing += await self._batch(batch)
        await self._look_for(missing[:MOST_MISSING])

    async def _batch(self, guids: Collection[str]) -> list[str]:
        ask = DeploymentsAsk(guids=tuple(guids), per_page=GUIDS_PER_REQUEST)
        answer = await self.foundation.deployments(ask, self.budget.until)
        self.problems += answer.problems
        self.rows.update((row.guid, row) for row in answer.rows if row.guid in guids)
        return [guid for guid in guids if guid not in self.rows]

    async def _look_for(self, guids: Sequence[str]) -> None:
        """Half a page is no proof that something is gone: only the answer about itself is."""
        for guid in guids:
            if not self.budget.take():
                return
            try:
                row = await self.foundation.deployment(guid, self.budget.until)
            except UpstreamError as error:
                self.problems.append(f"{guid} could not be looked for: {error.reason}")
                continue
            if row is None:
                self.gone.append(guid)
            else:
                self.rows[row.guid] = row
