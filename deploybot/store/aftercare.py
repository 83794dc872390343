"""What messages need once they are sent: looking for doubles, keeping first messages up to date, listing."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from deploybot.domain.ledger import Entry
from deploybot.domain.outgoing import Claim, MessageState, Outdated, Sent
from deploybot.store.drafts import BODIES, claims_of, draft_of
from deploybot.store.rows import ENTRIES, AnyRow, AnySelect, chunks
from deploybot.store.tables import entries, lanes, listed, messages

HOLD = timedelta(seconds=60)
"""For how long whoever gets an outdated message has it alone."""


async def doubtful(connection: AsyncConnection, before: datetime, most: int) -> tuple[Claim, ...]:
    """Messages that may be there twice and whose last send began before an instant."""
    rows = (await connection.execute(doubtful_ones(before, most))).all()
    claims = {claim.message: claim for claim in await claims_of(connection, [row.id for row in rows], "", before)}
    return tuple(replace(claims[row.id], attempted_at=row.first_attempt_at) for row in rows)


def doubtful_ones(before: datetime, most: int) -> AnySelect:
    """Those whose last send began before an instant, oldest first."""
    found = select(messages.c.id, messages.c.first_attempt_at).where(messages.c.doubtful_at < before)
    return found.order_by(messages.c.doubtful_at, messages.c.id).limit(most)


async def shown(connection: AsyncConnection, row: AnyRow, drawn: Entry | None, now: datetime) -> dict[str, Any]:
    """What to note of a first message that was drawn from this entry: which state it shows, and whether it is old."""
    if row.guid is None:
        return {}
    ordinal = drawn.ordinal if drawn else 0
    is_old = await _newest(connection, row.foundation, row.guid) > ordinal
    return {"shown": ordinal, "outdated_at": now if is_old else None}


async def _newest(connection: AsyncConnection, foundation: str, guid: str) -> int:
    """The ordinal that the ledger has; it stays so until the transaction ends.

    Without the lock a poll that writes at this moment could find nothing to mark as outdated yet, while its change
    can't be seen from here either.
    """
    entry = select(entries.c.ordinal).where(entries.c.foundation == foundation, entries.c.guid == guid)
    return (await connection.execute(entry.with_for_update(read=True))).scalar() or 0


async def outdated(connection: AsyncConnection, now: datetime, most: int) -> tuple[Outdated, ...]:
    """First messages that show an older state than the ledger has, those that ended first."""
    rows = (await connection.execute(outdated_ones(now, most))).all()
    mine = messages.c.id.in_([row.id for row in rows])
    await connection.execute(update(messages).where(mine).values(outdated_at=now + HOLD))
    return tuple(Outdated(row.id, row.channel, row.ts, ENTRIES.value(row.body)) for row in rows)


async def sent_ones(connection: AsyncConnection, keys: Collection[str]) -> tuple[Sent, ...]:
    """Those of these messages that are in Slack, oldest first."""
    found: list[AnyRow] = []
    for chunk in chunks(sorted(keys)):
        of_chunk = select(messages).where(messages.c.key.in_(chunk), messages.c.sent_at.is_not(None))
        found += (await connection.execute(of_chunk)).all()
    found.sort(key=lambda row: int(row.id))
    return tuple(Sent(draft_of(row, BODIES.value(row.body), ()), row.ts) for row in found)


def outdated_ones(now: datetime, most: int) -> AnySelect:
    """With their entries, those that ended first, locked."""
    return (
        select(messages.c.id, messages.c.channel, messages.c.ts, entries.c.body)
        .join(entries, and_(entries.c.foundation == messages.c.foundation, entries.c.guid == messages.c.guid))
        .join(lanes, lanes.c.channel == messages.c.channel)
        .where(messages.c.outdated_at <= now, messages.c.state == MessageState.SENT.value, lanes.c.blocked.is_(None))
        .order_by(entries.c.closed_at.is_(None), messages.c.id)
        .limit(most)
        .with_for_update(skip_locked=True, of=messages)
    )


async def updated(connection: AsyncConnection, message: int, ordinal: int, *, gone: bool) -> None:
    """Note what a first message shows now.

    Where somebody noted a newer state before, nobody knows which of the two was written last: it is done again.
    """
    of_message = messages.c.id == message
    about = select(messages.c.foundation, messages.c.guid, messages.c.sent_at).where(of_message)
    row = (await connection.execute(about)).one_or_none()
    if row is None or row.guid is None:
        return
    # The entry is locked before the message, as a poll does it: else each could wait for the other.
    newest = await _newest(connection, row.foundation, row.guid)
    shown_before = (await connection.scalars(select(messages.c.shown).where(of_message).with_for_update())).first()
    is_old = ordinal < max(shown_before or 0, newest)
    again = row.sent_at if is_old and not gone else None
    await connection.execute(update(messages).where(of_message).values(shown=ordinal, gone=gone, outdated_at=again))


async def listed_entries(
    connection: AsyncConnection, message: int, skip: int, most: int
) -> tuple[int, tuple[Entry, ...]]:
    """How many deployments a message stands for, and some of them."""
    total = select(func.count()).select_from(listed).join(entries, _KNOWN).where(listed.c.message == message)
    rows = await connection.execute(listed_ones(message, skip, most))
    found = tuple(ENTRIES.value(row.body) for row in rows)
    return (await connection.execute(total)).scalar_one(), found


_KNOWN = and_(entries.c.foundation == listed.c.foundation, entries.c.guid == listed.c.guid)


def listed_ones(message: int, skip: int, most: int) -> AnySelect:
    """Some of the entries that a message stands for, in its order."""
    some = select(entries.c.body).select_from(listed).join(entries, _KNOWN).where(listed.c.message == message)
    return some.order_by(listed.c.position).offset(skip).limit(most)
