"""The ledger: written in one transaction with what is to be announced, fenced by its lease."""

import pytest

from deploybot.domain.ledger import Entry, Gap, Kind, PollState, Transition
from deploybot.domain.outgoing import Announcement
from deploybot.domain.storage import Lease, LeaseLostError
from deploybot.store.opening import Store
from tests.store.making import announcement, at, entry, observation, transition


@pytest.fixture
async def lease(store: Store) -> Lease:
    lease = await store.leases.acquire("poll:eu", "me", at(0), at(20))
    assert lease
    return lease


async def noticed(store: Store, since: float, until: float) -> list[tuple[Transition, Entry]]:
    return [each async for batch in store.ledger.transitions(at(since), at(until)) for each in batch]


async def test_one_poll_is_written_whole(store: Store, lease: Lease) -> None:
    seen = observation(entries=(entry("d1"), entry("d2", ended_at=at(1))), transitions=(transition("d1"),))
    await store.ledger.record(lease, seen, [announcement("d1")])
    assert await store.ledger.poll_state("eu") == seen.state
    assert await store.ledger.active("eu") == (entry("d1"),)
    assert await store.ledger.entries("eu", ["d2", "d9"]) == {"d2": entry("d2", ended_at=at(1))}
    assert await noticed(store, 0, 1) == [(transition("d1"), entry("d1"))]
    assert await store.outbox.channels_waiting(at(0)) == ("C1",)


async def test_who_lost_the_lease_writes_nothing(store: Store, lease: Lease) -> None:
    taken = await store.leases.acquire("poll:eu", "other", at(20), at(40))
    assert taken
    assert taken.token > lease.token
    with pytest.raises(LeaseLostError):
        await store.ledger.record(lease, observation(entries=(entry(),)), [])
    with pytest.raises(LeaseLostError):
        await store.ledger.record_failure(lease, "eu", at(20), "away")
    assert await store.ledger.active("eu") == ()
    assert await store.ledger.poll_state("eu") is None
    await store.ledger.record(taken, observation(entries=(entry(),)), [])


async def test_a_poll_told_twice_changes_nothing_that_was_told(store: Store, lease: Lease) -> None:
    await store.ledger.record(lease, observation(entries=(entry(),), transitions=(transition(),)), [announcement()])
    other = transition(why="another reading", noticed_at=at(9))
    again = observation(entries=(entry(why="new"),), transitions=(other,))
    await store.ledger.record(lease, again, [announcement(mentions=("<@U9>",))])
    assert await noticed(store, 0, 100) == [(transition(), entry(why="new"))]


async def test_transitions_come_in_the_order_of_being_noticed_and_by_foundation(store: Store, lease: Lease) -> None:
    many = [f"d{number:04}" for number in range(1203)]
    seen = observation(
        entries=tuple(entry(guid) for guid in many),
        transitions=tuple(transition(guid, noticed_at=at(-int(guid[1:]))) for guid in many),
    )
    await store.ledger.record(lease, seen, [])
    assert [each.guid for each, _ in await noticed(store, -1202, 1)] == many[::-1]
    assert [each.guid for each, _ in await noticed(store, -1, 0)] == ["d0001"]
    us = store.ledger.transitions(at(-5000), at(5000), ["us"])
    assert [batch async for batch in us] == []


async def test_a_lasting_failure_is_a_gap_until_the_next_good_poll(store: Store, lease: Lease) -> None:
    await store.ledger.record(lease, observation(polled_at=at(0)), [])
    await store.ledger.record_failure(lease, "eu", at(10), "not reachable")
    await store.ledger.record_failure(lease, "eu", at(25), "refused the login")
    state = await store.ledger.poll_state("eu")
    assert state == PollState(
        foundation="eu", cursor=at(0), polled_at=at(0), failing_since=at(10), failure="refused the login"
    )
    lasting = Gap(foundation="eu", since=at(0), until=None, reason="refused the login")
    assert await store.ledger.gaps(at(0), at(30), ["eu"]) == (lasting,)
    assert await store.ledger.gaps(at(-10), at(0), ["eu"]) == ()
    gap = Gap(foundation="eu", since=at(10), until=at(40), reason="not reachable")
    await store.ledger.record(lease, observation(polled_at=at(40), gap=gap), [])
    assert await store.ledger.gaps(at(0), at(100), []) == (gap,)
    assert await store.ledger.gaps(at(40), at(100), ["eu"]) == ()
    assert await store.ledger.gaps(at(0), at(100), ["us"]) == ()


async def test_what_was_not_polled_for_long_was_not_seen_even_where_no_poll_failed(store: Store, lease: Lease) -> None:
    await store.ledger.record(lease, observation(polled_at=at(0)), [])
    assert await store.ledger.gaps(at(-60), at(90), ["eu"]) == ()
    (gap,) = await store.ledger.gaps(at(-60), at(91), ["eu"])
    assert (gap.since, gap.until, gap.reason) == (at(0), None, "deploybot was not running")


async def test_a_foundation_that_never_answered_has_no_cursor_but_a_gap(store: Store, lease: Lease) -> None:
    await store.ledger.record_failure(lease, "eu", at(0), "not reachable")
    assert await store.ledger.poll_state("eu") is None
    assert await store.ledger.seen_since("eu") is None
    assert len(await store.ledger.gaps(at(0), at(1), ["eu"])) == 1


async def test_seen_since_is_the_first_poll(store: Store, lease: Lease) -> None:
    for second in (5, 20):
        await store.ledger.record(lease, observation(polled_at=at(second)), [])
    assert await store.ledger.seen_since("eu") == at(5)


async def test_words_from_outside_survive_as_they_are(store: Store, lease: Lease) -> None:
    odd = entry(error="nul \0, quote ' and ü 😀", labels=(("a", "b"),))
    await store.ledger.record(lease, observation(entries=(odd,)), [])
    await store.ledger.record_failure(lease, "eu", at(1), "nul \0 byte")
    assert await store.ledger.active("eu") == (odd,)


async def _ended(store: Store, lease: Lease, *guids: str) -> None:
    entries = tuple(entry(guid, ended_at=at(number)) for number, guid in enumerate(guids))
    transitions = tuple(transition(guid, kind=Kind.SUCCEEDED) for guid in guids)
    await store.ledger.record(lease, observation(entries=entries, transitions=transitions), [])


async def test_pruning_forgets_the_oldest_in_small_batches_and_never_what_is_under_way(
    store: Store, lease: Lease
) -> None:
    await _ended(store, lease, "d1", "d2", "d3")
    await store.ledger.record(lease, observation(entries=(entry("open", created_at=at(-99999)),)), [])
    assert await store.ledger.prune(at(2), 1) == 1
    assert set(await store.ledger.entries("eu", ["d1", "d2", "d3"])) == {"d2", "d3"}
    assert await store.ledger.prune(at(2), 10) == 1
    assert await store.ledger.prune(at(2), 10) == 0
    assert set(await store.ledger.entries("eu", ["d2", "d3", "open"])) == {"d3", "open"}
    assert [each.guid for each, _ in await noticed(store, -1, 100)] == ["d3"]


async def test_what_nobody_was_told_of_yet_is_not_forgotten(store: Store, lease: Lease) -> None:
    ended: tuple[Announcement, ...] = (announcement("d1"),)
    seen = observation(entries=(entry("d1", ended_at=at(1)),), transitions=(transition("d1"),))
    await store.ledger.record(lease, seen, ended)
    assert await store.ledger.prune(at(100), 10) == 0
    assert set(await store.ledger.entries("eu", ["d1"])) == {"d1"}
