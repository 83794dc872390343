"""Opens the database and begins transactions: SQLite in a directory, or PostgreSQL by its URL.

SQLite runs in WAL mode with synchronous=FULL: a power cut must not undo the note that a send has begun, or the message
would be posted twice. The price is a sync per transaction, of which there are a few a second.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from deploybot.errors import ConfigError

DATABASE_FILE = "deploybot.db"
BUSY_SECONDS = 15
"""How long SQLite waits for another writer."""

_POSTGRESQL_SESSION = (
    # A process that froze amid a transaction must not hold the others up: its session is ended.
    "SET idle_in_transaction_session_timeout = '8s'",
    "SET lock_timeout = '10s'",
    "SET statement_timeout = '30s'",
    "SET tcp_keepalives_idle = 10",
    "SET tcp_keepalives_interval = 5",
    "SET tcp_keepalives_count = 3",
    "SET tcp_user_timeout = 15000",
)

_CONNECT = {"connect_timeout": 5, "application_name": "deploybot"}
"""Unless the URL says otherwise."""


class Database:
    """Transactions on one database. `reading` and `writing` end with a commit, or with a roll-back when one raises."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(deploybot_writes=True)
        self._turn = nullcontext() if self.is_postgresql else asyncio.Lock()

    @property
    def is_postgresql(self) -> bool:
        return self._engine.dialect.name == "postgresql"

    def room(self) -> int:
        """Bytes that are free where SQLite's file is; 0 where nobody can tell. Not for PostgreSQL."""
        try:
            return shutil.disk_usage(Path(self._engine.url.database or "").parent).free
        except OSError:
            return 0

    def file_id(self) -> tuple[int, int] | None:
        """Which file is at SQLite's path now: its device and number; None where there is none, and for PostgreSQL."""
        try:
            found = None if self.is_postgresql else Path(self._engine.url.database or "").stat()
        except OSError:
            return None
        return (found.st_dev, found.st_ino) if found else None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        async with self._engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """On SQLite this waits for its turn first: a transaction that begins by reading could never write safely.

        Who waits in this process comes in the order of asking; SQLite itself would try again after a sleep.
        """
        async with self._turn, self._writer.begin() as connection:
            yield connection

    async def write_ahead(self) -> bool:
        """Ask SQLite for its write-ahead log; whether the file has it now."""
        async with self._engine.connect() as connection:
            sqlite: Any = (await connection.get_raw_connection()).driver_connection
            async with sqlite.execute("PRAGMA journal_mode = WAL") as cursor:
                return bool(await cursor.fetchone() == ("wal",))

    async def close(self) -> None:
        await self._engine.dispose()


def open_database(url: str, data_dir: Path) -> Database:
    """The database of this URL, or the file in this directory where there is none. Nothing is connected yet."""
    if url:
        return Database(_postgresql(to_postgresql_url(url)))
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigError([f"store.data_dir: {data_dir} cannot be made ({error.strerror}): {DATA_DIR_FIX}"]) from error
    return Database(_sqlite(data_dir.absolute() / DATABASE_FILE))


DATA_DIR_FIX = "set DEPLOYBOT_DATA_DIR to a directory that the bot may write to"


def to_postgresql_url(url: str) -> URL:
    """SQLAlchemy's URL of a `postgres://` or `postgresql://` one, its parameters (sslmode and so on) kept."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise ConfigError([URL_FIX]) from None
    if parsed.drivername not in ("postgres", "postgresql", "postgresql+psycopg"):
        raise ConfigError([URL_FIX])
    return parsed.set(drivername="postgresql+psycopg")


URL_FIX = "store.database_url: write it like postgresql://user:password@db.example.com/deploybot"


def _postgresql(url: URL) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=5,
        max_overflow=5,
        pool_timeout=10,
        pool_pre_ping=True,
        pool_recycle=1800,
        hide_parameters=True,
        connect_args={name: value for name, value in _CONNECT.items() if name not in url.query},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: Any, _: object) -> None:
        cursor = connection.cursor()
        for statement in _POSTGRESQL_SESSION:
            cursor.execute(statement)
        cursor.close()
        connection.commit()

    return engine


def _sqlite(file: Path) -> AsyncEngine:
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(file)),
        pool_size=5,
        max_overflow=0,
        pool_timeout=2 * BUSY_SECONDS,
        hide_parameters=True,
        connect_args={"timeout": BUSY_SECONDS},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: Any, _: object) -> None:
        # sqlite3 would begin transactions by itself, and too late; `on_begin` does it.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        # A ledger of a million deployments is larger than SQLite's 2 MB of cache, and is asked all over.
        cursor.execute("PRAGMA cache_size = -16384")
        cursor.execute("PRAGMA mmap_size = 1073741824")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("deploybot_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
