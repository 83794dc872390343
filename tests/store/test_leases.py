"""Leases: one holder at a time, and a token that tells a new holder from the old one."""

from deploybot.store.opening import Store
from tests.store.making import at


async def test_one_has_it_until_it_is_over(store: Store) -> None:
    mine = await store.leases.acquire("poll:eu", "a", at(0), at(20))
    assert mine
    assert await store.leases.acquire("poll:eu", "b", at(19), at(39)) is None
    theirs = await store.leases.acquire("poll:eu", "b", at(20), at(40))
    assert theirs
    assert theirs.token == mine.token + 1
    assert await store.leases.acquire("poll:eu", "a", at(21), at(41)) is None


async def test_renewing_ones_own_keeps_the_token(store: Store) -> None:
    first = await store.leases.acquire("poll:eu", "a", at(0), at(20))
    again = await store.leases.acquire("poll:eu", "a", at(10), at(30))
    late = await store.leases.acquire("poll:eu", "a", at(50), at(70))
    assert first
    assert again
    assert late
    assert first.token == again.token == late.token
    assert await store.leases.acquire("poll:eu", "b", at(69), at(99)) is None


async def test_released_it_is_anybodys_and_the_old_token_is_void(store: Store) -> None:
    mine = await store.leases.acquire("poll:eu", "a", at(0), at(20))
    assert mine
    await store.leases.release(mine)
    again = await store.leases.acquire("poll:eu", "a", at(1), at(21))
    assert again
    assert again.token > mine.token
    await store.leases.release(mine)
    assert await store.leases.acquire("poll:eu", "b", at(2), at(22)) is None


async def test_leases_of_other_names_are_other_leases(store: Store) -> None:
    assert await store.leases.acquire("poll:eu", "a", at(0), at(20))
    assert await store.leases.acquire("poll:us", "b", at(0), at(20))
