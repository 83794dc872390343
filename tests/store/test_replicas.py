"""Several replicas on one PostgreSQL: each thing is done by one of them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from sqlalchemy import text

from deploybot.domain.outgoing import Listed, Pending
from deploybot.domain.storage import Composed, Lease, LeaseLostError, Settled
from deploybot.domain.subscription import Subscription
from deploybot.errors import UserError
from deploybot.settings.model import StoreSettings
from deploybot.store.engine import Database, open_database
from deploybot.store.opening import Store, open_store
from tests.postgres import Cluster
from tests.store.conftest import settings_of
from tests.store.making import alert, announcement, at, digest, entry, notice, observation, subscription, transition


@pytest.fixture
def replicated(postgres: Cluster, migrated: str, tmp_path: Path) -> StoreSettings:
    return settings_of(postgres.database(migrated), tmp_path)


@pytest_asyncio.fixture
async def replicas(replicated: StoreSettings) -> AsyncIterator[list[Store]]:
    async with (
        open_store(replicated) as first,
        open_store(replicated) as second,
        open_store(replicated) as third,
        open_store(replicated) as fourth,
    ):
        yield [first, second, third, fourth]


@pytest_asyncio.fixture
async def database(replicated: StoreSettings) -> AsyncIterator[Database]:
    assert replicated.database_url
    opened = open_database(replicated.database_url.get_secret_value(), replicated.data_dir)
    yield opened
    await opened.close()


async def test_each_message_is_claimed_by_one(replicas: list[Store]) -> None:
    for number in range(40):
        await replicas[0].outbox.add(notice(f"m{number}", f"C{number % 10}"), at(0))
    for second in (0, 100):
        claimed = await asyncio.gather(
            *(
                replica.outbox.claim(at(second), at(second + 30), f"t{second}-{n}", 4)
                for n, replica in enumerate(replicas)
            )
        )
        channels = [one.draft.channel for claims in claimed for one in claims]
        assert len(channels) == len(set(channels))
        assert channels


async def test_nothing_is_sent_as_a_pipeline_whose_locks_a_frozen_process_would_keep(
    replicas: list[Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    piped: list[str] = []

    async def executemany(_: object, query: str, *__: object, **___: object) -> None:
        piped.append(query)

    monkeypatch.setattr(psycopg.AsyncCursor, "executemany", executemany)
    store = replicas[0]
    lease = await store.leases.acquire("poll:eu", "me", at(0), at(20))
    assert lease
    guids = [f"d{number}" for number in range(600)]
    observed = observation(
        entries=tuple(entry(guid) for guid in guids), transitions=tuple(transition(guid) for guid in guids)
    )
    await store.ledger.record(lease, observed, [announcement(guid) for guid in guids])
    await store.outbox.compose("C1", at(1), _each_told)
    await store.outbox.add(notice("listing", listed=tuple(Listed("eu", guid) for guid in guids)), at(1))
    assert len(await store.ledger.active("eu")) == 600
    assert piped == []


def _each_told(pending: Pending) -> list[Composed]:
    return [Composed(alert(f"alert {told.guid}", told.guid), (told,)) for told, _, _ in pending.waiting[:20]]


async def test_each_due_digest_is_claimed_and_settled_by_one(replicas: list[Store]) -> None:
    for number in range(30):
        await replicas[0].subscriptions.add(digest(f"s{number:02}", next_due=at(number)))

    async def tick(replica: Store) -> list[str]:
        read = await replica.subscriptions.due(at(100), at(130), 20)
        settled = [(each, Settled(each, notice(f"digest:{each.id}"))) for each in reversed(read)]
        assert await replica.subscriptions.settle(settled, at(100)) == len(read)
        return [each.id for each in read]

    claimed = [id_ for ids in await asyncio.gather(*map(tick, replicas)) for id_ in ids]
    assert len(claimed) == len(set(claimed))


async def test_a_channel_is_composed_by_one_at_a_time(replicas: list[Store]) -> None:
    lease = await replicas[0].leases.acquire("poll:eu", "a", at(0), at(20))
    assert lease
    seen = observation(entries=(entry(),), transitions=(transition(),))
    await replicas[0].ledger.record(lease, seen, [announcement()])
    made = await asyncio.gather(
        *(
            replica.outbox.compose("C1", at(0), lambda pending: [Composed(alert("root"), (pending.waiting[0][0],))])
            for replica in replicas
        )
    )
    assert sorted(made) == [0, 0, 0, 1]


async def test_one_of_many_gets_a_free_lease(replicas: list[Store]) -> None:
    got = await asyncio.gather(
        *(replica.leases.acquire("poll:eu", f"r{n}", at(0), at(20)) for n, replica in enumerate(replicas))
    )
    assert sum(lease is not None for lease in got) == 1


async def _lease(store: Store, holder: str, second: float) -> Lease:
    lease = await store.leases.acquire("poll:eu", holder, at(second), at(second + 20))
    assert lease
    return lease


async def test_who_was_frozen_while_another_took_over_writes_nothing(replicas: list[Store]) -> None:
    old = await _lease(replicas[0], "a", 0)
    new = await _lease(replicas[1], "b", 20)
    await replicas[1].ledger.record(new, observation(polled_at=at(20), entries=(entry("d1"),)), [])
    with pytest.raises(LeaseLostError):
        await replicas[0].ledger.record(old, observation(polled_at=at(5), entries=(entry("d2"),)), [])
    assert await replicas[0].ledger.active("eu") == (entry("d1"),)
    state = await replicas[0].ledger.poll_state("eu")
    assert state
    assert state.cursor == at(20)


async def test_a_takeover_waits_for_a_poll_that_is_being_written(replicas: list[Store], database: Database) -> None:
    """Else both the old holder and the new one could believe that they wrote last."""
    lease = await _lease(replicas[0], "a", 0)
    async with database.writing() as connection:
        await connection.execute(text("SELECT token FROM leases WHERE name = 'poll:eu' FOR SHARE"))
        taking = asyncio.create_task(replicas[1].leases.acquire("poll:eu", "b", at(20), at(40)))
        await _until_somebody_waits(database)
        assert not taking.done()
    taken = await taking
    assert taken
    assert taken.token == lease.token + 1


async def _until_somebody_waits(database: Database) -> None:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    for _ in range(500):
        async with database.reading() as connection:
            if (await connection.execute(waiting)).scalar():
                return
        await asyncio.sleep(0.01)
    pytest.fail("nobody waits for the lock")


async def test_a_key_that_two_add_at_once_is_added_once(replicas: list[Store]) -> None:
    added = await asyncio.gather(*(replica.outbox.add(notice("a"), at(0)) for replica in replicas))
    assert sorted(added) == [False, False, False, True]


async def test_what_is_checked_when_a_subscription_is_added_stays_true_until_it_is_there(replicas: list[Store]) -> None:
    def check(there: Sequence[Subscription]) -> None:
        if len(there) >= 2:
            raise UserError("no more than two")

    added = await asyncio.gather(
        *(replica.subscriptions.add(subscription(f"s{n}"), check) for n, replica in enumerate(replicas)),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in added) == ["NoneType", "NoneType", "UserError", "UserError"]
    assert len(await replicas[0].subscriptions.of_channel("C1")) == 2


async def test_who_makes_a_digest_waits_for_who_sends_in_its_channel(replicas: list[Store], database: Database) -> None:
    """Who sends has the lane first and the subscription then: the other way round each could wait for the other."""
    await replicas[0].subscriptions.add(digest())
    assert await replicas[0].outbox.add(notice("lane"), at(0))
    (due,) = await replicas[0].subscriptions.due(at(1), at(60), 1)
    async with database.writing() as connection:
        await connection.execute(text("UPDATE lanes SET blocked = 'archived'"))
        settling = asyncio.create_task(replicas[1].subscriptions.settle([(due, Settled(due, notice("digest")))], at(2)))
        await _until_somebody_waits(database)
        await connection.execute(text("SELECT id FROM subscriptions FOR UPDATE NOWAIT"))
    assert await settling == 1
