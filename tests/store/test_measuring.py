"""Whether the database can be used, and how much waits: told by both databases alike."""

import socket
from pathlib import Path
from typing import Any

import pytest

from deploybot.settings.model import StoreSettings
from deploybot.store.engine import DATABASE_FILE, open_database
from deploybot.store.measuring import FULL, GONE, LEAST_ROOM, READ_ONLY, Measures
from deploybot.store.opening import Store, open_store
from tests.postgres import Cluster
from tests.store.making import NOON, announcement, at, entry, notice, observation, transition


async def _recorded(store: Store, guid: str, **waits: Any) -> None:
    lease = await store.leases.acquire("poll:eu", "me", NOON, at(20))
    assert lease
    observed = observation(entries=(entry(guid),), transitions=(transition(guid),))
    await store.ledger.record(lease, observed, [announcement(guid, **waits)])


async def test_an_empty_store_has_nothing_that_waits(store: Store) -> None:
    assert await store.measures.trouble() == ""
    assert await store.measures.deployments() == 0
    assert await store.measures.waiting(NOON) == (0, 0.0)
    assert await store.measures.polled_at() == {}


async def test_messages_and_announcements_wait_since_they_were_made(store: Store) -> None:
    await _recorded(store, "d1")
    await store.outbox.add(notice("k1"), at(10))
    assert await store.measures.waiting(at(60)) == (2, 60.0)
    assert await store.measures.deployments() == 1
    assert await store.measures.polled_at() == {"eu": NOON}


async def test_what_was_sent_does_not_wait(store: Store) -> None:
    await store.outbox.add(notice("k1"), NOON)
    (claim,) = await store.outbox.claim(NOON, at(60), "t", 1)
    await store.outbox.sending(claim, NOON)
    await store.outbox.sent(claim, "1.1", at(1), at(2))
    assert await store.measures.waiting(at(60)) == (0, 0.0)


async def test_quiet_hours_are_no_delay(store: Store) -> None:
    await _recorded(store, "d1", not_before=at(100))
    assert await store.measures.waiting(at(60)) == (0, 0.0)
    assert await store.measures.waiting(at(130)) == (1, 30.0)


async def test_what_is_held_for_a_channel_that_cannot_be_posted_to_is_no_delay(store: Store) -> None:
    await _recorded(store, "d1")
    await store.outbox.add(notice("k1"), NOON)
    (claim,) = await store.outbox.claim(NOON, at(60), "t", 1)
    await store.outbox.blocked(claim, "the channel is archived", at(1), lambda _: notice("n"))
    assert await store.measures.waiting(at(60)) == (0, 0.0)


@pytest.mark.parametrize("replaced", [False, True])
async def test_a_file_that_is_not_there_any_more_is_trouble(tmp_path: Path, replaced: bool) -> None:
    """SQLite itself would go on reading and writing what nobody will ever see again."""
    async with open_store(StoreSettings(data_dir=tmp_path)) as store:
        assert await store.measures.trouble() == ""
        (tmp_path / DATABASE_FILE).rename(tmp_path / "moved.db")
        if replaced:
            (tmp_path / DATABASE_FILE).touch()
        assert await store.measures.trouble() == GONE


@pytest.mark.parametrize(("free", "told"), [(LEAST_ROOM - 1, FULL), (LEAST_ROOM, "")])
async def test_a_full_disk_is_trouble_before_anything_is_written(tmp_path: Path, free: int, told: str) -> None:
    """SQLite gives its lock all the same, so that alone would look well."""
    async with open_store(StoreSettings(data_dir=tmp_path)):
        database = open_database("", tmp_path)
        try:
            assert database.room() > 0
            assert await Measures(database, lambda: free).trouble() == told
        finally:
            await database.close()


async def test_a_standby_that_only_reads_is_trouble(postgres: Cluster) -> None:
    url = f"{postgres.database()}?options=-c%20default_transaction_read_only%3Don"
    database = open_database(url, Path())
    try:
        assert await Measures(database).trouble() == READ_ONLY
    finally:
        await database.close()


async def test_a_database_that_is_gone_is_trouble_in_its_own_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    database = open_database(f"postgresql://deploybot:secret-password@127.0.0.1:{port}/deploybot", Path())
    try:
        told = await Measures(database).trouble()
    finally:
        await database.close()
    assert "Connection refused" in told
    assert "secret-password" not in told
    assert "\n" not in told
