"""Reads a database as it is: nothing is made, migrated or kept. Its calls block, for a bounded time each."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from deploybot.errors import ConfigError
from deploybot.settings.model import StoreSettings
from deploybot.store.engine import DATABASE_FILE, to_postgresql_url
from deploybot.store.opening import refusal_of
from deploybot.store.rows import SUBSCRIPTIONS
from deploybot.store.tables import lanes, links, subscriptions, watches

NAME = "deploybot doctor"


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL server, as it is to this role. `free` is how many more connections it may open."""

    version: str
    number: int
    """As `server_version_num`: 150004."""
    may_create: bool
    foreign_tables: tuple[str, ...]
    """Tables of the bot that another role owns, so that they can't be brought up to date."""
    free: int
    ahead: float
    """Seconds that its clock is ahead of this machine's."""


@dataclass(frozen=True, slots=True)
class Peek:
    """What there is. `revision` is None before the first start, `refused` says why nothing can be written, else "".

    `sealed` holds (user, foundation, sealed token) of each link that is not broken.
    """

    revision: str | None
    refused: str
    size: int
    """Bytes."""
    sealed: tuple[tuple[str, str, str], ...] = field(repr=False)
    server: Server | None = None
    silenced: tuple[tuple[str, str], ...] = ()
    """Channels that the bot itself stopped telling, since posting there failed; each with why."""


def file_of(settings: StoreSettings) -> Path:
    return settings.data_dir.absolute() / DATABASE_FILE


def peek(settings: StoreSettings, seconds: float, now: Callable[[], float]) -> Peek:
    """SQLAlchemyError where there is no database, or it can't be read. `now` in seconds since 1970."""
    with connected(settings, seconds) as connection:
        server = _server(connection, now) if is_postgresql(connection) else None
        revision = connection.scalar(text("SELECT version_num FROM alembic_version")) if _has(connection) else None
        sealed = _sealed(connection) if _has(connection, links.name) else ()
        size, silenced = _size(connection, settings), tuple(sorted(_silenced(connection).items()))
        return Peek(revision, _why_not_written(connection, revision), size, sealed, server, silenced)


def channels_told(settings: StoreSettings, seconds: float) -> tuple[str, ...] | None:
    """Where subscriptions and watches post to, but for those that a person paused; None where that can't be read."""
    try:
        return _channels_told(settings, seconds)
    except (SQLAlchemyError, ConfigError, OSError):
        return None


def _channels_told(settings: StoreSettings, seconds: float) -> tuple[str, ...]:
    if not settings.database_url and not file_of(settings).exists():
        return ()
    with connected(settings, seconds) as connection:
        found = set(_silenced(connection))
        if _has(connection, subscriptions.name):
            found |= set(connection.scalars(select(subscriptions.c.channel).where(~subscriptions.c.paused)))
        if _has(connection, watches.name):
            found |= set(connection.scalars(select(watches.c.channel).where(watches.c.over_at.is_(None))))
    return tuple(sorted(found))


def _silenced(connection: Connection) -> dict[str, str]:
    """Why nothing is told any more, by channel; what a person paused does not count."""
    found: dict[str, str] = {}
    if _has(connection, lanes.name):
        shut = connection.execute(select(lanes.c.channel, lanes.c.blocked).where(lanes.c.blocked.is_not(None)))
        found |= {row.channel: row.blocked for row in shut}
    if _has(connection, subscriptions.name):
        paused = map(
            SUBSCRIPTIONS.value, connection.scalars(select(subscriptions.c.body).where(subscriptions.c.paused))
        )
        found |= {one.channel: one.paused for one in paused if not one.paused_by}
    return found


@contextmanager
def connected(settings: StoreSettings, seconds: float) -> Iterator[Connection]:
    """One connection, on which nothing is ever committed. No statement waits longer than `seconds`."""
    engine = _postgresql(settings, seconds) if settings.database_url else _sqlite(file_of(settings), seconds)
    try:
        with engine.connect() as connection:
            yield connection
            connection.rollback()
    finally:
        engine.dispose()


def _sqlite(file: Path, seconds: float) -> Engine:
    """The file is opened for writing, so that it is known whether that can be done, but never made."""
    address = f"file:{quote(str(file))}?mode=rw"
    return create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(address, uri=True, timeout=seconds, isolation_level=None),
        poolclass=NullPool,
        hide_parameters=True,
    )


def _postgresql(settings: StoreSettings, seconds: float) -> Engine:
    url = to_postgresql_url(settings.database_url.get_secret_value() if settings.database_url else "")
    asked = {"connect_timeout": max(2, round(seconds)), "application_name": NAME}
    given = {name: value for name, value in asked.items() if name not in url.query}
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=given)

    @event.listens_for(engine, "connect")
    def bound(connection: Any, _: object) -> None:
        for setting in ("statement_timeout", "lock_timeout"):
            connection.execute(f"SET {setting} = {max(1, round(seconds * 1000))}")
        connection.commit()

    return engine


def is_postgresql(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def _has(connection: Connection, table: str = "alembic_version") -> bool:
    return connection.dialect.has_table(connection, table)


def _sealed(connection: Connection) -> tuple[tuple[str, str, str], ...]:
    rows = connection.execute(select(links.c.user, links.c.foundation, links.c.sealed).where(links.c.sealed != ""))
    return tuple((row.user, row.foundation, row.sealed) for row in rows)


def _size(connection: Connection, settings: StoreSettings) -> int:
    if is_postgresql(connection):
        return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    beside = (file_of(settings).with_name(DATABASE_FILE + end) for end in ("", "-wal"))
    return sum(file.stat().st_size for file in beside if file.exists())


def _why_not_written(connection: Connection, revision: str | None) -> str:
    """Writes something, and takes it back."""
    connection.rollback()
    try:
        if is_postgresql(connection):
            if revision is not None:
                connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            connection.exec_driver_sql("CREATE TABLE deploybot_doctor (written INTEGER)")
    except DBAPIError as error:
        return refusal_of(error)
    finally:
        connection.rollback()
    return ""


def _server(connection: Connection, now: Callable[[], float]) -> Server:
    told = connection.execute(text(_SERVER)).one()
    theirs = float(connection.scalar(text("SELECT extract(epoch FROM clock_timestamp())")) or 0.0)
    ahead = theirs - now()
    foreign = connection.scalars(text(_FOREIGN)).all()
    return Server(told.version, told.number, bool(told.may_create), tuple(foreign), told.free, ahead)


_SERVER = """
SELECT current_setting('server_version') AS version,
  current_setting('server_version_num')::int AS number,
  coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS may_create,
  least(
    current_setting('max_connections')::int
      - CASE WHEN r.rolsuper THEN 0 ELSE current_setting('superuser_reserved_connections')::int END
      - (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
    CASE WHEN r.rolconnlimit < 0 THEN 1000000 ELSE r.rolconnlimit
      - (SELECT count(*) FROM pg_stat_activity WHERE usesysid = r.oid) END,
    CASE WHEN d.datconnlimit < 0 THEN 1000000 ELSE d.datconnlimit
      - (SELECT count(*) FROM pg_stat_activity WHERE datid = d.oid) END
  )::int AS free
FROM pg_roles r, pg_database d
WHERE r.rolname = current_user AND d.datname = current_database()
"""

_FOREIGN = """
SELECT tablename FROM pg_tables
WHERE schemaname = current_schema() AND tablename IN ('alembic_version', 'entries', 'subscriptions', 'messages')
  AND NOT pg_has_role(current_user, tableowner, 'USAGE')
ORDER BY tablename
"""
