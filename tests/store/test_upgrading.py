"""A newer version takes over what an older one left: all rows, whoever starts at once, whatever is killed amid it."""

import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, event

from deploybot.domain.audit import AuditAsk
from deploybot.domain.outgoing import Claim
from deploybot.settings.model import StoreSettings
from deploybot.store.migrating import HEAD
from deploybot.store.opening import Store, open_store
from deploybot.store.tables import metadata
from tests.store.making import NOON, approval, at, notice, reply, watch
from tests.store.released import LINK_KEY, database_of, held, leave, released, run_in

LATER = at(1000)
"""When all leases and claims in the rows are over."""


@pytest.fixture(params=released())
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def _is_as_the_tables_say(settings: StoreSettings) -> None:
    database = database_of(settings)
    try:
        async with database.reading() as connection:
            assert await connection.run_sync(_differences) == []
    finally:
        await database.close()


async def test_every_table_of_a_released_form_has_rows_here(empty: StoreSettings, form: str) -> None:
    """Else the tests below would try nothing for it."""
    rows = await leave(empty, form)
    assert [table for table, count in rows.items() if not count] == []
    assert form != HEAD or set(rows) == {*metadata.tables, "alembic_version"}


def test_the_newest_form_is_among_the_released_ones() -> None:
    assert released()[-1] == HEAD


async def test_no_row_of_a_released_form_is_lost(empty: StoreSettings, form: str) -> None:
    before = await leave(empty, form)
    async with open_store(empty, link_keys=[LINK_KEY]):
        pass
    assert (await held(empty)).items() >= before.items()
    await _is_as_the_tables_say(empty)


async def test_what_a_released_version_was_at_is_gone_on_with(empty: StoreSettings, form: str) -> None:
    await leave(empty, form)
    async with open_store(empty, link_keys=[LINK_KEY]) as store:
        await _knows_what_was_seen(store)
        await _sends_what_waits(store)
        if form >= "0002":
            await _knows_who_did_what(store)


async def test_what_a_newer_version_adds_to_a_value_is_passed_over(empty: StoreSettings) -> None:
    """While versions change one after another, the older one reads what the newer one writes."""
    await leave(empty, HEAD)
    bodies = [table.name for table in metadata.sorted_tables if "body" in table.columns]
    await run_in(empty, *(f"UPDATE {one} SET body = '{{\"later\":[1],' || substr(body, 2)" for one in bodies))
    async with open_store(empty, link_keys=[LINK_KEY]) as store:
        await _knows_what_was_seen(store)
        await _sends_what_waits(store)
        await _knows_who_did_what(store)


async def _knows_what_was_seen(store: Store) -> None:
    entries = await store.ledger.entries("eu", ["d1", "d2"])
    assert {guid: (one.app, one.is_active) for guid, one in entries.items()} == {
        "d1": ("checkout", True),
        "d2": ("cart", False),
    }
    state, failing = [await store.ledger.poll_state(name) for name in ("eu", "us")]
    assert state
    assert (state.cursor, failing) == (at(60), None)
    assert await store.ledger.seen_since("eu") == at(1)
    assert [(one.since, one.until) for one in await store.ledger.gaps(NOON, at(99), ["eu"])] == [(at(10), at(40))]
    assert [[one.guid for one, _ in batch] async for batch in store.ledger.transitions(NOON, LATER)] == [["d1", "d2"]]
    lease = await store.leases.acquire("poll:eu", "r2", LATER, at(1020))
    assert lease
    assert lease.token == 2


async def _sends_what_waits(store: Store) -> None:
    version, (one,) = await store.subscriptions.alerts()
    assert (version, one.id, one.last_posted_at) == (2, "s1", at(5))
    assert [one.id for one in await store.subscriptions.due(LATER, at(1100), 5)] == ["s2"]
    assert await store.outbox.channels_waiting(LATER) == ("C2",)
    (claim,) = await store.outbox.claim(LATER, at(1030), "t", 1)
    assert claim.draft == notice("kept")
    await _sent(store, claim)
    assert await store.outbox.sent_at(["told", "kept"]) == {"told": at(5), "kept": LATER}
    assert (await store.outbox.listed(1, 0, 5))[0] == 1
    assert await store.outbox.add(reply("more", "told"), LATER)


