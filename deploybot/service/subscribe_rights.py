"""Who may subscribe a channel to what: the person needs the right to, and something must be left to be shown to all."""

import asyncio
from collections.abc import Callable, Sequence

from deploybot.domain.access import ALL_SEEN, Decision, Right, Sight, Target
from deploybot.domain.matching import to_query
from deploybot.domain.ports import DeploymentsAsk, Foundation
from deploybot.domain.query import Query
from deploybot.domain.subscription import Subscription
from deploybot.domain.wildcard import matches
from deploybot.errors import UserError
from deploybot.service.reading import Reading
from deploybot.service.scope import Scope, scope_of
from deploybot.service.seeing import seen_by

_PATIENCE = 3.0
"""Seconds that the foundations have to say whether they know a name."""
_FOR_NOBODY = (
    "Nothing of this may be shown to all in this channel, so nothing would come of it: "
    "see /deployments access, or subscribe in a channel where everybody may read it."
)
_NOT_FOR_ALL = "Not everybody in this channel may read {}: leave it out, or see /deployments access."
_NOT_HERE = "You may not change subscriptions here: /deployments access says what you may."
_WHAT_IS_IT = "{} could not be asked what the names in subscriptions mean: try again in a minute."
_ONLY_FOR_ALL = "only what everybody in this channel may read is posted"


class SubscribeRights:
    """Checks before something is done; all refusals are UserErrors. `clock` is the monotonic one, in seconds."""

    def __init__(self, reading: Reading, foundations: Sequence[Foundation], clock: Callable[[], float]) -> None:
        self._reading = reading
        self._foundations = tuple(foundations)
        self._clock = clock

    async def check(self, query: Query, user: str, channel: str) -> tuple[str, ...]:
        """Whether a person may subscribe a channel to what a question asks for; remarks about the names in it."""
        scope = await self._scope(query, await self._reading.of_person(user, channel))
        _check_right(scope, await self._reading.permits(Right.SUBSCRIBE, user, channel))
        aloud = await self.aloud(channel)
        if not aloud.everything:
            await self._check_for_all(query, aloud, scope.targets or ())
        troubles = (f"{one.foundation} could not be asked: {one.reason}" for one in scope.troubles)
        return (*scope.notes, *troubles, *(() if aloud.everything else (_ONLY_FOR_ALL,)))

    async def check_change(self, user: str, channel: str) -> None:
        """Whether a person may subscribe the channel to anything, and so pause or remove what it has."""
        if not await self._reading.permits_something(Right.SUBSCRIBE, user, channel):
            raise UserError(_NOT_HERE)

    async def check_look(self, user: str, channel: str) -> None:
        """Whether a person may read anything here, and so what the channel is subscribed to."""
        seen_by(await self._reading.of_person(user, channel), ())

    async def readable(self, all_: Sequence[Subscription], user: str, channel: str) -> tuple[Subscription, ...]:
        """Those of which a person may read every name; the others are for them as if they were not there.

        A UserError where nobody can tell at the moment what the names mean.
        """
        sight = await self._reading.of_person(user, channel)
        if sight.everything:
            return tuple(all_)
        hides = await asyncio.gather(*(self._hides(one, sight) for one in all_))
        return tuple(one for one, hidden in zip(all_, hides, strict=True) if not hidden)

    async def aloud(self, channel: str) -> Sight:
        """What may be shown to all in a channel; a UserError where that is nothing, or where nobody can tell."""
        sight = await self._reading.aloud(channel)
        seen_by(sight, ())
        return sight

    async def _scope(self, query: Query, sight: Sight) -> Scope:
        until, seen = self._clock() + _PATIENCE, seen_by(sight, self._foundations)
        return await scope_of(seen, query, DeploymentsAsk(), until, everything=sight.everything)

    async def _hides(self, subscription: Subscription, sight: Sight) -> bool:
        """Whether its filters name something that there is and that the sight leaves out, or can't be read any more."""
        try:
            query = to_query(subscription)
        except UserError:
            return True
        if not (query.apps or query.spaces or query.orgs):
            return False
        there, mine = await asyncio.gather(self._targets(query, ALL_SEEN), self._targets(query, sight))
        return bool(_found(query, there) - _found(query, mine))

    async def _targets(self, query: Query, sight: Sight) -> Sequence[Target]:
        try:
            scope = await self._scope(query, sight)
        except UserError:  # there is nothing of these names
            return ()
        if scope.troubles:
            raise UserError(_WHAT_IS_IT.format(scope.troubles[0].foundation))
        return scope.targets or ()

    async def _check_for_all(self, query: Query, sight: Sight, mine: Sequence[Target]) -> None:
        """The question stands in every message, so that nothing may be named in it that not all may read."""
        try:
            scope = await self._scope(query, sight)
        except UserError as problem:
            raise UserError(_FOR_NOBODY) from problem
        if not scope.targets and not scope.troubles:
            raise UserError(_FOR_NOBODY)
        if hidden := sorted(_found(query, mine) - _found(query, scope.targets or ())):
            raise UserError(_NOT_FOR_ALL.format(" and ".join(hidden)))


def _found(query: Query, targets: Sequence[Target]) -> frozenset[str]:
    """The words of a question that mean something among these apps."""
    named = {word for word in query.apps if _means(word, [(one.app, one.app_guid) for one in targets])}
    named |= {word for word in query.spaces if _means(word, [(one.space, one.space_guid) for one in targets])}
    return frozenset(
        named | {word for word in query.orgs if _means(word, [(one.org, one.org_guid) for one in targets])}
    )


def _means(word: str, known: Sequence[tuple[str, str]]) -> bool:
    return any(matches(word, name) for pair in known for name in pair)


def _check_right(scope: Scope, permits: Callable[[Target], Decision]) -> None:
    """Every app that is meant must be allowed; where all are meant, ones that are not there yet as well."""
    whole = permits(Target(""))
    if whole.allowed:
        return
    if scope.targets is None:
        raise UserError(f"You may not subscribe to everything here, since {whole.why}: name what, as app= or space=.")
    if scope.troubles and not scope.targets:
        raise UserError(f"{scope.troubles[0].foundation} could not be asked what this is about: try again in a minute.")
    for target in scope.targets:
        if not (decision := permits(target)).allowed:
            raise UserError(
                f"You may not subscribe to {target.app} in {target.org}/{target.space} here, since {decision.why}: "
                "leave it out, or see /deployments access for what you may."
            )
