"""What somebody may do somewhere, and which rule says so: told to themselves only, of what they may read only."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from deploybot.domain.access import Audience, Decision, Right, Rule, Someone, decide_act, sight_of, target_of
from deploybot.domain.deployment import App
from deploybot.domain.page import Trouble
from deploybot.domain.ports import Directory, Foundation
from deploybot.domain.query import Query
from deploybot.domain.reach import Reach, reach_of
from deploybot.service.reading import where_of
from deploybot.service.scope import apps_of
from deploybot.service.seeing import seen_by


@dataclass(frozen=True, slots=True)
class Verdict:
    """What holds alike for some apps, each with its foundation: a decision for each right, in the order of Right."""

    apps: tuple[tuple[str, App], ...]
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person may do here, and what all who are here may read.

    `verdicts` speak of the apps that were asked about, None where nobody asked. `audience` is None where Slack does
    not tell who is here.
    """

    person: Someone
    reaches: tuple[Reach, ...]
    audience: Audience | None
    all_read: Reach | None = None
    verdicts: tuple[Verdict, ...] | None = None
    notes: tuple[str, ...] = ()
    troubles: tuple[Trouble, ...] = ()


class Accessing:
    """The use case of `/deployments access`."""

    def __init__(self, rules: Sequence[Rule], directory: Directory, foundations: Sequence[Foundation]) -> None:
        self._rules = tuple(rules)
        self._directory = directory
        self._foundations = tuple(foundations)

    async def standing(self, query: Query, user: str, channel: str, until: float) -> Standing:
        """Where this person stands in a conversation. A UserError for names that they can't see."""
        where = where_of(channel)
        person, audience = await asyncio.gather(self._directory.someone(user), self._audience(channel))
        standing = Standing(
            person,
            tuple(reach_of(self._rules, person, right, where) for right in Right),
            audience,
            reach_of(self._rules, audience, Right.READ, where) if audience else None,
        )
        if query == Query() or standing.reaches[0].is_nothing:
            return standing
        return await self._about(standing, query, channel, until)

    async def _audience(self, channel: str) -> Audience | None:
        return await self._directory.audience(channel) if channel else None

    async def _about(self, standing: Standing, query: Query, channel: str, until: float) -> Standing:
        """Of apps that this person may not read nothing is said, not even that they are there."""
        person, where = standing.person, where_of(channel)
        seen = seen_by(sight_of(self._rules, person, where), self._foundations)
        found = await apps_of(seen, query, until)
        alike: dict[tuple[Decision, ...], list[tuple[str, App]]] = {}
        for foundation, app in found.apps:
            target = target_of(foundation, app)
            decisions = tuple(decide_act(self._rules, person, right, where, target) for right in Right)
            alike.setdefault(decisions, []).append((foundation, app))
        return Standing(
            person,
            standing.reaches,
            standing.audience,
            standing.all_read,
            tuple(Verdict(tuple(apps), decisions) for decisions, apps in alike.items()),
            found.notes,
            found.troubles,
        )
