"""Subscriptions: edits that nobody overwrites unseen, and due digests that one replica gets."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from deploybot.domain.ledger import Kind
from deploybot.domain.storage import Settled
from deploybot.domain.subscription import Subscription
from deploybot.store.opening import Store
from tests.store.making import at, digest, notice, subscription


async def test_a_subscription_comes_back_as_it_was(store: Store) -> None:
    whole = digest("s1", on=(Kind.FAILED,), tz="Europe/Berlin", snoozed_until=at(5), covered_until=at(-5), proof=True)
    await store.subscriptions.add(whole)
    assert await store.subscriptions.one("s1") == whole
    assert await store.subscriptions.one("s2") is None


async def test_a_channels_are_listed_oldest_first(store: Store) -> None:
    for id_, second in (("s1", 9), ("s2", 3), ("s3", 3)):
        await store.subscriptions.add(subscription(id_, made_at=at(second)))
    await store.subscriptions.add(subscription("s4", channel="C2"))
    assert [each.id for each in await store.subscriptions.of_channel("C1")] == ["s2", "s3", "s1"]


async def test_of_two_edits_of_one_state_the_second_is_refused(store: Store) -> None:
    read = subscription("s1")
    await store.subscriptions.add(read)
    assert await store.subscriptions.replace(read, replace(read, filters="app=a"))
    assert not await store.subscriptions.replace(read, replace(read, filters="app=b"))
    assert await store.subscriptions.one("s1") == replace(read, filters="app=a", revision=2)


async def test_an_edit_of_what_was_removed_is_refused(store: Store) -> None:
    read = subscription("s1")
    await store.subscriptions.add(read)
    assert await store.subscriptions.remove("s1")
    assert not await store.subscriptions.remove("s1")
    assert not await store.subscriptions.replace(read, read)


async def test_an_edit_read_before_a_digest_was_settled_is_refused(store: Store) -> None:
    read = digest("s1")
    await store.subscriptions.add(read)
    assert await store.subscriptions.settle([(read, Settled(replace(read, next_due=at(900))))], at(0)) == 1
    assert not await store.subscriptions.replace(read, replace(read, filters="app=b"))


async def test_an_edit_does_not_touch_when_it_last_posted(store: Store) -> None:
    read = subscription("s1", last_posted_at=at(1))
    await store.subscriptions.add(read)
    assert await store.subscriptions.replace(read, replace(read, last_posted_at=None))
    assert await store.subscriptions.one("s1") == replace(read, revision=2)


async def test_the_version_grows_with_every_change(store: Store) -> None:
    versions = [await store.subscriptions.version()]
    read = subscription("s1")
    await store.subscriptions.add(read)
    versions.append(await store.subscriptions.version())
    await store.subscriptions.replace(read, replace(read, paused="by hand"))
    versions.append(await store.subscriptions.version())
    await store.subscriptions.remove("s1")
    versions.append(await store.subscriptions.version())
    assert versions == sorted(set(versions))


async def test_alerts_are_those_that_are_not_paused(store: Store) -> None:
    for each in (subscription("s1"), subscription("s2", paused="by hand"), digest("s3")):
        await store.subscriptions.add(each)
    assert await store.subscriptions.alerts() == (await store.subscriptions.version(), (subscription("s1"),))


async def _due(store: Store, second: float, most: int = 10) -> list[str]:
    return [each.id for each in await store.subscriptions.due(at(second), at(second + 30), most)]


async def test_due_digests_are_claimed_longest_due_first_and_paused_ones_never(store: Store) -> None:
    for id_, second in (("s1", 5), ("s2", 3), ("s3", 99), ("s4", 4)):
        await store.subscriptions.add(digest(id_, next_due=at(second)))
    await store.subscriptions.add(digest("s5", next_due=at(0), paused="by hand"))
    await store.subscriptions.add(subscription("s6"))
    assert await _due(store, 10, most=2) == ["s2", "s4"]
    assert await _due(store, 10) == ["s1"]
    assert await _due(store, 39) == []
    assert await _due(store, 40) == ["s2", "s4", "s1"]


async def test_a_settled_digest_is_stored_with_its_message(store: Store) -> None:
    await store.subscriptions.add(digest("s1"))
    (read,) = await store.subscriptions.due(at(0), at(30), 10)
    after = replace(read, next_due=at(900), covered_until=at(0))
    assert await store.subscriptions.settle([(read, Settled(after, notice("digest:s1:0")))], at(1)) == 1
    assert await store.subscriptions.one("s1") == after
    assert await _due(store, 31) == []
    assert await _due(store, 900) == ["s1"]
    assert [one.draft.key for one in await store.outbox.claim(at(1), at(31), "t", 9)] == ["digest:s1:0"]


async def test_a_claim_that_ran_out_settles_once(store: Store) -> None:
    await store.subscriptions.add(digest("s1"))
    (slow,) = await store.subscriptions.due(at(0), at(30), 10)
    (quick,) = await store.subscriptions.due(at(30), at(60), 10)
    assert await store.subscriptions.settle([(quick, _next(quick, "by quick"))], at(31)) == 1
    assert await store.subscriptions.settle([(slow, _next(slow, "by slow"))], at(32)) == 0
    assert [one.draft.key for one in await store.outbox.claim(at(32), at(62), "t", 9)] == ["by quick"]


def _next(read: Subscription, key: str) -> Settled:
    assert read.next_due
    return Settled(replace(read, next_due=read.next_due + timedelta(minutes=15)), notice(key))


@pytest.mark.parametrize("change", [{"paused": "by hand"}, {"next_due": at(5)}])
async def test_what_was_changed_meanwhile_is_not_settled(store: Store, change: dict[str, object]) -> None:
    await store.subscriptions.add(digest("s1"))
    (read,) = await store.subscriptions.due(at(0), at(30), 10)
    assert await store.subscriptions.replace(read, replace(read, **change))
    assert await store.subscriptions.settle([(read, _next(read, "old"))], at(1)) == 0
    assert await store.outbox.claim(at(100), at(130), "t", 9) == ()


async def test_a_window_that_was_covered_by_hand_meanwhile_is_not_covered_again(store: Store) -> None:
    """ "Send now" moves where the next window begins, not when it is due."""
    read = digest("s1")
    await store.subscriptions.add(read)
    now = Settled(replace(read, covered_until=at(5)), notice("by hand"))
    assert await store.subscriptions.settle([(read, now)], at(5)) == 1
    assert await store.subscriptions.settle([(read, _next(read, "by schedule"))], at(6)) == 0


async def test_a_subscription_that_speaks_opens_its_channel_in_the_same_transaction(store: Store) -> None:
    """A process that dies between the two would leave one that is silent, and nobody would be told."""
    await store.subscriptions.add(subscription("s1"))
    await _shut(store, 0)
    shut = await store.subscriptions.one("s1")
    assert shut
    assert shut.paused == "is_archived"
    assert await store.subscriptions.replace(shut, replace(shut, filters="app=shop"))
    assert await store.outbox.claim(at(10), at(40), "t", 9) == ()
    edited = await store.subscriptions.one("s1")
    assert edited
    assert await store.subscriptions.replace(edited, replace(edited, paused=""))
    (held,) = await store.outbox.claim(at(10), at(40), "t", 9)
    assert held.draft.key == "n0"
    assert await store.outbox.sent(held, "1.0", at(10), at(11)) is None
    await _shut(store, 20)
    await store.subscriptions.add(subscription("s2"))
    assert [one.draft.key for one in await store.outbox.claim(at(50), at(80), "t", 9)] == ["n20"]


async def _shut(store: Store, second: float) -> None:
    await store.outbox.add(notice(f"n{second}"), at(second))
    (one,) = await store.outbox.claim(at(second), at(second + 30), f"t{second}", 1)
    assert await store.outbox.sending(one, at(second))
    await store.outbox.blocked(
        one, "is_archived", at(second), lambda of: notice(f"told:{of.id}:{second}", "U1", not_before=at(9999))
    )
