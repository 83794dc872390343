"""Values of the ledger as rows and back, and the two kinds of insert that both databases know."""

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Insert, Row, Select, Table, Update, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from deploybot.domain.ledger import Entry, Transition
from deploybot.domain.outgoing import Announcement
from deploybot.domain.subscription import Subscription
from deploybot.store.columns import Codec
from deploybot.store.tables import entries

ENTRIES = Codec(Entry)
TRANSITIONS = Codec(Transition)
ANNOUNCEMENTS = Codec(Announcement)
SUBSCRIPTIONS = Codec(Subscription)

CHUNK = 500
"""Rows at a time: between two chunks others have the event loop, and no statement has too many parameters."""

T = TypeVar("T")

AnyRow = Row[*tuple[Any, ...]]
AnySelect = Select[*tuple[Any, ...]]


def chunks(rows: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def insert_new(connection: AsyncConnection, table: Table) -> Insert:
    """An insert that leaves what is there as it is."""
    return dialect_insert(connection, table).on_conflict_do_nothing()


def upsert(connection: AsyncConnection, table: Table, changed: Collection[str] = ()) -> Insert:
    """An insert that replaces these columns where the key is there; none named: all but the key."""
    insert = dialect_insert(connection, table)
    names = changed or [column.name for column in table.columns if not column.primary_key]
    return insert.on_conflict_do_update(
        index_elements=list(table.primary_key.columns), set_={name: insert.excluded[name] for name in names}
    )


def dialect_insert(connection: AsyncConnection, table: Table) -> postgresql.Insert:
    """The connected database's own INSERT. Both have the same methods, so one type stands for the two."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else _sqlite_insert(table)


def _sqlite_insert(table: Table) -> Any:
    return sqlite.insert(table)


async def execute_many(connection: AsyncConnection, statement: Insert, rows: Iterable[Mapping[str, object]]) -> None:
    """Nothing for no rows. They are taken as they are written: to make thousands first would hold up all others.

    PostgreSQL gets a chunk as one statement. Its driver would send many as a pipeline, and while the server waits for
    the rest of a pipeline none of its time-outs counts: a process that froze there would keep its locks for ever.
    """
    left = iter(rows)
    in_one = connection.dialect.name == "postgresql"
    while chunk := list(islice(left, CHUNK)):
        if in_one:
            await connection.execute(statement.values(chunk))
        else:
            await connection.execute(statement, chunk)


async def update_each(connection: AsyncConnection, statement: Update, rows: Sequence[Mapping[str, object]]) -> None:
    """An update with each of these rows; one by one where many would be sent as a pipeline."""
    if connection.dialect.name == "postgresql":
        for row in rows:
            await connection.execute(statement, row)
    else:
        for chunk in chunks(rows):
            await connection.execute(statement, chunk)


async def entries_of(connection: AsyncConnection, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], Entry]:
    """Entries by (foundation, guid); unknown ones are left out."""
    guids: dict[str, set[str]] = {}
    for foundation, guid in keys:
        guids.setdefault(foundation, set()).add(guid)
    found: dict[tuple[str, str], Entry] = {}
    for foundation, wanted in guids.items():
        for chunk in chunks(sorted(wanted)):
            of_chunk = (entries.c.foundation == foundation) & entries.c.guid.in_(chunk)
            rows = await connection.execute(select(entries.c.guid, entries.c.body).where(of_chunk))
            found.update({(foundation, guid): ENTRIES.value(body) for guid, body in rows})
            await asyncio.sleep(0)
    return found
