"""Watches: one of a deployment in a channel, stored with its message, fenced by the lease of its foundation."""

import asyncio
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from deploybot.domain.outgoing import Draft, WatchReplyBody
from deploybot.domain.storage import Lease, LeaseLostError
from deploybot.domain.watch import StaleWatch, Watch
from deploybot.domain.watching import message_of, over
from deploybot.errors import UserError
from deploybot.store.opening import Store
from tests.store.making import at, entry, watch

MOST = 3


@pytest.fixture
async def lease(store: Store) -> Lease:
    lease = await store.leases.acquire("watch:eu", "me", at(0), at(20))
    assert lease
    return lease


async def begin(store: Store, one: Watch) -> Watch | None:
    return await store.watches.start(one, message_of(one), MOST)


async def sent(store: Store, now: datetime, ts: str) -> Draft:
    """The oldest message that may be sent, noted as sent."""
    (claim,) = await store.outbox.claim(now, now + timedelta(seconds=30), "t", 1)
    assert await store.outbox.sending(claim, now)
    await store.outbox.sent(claim, ts, now, now)
    return claim.draft


def seen(one: Watch, second: float) -> Watch:
    return replace(one, view=replace(one.view, as_of=at(second)))


def told(one: Watch, name: str, **more: object) -> Draft:
    body = WatchReplyBody(entry=one.view.entry, text="it changed", **more)  # type: ignore[arg-type]
    return Draft(key=f"watch:{one.id}:{name}", channel=one.channel, thread=f"watch:{one.id}", body=body)


async def test_a_watch_begins_with_its_message(store: Store) -> None:
    assert await begin(store, watch()) is None
    assert await store.watches.one("w1") == watch()
    assert await store.watches.running("eu") == (watch(),)
    assert await store.watches.running("us") == ()
    assert await store.watches.at_work() == {"eu": 1}
    assert (await sent(store, at(0), "1.1")).key == "watch:w1"
    assert await store.watches.stale(["eu"]) == ()


async def test_a_second_watch_of_the_same_deployment_in_a_channel_adds_the_watcher(store: Store) -> None:
    await begin(store, watch())
    joined = await begin(store, watch("w2", watchers=("U2",)))
    assert joined
    assert (joined.id, joined.watchers) == ("w1", ("U1", "U2"))
    assert await begin(store, watch("w3", channel="C2")) is None
    assert [one.id for one in await store.watches.running("eu")] == ["w1", "w3"]
    await sent(store, at(0), "1.1")
    assert [one.watch.id for one in await store.watches.stale(["eu"])] == ["w1"]


async def test_of_many_who_begin_the_same_watch_at_once_one_does_and_all_watch(store: Store) -> None:
    answers = await asyncio.gather(*(begin(store, watch(f"w{n}", watchers=(f"U{n}",))) for n in range(4)))
    assert answers.count(None) == 1
    (one,) = await store.watches.running("eu")
    assert sorted(one.watchers) == ["U0", "U1", "U2", "U3"]


async def test_more_than_so_many_are_not_watched(store: Store) -> None:
    for number in range(MOST):
        await begin(store, watch(f"w{number}", f"d{number}"))
    with pytest.raises(UserError, match="3 deployments are watched already"):
        await begin(store, watch("w9", "d9"))
    assert await begin(store, watch("w9", "d0"))
    assert len(await store.watches.running("eu")) == MOST


async def test_what_was_seen_is_stored_with_what_is_told_and_makes_the_message_old(store: Store, lease: Lease) -> None:
    await begin(store, watch())
    await sent(store, at(0), "1.1")
    later = seen(watch(), 5)
    await store.watches.saw(lease, [later], [told(later, "2")], at(5))
    assert await store.watches.stale(["eu"]) == (StaleWatch(later, "1.1", at(0), None),)
    assert (await sent(store, at(9), "1.2")).key == "watch:w1:2"
    await store.watches.shown("w1", at(5), at(6))
    assert await store.watches.stale(["eu"]) == ()
    await store.watches.saw(lease, [later], [told(later, "2")], at(7))
    assert await store.outbox.claim(at(20), at(30), "t", 1) == ()


