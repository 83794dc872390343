"""Announcements that wait become messages: what waits is read, a pure function decides, the result is written."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from deploybot.domain.ledger import Entry, Transition
from deploybot.domain.outgoing import Announcement, Pending
from deploybot.domain.storage import Composed, Withheld
from deploybot.store.drafts import ids_of, put
from deploybot.store.rows import ANNOUNCEMENTS, ENTRIES, TRANSITIONS, AnySelect, chunks, insert_new, update_each
from deploybot.store.tables import announcements, entries, lanes, messages, transitions

AT_ONCE = 10_000
"""Announcements composed in one transaction; more wait for the next one."""

_NOBODY = 0
"""No message has this id."""

_KEY = (announcements.c.foundation, announcements.c.guid, announcements.c.ordinal)

RECENT = 100
"""First messages whose times are told to who decides: enough to know a burst."""


async def channels_waiting(connection: AsyncConnection, now: datetime) -> tuple[str, ...]:
    """The channels with announcements that may be told now; not the blocked ones."""
    return tuple((await connection.scalars(waiting_channels(now))).all())


def waiting_channels(now: datetime) -> Select[str]:
    """The channels with announcements that may be told now and that can be posted to."""
    blocked = select(lanes.c.channel).where(lanes.c.blocked.is_not(None))
    channels = select(announcements.c.channel).where(_waits(now), announcements.c.channel.not_in(blocked))
    return channels.distinct().order_by(announcements.c.channel)


async def compose(
    connection: AsyncConnection, channel: str, now: datetime, decide: Callable[[Pending], Sequence[Composed | Withheld]]
) -> int:
    """Turn what waits in a channel into messages; how many."""
    await _lock(connection, channel, now)
    pending = await _pending(connection, channel, now)
    if not pending.waiting:
        return 0
    composed = decide(pending)
    drafts = [each.draft for each in composed if isinstance(each, Composed)]
    added = await put(connection, drafts, now)
    await _note_told(connection, composed, await ids_of(connection, {draft.key for draft in drafts}))
    return len(added)


async def forget_unwanted(connection: AsyncConnection, channel: str, wanted: Collection[str]) -> None:
    """Forget what waits in a channel and was for none of these subscriptions: nobody wants to be told any more."""
    untold = (announcements.c.channel == channel) & announcements.c.told_by.is_(None)
    kept = frozenset(wanted)
    for chunk in chunks((await connection.execute(select(*_KEY, announcements.c.body).where(untold))).all()):
        unwanted = [tuple(row[:3]) for row in chunk if kept.isdisjoint(ANNOUNCEMENTS.value(row.body).subscriptions)]
        if unwanted:
            await connection.execute(delete(announcements).where(untold, tuple_(*_KEY).in_(unwanted)))
        await asyncio.sleep(0)


async def _lock(connection: AsyncConnection, channel: str, now: datetime) -> None:
    await connection.execute(insert_new(connection, lanes), [{"channel": channel, "next_at": now}])
    await connection.execute(select(lanes.c.channel).where(lanes.c.channel == channel).with_for_update())


async def _pending(connection: AsyncConnection, channel: str, now: datetime) -> Pending:
    rows = (await connection.execute(waiting(channel, now))).all()
    told: list[tuple[Announcement, Transition, Entry]] = []
    for chunk in chunks(rows):
        told += [
            (ANNOUNCEMENTS.value(row.body), TRANSITIONS.value(row.transition), ENTRIES.value(row.entry))
            for row in chunk
        ]
        await asyncio.sleep(0)
    of_channel = messages.c.channel == channel
    queued = select(func.count()).select_from(messages).where(of_channel, messages.c.sent_at.is_(None))
    return Pending(
        channel=channel,
        waiting=tuple(told),
        threads=await _threads(connection, channel, {(entry.foundation, entry.guid) for _, _, entry in told}),
        recent=tuple((await connection.scalars(recent(channel))).all()),
        queued=(await connection.execute(queued)).scalar_one(),
    )


def recent(channel: str) -> Select[datetime]:
    """When the newest messages outside of threads were drafted, newest first."""
    drafted = select(messages.c.drafted_at).where(messages.c.channel == channel, messages.c.thread.is_(None))
    return drafted.order_by(messages.c.drafted_at.desc()).limit(RECENT)


def _waits(now: datetime) -> ColumnElement[bool]:
    may_be_told = or_(announcements.c.not_before.is_(None), announcements.c.not_before <= now)
    return and_(announcements.c.told_by.is_(None), may_be_told)


def waiting(channel: str, now: datetime) -> AnySelect:
    """What may be told in a channel, with its transition and entry, oldest first."""
    return (
        select(announcements.c.body, transitions.c.body.label("transition"), entries.c.body.label("entry"))
        .select_from(announcements)
        .join(transitions)
        .join(entries, and_(entries.c.foundation == transitions.c.foundation, entries.c.guid == transitions.c.guid))
        .where(announcements.c.channel == channel, _waits(now))
        .order_by(transitions.c.noticed_at, *_KEY)
        .limit(AT_ONCE)
    )


async def _threads(
    connection: AsyncConnection, channel: str, deployments: set[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """The key of each deployment's first message here; the newest one, where an older one was deleted in Slack."""
    found: dict[tuple[str, str], str] = {}
    first = select(messages.c.foundation, messages.c.guid, messages.c.key).where(
        messages.c.channel == channel, ~messages.c.gone
    )
    for chunk in chunks(sorted({guid for _, guid in deployments})):
        rows = await connection.execute(first.where(messages.c.guid.in_(chunk)).order_by(messages.c.id))
        found.update({(row.foundation, row.guid): row.key for row in rows})
    return {deployment: key for deployment, key in found.items() if deployment in deployments}


async def _note_told(connection: AsyncConnection, composed: Sequence[Composed | Withheld], ids: dict[str, int]) -> None:
    statement = (
        update(announcements)
        .where(
            announcements.c.foundation == bindparam("of_foundation"),
            announcements.c.guid == bindparam("of_guid"),
            announcements.c.ordinal == bindparam("of_ordinal"),
            announcements.c.channel == bindparam("of_channel"),
        )
        .values(told_by=bindparam("message"))
    )
    told = [
        {
            "of_foundation": each.foundation,
            "of_guid": each.guid,
            "of_ordinal": each.ordinal,
            "of_channel": each.channel,
            "message": ids[one.draft.key] if isinstance(one, Composed) else _NOBODY,
        }
        for one in composed
        for each in one.tells
    ]
    await update_each(connection, statement, told)
