"""The filters that the API has no parameter for, checked row by row: meaning, strategy, person, a large set of apps."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from deploybot.domain.deployment import Person
from deploybot.domain.outcome import OutcomeRules, judge
from deploybot.domain.outcome import matches as matches_state
from deploybot.domain.query import Query
from deploybot.domain.wildcard import matches
from deploybot.errors import UserError
from deploybot.service.walking import Found


@dataclass(slots=True)
class Checks:
    """Keeps the rows that match, and counts those whose starter nobody can tell."""

    query: Query
    rules: OutcomeRules
    now: datetime
    until: float
    check_states: bool
    only: frozenset[str] | None = None
    unknown: int = 0
    asked: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    """Foundations that were asked for audit events, and those that showed any."""

    def __post_init__(self) -> None:
        if "me" in (word.casefold() for word in self.query.by):
            raise UserError(
                "by=me needs a linked Cloud Foundry account: /deployments link makes one; or use by=your-user-name."
            )

    async def keep(self, rows: Sequence[Found]) -> Sequence[Found]:
        """The rows that match, in their order."""
        kept = [row for row in rows if self._fits(row)]
        return await self._by_person(kept) if self.query.by and kept else kept

    def _fits(self, row: Found) -> bool:
        deployment = row.deployment
        if self.only is not None and deployment.app_guid not in self.only:
            return False
        if self.query.strategies and (deployment.strategy or "") not in self.query.strategies:
            return False
        return not self.check_states or matches_state(
            self.query.states, deployment, judge(deployment, self.now, self.rules)
        )

    async def _by_person(self, rows: Sequence[Found]) -> list[Found]:
        people = await self._people(rows)
        known = [row for row in rows if (row.foundation.name, row.deployment.guid) in people]
        self.unknown += len(rows) - len(known)
        return [row for row in known if self._is_asked_for(people[row.foundation.name, row.deployment.guid])]

    async def _people(self, rows: Sequence[Found]) -> dict[tuple[str, str], Person]:
        foundations = {row.foundation.name: row.foundation for row in rows}
        answers = await asyncio.gather(
            *(
                foundation.starters([row.deployment for row in rows if row.foundation is foundation], self.until)
                for foundation in foundations.values()
            )
        )
        self.asked |= set(foundations)
        self.seen |= {name for name, answer in zip(foundations, answers, strict=True) if answer.visible}
        return {
            (name, guid): person
            for name, answer in zip(foundations, answers, strict=True)
            for guid, person in answer.people.items()
        }

    def _is_asked_for(self, person: Person) -> bool:
        names = [name for name in (person.name, person.guid) if name]
        return any(matches(word, name) for word in self.query.by for name in names)

    def notes(self) -> tuple[str, ...]:
        """What was left out because nobody can tell who started it."""
        if not self.unknown:
            return ()
        rows = "1 deployment" if self.unknown == 1 else f"{self.unknown:,} deployments"
        unseen = sorted(self.asked - self.seen)
        why = f" ({' and '.join(unseen)} showed me no audit events)" if unseen else ""
        return (f"{rows} left out, since nobody can tell who started them{why}",)
