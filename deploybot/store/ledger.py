"""The ledger in SQL: what was seen of deployments, written together with what is to be announced."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Update, and_, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from deploybot.domain.ledger import Entry, Gap, Observation, PollState, Transition
from deploybot.domain.observation import NOT_RUNNING
from deploybot.domain.outgoing import Announcement
from deploybot.domain.storage import Lease
from deploybot.store.engine import Database
from deploybot.store.leases import fence
from deploybot.store.pruning import prune
from deploybot.store.rows import (
    ANNOUNCEMENTS,
    CHUNK,
    ENTRIES,
    TRANSITIONS,
    AnyRow,
    AnySelect,
    chunks,
    dialect_insert,
    entries_of,
    execute_many,
    insert_new,
    upsert,
)
from deploybot.store.tables import announcements, entries, gaps, messages, polls, transitions
from deploybot.store.unbroken import unbroken

_UNUSUAL = timedelta(seconds=90)
"""Without a good poll for so long a foundation is not seen, even where no poll is known to have failed."""

_DECODED_AT_ONCE = 100
"""Rows, before others have the event loop."""


@unbroken
class Ledger:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def poll_state(self, foundation: str) -> PollState | None:
        async with self._database.reading() as connection:
            row = (await connection.execute(select(polls).where(polls.c.foundation == foundation))).one_or_none()
        if row is None or row.cursor is None:
            return None
        return PollState(
            foundation=foundation,
            cursor=row.cursor,
            polled_at=row.polled_at,
            failing_since=row.failing_since,
            failure=row.failure,
        )

    async def active(self, foundation: str) -> tuple[Entry, ...]:
        """The entries that are under way, as far as is known."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(active(foundation))).all()
        found: list[Entry] = []
        for chunk in chunks(rows):
            found += [ENTRIES.value(row.body) for row in chunk]
            await asyncio.sleep(0)
        return tuple(found)

    async def entries(self, foundation: str, guids: Collection[str]) -> Mapping[str, Entry]:
        """Entries by guid; unknown ones are left out."""
        async with self._database.reading() as connection:
            found = await entries_of(connection, [(foundation, guid) for guid in guids])
        return {guid: entry for (_, guid), entry in found.items()}

    async def record(self, lease: Lease, observed: Observation, announced: Sequence[Announcement]) -> None:
        """Write a poll's outcome and what is to be announced; LeaseLostError where the lease's token is not current.

        Transitions and announcements that are there already stay as they are.
        """
        async with self._database.writing() as connection:
            await fence(connection, lease)
            await _write_state(connection, observed.state, observed.gap)
            await execute_many(connection, upsert(connection, entries), map(_entry_row, observed.entries))
            await execute_many(
                connection, insert_new(connection, transitions), map(_transition_row, observed.transitions)
            )
            await execute_many(connection, insert_new(connection, announcements), map(_announcement_row, announced))
            await _outdate(connection, observed)

    async def record_failure(self, lease: Lease, foundation: str, now: datetime, reason: str) -> None:
        """Remember that polls fail, since when and why; the cursor stays. LeaseLostError as with `record`."""
        insert = {"foundation": foundation, "failing_since": now, "failure": reason}
        async with self._database.writing() as connection:
            await fence(connection, lease)
            statement = dialect_insert(connection, polls).values(insert)
            since = func.coalesce(polls.c.failing_since, statement.excluded.failing_since)
            await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=[polls.c.foundation],
                    set_={"failing_since": since, "failure": statement.excluded.failure},
                )
            )

    async def transitions(
        self, since: datetime, until: datetime, foundations: Collection[str] = ()
    ) -> AsyncIterator[Sequence[tuple[Transition, Entry]]]:
        """What was noticed in [since, until), in that order, with the entries as they are now; none named: all.

        It comes in batches of a hundred, so that nobody who reads a long time holds the event loop. A few of them are
        a question of their own that goes on after the last row, so that a slow reader holds no transaction open.
        """
        question = noticed(since, until, foundations)
        after: AnyRow | None = None
        while True:
            async with self._database.reading() as connection:
                rows = (await connection.execute(_going_on(question, after))).all()
            for some in chunks(rows, _DECODED_AT_ONCE):
                yield [(TRANSITIONS.value(row.body), ENTRIES.value(row.entry)) for row in some]
                await asyncio.sleep(0)
            if len(rows) < CHUNK:
                return
            after = rows[-1]

    async def gaps(self, since: datetime, until: datetime, foundations: Collection[str] = ()) -> tuple[Gap, ...]:
        """The times that overlap [since, until) in which these foundations were not seen, the one that lasts included.

        They are told whole, oldest first, even where they reach beyond the window. None named: all foundations.
        What lasts began with the last good poll: the bot may have been away before the polls that failed since.
        """
        ended = select(gaps).where(gaps.c.since < until, or_(gaps.c.until.is_(None), gaps.c.until > since))
        unseen_since = func.coalesce(polls.c.polled_at, polls.c.failing_since)
        is_unseen = or_(polls.c.failing_since.is_not(None), unseen_since < until - _UNUSUAL)
        lasting = select(polls, unseen_since.label("since")).where(unseen_since < until, is_unseen)
        if foundations:
            ended = ended.where(gaps.c.foundation.in_(foundations))
            lasting = lasting.where(polls.c.foundation.in_(foundations))
        async with self._database.reading() as connection:
            found = [_gap(row) for row in await connection.execute(ended)]
            found += [
                Gap(foundation=row.foundation, since=row.since, until=None, reason=row.failure or NOT_RUNNING)
                for row in await connection.execute(lasting)
            ]
        return tuple(sorted(found, key=lambda gap: (gap.since, gap.foundation)))

    async def seen_since(self, foundation: str) -> datetime | None:
        """When the foundation's very first poll was."""
        async with self._database.reading() as connection:
            found = await connection.execute(select(polls.c.first_at).where(polls.c.foundation == foundation))
            return found.scalar()

    async def prune(self, before: datetime, most: int) -> int:
        """Forget what ended before an instant, with all that belongs to it, at most so many; how many were."""
        async with self._database.writing() as connection:
            return await prune(connection, before, most)


