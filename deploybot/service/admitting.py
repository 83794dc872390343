"""Whether an action may be tried: looks at the deployment afresh, asks the rules, and finds whose account acts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NoReturn

from msgspec.structs import replace as changed

from deploybot.domain.access import Decision, Right, Rule, Target, Where, decide, target_of
from deploybot.domain.acting import Bound, Credential, stand_of
from deploybot.domain.consequences import moved, why_not
from deploybot.domain.deployment import Deployment
from deploybot.domain.page import Row
from deploybot.domain.paging import key_of
from deploybot.domain.ports import Credentials, Directory, Foundation
from deploybot.domain.query import Sort
from deploybot.errors import UpstreamError, UserError
from deploybot.service.listing import Listing
from deploybot.service.moment import Moment
from deploybot.service.recording import NOBODY, Facts, Record
from deploybot.service.rows import to_rows
from deploybot.service.walking import Found

_NOT_TO_SEE = "I can see no deployment with the guid {guid} on {foundation}; it may be gone, or not for you to see."


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants what done, and where: `user` is a Slack id. `until` is on the monotonic clock."""

    bound: Bound
    user: str
    where: Where
    moment: Moment
    until: float

    @property
    def now(self) -> datetime:
        """By now; looking and asking around take their time."""
        return self.moment.now()

    @property
    def facts(self) -> Facts:
        return Facts(self.bound, self.user, self.where.channel)


@dataclass(frozen=True, slots=True)
class Admitted:
    """What may be done, as things are now: `bound` has the stand that was seen, `as_` is whose account acts.

    Where `moved` is a sentence nothing may be done, and `as_` is nobody.
    """

    bound: Bound
    row: Row
    decision: Decision
    as_: Credential
    moved: str = ""


def facts_of(wish: Wish, admitted: Admitted) -> Facts:
    """For the record, with all that was found out."""
    return replace(wish.facts, bound=admitted.bound, row=admitted.row, decision=admitted.decision, as_=admitted.as_)


@dataclass(frozen=True, slots=True)
class Admission:
    """`bots` are the bot's own accounts by foundation. Refusals are UserErrors, and on the record."""

    listing: Listing
    rules: Sequence[Rule]
    directory: Directory
    credentials: Credentials
    bots: Mapping[str, Credential]
    record: Record

    async def of_person(self, wish: Wish) -> Admitted:
        """Whether a person may do it here and now; their own account acts, or the bot's where it is set so."""
        foundation, deployment, row = await self._seen(wish)
        decision = await self._decided(wish, row)
        facts = replace(wish.facts, row=row, decision=decision)
        if not decision.allowed:
            name = row.app.name if row.app else wish.bound.guid
            await self._refuse(
                facts,
                wish,
                f"You may not {wish.bound.action} {name} here, since {decision.why}: /deployments access says more.",
            )
        admitted = await self._possible(foundation, deployment, row, decision, facts, wish)
        if admitted.moved:
            return admitted
        try:
            as_ = await self.credentials.of(wish.user, foundation.name, wish.until)
        except UserError as problem:
            await self.record.refused(facts, wish.now, str(problem))
            raise
        return replace(admitted, as_=as_ if as_.token else self.bots.get(foundation.name, as_))

    async def of_bot(self, wish: Wish, why: str) -> Admitted:
        """Whether the bot may do it by itself: `why` is the rule that says so."""
        foundation, deployment, row = await self._seen(wish)
        decision = Decision(True, why, why)
        facts = replace(wish.facts, row=row, decision=decision)
        admitted = await self._possible(foundation, deployment, row, decision, facts, wish)
        return admitted if admitted.moved else replace(admitted, as_=self.bots[foundation.name])

    async def refuse(self, wish: Wish, admitted: Admitted, told: str) -> NoReturn:
        """Refuse what was admitted so far."""
        await self._refuse(facts_of(wish, admitted), wish, told)

    async def _seen(self, wish: Wish) -> tuple[Foundation, Deployment, Row]:
        """The deployment as it is now, whoever may see it."""
        foundation = next((one for one in self.listing.foundations if one.name == wish.bound.foundation), None)
        if foundation is None:
            await self._refuse(wish.facts, wish, f"I know no foundation called {wish.bound.foundation} any more.")
        deployment = await foundation.deployment(wish.bound.guid, wish.until)
        if deployment is None:
            await self._not_to_see(wish.facts, wish)
        found = Found(foundation, key_of(foundation.name, deployment, Sort()), deployment)
        rows = await to_rows([found], self.listing.rules, wish.now, wish.until)
        if rows.troubles:  # without its names nobody can say which rules are about it
            raise UpstreamError(foundation.name, rows.troubles[0].reason)
        return foundation, deployment, rows.rows[0]

    async def _decided(self, wish: Wish, row: Row) -> Decision:
        """By the rules. What somebody may not read is for them as if it were not there."""
        someone = await self.directory.someone(wish.user)
        unknown = Target(row.foundation, app_guid=row.deployment.app_guid or "")
        target = target_of(row.foundation, row.app) if row.app else unknown
        reading = decide(self.rules, someone, Right.READ, wish.where, target)
        if not reading.allowed:
            await self._not_to_see(replace(wish.facts, row=row, decision=reading), wish)
        return decide(self.rules, someone, Right(wish.bound.action.value), wish.where, target)

    async def _possible(
        self, foundation: Foundation, deployment: Deployment, row: Row, decision: Decision, facts: Facts, wish: Wish
    ) -> Admitted:
        """Whether it is where the button had it, and Cloud Foundry would do it as things are."""
        now = changed(wish.bound, stand=stand_of(deployment))
        if wish.bound.stand not in (None, now.stand):
            told = moved(wish.bound, deployment, await foundation.events(deployment, wish.until))
            await self.record.refused(facts, wish.now, told)
            return Admitted(wish.bound, row, decision, NOBODY, told)
        if told := why_not(wish.bound.action, deployment):
            await self._refuse(facts, wish, told)
        return Admitted(now, row, decision, NOBODY)

    async def _not_to_see(self, facts: Facts, wish: Wish) -> NoReturn:
        bound = wish.bound
        await self._refuse(facts, wish, _NOT_TO_SEE.format(guid=bound.guid, foundation=bound.foundation))

    async def _refuse(self, facts: Facts, wish: Wish, told: str) -> NoReturn:
        await self.record.refused(facts, wish.now, told)
        raise UserError(told)
