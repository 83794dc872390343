"""Brings the database to the form that this version needs: forward only, one process at a time."""

import asyncio
import sqlite3
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from deploybot.errors import ConfigError
from deploybot.store.engine import Database

HEAD = "0002"
"""The newest migration. Alembic is slow to import and is only asked where the database has another one."""

SCRIPTS = Path(__file__).with_name("migrations")

_LOCK = 0x6465706C6F79
"""PostgreSQL's advisory lock of migrations: `deploy` in ASCII."""


def known_revisions() -> frozenset[str]:
    """All forms that this version knows, by the names of its migrations."""
    return frozenset(file.name[1:].partition("_")[0] for file in (SCRIPTS / "versions").glob("v*.py"))


async def migrate(database: Database) -> None:
    """Run what is missing, in one transaction: all or nothing. ConfigError where a newer version was here."""
    if not database.is_postgresql:
        await _write_ahead(database)
    async with database.reading() as connection:
        if await connection.run_sync(_revision) == HEAD:
            return
    async with database.writing() as connection:
        if database.is_postgresql:
            for setting in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
                await connection.execute(text(f"SET LOCAL {setting} = 0"))
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        await connection.run_sync(upgrade)


def _revision(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade(connection: Connection, to: str = "head") -> None:
    """Run the migrations up to one; the connection's transaction is the caller's."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    now, known = _revision(connection), {each.revision for each in ScriptDirectory.from_config(config).walk_revisions()}
    if now is not None and now not in known:
        raise ConfigError(
            [f"the database was brought to form {now} by a newer deploybot: run that version, or use another database"]
        )
    command.upgrade(config, to)


async def _write_ahead(database: Database) -> None:
    """Turn on SQLite's write-ahead log, which the file remembers.

    SQLite does not always wait for others here (two processes that start at once), so this tries a few times.
    """
    for tries_left in range(20, -1, -1):
        try:
            if await database.write_ahead():
                return
        except (DBAPIError, sqlite3.OperationalError) as error:  # the driver's own where SQLAlchemy is passed by
            if "locked" not in str(error) or not tries_left:
                raise
        await asyncio.sleep(0.1)
    raise ConfigError(["store.data_dir: SQLite's write-ahead log does not work there: use a directory on a local disk"])
