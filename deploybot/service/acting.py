"""Continue and cancel: shown as a proposal first, checked again when it is confirmed, and sent at most once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from deploybot.domain.access import Sight, Where, sight_of
from deploybot.domain.acting import Action, ActionState, Bound, Credential
from deploybot.domain.consequences import consequences
from deploybot.domain.deployment import App
from deploybot.domain.page import Row
from deploybot.domain.query import Query
from deploybot.errors import UserError
from deploybot.service.admitting import Admission, Admitted, Wish
from deploybot.service.detail import locate
from deploybot.service.moment import Moment
from deploybot.service.requesting import Sending, in_the_way
from deploybot.service.scope import apps_of
from deploybot.service.seeing import seen_by


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the confirm form shows; `bound.stand` is never None.

    `account` is as whom it will be done. `approvals` is how many others must agree by the `rule` that allows it. Where
    `moved` is a sentence (what changed since the button was drawn, and by whom), the form shows it and offers nothing.
    """

    bound: Bound
    row: Row
    consequences: tuple[str, ...]
    account: str
    approvals: int
    rule: str
    moved: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a confirmation: a sentence for the person, and the deployment as it is now.

    `state` is None where a second person was asked.
    """

    told: str
    state: ActionState | None
    row: Row | None = None


class Approves(Protocol):
    """Asks a second person, where a rule wants one."""

    async def ask(
        self, proposal: Proposal, user: str, credential: Credential, where: Where, now: datetime, until: float
    ) -> Result:
        """Post the request. UserError where that can't be, UpstreamError where it can't be found out who started it."""
        ...


@dataclass
class Acting:
    """What people do to deployments. `now` is UTC, `until` a deadline on the monotonic clock.

    All refusals before anything is claimed are UserErrors, and on the record once; that it has moved on is a Result.
    UpstreamErrors say that the foundation could not be asked, and that nothing was done.
    """

    admission: Admission
    sending: Sending
    approves: Approves | None = None

    async def find(
        self, subject: str, query: Query, action: Action, user: str, where: Where, now: datetime, until: float
    ) -> Bound:
        """The deployment of this guid, else the newest one of this app that fits; only what the person may see.

        A UserError where the name means several apps: which of them is newest is no ground to act on it.
        """
        someone = await self.admission.directory.someone(user)
        sight = sight_of(self.admission.rules, someone, where)
        found = (await locate(self.admission.listing, subject, query, now, until, sight)).found
        if found.deployment.guid != subject.lower():
            await self._refuse_several(subject, query, sight, until)
        return Bound(action=action, foundation=found.foundation.name, guid=found.deployment.guid)

    async def propose(self, bound: Bound, user: str, where: Where, now: datetime, until: float) -> Proposal:
        """What a confirm form shows, after a fresh look at the deployment and all checks."""
        return _proposal(await self.admission.of_person(self._wish(bound, user, where, now, until)))

    async def confirm(
        self, bound: Bound, confirmation: str, user: str, where: Where, now: datetime, until: float
    ) -> Result:
        """Do it, or ask a second person, after all checks again; a confirmation that comes twice does nothing more."""
        wish = self._wish(bound, user, where, now, until)
        return await self._before(wish, confirmation) or await self._confirmed(wish, confirmation)

    async def perform(
        self, bound: Bound, confirmation: str, user: str, where: Where, now: datetime, until: float
    ) -> Result:
        """Do what a second person agreed to: all checks but the one whether somebody must agree."""
        wish = self._wish(bound, user, where, now, until)
        if before := await self._before(wish, confirmation):
            return before
        return await self._send(wish, await self.admission.of_person(wish), confirmation)

    async def perform_as_bot(
        self, bound: Bound, confirmation: str, why: str, channel: str, now: datetime, until: float
    ) -> Result:
        """Do it with the bot's own credential and nobody's wish: `why` is the rule behind it, for the record.

        Where this process dies amid it `channel` is told what was found.
        """
        wish = self._wish(bound, "", Where(channel), now, until)
        if before := await self._before(wish, confirmation):
            return before
        return await self._send(wish, await self.admission.of_bot(wish, why), confirmation)

    async def tick(self, now: datetime) -> None:
        """Settle what was claimed and never settled, since whoever claimed it died: look, record, tell the person."""
        await self.sending.settle_left(now)

    async def _refuse_several(self, name: str, query: Query, sight: Sight, until: float) -> None:
        named = Query(apps=(name,), spaces=query.spaces, orgs=query.orgs, foundations=query.foundations)
        apps = (await apps_of(seen_by(sight, self.admission.listing.foundations), named, until)).apps
        if len(apps) > 1:
            places = sorted(_place(foundation, app) for foundation, app in apps)
            more = f" and {len(places) - _MOST_NAMED} more" if len(places) > _MOST_NAMED else ""
            raise UserError(
                f"{name} means {len(places)} apps: {', '.join(places[:_MOST_NAMED])}{more}. Say which one with space=, "
                "org= or foundation=, or name the deployment's guid."
            )

    def _wish(self, bound: Bound, user: str, where: Where, now: datetime, until: float) -> Wish:
        return Wish(bound, user, where, Moment(now, self.admission.listing.monotonic), until)

    async def _before(self, wish: Wish, confirmation: str) -> Result | None:
        """What came of the same confirmation when it came before."""
        if wish.bound.stand is None:
            raise UserError(_UNSEEN)
        tries = await self.sending.log.of_deployment(wish.bound.foundation, wish.bound.guid)
        same = next((row for row in tries if row.confirmation == confirmation), None)
        return Result(in_the_way(same, confirmation, self.sending.rules), same.state) if same else None

    async def _confirmed(self, wish: Wish, confirmation: str) -> Result:
        admitted = await self.admission.of_person(wish)
        if admitted.moved or not admitted.decision.approvals:
            return await self._send(wish, admitted, confirmation)
        if self.approves is None:
            return await self.admission.refuse(wish, admitted, _NOBODY_TO_ASK)
        try:
            return await self.approves.ask(
                _proposal(admitted), wish.user, admitted.as_, wish.where, wish.now, wish.until
            )
        except UserError as problem:
            return await self.admission.refuse(wish, admitted, str(problem))

    async def _send(self, wish: Wish, admitted: Admitted, confirmation: str) -> Result:
        if admitted.moved:
            return Result(f"Nothing was done. {admitted.moved}", ActionState.REFUSED, admitted.row)
        sent = await self.sending.send(wish, admitted, confirmation)
        if sent.unlinked:
            self.admission.credentials.reject(admitted.as_)
        return Result(sent.told, sent.state, sent.row or admitted.row)


_UNSEEN = "Nothing was done, since nobody has seen where it stands: look at it with /deployments show first."
_MOST_NAMED = 5
_NOBODY_TO_ASK = "A second person has to agree to this, and I can't ask anybody here: tell the people who run me."


def _place(foundation: str, app: App) -> str:
    """`eu/shop/production/checkout`"""
    space = app.space
    org = space.org if space else None
    named = [org.name if org else "", space.name if space else ""]
    return "/".join([foundation, *filter(None, named), app.name])


def _proposal(admitted: Admitted) -> Proposal:
    bound, row = admitted.bound, admitted.row
    told = () if admitted.moved else consequences(bound.action, row.deployment, row.progress)
    decision = admitted.decision
    return Proposal(
        bound, row, told, admitted.as_.account, decision.approvals, decision.rule or decision.why, admitted.moved
    )