async def _sent(store: Store, claim: Claim) -> None:
    assert await store.outbox.sending(claim, LATER)
    assert await store.outbox.sent(claim, "1795436200.000100", LATER, at(1001)) is None


async def _knows_who_did_what(store: Store) -> None:
    linked = await store.links.one("U1", "eu")
    assert linked
    assert (linked.account, linked.refresh.reveal()) == ("ann@example.com", "a-refresh-token")
    assert [one.id for one in await store.actions.unsettled(LATER, 5)] == ["a1"]
    assert [one.id for one in (await store.actions.audit(AuditAsk(), 0, 9))[1]] == ["e3", "e2", "e1"]
    assert await store.approvals.waiting() == (approval("p1", shown=1),)
    assert await store.watches.running("eu") == (watch("w1"),)


_START = """
import asyncio, os, signal, sys
from sqlalchemy import Engine, event
from deploybot.settings.model import StoreSettings
from deploybot.store.opening import open_store

url, directory, words = sys.argv[1:]

@event.listens_for(Engine, "after_cursor_execute")
def after(connection, cursor, statement, *rest):
    if words and words in statement:
        os.kill(os.getpid(), signal.SIGKILL)

async def main():
    sys.stdin.readline()
    async with open_store(StoreSettings(database_url=url or None, data_dir=directory)):
        pass

asyncio.run(main())
"""


async def _started(settings: StoreSettings, killed_after: str = "") -> asyncio.subprocess.Process:
    url = settings.database_url.get_secret_value() if settings.database_url else ""
    pipe = asyncio.subprocess.PIPE
    arguments = ("-c", _START, url, str(settings.data_dir), killed_after)
    return await asyncio.create_subprocess_exec(sys.executable, *arguments, stdin=pipe, stderr=pipe)


async def test_replicas_that_start_at_once_on_an_older_form_do_not_get_in_each_others_way(
    empty: StoreSettings, form: str
) -> None:
    before = await leave(empty, form)
    processes = [await _started(empty) for _ in range(2)]
    told = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    ended = [(process.returncode, err.decode()) for process, (_, err) in zip(processes, told, strict=True)]
    assert ended == [(0, "")] * 2
    assert (await held(empty)).items() >= before.items()
    await _is_as_the_tables_say(empty)


@pytest.mark.parametrize("words", ["CREATE TABLE links", "ix_audit_guid", "UPDATE alembic_version"])
async def test_a_kill_amid_a_migration_leaves_the_older_form_whole(empty: StoreSettings, words: str) -> None:
    before = await leave(empty, "0001")
    killed = await _started(empty, words)
    _, err = await killed.communicate(b"go\n")
    assert (killed.returncode, err) == (-signal.SIGKILL, b"")
    assert await held(empty) == before
    async with open_store(empty) as store:
        await _knows_what_was_seen(store)
        await _sends_what_waits(store)
    await _is_as_the_tables_say(empty)


@contextmanager
def _statements() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: object, _u: object, statement: str, *_: object) -> None:
        seen.append(" ".join(statement.split()))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def _adds(statement: str) -> bool:
    """Does code that knows nothing of this go on as before?"""
    column = statement.startswith("ALTER TABLE") and " ADD COLUMN " in statement
    optional = column and ("NOT NULL" not in statement or " DEFAULT " in statement)
    return optional or statement.startswith(("CREATE TABLE", "CREATE INDEX"))


@pytest.mark.parametrize("older", released()[:-1])
async def test_migrations_only_add_so_that_the_version_before_goes_on_beside_the_new_one(
    empty: StoreSettings, older: str
) -> None:
    """Of what is there nothing is dropped, renamed or tied down; a unique index is for tables that are new."""
    await leave(empty, older)
    with _statements() as seen:
        async with open_store(empty):
            pass
    changes = [one for one in seen if one.startswith(("ALTER", "CREATE", "DROP"))]
    new = {one.split()[2].strip('"') for one in changes if one.startswith("CREATE TABLE")}
    unique = [one for one in changes if one.startswith("CREATE UNIQUE INDEX")]
    assert {one.partition(" ON ")[2].split()[0] for one in unique} <= new
    assert [one for one in changes if not _adds(one) and one not in unique] == []
    assert changes
