"""Forgets what is older than the retention: in small batches, and never what is under way or waits to be told.

It is also the only way in which anything leaves the audit record.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Delete, and_, delete, exists, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from deploybot.store.tables import actions, announcements, audit, entries, gaps, messages


async def prune(connection: AsyncConnection, before: datetime, most: int) -> int:
    """Deployments first, then messages, gaps, actions, the record; at most so many rows together, and how many.

    Transitions, announcements and what messages list go with theirs.
    """
    pruned = 0
    for forget in (deployments, sent_messages, ended_gaps, settled_actions, old_events):
        if pruned < most:
            pruned += (await connection.execute(forget(before, most - pruned))).rowcount
    return pruned


def deployments(before: datetime, most: int) -> Delete:
    key = (entries.c.foundation, entries.c.guid)
    oldest = (
        select(*key)
        .where(entries.c.closed_at < before, ~_is_untold(), ~_is_unsent())
        .order_by(entries.c.closed_at)
        .limit(most)
    )
    return delete(entries).where(tuple_(*key).in_(oldest))


def _is_untold() -> ColumnElement[bool]:
    return exists().where(
        announcements.c.foundation == entries.c.foundation,
        announcements.c.guid == entries.c.guid,
        announcements.c.told_by.is_(None),
    )


def _is_unsent() -> ColumnElement[bool]:
    return exists().where(
        messages.c.foundation == entries.c.foundation,
        messages.c.guid == entries.c.guid,
        messages.c.sent_at.is_(None),
    )


def sent_messages(before: datetime, most: int) -> Delete:
    """Those sent before; not the first one of a thread that is still needed."""
    reply, entry = messages.alias("reply"), entries
    is_root = exists().where(reply.c.thread == messages.c.key, reply.c.sent_at.is_(None))
    is_known = exists().where(
        and_(entry.c.foundation == messages.c.foundation, entry.c.guid == messages.c.guid, ~messages.c.gone)
    )
    oldest = (
        select(messages.c.id)
        .where(messages.c.sent_at < before, ~is_root, or_(messages.c.guid.is_(None), ~is_known))
        .order_by(messages.c.sent_at)
        .limit(most)
    )
    return delete(messages).where(messages.c.id.in_(oldest))


def ended_gaps(before: datetime, most: int) -> Delete:
    key = (gaps.c.foundation, gaps.c.since)
    oldest = select(*key).where(gaps.c.until < before).order_by(gaps.c.until).limit(most)
    return delete(gaps).where(tuple_(*key).in_(oldest))


def settled_actions(before: datetime, most: int) -> Delete:
    oldest = (
        select(actions.c.id)
        .where(actions.c.settled_at < before)
        .order_by(actions.c.settled_at, actions.c.id)
        .limit(most)
    )
    return delete(actions).where(actions.c.id.in_(oldest))


def old_events(before: datetime, most: int) -> Delete:
    oldest = select(audit.c.number).where(audit.c.at < before).order_by(audit.c.at, audit.c.number).limit(most)
    return delete(audit).where(audit.c.number.in_(oldest))
