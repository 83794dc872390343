"""Each broken database has its own words and its own fix; looking at one changes nothing in it."""

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text

from deploybot.domain.finding import Finding, Level
from deploybot.domain.secret import Secret
from deploybot.settings.model import StoreSettings
from deploybot.store.engine import open_database
from deploybot.store.examining import CHECKS, StoreExamination, server_findings
from deploybot.store.migrating import HEAD, known_revisions
from deploybot.store.opening import open_store
from deploybot.store.peeking import Peek, Server, channels_told
from tests.e2e.stage import free_port
from tests.postgres import Cluster
from tests.store.conftest import settings_of
from tests.store.making import subscription
from tests.store.test_links import event, link

OLD, NEW = (Secret(Fernet.generate_key().decode()) for _ in range(2))
WELL = {"form", "writable", "size"}


async def examined(
    settings: StoreSettings, keys: Sequence[Secret] | None = (), patience: float = 10, ahead: float = 0
) -> tuple[Finding, ...]:
    examination = StoreExamination(settings, keys, lambda: time.time() + ahead)
    found = await examination.findings(time.monotonic() + patience)
    assert {one.check for one in found} <= set(CHECKS)
    return found


def ill(found: Sequence[Finding]) -> list[Finding]:
    return [one for one in found if one.level is not Level.OK]


async def execute(settings: StoreSettings, *statements: str) -> None:
    url = settings.database_url.get_secret_value() if settings.database_url else ""
    database = open_database(url, settings.data_dir)
    async with database.writing() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await database.close()


async def made(settings: StoreSettings) -> StoreSettings:
    async with open_store(settings):
        pass
    settings.data_dir.chmod(0o700)
    return settings


def contents(directory: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in directory.iterdir()}


async def test_a_database_of_this_version_is_well(settings: StoreSettings) -> None:
    found = await examined(await made(settings))
    assert not ill(found)
    assert {one.check for one in found} >= WELL


async def test_looking_at_a_file_leaves_every_byte_as_it_was(tmp_path: Path) -> None:
    settings = await made(settings_of("", tmp_path))
    before = contents(tmp_path)
    assert not ill(await examined(settings))
    channels_told(settings, 1)
    assert contents(tmp_path) == before


async def test_where_there_is_no_file_none_is_made(tmp_path: Path) -> None:
    wanted = tmp_path / "below" / "data"
    (found,) = ill(await examined(settings_of("", wanted)))
    assert (found.check, found.level) == ("form", Level.NOTE)
    assert "the first start makes it" in found.says
    assert contents(tmp_path) == {}


async def test_an_empty_database_is_a_note_and_stays_empty(postgres: Cluster, tmp_path: Path) -> None:
    settings = settings_of(postgres.database(), tmp_path)
    (found,) = ill(await examined(settings))
    assert (found.check, found.level) == ("form", Level.NOTE)
    assert "the first start makes its tables" in found.says
    with psycopg.connect(settings.database_url.get_secret_value() if settings.database_url else "") as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


@pytest.mark.parametrize(
    ("revision", "level", "says", "fix"),
    [
        ("0001", Level.NOTE, f"the next start brings them to {HEAD}", "backup"),
        ("9999", Level.FAILURE, "form 9999 by a newer deploybot", "run that version"),
    ],
)
async def test_an_older_form_is_a_note_and_a_newer_one_a_failure(
    settings: StoreSettings, revision: str, level: Level, says: str, fix: str
) -> None:
    await execute(await made(settings), f"UPDATE alembic_version SET version_num = '{revision}'")
    (found,) = ill(await examined(settings))
    assert (found.check, found.level) == ("form", level)
    assert says in found.says
    assert fix in found.fix


def test_this_version_knows_its_own_form() -> None:
    assert {HEAD, "0001"} <= known_revisions()


