"""The outbox in SQL: messages wait in their channel's lane, are claimed one at a time, and are sent once.

A lane's row is locked by whatever changes the channel's messages, so two senders never see half of each other's work.

What holds what up: a lane has at most one claim, so at most one message of a channel is being sent. A message whose
send is unclear waits to be settled without a claim; meanwhile the other threads and digests of its channel go on,
since nobody reads them as one story. Within a thread the order is kept: a reply waits for its root and for the
replies before it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from deploybot.domain.ledger import Entry
from deploybot.domain.outgoing import Body, Claim, Draft, MessageState, Outdated, Pending, Sent
from deploybot.domain.storage import Composed, Waits, Withheld
from deploybot.domain.subscription import Subscription
from deploybot.store import aftercare, composing
from deploybot.store.columns import Instant
from deploybot.store.drafts import BODIES, claims_of, put
from deploybot.store.engine import Database
from deploybot.store.rows import AnyRow, chunks
from deploybot.store.subscriptions import note_posted, pause
from deploybot.store.tables import lanes, messages
from deploybot.store.turns import WHAT_WAITS, free_lanes, heads
from deploybot.store.unbroken import unbroken

PACE = timedelta(seconds=1)
"""Slack takes a message a second per channel; a send that nobody heard of again counts too."""


@unbroken
class Outbox:
    """`settle_after`: how long after a send began an unclear one may be settled at the earliest."""

    def __init__(self, database: Database, settle_after: timedelta) -> None:
        self._database = database
        self._settle_after = settle_after

    async def add(self, draft: Draft, now: datetime) -> bool:
        """Put a message into the outbox; False where its key is there already."""
        async with self._database.writing() as connection:
            return draft.key in await put(connection, [draft], now)

    async def sent_at(self, keys: Collection[str]) -> Mapping[str, datetime | None]:
        """When these messages were sent, None for those that wait; those that there are not are left out."""
        found: dict[str, datetime | None] = {}
        async with self._database.reading() as connection:
            for chunk in chunks(sorted(keys)):
                rows = select(messages.c.key, messages.c.sent_at).where(messages.c.key.in_(chunk))
                found.update({row.key: row.sent_at for row in await connection.execute(rows)})
        return found

    async def sent_ones(self, keys: Collection[str]) -> tuple[Sent, ...]:
        """Those of these messages that are in Slack, oldest first."""
        async with self._database.reading() as connection:
            return await aftercare.sent_ones(connection, keys)

    async def redrawn(self, key: str, body: Body) -> None:
        """A message shows something else from now on, or never will again since it is gone."""
        async with self._database.writing() as connection:
            await _set_message(connection, messages.c.key == key, body=BODIES.text(body))

    async def waits(self, now: datetime, before: datetime) -> Waits:
        """What there is to do now, with doubles of what was last sent before an instant; asking costs little."""
        async with self._database.reading() as connection:
            row = (await connection.execute(WHAT_WAITS, {"now": now, "before": before})).one()
        return Waits(*map(bool, row))

    async def channels_waiting(self, now: datetime) -> tuple[str, ...]:
        """The channels with announcements that may be told now; not the blocked ones."""
        async with self._database.reading() as connection:
            return await composing.channels_waiting(connection, now)

    async def compose(
        self, channel: str, now: datetime, decide: Callable[[Pending], Sequence[Composed | Withheld]]
    ) -> int:
        """Turn what waits in a channel into messages, in one transaction that no other sender shares; how many."""
        async with self._database.writing() as connection:
            return await composing.compose(connection, channel, now, decide)

    async def claim(self, now: datetime, until: datetime, token: str, most: int) -> tuple[Claim, ...]:
        """Take messages that may be sent or must be settled now: the oldest one of each channel that is free.

        What an earlier claim left in the middle of a send counts as unclear once it has run out.
        """
        async with self._database.writing() as connection:
            free = (await connection.scalars(free_lanes(now, self._settle_after, most))).all()
            if not free:
                return ()
            # Asked again under the locks: in between another sender may have changed what is next.
            next_ones = (await connection.execute(heads(now, self._settle_after, free))).all()
            for head in next_ones:
                await _set_lane(connection, head.channel, message=head.id, token=token, claimed_until=until)
            return await claims_of(connection, [head.id for head in next_ones], token, until)

    async def sending(self, claim: Claim, now: datetime) -> bool:
        """Note that the send begins; False where the claim is not ours any more, and nothing may be sent."""
        async with self._database.writing() as connection:
            lane = await _lock_lane(connection, claim)
            if not _is_held(lane, claim) or lane.claimed_until <= now:
                return False
            begun = await _set_message(
                connection,
                (messages.c.id == claim.message) & messages.c.state.in_(_SENDABLE),
                state=MessageState.SENDING.value,
                attempts=messages.c.attempts + 1,
                sends=messages.c.sends + 1,
                first_attempt_at=func.coalesce(messages.c.first_attempt_at, literal(now, Instant)),
                attempted_at=now,
            )
            if begun:
                await _set_lane(connection, claim.draft.channel, next_at=max(lane.next_at, now + PACE))
            else:  # an earlier send of it was noted meanwhile
                await _free(connection, lane, claim)
        return begun

    async def sent(self, claim: Claim, ts: str, now: datetime, next_at: datetime) -> str | None:
        """Note that it is there, and when the channel may be posted to again.

        Where another send of the same message was noted first, nothing changes and that one's `ts` is returned. It
        does not matter whether the claim is still ours: what is there is there.
        """
        async with self._database.writing() as connection:
            lane = await _lock_lane(connection, claim)
            row = (await connection.execute(select(messages).where(messages.c.id == claim.message))).one_or_none()
            await _free(connection, lane, claim)
            if row is None or row.state == MessageState.SENT:
                return await _sent_again(connection, row, ts, now)
            is_late = not _is_held(lane, claim)
            await _set_message(
                connection,
                messages.c.id == claim.message,
                state=MessageState.SENT.value,
                ts=ts,
                sent_at=now,
                doubtful_at=now if row.sends > 1 or is_late else None,
                **await aftercare.shown(connection, row, claim.entry, now),
            )
            await _set_lane(connection, claim.draft.channel, next_at=max(lane.next_at, next_at))
            await note_posted(connection, claim.draft.subscriptions, now)
        return None

    async def unclear(self, claim: Claim, reason: str, settle_at: datetime) -> None:
        """Nobody knows whether it is there: look from `settle_at` on, and not before what `settle_after` says."""
        async with self._database.writing() as connection:
            lane = await _lock_lane(connection, claim)
            if not _is_held(lane, claim):
                return
            attempted_at = select(messages.c.attempted_at).where(messages.c.id == claim.message)
            began = (await connection.execute(attempted_at)).scalar()
            earliest = began + self._settle_after if began else settle_at
            await _set_message(
                connection,
                (messages.c.id == claim.message) & messages.c.sent_at.is_(None),
                state=MessageState.UNCLEAR.value,
                reason=reason,
                settle_at=max(settle_at, earliest),
            )
            await _free(connection, lane, claim)

    async def later(self, claim: Claim, reason: str, not_before: datetime, *, repeat: bool = False) -> None:
        """Send it from then on: it is certainly not there or, with `repeat`, nobody can know. The channel waits too."""
        async with self._database.writing() as connection:
            lane = await _lock_lane(connection, claim)
            if not _is_held(lane, claim):
                return
            changes: dict[str, Any] = {"repeat": True} if repeat else _untaken(claim)
            await _set_message(
                connection,
                (messages.c.id == claim.message) & messages.c.sent_at.is_(None),
                state=MessageState.READY.value,
                attempts=0,
                not_before=not_before,
                reason=reason,
                **changes,
            )
            await _set_lane(connection, claim.draft.channel, next_at=max(lane.next_at, not_before))
            await _free(connection, lane, claim)

    async def blocked(
        self, claim: Claim, reason: str, now: datetime, notice: Callable[[Subscription], Draft]
    ) -> tuple[Subscription, ...]:
        """The channel can't be posted to: hold its messages, pause its subscriptions with this reason; those paused.

        In the same transaction the `notice` of each that was not paused before goes into the outbox.
        """
        async with self._database.writing() as connection:
            lane = await _lock_lane(connection, claim)
            if not _is_held(lane, claim):
                return ()
            await _set_message(
                connection,
                (messages.c.id == claim.message) & messages.c.sent_at.is_(None),
                state=MessageState.BLOCKED.value,
                attempts=0,
                reason=reason,
                **_untaken(claim),
            )
            await _set_lane(connection, claim.draft.channel, blocked=reason)
            await _free(connection, lane, claim)
            paused = await pause(connection, claim.draft.channel, reason)
            await put(connection, [notice(each) for each in paused], now)
        return paused

    async def doubtful(self, before: datetime, most: int) -> tuple[Claim, ...]:
        """Messages that were sent more than once, or late, and were not yet looked at for doubles since.

        Only those whose last send began before that instant, oldest first; `ts` is under which each was noted, and
        `attempted_at` is when the first send began: a double may be as old.
        """
        async with self._database.reading() as connection:
            return await aftercare.doubtful(connection, before, most)

    async def cleared(self, message: int, ts: str) -> None:
        """A doubtful message has been looked at: `ts` is the one that stays."""
        async with self._database.writing() as connection:
            await _set_message(connection, messages.c.id == message, ts=ts, doubtful_at=None)

    async def outdated(self, now: datetime, most: int) -> tuple[Outdated, ...]:
        """First messages that show an older state than the ledger has, those that ended first; no blocked channel's.

        Each is somebody's for a while, so that two do not write over each other.
        """
        async with self._database.writing() as connection:
            return await aftercare.outdated(connection, now, most)

    async def updated(self, message: int, ordinal: int, *, gone: bool = False) -> None:
        """A first message shows the entry with this ordinal; `gone`: it was deleted, so the next alert begins anew."""
        async with self._database.writing() as connection:
            await aftercare.updated(connection, message, ordinal, gone=gone)

    async def listed(self, message: int, skip: int, most: int) -> tuple[int, tuple[Entry, ...]]:
        """How many deployments a message stands for, and some of them."""
        async with self._database.reading() as connection:
            return await aftercare.listed_entries(connection, message, skip, most)


_SENDABLE = (MessageState.READY.value, MessageState.UNCLEAR.value)


async def _lock_lane(connection: AsyncConnection, claim: Claim) -> AnyRow:
    of_channel = select(lanes).where(lanes.c.channel == claim.draft.channel)
    return (await connection.execute(of_channel.with_for_update())).one()


def _is_held(lane: AnyRow, claim: Claim) -> bool:
    """Is this the lane's claim? One that has run out is, until the next one is made."""
    return bool(lane.token == claim.token and lane.message == claim.message)