def active(foundation: str) -> AnySelect:
    """The entries of a foundation that are under way."""
    return select(entries.c.body).where(entries.c.foundation == foundation, entries.c.closed_at.is_(None))


def noticed(since: datetime, until: datetime, foundations: Collection[str]) -> AnySelect:
    """What was noticed in [since, until), in that order, one batch of it."""
    question = (
        select(*_ORDER, transitions.c.body, entries.c.body.label("entry"))
        .join(entries, and_(entries.c.foundation == transitions.c.foundation, entries.c.guid == transitions.c.guid))
        .where(transitions.c.noticed_at >= since, transitions.c.noticed_at < until)
        .order_by(*_ORDER)
        .limit(CHUNK)
    )
    # As an expression, so that SQLite searches by time: by the key it would read all that a foundation ever had.
    of_foundation = transitions.c.foundation + ""
    return question.where(of_foundation.in_(foundations)) if foundations else question


_ORDER = (transitions.c.noticed_at, transitions.c.foundation, transitions.c.guid, transitions.c.ordinal)


def _going_on(
    question: AnySelect,
    after: AnyRow | None,
) -> AnySelect:
    if after is None:
        return question
    return question.where(tuple_(*_ORDER) > tuple_(*after[:4], types=[column.type for column in _ORDER]))


async def _write_state(connection: AsyncConnection, state: PollState, gap: Gap | None) -> None:
    row = {
        "foundation": state.foundation,
        "cursor": state.cursor,
        "polled_at": state.polled_at,
        "failing_since": state.failing_since,
        "failure": state.failure,
    }
    statement = dialect_insert(connection, polls).values(row | {"first_at": state.polled_at})
    first_at = func.coalesce(polls.c.first_at, statement.excluded.first_at)
    await connection.execute(
        statement.on_conflict_do_update(index_elements=[polls.c.foundation], set_=row | {"first_at": first_at})
    )
    if gap:
        values = {"foundation": gap.foundation, "since": gap.since, "until": gap.until, "reason": gap.reason}
        await connection.execute(upsert(connection, gaps), [values])


async def _outdate(connection: AsyncConnection, observed: Observation) -> None:
    """First messages of what changed show an older state from now on, and so do those of what is over, told or not."""
    foundation = observed.state.foundation
    over = {each.guid for each in observed.entries if not each.is_active}
    for guids in chunks(sorted({each.guid for each in observed.transitions} | over)):
        await connection.execute(outdate(foundation, guids, observed.state.polled_at))


def outdate(foundation: str, guids: Sequence[str], since: datetime) -> Update:
    """First messages of these deployments wait to be brought up to date from an instant on."""
    return (
        update(messages)
        .where(messages.c.foundation == foundation, messages.c.guid.in_(guids))
        .where(~messages.c.gone, messages.c.outdated_at.is_(None))
        .values(outdated_at=since)
    )


def _entry_row(entry: Entry) -> dict[str, object]:
    return {
        "foundation": entry.foundation,
        "guid": entry.guid,
        "ordinal": entry.ordinal,
        "closed_at": entry.ended_at or entry.gone_at,
        "body": ENTRIES.text(entry),
    }


def _transition_row(transition: Transition) -> dict[str, object]:
    return {
        "foundation": transition.foundation,
        "guid": transition.guid,
        "ordinal": transition.ordinal,
        "noticed_at": transition.noticed_at,
        "body": TRANSITIONS.text(transition),
    }


def _announcement_row(announcement: Announcement) -> dict[str, object]:
    return {
        "foundation": announcement.foundation,
        "guid": announcement.guid,
        "ordinal": announcement.ordinal,
        "channel": announcement.channel,
        "not_before": announcement.not_before,
        "told_by": None,
        "body": ANNOUNCEMENTS.text(announcement),
    }


def _gap(row: AnyRow) -> Gap:
    return Gap(foundation=row.foundation, since=row.since, until=row.until, reason=row.reason)
