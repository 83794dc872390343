"""A backup that is made while the bot runs, as the page on deploying says, holds what was written until then."""

import sqlite3
import subprocess
from pathlib import Path

from deploybot.store.opening import open_store
from tests.postgres import Cluster, binaries
from tests.store.conftest import settings_of
from tests.store.making import NOON, at, notice


async def test_a_copy_of_sqlite_has_what_is_in_its_write_ahead_log_too(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    async with open_store(settings_of("", tmp_path)) as running:
        assert await running.outbox.add(notice("before"), NOON)
        with sqlite3.connect(tmp_path / "deploybot.db") as other:
            other.execute(f"VACUUM INTO '{copy / 'deploybot.db'}'")
        other.close()
        assert await running.outbox.add(notice("after", "C2"), NOON)
    async with open_store(settings_of("", copy)) as restored:
        claimed = await restored.outbox.claim(NOON, at(9), "t", 5)
        assert [one.draft.key for one in claimed] == ["before"]


async def test_a_dump_of_postgresql_takes_the_place_of_what_is_there(postgres: Cluster, tmp_path: Path) -> None:
    url, dump = postgres.database(), str(tmp_path / "deploybot.dump")
    async with open_store(settings_of(url, tmp_path)) as running:
        assert await running.outbox.add(notice("before"), NOON)
        _run("pg_dump", "--format=custom", f"--file={dump}", url)
        assert await running.outbox.add(notice("after", "C2"), NOON)
    _run("pg_restore", "--clean", "--if-exists", "--single-transaction", f"--dbname={url}", dump)
    async with open_store(settings_of(url, tmp_path)) as restored:
        claimed = await restored.outbox.claim(NOON, at(9), "t", 5)
        assert [one.draft.key for one in claimed] == ["before"]
        assert await restored.outbox.add(notice("later", "C3"), NOON)
    postgres.drop(url)


def _run(program: str, *arguments: str) -> None:
    """One of the server's own version."""
    where = binaries()
    assert where
    subprocess.run([where / program, *arguments], check=True)