async def _free(connection: AsyncConnection, lane: AnyRow, claim: Claim) -> None:
    """End a claim, if it is the lane's."""
    if _is_held(lane, claim):
        await _set_lane(connection, claim.draft.channel, message=None, token=None, claimed_until=None)


async def _set_lane(connection: AsyncConnection, channel: str, **changes: object) -> None:
    await connection.execute(update(lanes).where(lanes.c.channel == channel).values(changes))


async def _set_message(connection: AsyncConnection, which: ColumnElement[bool], **changes: object) -> bool:
    """Whether there was one."""
    return bool((await connection.execute(update(messages).where(which).values(changes))).rowcount)


def _untaken(claim: Claim) -> dict[str, Any]:
    """What is noted of a send that Slack certainly did not take: it can't make a double, so it does not count.

    A claim with attempts was settled: that its message was not to be seen is less than certain.
    """
    own = messages.c.state == MessageState.SENDING.value
    return {} if claim.attempts else {"sends": case((own, messages.c.sends - 1), else_=messages.c.sends)}


async def _sent_again(connection: AsyncConnection, row: AnyRow | None, ts: str, now: datetime) -> str | None:
    """It was noted as sent already: the `ts` of that send, unless it is this one. A double is looked for later."""
    if row is None or row.ts == ts:
        return None
    await _set_message(connection, messages.c.id == row.id, doubtful_at=now)
    return str(row.ts)