async def linked(settings: StoreSettings) -> StoreSettings:
    async with open_store(settings, link_keys=[OLD]) as store:
        await store.links.put(link(), event())
        await store.links.put(link(foundation="us"), event("e2"))
        await store.links.put(replace(link("U2"), broken="revoked"), event("e3"))
    settings.data_dir.chmod(0o700)
    return settings


@pytest.mark.parametrize(
    ("keys", "level", "says", "fix"),
    [
        ([OLD], Level.OK, "2 links are stored, and the first key opens all", ""),
        ([NEW, OLD], Level.NOTE, "2 of 2 stored links are sealed with an older key", "take the older key away"),
        ([NEW], Level.FAILURE, "2 of 2 stored links can't be opened", "add the key that sealed them"),
        ([], Level.FAILURE, "2 links are stored, but no key is configured", "set DEPLOYBOT_LINK_KEYS"),
    ],
)
async def test_keys_are_tried_on_the_links_that_are_stored(
    settings: StoreSettings, keys: list[Secret], level: Level, says: str, fix: str
) -> None:
    found = await examined(await linked(settings), keys)
    (of_keys,) = [one for one in found if one.check == "link-keys"]
    assert of_keys.level is level
    assert says in of_keys.says
    assert fix in of_keys.fix
    assert [one for one in ill(found) if one != of_keys] == []


async def test_nothing_is_said_of_keys_that_could_not_be_read(settings: StoreSettings) -> None:
    assert not ill(await examined(await linked(settings), None))


async def test_a_file_that_is_locked_is_told_within_the_time(tmp_path: Path) -> None:
    settings = await made(settings_of("", tmp_path))
    other = sqlite3.connect(tmp_path / "deploybot.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    (found,) = ill(await examined(settings, patience=0.1))
    other.close()
    assert time.monotonic() - began < 8
    assert (found.check, found.level) == ("writable", Level.FAILURE)
    assert "database is locked" in found.says
    assert "holds the database locked" in found.fix


async def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "deploybot.db").write_text("something else " * 100)
    (found,) = ill(await examined(settings_of("", tmp_path)))
    assert (found.check, found.level) == ("reachable", Level.FAILURE)
    assert "file is not a database" in found.says
    assert "backup" in found.fix


async def test_a_directory_that_others_may_look_into_is_a_warning(tmp_path: Path) -> None:
    (await made(settings_of("", tmp_path))).data_dir.chmod(0o755)
    (found,) = ill(await examined(settings_of("", tmp_path)))
    assert (found.check, found.level) == ("directory", Level.WARNING)
    assert "mode 0755" in found.says
    assert found.fix == f"chmod 700 {tmp_path}"


async def test_a_directory_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert ("directory", Level.FAILURE) in [
        (one.check, one.level) for one in await examined(settings_of("", tmp_path / "file"))
    ]


UNREACHABLE = {
    "away": ("postgresql://bot:pa55word@127.0.0.1:{free}/bot", "127.0.0.1:{free} can't be used", "host and port"),
    "no such database": ("{url}nowhere", 'database "nowhere" does not exist', "make that database"),
    "no such role": ("postgresql://nobody:pa55word@127.0.0.1:{port}/postgres", 'role "nobody" does not', "the user"),
    "no address": ("postgresql://bot:pa55word@db.example.com:port/bot", "write it like postgresql://", "DATABASE_URL"),
}


@pytest.mark.parametrize("broken", UNREACHABLE.values(), ids=list(UNREACHABLE))
async def test_a_server_that_cannot_be_used_is_told_without_the_password(
    postgres: Cluster, tmp_path: Path, broken: tuple[str, str, str]
) -> None:
    free = free_port()
    url, says, fix = (part.format(free=free, port=postgres.port, url=postgres.url("")) for part in broken)
    (found,) = await examined(settings_of(url, tmp_path))
    assert (found.check, found.level) == ("reachable", Level.FAILURE)
    assert says in found.says
    assert fix in found.fix
    assert "pa55word" not in found.says + found.fix


