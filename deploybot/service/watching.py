"""What people do about watches: have a deployment followed in a channel, watch too, and stop watching."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from deploybot.domain.access import Right, Rule, Target, decide_act, target_of, target_of_entry
from deploybot.domain.audit import AuditEvent, AuditKind, AuditOutcome
from deploybot.domain.deployment import Deployment
from deploybot.domain.page import Row
from deploybot.domain.ports import DeploymentsAsk, Directory, Foundation
from deploybot.domain.query import Query
from deploybot.domain.storage import Ledger
from deploybot.domain.storage_acting import ActionLog, Watches
from deploybot.domain.watch import Watch
from deploybot.domain.watch_edits import spacing
from deploybot.domain.watching import Fresh, expected_seconds, first_view, message_of
from deploybot.domain.words import app_name
from deploybot.errors import UpstreamError, UserError
from deploybot.service.detail import detail
from deploybot.service.listing import Listing
from deploybot.service.reading import Reading, where_of
from deploybot.service.request_id import request_id

log = structlog.get_logger(__name__)

MOST = 500
"""Watches in a workspace: each message would be edited once in a quarter of an hour."""
_PAST = 20
"""Rollouts of the past that are asked for, to say how long one usually takes."""

_NOT_FOR_ALL = "Not everybody in this channel may see {app}, so it can't be watched here: try it in a smaller channel."
_NO_RIGHT = "You may not watch {app} here, since {why}: /deployments access says what you may."
_ENDED = "The deployment of {app} has ended ({outcome}), so there is nothing to watch: /deployments show tells of it."
_NO_MORE = "That watch has ended: /deployments watch begins a new one."
_NOT_WATCHING = "You are not among those who watch this deployment."


@dataclass(frozen=True, slots=True)
class Begun:
    """A watch that goes on from now on, or that went on already (`joined`) and has one more who watches."""

    watch: Watch
    joined: bool


@dataclass
class Watching:
    """The use cases. `now` is UTC, `until` a deadline on the monotonic clock; UserErrors say what to do next."""

    listing: Listing
    watches: Watches
    ledger: Ledger
    record: ActionLog
    reading: Reading
    directory: Directory
    rules: Sequence[Rule]
    edits_per_minute: int
    new_id: Callable[[], str]

    async def begin(self, subject: str, query: Query, user: str, channel: str, now: datetime, until: float) -> Begun:
        """Have the deployment of this guid, or the latest of this app, followed in a channel.

        It must be visible to this person and to all in the channel, and this person must be allowed to watch it.
        """
        aloud = await self.reading.aloud(channel)
        sight = await self.reading.of_person(user, channel)
        row = (await detail(self.listing, subject, query, now, until, sight)).row
        app, target = app_name(row), _target(row)
        if not aloud.app(row.foundation, row.app):
            raise UserError(aloud.why_nothing or _NOT_FOR_ALL.format(app=app))
        await self._refuse_without_right(user, channel, target, row.deployment.guid, app, now)
        if not row.deployment.is_active:
            raise UserError(_ENDED.format(app=app, outcome=row.verdict.outcome))
        watch = await self._new(row, user, channel, now, until)
        joined = await self.watches.start(watch, message_of(watch), MOST)
        await self._note(AuditOutcome.DONE, user, channel, target, watch.guid, now)
        log.info("watch begun", watch=(joined or watch).id, channel=channel, by=user, joined=joined is not None)
        return Begun(joined or watch, joined is not None)

    async def join(self, watch_id: str, user: str, channel: str, now: datetime) -> Watch:
        """Watch too: this person is pinged at the end as well."""
        watch = await self._of_channel(watch_id, channel)
        entry = watch.view.entry
        await self._refuse_without_right(
            user, channel, target_of_entry(entry), watch.guid, entry.app or entry.guid, now
        )
        joined = await self.watches.join(watch_id, user)
        if joined is None:
            raise UserError(_NO_MORE)
        return joined

    async def leave(self, watch_id: str, user: str, channel: str, now: datetime) -> Watch:
        """Stop watching; the last who does so ends the watch."""
        watch = await self._of_channel(watch_id, channel)
        if user not in watch.watchers:
            raise UserError(_NOT_WATCHING)
        left = await self.watches.leave(watch_id, user, STOPPED, now)
        if left is None:
            raise UserError(_NO_MORE)
        return left

    async def _of_channel(self, watch_id: str, channel: str) -> Watch:
        watch = await self.watches.one(watch_id)
        if watch is None or watch.over_at or watch.channel != channel:
            raise UserError(_NO_MORE)
        return watch

    async def _refuse_without_right(
        self, user: str, channel: str, target: Target, guid: str, app: str, now: datetime
    ) -> None:
        someone = await self.directory.someone(user)
        decision = decide_act(self.rules, someone, Right.WATCH, where_of(channel), target)
        if not decision.allowed:
            await self._note(AuditOutcome.REFUSED, user, channel, target, guid, now, decision.why, decision.rule)
            raise UserError(_NO_RIGHT.format(app=app, why=decision.why))

    async def _new(self, row: Row, user: str, channel: str, now: datetime, until: float) -> Watch:
        known = (await self.ledger.entries(row.foundation, [row.deployment.guid])).get(row.deployment.guid)
        fresh = Fresh(row.deployment, now, row.app, row.by, row.progress)
        every = spacing(sum((await self.watches.at_work()).values()) + 1, self.edits_per_minute)
        expected = await self._expected(row, until)
        view = first_view(row.foundation, fresh, known, self.listing.rules, expected, every)
        return Watch(
            id=self.new_id(),
            channel=channel,
            foundation=row.foundation,
            guid=row.deployment.guid,
            made_by=user,
            made_at=now,
            watchers=(user,),
            view=view,
            changed_at=now,
        )

    async def _expected(self, row: Row, until: float) -> float | None:
        """How long a rollout of this app usually takes: an extra, so None where it can't be found out."""
        foundation = next(one for one in self.listing.foundations if one.name == row.foundation)
        if not row.deployment.app_guid:
            return None
        try:
            past = await _past(foundation, row.deployment.app_guid, until)
        except UpstreamError as error:
            log.info("past rollouts could not be read", foundation=row.foundation, reason=error.reason)
            return None
        return expected_seconds(past, row.deployment.strategy)

    async def _note(
        self,
        outcome: AuditOutcome,
        user: str,
        channel: str,
        target: Target,
        guid: str,
        now: datetime,
        why: str = "",
        rule: str = "",
    ) -> None:
        event = AuditEvent(
            id=self.new_id(),
            at=now,
            kind=AuditKind.WATCH,
            outcome=outcome,
            user=user,
            channel=channel,
            foundation=target.foundation,
            org=target.org,
            space=target.space,
            app=target.app,
            guid=guid,
            decision=why,
            rule=rule,
            request_id=request_id(),
        )
        await self.record.note(event)


STOPPED = "Nobody watches this any more, so the watch has ended."


async def _past(foundation: Foundation, app: str, until: float) -> Sequence[Deployment]:
    ask = DeploymentsAsk(per_page=_PAST, order_by="-created_at", app_guids=(app,), status_reasons=("DEPLOYED",))
    return (await foundation.deployments(ask, until)).rows


def _target(row: Row) -> Target:
    return target_of(row.foundation, row.app) if row.app else Target(row.foundation)
