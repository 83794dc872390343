"""Opening the store: migrations under a lock, and one sentence where the database cannot be used."""

import asyncio
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from deploybot.errors import ConfigError
from deploybot.settings.model import StoreSettings
from deploybot.store.engine import Database, open_database
from deploybot.store.migrating import HEAD, SCRIPTS, _write_ahead, upgrade
from deploybot.store.opening import open_store
from deploybot.store.tables import metadata
from tests.postgres import Cluster
from tests.store.conftest import settings_of
from tests.store.making import NOON, at, notice
from tests.store.released import database_of


def _differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def _is_as_the_tables_say(settings: StoreSettings) -> None:
    database = database_of(settings)
    try:
        async with database.reading() as connection:
            assert await connection.run_sync(_differences) == []
    finally:
        await database.close()


async def test_an_empty_database_gets_the_form_that_the_queries_need(empty: StoreSettings) -> None:
    async with open_store(empty) as store:
        assert await store.outbox.add(notice("a"), NOON)
    await _is_as_the_tables_say(empty)


async def test_what_is_stored_is_there_after_the_next_start(empty: StoreSettings) -> None:
    async with open_store(empty) as store:
        await store.outbox.add(notice("a"), NOON)
    async with open_store(empty) as store:
        assert [one.draft.key for one in await store.outbox.claim(NOON, at(9), "t", 1)] == ["a"]


def test_the_newest_migration_is_the_one_that_the_code_expects() -> None:
    assert sorted(file.name for file in (SCRIPTS / "versions").glob("v*.py"))[-1].startswith(f"v{HEAD}_")


_START = """
import asyncio, sys
from deploybot.settings.model import StoreSettings
from deploybot.store.opening import open_store

async def main():
    sys.stdin.readline()
    async with open_store(StoreSettings(database_url=sys.argv[1] or None, data_dir=sys.argv[2])):
        pass

asyncio.run(main())
"""


async def _starting(settings: StoreSettings) -> asyncio.subprocess.Process:
    url = settings.database_url.get_secret_value() if settings.database_url else ""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", _START, url, str(settings.data_dir), stdin=subprocess.PIPE, stderr=subprocess.PIPE
    )


async def test_processes_that_start_at_once_do_not_get_in_each_others_way(empty: StoreSettings) -> None:
    processes = [await _starting(empty) for _ in range(2)]
    told = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    assert [(process.returncode, err.decode()) for process, (_, err) in zip(processes, told, strict=True)] == [
        (0, "")
    ] * 2
    await _is_as_the_tables_say(empty)


class _Contended:
    """A database whose file another process holds at first; the driver itself says so, past SQLAlchemy."""

    is_postgresql = False

    def __init__(self) -> None:
        self.held = 3

    async def write_ahead(self) -> bool:
        self.held -= 1
        if self.held:
            raise sqlite3.OperationalError("database is locked")
        return True


async def test_the_write_ahead_log_is_waited_for_where_another_process_turns_it_on() -> None:
    contended = _Contended()
    await _write_ahead(cast(Database, contended))
    assert contended.held == 0


async def test_a_database_of_a_newer_version_is_refused(settings: StoreSettings) -> None:
    async with open_store(settings):
        pass
    database = database_of(settings)
    async with database.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await database.close()
    with pytest.raises(ConfigError, match="form 9999 by a newer deploybot"):
        async with open_store(settings):
            pass


async def test_a_migration_that_fails_leaves_nothing_behind(empty: StoreSettings) -> None:
    database = database_of(empty)

    async def fail_at_the_end() -> None:
        async with database.writing() as connection:
            await connection.run_sync(upgrade)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_at_the_end()
    async with database.reading() as connection:
        assert not await connection.run_sync(lambda sync: sync.dialect.has_table(sync, "messages"))
    await database.close()


async def _refusal(settings: StoreSettings) -> str:
    with pytest.raises(ConfigError) as caught:
        async with open_store(settings):
            pass
    (problem,) = caught.value.problems
    return problem


async def test_a_server_that_is_not_there_is_told_without_the_password(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    said = await _refusal(settings_of(f"postgres://bot:pa55word@127.0.0.1:{port}/bot?sslmode=prefer", tmp_path))
    assert said.startswith(f"store.database_url: PostgreSQL at 127.0.0.1:{port} cannot be used (")
    assert "pa55word" not in said
    assert "\n" not in said


async def test_a_database_that_is_not_there_is_told(postgres: Cluster, tmp_path: Path) -> None:
    said = await _refusal(settings_of(postgres.url("nowhere"), tmp_path))
    assert '(database "nowhere" does not exist): check DATABASE_URL' in said


async def test_a_connection_option_that_there_is_not_is_told(postgres: Cluster, tmp_path: Path) -> None:
    assert "reconnect" in await _refusal(settings_of(f"{postgres.url()}?reconnect=true", tmp_path))


async def test_an_address_that_is_none_is_told_without_the_password(tmp_path: Path) -> None:
    said = await _refusal(settings_of("postgresql://bot:pa55word@db.example.com:port/bot", tmp_path))
    assert said == "store.database_url: write it like postgresql://user:password@db.example.com/deploybot"


async def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "deploybot.db").write_text("something else " * 100)
    assert "(file is not a database)" in await _refusal(settings_of("", tmp_path))


async def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = await _refusal(settings_of("", tmp_path / "file" / "below"))
    assert said.endswith("(Not a directory): set DEPLOYBOT_DATA_DIR to a directory that the bot may write to")


def test_nothing_that_is_shown_has_the_password() -> None:
    database = open_database("postgresql://bot:pa55word@db.example.com/bot", Path())
    assert "pa55word" not in f"{database!r} {vars(database)!r}"


async def test_sqlite_writes_ahead_and_survives_a_power_cut(tmp_path: Path) -> None:
    settings = settings_of("", tmp_path)
    async with open_store(settings):
        with sqlite3.connect(tmp_path / "deploybot.db") as other:
            assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        other.close()
        database = database_of(settings)
        async with database.reading() as connection:
            full, enforced = 2, 1
            assert (await connection.execute(text("PRAGMA synchronous"))).scalar() == full
            assert (await connection.execute(text("PRAGMA foreign_keys"))).scalar() == enforced
        await database.close()