async def as_reader(postgres: Cluster, url: str, name: str) -> str:
    """The URL for a role that may only read there, made anew."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN CONNECTION LIMIT 4".encode())
        connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}".encode())
    return url.replace("deploybot@", f"{name}@")


async def test_a_role_that_may_only_read_is_told_what_it_lacks(postgres: Cluster, tmp_path: Path) -> None:
    url = postgres.database()
    await made(settings_of(url, tmp_path))
    found = ill(await examined(settings_of(await as_reader(postgres, url, "reader1"), tmp_path)))
    told = {one.check: one for one in found}
    assert {check: one.level for check, one in told.items()} == {
        "writable": Level.FAILURE,
        "create-rights": Level.WARNING,
        "connections": Level.WARNING,
    }
    assert "permission denied" in told["writable"].says
    assert "another role owns alembic_version" in told["create-rights"].says
    assert "only 3 more connections" in told["connections"].says


async def test_a_role_that_may_not_make_tables_is_told_before_the_first_start(
    postgres: Cluster, tmp_path: Path
) -> None:
    url = postgres.database()
    reader = await as_reader(postgres, url, "reader2")
    found = {one.check: one for one in await examined(settings_of(reader, tmp_path))}
    assert found["create-rights"].level is Level.FAILURE
    assert "GRANT CREATE ON SCHEMA" in found["create-rights"].fix


async def test_a_clock_that_is_far_from_the_servers_is_a_warning(postgres: Cluster, tmp_path: Path) -> None:
    settings = settings_of(postgres.database(), tmp_path)
    await made(settings)
    (found,) = ill(await examined(settings, ahead=100))
    assert (found.check, found.level) == ("clock", Level.WARNING)
    assert "ahead of the database server's" in found.says
    assert "NTP" in found.fix


def test_a_server_older_than_those_tested_is_a_note() -> None:
    old = Server("12.22", 120022, may_create=True, foreign_tables=(), free=50, ahead=0.0)
    (found,) = ill(tuple(server_findings(Peek(HEAD, "", 1, (), old))))
    assert (found.check, found.level) == ("server-version", Level.NOTE)
    assert "12.22" in found.says


GONE = "I am not in the channel"


async def filled(settings: StoreSettings) -> StoreSettings:
    """Two that speak, one that an error paused, one that a person did; a channel that is shut; two watches."""
    async with open_store(settings) as store:
        for at_, (channel, paused, by) in enumerate(
            [("C1", "", ""), ("C1", "", ""), ("C2", GONE, ""), ("C3", "since noon", "U1")], 1
        ):
            await store.subscriptions.add(subscription(f"s{at_}", channel=channel, paused=paused, paused_by=by))
    await execute(
        settings,
        "INSERT INTO lanes (channel, next_at, blocked) VALUES ('C4', 0, 'it is archived'), ('C1', 0, NULL)",
        "INSERT INTO watches (id, channel, foundation, guid, made_at, as_of, over_at, body)"
        " VALUES ('w1', 'C5', 'eu', 'g1', 0, 0, NULL, '{}'), ('w2', 'C6', 'eu', 'g2', 0, 0, 1, '{}')",
    )
    settings.data_dir.chmod(0o700)
    return settings


async def test_the_channels_that_are_told_are_those_of_what_no_person_ended(settings: StoreSettings) -> None:
    assert channels_told(settings_of("", settings.data_dir / "none"), 1) == ()
    assert channels_told(await filled(settings), 1) == ("C1", "C2", "C4", "C5")
    assert channels_told(settings_of("postgresql://db.example.com:port/bot", settings.data_dir), 1) is None


async def test_channels_that_the_bot_stopped_telling_are_warnings_with_why(settings: StoreSettings) -> None:
    paused, shut = ill(await examined(await filled(settings)))
    assert {(one.check, one.level) for one in (paused, shut)} == {("silenced", Level.WARNING)}
    assert paused.says == f"nothing is told in C2 any more: {GONE}"
    assert shut.says == "nothing is told in C4 any more: it is archived"
    assert "/deployments subscriptions" in shut.fix
