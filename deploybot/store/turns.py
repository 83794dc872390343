"""Whose turn it is: what there is to do at all, channels that may be posted to, and the oldest message of each."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select

from deploybot.domain.outgoing import MessageState
from deploybot.store.columns import Instant
from deploybot.store.tables import announcements, lanes, messages

_NOW, _BEFORE = bindparam("now", type_=Instant), bindparam("before", type_=Instant)
_MAY_BE_TOLD = or_(announcements.c.not_before.is_(None), announcements.c.not_before <= _NOW)

WHAT_WAITS = select(
    exists().where(announcements.c.told_by.is_(None), _MAY_BE_TOLD),
    exists().where(messages.c.sent_at.is_(None), messages.c.state != MessageState.BLOCKED.value),
    exists().where(messages.c.doubtful_at < _BEFORE),
    exists().where(messages.c.outdated_at <= _NOW),
)
"""Asked several times a second, mostly in vain: one statement, put together once."""


def free_lanes(now: datetime, settle_after: timedelta, most: int) -> Select[str]:
    """Channels that may be posted to and have a message for it, longest waiting first, locked."""
    next_one = heads(now, settle_after).subquery()
    is_free = or_(lanes.c.claimed_until.is_(None), lanes.c.claimed_until <= now)
    return (
        select(lanes.c.channel)
        .join(next_one, next_one.c.channel == lanes.c.channel)
        .where(lanes.c.blocked.is_(None), lanes.c.next_at <= now, is_free)
        .order_by(next_one.c.id)
        .limit(most)
        .with_for_update(skip_locked=True, of=lanes)
    )


def heads(now: datetime, settle_after: timedelta, channels: Sequence[str] = ()) -> Select[str, int]:
    """The oldest message of each channel that may be sent or must be settled."""
    oldest = (
        select(messages.c.channel, func.min(messages.c.id).label("id"))
        .where(messages.c.sent_at.is_(None), _is_time(now, settle_after), _is_in_turn())
        .group_by(messages.c.channel)
    )
    return oldest.where(messages.c.channel.in_(channels)) if channels else oldest


def _is_time(now: datetime, settle_after: timedelta) -> ColumnElement[bool]:
    """A send in a lane that is free was left by a claim that ran out."""
    state = messages.c.state
    return or_(
        and_(state == MessageState.READY.value, or_(messages.c.not_before.is_(None), messages.c.not_before <= now)),
        and_(state == MessageState.UNCLEAR.value, messages.c.settle_at <= now),
        and_(state == MessageState.SENDING.value, messages.c.attempted_at <= now - settle_after),
    )


def _is_in_turn() -> ColumnElement[bool]:
    """A reply comes after its root and after the replies before it."""
    root, earlier = messages.alias("root"), messages.alias("earlier")
    root_is_there = exists().where(root.c.key == messages.c.thread, root.c.sent_at.is_not(None))
    something_waits = exists().where(
        earlier.c.thread == messages.c.thread, earlier.c.sent_at.is_(None), earlier.c.id < messages.c.id
    )
    return or_(messages.c.thread.is_(None), and_(root_is_there, ~something_waits))
