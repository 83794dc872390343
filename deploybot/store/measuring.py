"""Whether the database can be used, and how much is in it: questions that cost little however much that is."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select, text, union_all
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from deploybot.store.engine import Database
from deploybot.store.tables import announcements, entries, lanes, messages, polls, transitions
from deploybot.store.unbroken import unbroken

READ_ONLY = "it takes nothing new: it is read-only"
GONE = "its file was deleted or replaced while the bot runs, so nothing of what it notes is kept: start it anew"
FULL = "the disk of its file is full"
LEAST_ROOM = 1_000_000
"""Bytes: a lock is to be had on a full disk, too, so nothing else would show it but each write that fails."""


@unbroken
class Measures:
    """Made once the database is open: SQLite goes on with a file that was deleted, and sees nothing of that."""

    def __init__(self, database: Database, room: Callable[[], int] | None = None) -> None:
        self._database, self._room = database, room or database.room
        self._opened = database.file_id()

    async def trouble(self) -> str:
        """Why nothing could be written just now, in the database's words; empty where it could. Nothing is written."""
        try:
            async with self._database.writing() as connection:
                if self._database.is_postgresql:
                    told = (await connection.execute(text("SHOW transaction_read_only"))).scalar()
                    return READ_ONLY if told == "on" else ""
                await connection.execute(text("SELECT 1"))
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            return reason_of(error)
        return await asyncio.to_thread(self._trouble_of_file)

    def _trouble_of_file(self) -> str:
        if self._database.file_id() != self._opened:
            return GONE
        return FULL if self._room() < LEAST_ROOM else ""

    async def deployments(self) -> int:
        """How many are in the ledger: counted by SQLite in an index, estimated by PostgreSQL once it has looked."""
        async with self._database.reading() as connection:
            if self._database.is_postgresql:
                estimate = (await connection.execute(_ESTIMATE)).scalar()
                if estimate is not None and estimate >= 0:
                    return int(estimate)
            return int((await connection.execute(select(func.count()).select_from(entries))).scalar() or 0)

    async def waiting(self, now: datetime) -> tuple[int, float]:
        """How much waits to be told, and for how many seconds the oldest does: neither what may not be told yet, nor
        what belongs to a channel that can't be posted to.
        """
        async with self._database.reading() as connection:
            count, oldest = (await connection.execute(waiting(now))).one()
        return int(count), max(0.0, (now - oldest).total_seconds()) if oldest else 0.0

    async def polled_at(self) -> Mapping[str, datetime | None]:
        """When each foundation was last polled with success, by whichever process."""
        async with self._database.reading() as connection:
            rows = await connection.execute(select(polls.c.foundation, polls.c.polled_at))
            return {row.foundation: row.polled_at for row in rows}


_ESTIMATE = text("SELECT reltuples FROM pg_class WHERE oid = 'entries'::regclass")


def waiting(now: datetime) -> Any:
    """How much waits and since when; what had to wait for an instant waits since then."""
    blocked = select(lanes.c.channel).where(lanes.c.blocked.is_not(None))
    unsent = select(_since(messages.c.drafted_at, messages.c.not_before).label("since")).where(
        messages.c.sent_at.is_(None), messages.c.state != "blocked", _is_due(messages.c.not_before, now)
    )
    untold = (
        select(_since(transitions.c.noticed_at, announcements.c.not_before).label("since"))
        .join(
            transitions,
            (transitions.c.foundation == announcements.c.foundation)
            & (transitions.c.guid == announcements.c.guid)
            & (transitions.c.ordinal == announcements.c.ordinal),
        )
        .where(announcements.c.told_by.is_(None), _is_due(announcements.c.not_before, now))
        .where(announcements.c.channel.not_in(blocked))
    )
    both = union_all(unsent, untold).subquery()
    return select(func.count(), func.min(both.c.since, type_=messages.c.drafted_at.type)).select_from(both)


def _since(made_at: ColumnElement[Any], not_before: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((not_before > made_at, not_before), else_=made_at)


def _is_due(not_before: ColumnElement[Any], now: datetime) -> ColumnElement[bool]:
    return or_(not_before.is_(None), not_before <= now)


def reason_of(error: Exception) -> str:
    """The database's own words, in one line, without what a driver puts around them."""
    said = str(error.orig if isinstance(error, DBAPIError) else error).strip() or type(error).__name__
    return said.splitlines()[0][:200]
