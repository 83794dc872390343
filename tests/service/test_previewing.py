"""A preview tells what a subscription would have sent in the last seven days."""

from datetime import UTC, datetime, timedelta

from deploybot.domain.ledger import Gap, Kind
from tests.fake_foundation import FakeFoundation
from tests.service.subscribed import CHANNEL, DAY, HOUR, NOW, looked_ahead, subscribing, wish
from tests.service.watched import Watched


async def test_a_preview_counts_the_digests_of_the_last_week_and_shows_the_last(watched: Watched) -> None:
    await watched.poll(NOW - 6 * DAY, ("a", Kind.SUCCEEDED))
    await watched.poll(NOW - 6 * DAY + timedelta(minutes=1), ("b", Kind.SUCCEEDED))
    await watched.poll(NOW - 3 * DAY, ("c", Kind.FAILED), ("other", Kind.FAILED), app="billing")
    await watched.poll(NOW - 2 * DAY, ("d", Kind.FAILED))
    await watched.poll(NOW)
    seen = await looked_ahead(watched, "app=checkout at=09:00")
    assert (seen.count, seen.since, seen.until) == (2, NOW - 7 * DAY, NOW)
    assert seen.digest
    assert [line.entry.guid for line in seen.digest.failed] == ["d"]
    assert seen.digest.since == datetime(2026, 11, 21, 9, tzinfo=UTC)
    assert seen.alert is None
    assert await subscribing(watched).of_channel(CHANNEL, "U1") == ()


async def test_a_preview_of_a_digest_with_proof_counts_every_slot(watched: Watched) -> None:
    seen = await looked_ahead(watched, "every=1d proof")
    assert seen.count == 7
    assert seen.digest
    assert seen.digest.counts == ()


async def test_a_preview_puts_off_what_falls_into_quiet_hours(watched: Watched) -> None:
    for hours in (11, 10, 9, 1):
        await watched.poll(NOW - hours * HOUR, (f"d-{hours}", Kind.FAILED))
    await watched.poll(NOW)
    assert (await looked_ahead(watched, "every=1h")).count == 4
    assert (await looked_ahead(watched, "every=1h quiet=22:00-07:00")).count == 2
    assert (await looked_ahead(watched, "on=failed")).count == 4
    assert (await looked_ahead(watched, "on=failed quiet=22:00-07:00")).count == 2


async def test_a_preview_of_an_alert_counts_the_changes_and_shows_the_last(watched: Watched) -> None:
    await watched.poll(NOW - 8 * DAY, ("old", Kind.FAILED))
    await watched.poll(NOW - DAY, ("a", Kind.STARTED))
    await watched.poll(NOW - HOUR, ("a", Kind.FAILED), ("b", Kind.FAILED))
    seen = await looked_ahead(watched, "app=checkout on=failed")
    assert seen.count == 2
    assert seen.alert
    assert (seen.alert[0].kind, seen.alert[1].guid) == (Kind.FAILED, "b")
    assert seen.digest is None


async def test_a_preview_says_how_far_back_the_ledger_reaches(watched: Watched) -> None:
    young = FakeFoundation("us")
    await watched.poll(NOW - 2 * DAY, foundation="us")
    both = subscribing(watched, FakeFoundation(), young)
    assert (await both.preview(wish("every=1h"), CHANNEL, "U1", NOW)).since == NOW - 2 * DAY
    assert (await both.preview(wish("foundation=eu every=1h"), CHANNEL, "U1", NOW)).since == NOW - 7 * DAY
    never = subscribing(watched, FakeFoundation("ap"))
    assert (await never.preview(wish("every=1h"), CHANNEL, "U1", NOW)).count == 0


async def test_a_preview_remarks_on_names_and_on_foundations_that_could_not_be_asked(watched: Watched) -> None:
    seen = await looked_ahead(watched, "app=checkout,chekout every=1h")
    assert any("no app called 'chekout'" in note for note in seen.notes)


async def test_gaps_are_in_a_previewed_digest_as_in_a_real_one(watched: Watched) -> None:
    gap = Gap(foundation="eu", since=NOW - 5 * HOUR, until=NOW - 4 * HOUR, reason="not reachable")
    await watched.poll(NOW - 4 * HOUR, ("a", Kind.FAILED), gap=gap)
    await watched.poll(NOW)
    seen = await looked_ahead(watched, "at=09:00")
    assert seen.digest
    assert [one.reason for one in seen.digest.gaps] == ["not reachable"]