async def test_who_lost_the_lease_stores_nothing_and_tells_nothing(store: Store, lease: Lease) -> None:
    await begin(store, watch())
    await store.leases.acquire("watch:eu", "other", at(20), at(40))
    with pytest.raises(LeaseLostError):
        await store.watches.saw(lease, [seen(watch(), 5)], [told(watch(), "2")], at(21))
    assert await store.watches.one("w1") == watch()


async def test_who_joins_while_somebody_looks_is_kept_and_pinged(store: Store, lease: Lease) -> None:
    await begin(store, watch())
    assert await store.watches.join("w1", "U2")
    await store.watches.saw(lease, [seen(watch(), 5)], [told(watch(), "2", mentions=("<@U1>",))], at(5))
    await sent(store, at(5), "1.1")
    body = (await sent(store, at(9), "1.2")).body
    assert isinstance(body, WatchReplyBody)
    assert body.mentions == ("<@U1>", "<@U2>")


async def test_the_last_who_leaves_ends_the_watch_and_nothing_is_told_of_it_any_more(
    store: Store, lease: Lease
) -> None:
    await begin(store, watch(watchers=("U1", "U2")))
    assert await store.watches.leave("w1", "U9", "stopped", at(1)) is None
    left = await store.watches.leave("w1", "U1", "stopped", at(1))
    assert left
    assert left.over_at is None
    ended = await store.watches.leave("w1", "U2", "stopped", at(2))
    assert ended
    assert (ended.over_at, ended.view.over) == (at(2), "stopped")
    assert await store.watches.leave("w1", "U2", "stopped", at(3)) is None
    assert await store.watches.join("w1", "U3") is None
    await store.watches.saw(lease, [seen(watch(), 5)], [told(watch(), "2")], at(5))
    assert (await store.watches.one("w1")) == ended
    await sent(store, at(5), "1.1")
    assert await store.outbox.claim(at(20), at(30), "t", 1) == ()
    assert await begin(store, watch("w2")) is None


async def test_a_message_is_brought_up_to_date_also_after_the_end_of_its_watch(store: Store, lease: Lease) -> None:
    await begin(store, watch())
    await sent(store, at(0), "1.1")
    ended = over(watch(), "it is over", at(5)).watch
    await store.watches.saw(lease, [ended], [], at(5))
    assert await store.watches.running("eu") == ()
    assert await store.watches.at_work() == {"eu": 0}
    assert [one.watch for one in await store.watches.stale(["eu"])] == [ended]
    await store.watches.shown("w1", ended.view.as_of, at(6))
    assert await store.watches.at_work() == {}


async def test_a_message_that_was_deleted_ends_its_watch(store: Store) -> None:
    await begin(store, watch())
    await sent(store, at(0), "1.1")
    await store.watches.gone("w1", "deleted", at(5))
    assert await store.watches.at_work() == {}
    assert await store.watches.stale(["eu"]) == ()
    one = await store.watches.one("w1")
    assert one
    assert one.view.over == "deleted"


async def test_where_an_old_view_was_written_over_a_newer_one_the_message_is_edited_again(
    store: Store, lease: Lease
) -> None:
    await begin(store, watch())
    await sent(store, at(0), "1.1")
    await store.watches.saw(lease, [seen(watch(), 10)], [], at(10))
    await store.watches.shown("w1", at(10), at(11))
    await store.watches.shown("w1", at(5), at(12))
    assert [one.watch.view.as_of for one in await store.watches.stale(["eu"])] == [at(10)]


async def test_watches_that_are_long_over_are_forgotten(store: Store, lease: Lease) -> None:
    await begin(store, watch())
    await begin(store, watch("w2", "d2"))
    await store.watches.saw(lease, [over(watch(), "over", at(5)).watch], [], at(5))
    await store.watches.forget(at(5))
    assert await store.watches.one("w1")
    await store.watches.forget(at(6))
    assert await store.watches.one("w1") is None
    assert await store.watches.running("eu") == (watch("w2", "d2", view=replace(watch().view, entry=entry("d2"))),)
