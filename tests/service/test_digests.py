"""Digests lose nothing and double nothing: across slots, restarts, outages, quiet hours, snoozes and replicas."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
import pytest_asyncio

from deploybot.domain.due import LATE_AFTER
from deploybot.domain.ledger import Gap, Kind
from deploybot.domain.outgoing import DigestBody
from deploybot.domain.subscription import Subscription, SubscriptionKind
from deploybot.service.digests import Digests
from deploybot.settings.model import StoreSettings
from deploybot.store.opening import open_store
from tests.service.watched import Watched

MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PATIENCE = 2 * MINUTE


def at(text: str, day: int = 23) -> datetime:
    """A time of the day, to the second, in UTC."""
    return datetime.fromisoformat(f"2026-11-{day}T{text}").replace(tzinfo=UTC)


@pytest_asyncio.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    """A foundation that was first polled long ago."""
    async with open_store(StoreSettings(data_dir=tmp_path)) as store:
        known = Watched(store)
        await known.poll(MIDNIGHT - 90 * DAY)
        yield known


async def hourly(watched: Watched, id_: str = "s-1", **changes: Any) -> Subscription:
    """A digest every hour that has covered all up to midnight."""
    known: dict[str, Any] = {
        "channel": "C1",
        "made_by": "U1",
        "made_at": MIDNIGHT,
        "kind": SubscriptionKind.DIGEST,
        "schedule": "every=1h",
        "next_due": at("01:00"),
        "covered_until": MIDNIGHT,
    }
    made = Subscription(id=id_, **{**known, **changes})
    await watched.store.subscriptions.add(made)
    return made


def digests(watched: Watched, *foundations: str) -> Digests:
    store = watched.store
    return Digests(store.subscriptions, store.ledger, foundations or ("eu",), patience=PATIENCE)


async def tick(watched: Watched, now: datetime) -> list[DigestBody]:
    await digests(watched).tick(now)
    return await watched.digests(now)


async def awake(watched: Watched, since: datetime, until: datetime, *foundations: str) -> list[DigestBody]:
    """A process that ticks every 20 s, both ends included."""
    running, now = digests(watched, *foundations), since
    while now <= until:
        await running.tick(now)
        now += 20 * SECOND
    return await watched.digests(until)


async def now_of(watched: Watched, id_: str = "s-1") -> Subscription:
    found = await watched.store.subscriptions.one(id_)
    assert found
    return found


def guids(body: DigestBody) -> list[str]:
    return [line.entry.guid for line in (*body.failed, *body.open, *body.rest)]


async def test_a_digest_tells_what_was_noticed_since_the_last_one(watched: Watched) -> None:
    await hourly(watched)
    await watched.poll(at("00:30"), ("a", Kind.STARTED), ("b", Kind.FAILED))
    await watched.poll(at("01:00:01"))
    (body,) = await tick(watched, at("01:00:02"))
    assert guids(body) == ["b", "a"]
    assert (body.since, body.until, body.late) == (MIDNIGHT, at("01:00"), False)
    assert (await now_of(watched)).next_due == at("02:00")
    assert (await now_of(watched)).covered_until == at("01:00")


async def test_a_digest_is_made_once(watched: Watched) -> None:
    await hourly(watched)
    await watched.poll(at("00:30"), ("a", Kind.SUCCEEDED))
    await watched.poll(at("01:00:01"))
    assert len(await tick(watched, at("01:00:02"))) == 1
    assert await tick(watched, at("01:00:03")) == []
    await watched.poll(at("02:00"))
    assert await tick(watched, at("02:00:03")) == []
    assert (await now_of(watched)).covered_until == at("02:00")


async def test_two_replicas_make_each_digest_once(watched: Watched) -> None:
    for number in range(12):
        await hourly(watched, f"s-{number}")
    await watched.poll(at("00:30"), ("a", Kind.SUCCEEDED))
    await watched.poll(at("01:00:01"))
    counts = await asyncio.gather(*(digests(watched).tick(at("01:00:02")) for _ in range(4)))
    assert sum(counts) == 12
    told = Counter(body.subscription for body in await watched.digests(at("01:01")))
    assert told == {f"s-{number}": 1 for number in range(12)}


async def test_a_digest_waits_until_the_foundation_was_polled_past_its_slot(watched: Watched) -> None:
    """What a poll notices just before the slot may still be on its way into the ledger."""
    await hourly(watched)
    await watched.poll(at("00:59:50"))
    assert await tick(watched, at("01:00:05")) == []
    await watched.poll(at("00:59:59"), ("a", Kind.FAILED))
    await watched.poll(at("01:00:10"), ("b", Kind.FAILED))
    (body,) = await tick(watched, at("01:00:11"))
    assert guids(body) == ["a"]
    await watched.poll(at("02:00"))
    (later,) = await tick(watched, at("02:00:11"))
    assert [line.entry.guid for line in later.failed] == ["b"]


async def test_a_foundation_that_is_down_is_not_waited_for_and_said_to_be_down(watched: Watched) -> None:
    await hourly(watched)
    await watched.poll(at("00:30"), ("a", Kind.SUCCEEDED))
    await watched.fail(at("00:40"))
    assert await awake(watched, at("00:50"), at("01:00") + PATIENCE - 20 * SECOND) == []
    (body,) = await awake(watched, at("00:50"), at("01:00") + PATIENCE)
    assert guids(body) == ["a"]
    assert not body.late
    assert [(gap.foundation, gap.reason, gap.until) for gap in body.gaps] == [("eu", "not reachable", None)]


async def test_a_bot_that_starts_while_a_foundation_is_down_has_not_seen_the_time_before(watched: Watched) -> None:
    """It was away over the slot, and the first poll that fails comes after it."""
    await hourly(watched)
    await watched.poll(at("00:30"), ("a", Kind.SUCCEEDED))
    await watched.fail(at("01:01"))
    (body,) = await awake(watched, at("01:01"), at("01:01") + PATIENCE)
    assert body.until == at("01:00")
    assert [(gap.since, gap.until) for gap in body.gaps] == [(at("00:30"), None)]


async def test_a_process_that_was_frozen_gives_its_poll_time_to_be_stored(watched: Watched) -> None:
    """Frozen right before it stored what it had noticed, it wakes to a digest whose slot has passed long ago."""
    await hourly(watched)
    await watched.poll(at("00:30"))
    running = digests(watched)
    for second in range(0, 180, 20):
        await running.tick(at("00:55") + second * SECOND)
    await running.tick(at("01:05"))
    assert (await now_of(watched)).next_due == at("01:00")
    await watched.poll(at("00:58"), ("a", Kind.FAILED))
    await watched.poll(at("01:05:10"))
    await running.tick(at("01:05:11"))
    (body,) = await watched.digests(at("01:06"))
    assert guids(body) == ["a"]


async def test_what_is_noticed_only_after_an_outage_is_in_the_next_digest(watched: Watched) -> None:
    """By the time at which it happened it would have fallen into the one that was sent already."""
    await hourly(watched)
    await watched.fail(at("00:10"))
    assert await awake(watched, at("00:50"), at("01:05")) == []
    assert (await now_of(watched)).next_due == at("02:00")
    gap = Gap(foundation="eu", since=at("00:10"), until=at("01:20"), reason="not reachable")
    await watched.poll(at("01:20"), ("a", Kind.FAILED), gap=gap, created_at=at("00:20"))
    await watched.poll(at("02:00"))
    (body,) = await tick(watched, at("02:00:05"))
    assert guids(body) == ["a"]


async def test_a_silent_window_that_was_not_seen_whole_is_told_with_the_next_message(watched: Watched) -> None:
    await hourly(watched)
    gap = Gap(foundation="eu", since=at("00:10"), until=at("00:30"), reason="not reachable")
    await watched.poll(at("00:30"), gap=gap)
    await watched.poll(at("01:00"))
    assert await tick(watched, at("01:00:05")) == []
    await watched.poll(at("01:30"), ("a", Kind.SUCCEEDED))
    await watched.poll(at("02:00"))
    (body,) = await tick(watched, at("02:00:05"))
    assert body.since == MIDNIGHT
    assert [(one.since, one.until) for one in body.gaps] == [(at("00:10"), at("00:30"))]


async def test_slots_missed_while_down_are_made_up_for_once_marked_late_and_lose_nothing(watched: Watched) -> None:
    await hourly(watched)
    await watched.poll(at("00:30"), ("a", Kind.FAILED))
    gap = Gap(foundation="eu", since=at("00:30"), until=at("05:20"), reason="deploybot was not running")
    await watched.poll(at("05:20"), ("b", Kind.FAILED), gap=gap)
    await watched.poll(at("05:20:15"))
    (body,) = await tick(watched, at("05:20:20"))
    assert body.late
    assert sorted(guids(body)) == ["a", "b"]
    assert (body.since, body.until) == (MIDNIGHT, at("05:20:15"))
    assert (await now_of(watched)).next_due == at("06:00")
    await watched.poll(at("06:00"), ("c", Kind.FAILED))
    await watched.poll(at("06:00:15"))
    assert await tick(watched, at("06:00:20")) == []


async def test_a_restart_just_after_the_slot_is_no_delay_worth_a_remark(watched: Watched) -> None:
    await hourly(watched)
    await watched.poll(at("00:30"), ("a", Kind.FAILED))
    await watched.poll(at("01:00") + LATE_AFTER)
    (body,) = await tick(watched, at("01:00") + LATE_AFTER)
    assert not body.late
    assert body.until == at("01:00")


async def test_quiet_hours_put_off_to_their_end_and_one_digest_tells_it_all(watched: Watched) -> None:
    await hourly(watched, quiet="00:30-04:30")
    for hour in (1, 2, 3, 4):
        await watched.poll(at(f"0{hour}:00"), (f"d-{hour}", Kind.FAILED))
        assert await tick(watched, at(f"0{hour}:00:05")) == []
    assert (await now_of(watched)).next_due == at("04:30")
    await watched.poll(at("04:30"))
    (body,) = await tick(watched, at("04:30:05"))
    assert len(guids(body)) == 4
    assert (body.since, body.until, body.late) == (MIDNIGHT, at("04:30"), False)
    assert (await now_of(watched)).next_due == at("05:00")


async def test_a_snooze_puts_off_to_the_first_slot_after_it(watched: Watched) -> None:
    await hourly(watched, snoozed_until=at("02:30"))
    await watched.poll(at("01:00"), ("a", Kind.FAILED))
    assert await tick(watched, at("01:00:05")) == []
    assert (await now_of(watched)).next_due == at("03:00")
    await watched.poll(at("03:00"))
    (body,) = await tick(watched, at("03:00:05"))
    assert guids(body) == ["a"]
    assert (body.since, body.late) == (MIDNIGHT, False)


async def test_a_paused_digest_is_not_made(watched: Watched) -> None:
    await hourly(watched, paused="since 2026-11-23 00:00 UTC", paused_by="U1")
    await watched.poll(at("01:00"), ("a", Kind.FAILED))
    assert await digests(watched).tick(at("01:30")) == 0


async def test_each_subscription_is_told_only_what_it_asks_for(watched: Watched) -> None:
    await hourly(watched, "s-eu", filters="foundation=eu state=failed")
    await hourly(watched, "s-us", filters="foundation=us")
    await watched.poll(MIDNIGHT - DAY, foundation="us")
    await watched.poll(at("00:20"), ("a", Kind.FAILED), ("b", Kind.SUCCEEDED))
    await watched.poll(at("00:20"), ("c", Kind.SUCCEEDED), foundation="us")
    await watched.fail(at("00:30"), "us")
    await watched.poll(at("01:02"))
    told = {body.subscription: body for body in await awake(watched, at("00:59"), at("01:03"), "eu", "us")}
    assert {of: guids(body) for of, body in told.items()} == {"s-eu": ["a"], "s-us": ["c"]}
    assert told["s-eu"].gaps == ()
    assert [gap.foundation for gap in told["s-us"].gaps] == ["us"]


async def test_counts_are_compared_with_the_period_before_where_that_was_watched(watched: Watched) -> None:
    await hourly(watched, filters="foundation=eu")
    await hourly(watched, "s-new", filters="foundation=us", proof=True)
    await watched.poll(MIDNIGHT - HOUR / 2, ("old", Kind.FAILED), ("older", Kind.SUCCEEDED))
    await watched.poll(at("00:10"), foundation="us")
    await watched.poll(at("00:30"), ("a", Kind.FAILED))
    await watched.poll(at("01:00"))
    await watched.poll(at("01:00"), foundation="us")
    await digests(watched, "eu", "us").tick(at("01:00:01"))
    told = {body.subscription: body for body in await watched.digests(at("01:03"))}
    assert dict(told["s-1"].before) == {"failed": 1, "succeeded": 1}
    assert told["s-new"].before == ()
    assert [(gap.reason, gap.until) for gap in told["s-new"].gaps] == [("not watched yet", at("00:10"))]


async def test_a_digest_that_nobody_can_read_any_more_is_paused_and_says_why(watched: Watched) -> None:
    await hourly(watched, "s-bad", filters="nonsense=1")
    await hourly(watched, "s-odd", schedule="every=blue")
    await hourly(watched)
    await watched.poll(at("00:30"), ("a", Kind.FAILED))
    await watched.poll(at("01:00"))
    (body,) = await tick(watched, at("01:00:05"))
    assert body.subscription == "s-1"
    assert "I know no filter nonsense" in (await now_of(watched, "s-bad")).paused
    assert "every=blue" in (await now_of(watched, "s-odd")).paused


async def test_an_edit_that_crosses_a_digest_wins_and_the_digest_is_made_of_it_later(watched: Watched) -> None:
    made = await hourly(watched)
    await watched.poll(at("00:30"), ("a", Kind.FAILED))
    await watched.poll(at("01:00"))
    claimed = await watched.store.subscriptions.due(at("01:00:05"), at("01:01"), 10)
    assert [one.id for one in claimed] == ["s-1"]
    assert await watched.store.subscriptions.replace(made, made)
    assert (await now_of(watched)).revision == 2
    (body,) = await tick(watched, at("01:00:06"))
    assert guids(body) == ["a"]


async def test_what_was_sent_on_demand_just_after_a_slot_is_not_told_again(watched: Watched) -> None:
    await hourly(watched, covered_until=at("01:00:20"))
    await watched.poll(at("00:30"), ("a", Kind.FAILED))
    await watched.poll(at("01:00:10"), ("b", Kind.FAILED))
    await watched.poll(at("01:00:30"), ("c", Kind.SUCCEEDED))
    assert await tick(watched, at("01:00:31")) == []
    assert (await now_of(watched)).covered_until == at("01:00:20")
    await watched.poll(at("02:00"))
    (body,) = await tick(watched, at("02:00:05"))
    assert body.counts == (("succeeded", 1),)


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_happens_when_every_deployment_is_told_exactly_once(watched: Watched, seed: int) -> None:
    """A law: polls, outages, restarts and ticks at random; nothing is lost between digests, nothing told twice."""
    random = Random(seed)
    made = await hourly(watched, quiet="03:00-04:10" if seed % 2 else "")
    now, number, told = MIDNIGHT, 0, list[DigestBody]()
    down_until = MIDNIGHT
    while now < MIDNIGHT + 8 * HOUR:
        now += random.choice((15, 40, 300, 600)) * SECOND
        if random.random() < 0.02:
            down_until = now + random.randrange(120) * MINUTE
        if now >= down_until:
            happened = [(f"d-{number + step}", Kind.SUCCEEDED) for step in range(random.randrange(3))]
            number += len(happened)
            await watched.poll(now, *happened)
        if random.random() < 0.7:
            told += await tick(watched, now + random.randrange(3) * SECOND)
    await watched.poll(now + 2 * HOUR)
    told += await tick(watched, now + 2 * HOUR)
    assert sum(count for body in told for _, count in body.counts) == number
    assert all(earlier.until <= later.since for earlier, later in pairwise(told))
    assert told[0].since == made.covered_until
