"""Polling: what is new is told once, nothing is lost whatever goes wrong, and the cursor moves only with the commit."""

import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import structlog

from deploybot.domain.deployment import Person
from deploybot.domain.ledger import Kind
from deploybot.domain.outcome import Outcome
from deploybot.domain.storage import LeaseLostError
from deploybot.errors import UpstreamError
from deploybot.service.sweeping import PER_PAGE
from tests.domain.making import alert
from tests.fake_foundation import NOW, stored
from tests.service.observed import LONG, SECOND, many, scene, under_way

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


async def test_the_first_poll_of_an_empty_store_announces_nothing_old(tmp_path: Path) -> None:
    rows = [
        under_way("now", NOW - MINUTE),
        under_way("forgotten", NOW - 60 * DAY),
        stored("lately", NOW - 5 * SECOND),
        stored("last-week", NOW - 6 * DAY),
        stored("long-ago", NOW - 8 * DAY),
    ]
    async with scene(tmp_path, *rows, polled=False) as one:
        await one.store.subscriptions.add(alert(on=tuple(Kind)))
        polled = await one.poll()
        assert (polled.first, polled.whole, polled.transitions, await one.announcements()) == (True, True, 0, [])
        assert {entry.guid for entry in await one.store.ledger.active("eu")} == {"now", "forgotten"}
        assert (await one.entry("last-week")).outcome is Outcome.SUCCEEDED
        assert not await one.store.ledger.entries("eu", ["long-ago"])
        one.later(15)
        assert (await one.poll()).transitions == 0


async def test_a_history_that_is_too_long_is_cut_at_its_oldest_end_and_hinders_nothing(tmp_path: Path) -> None:
    rows = many(600, NOW - 6 * DAY, timedelta(minutes=14))
    async with scene(tmp_path, *rows, polled=False, backfill_rows=300) as one:
        assert (await one.poll()).whole
        known = await one.store.ledger.entries("eu", [row.deployment.guid for row in rows])
        assert 200 <= len(known) < 600
        assert rows[-1].deployment.guid in known
        one.foundation.has(stored("new", one.later(15)))
        await one.poll()
        assert await one.told() == ["new started", "new succeeded"]


async def test_a_history_that_can_not_be_read_does_not_block(tmp_path: Path) -> None:
    async with scene(tmp_path, stored("old", NOW - DAY), polled=False, requests=3) as one:
        assert (await one.poll()).first
        assert (await one.state()).polled_at == NOW


async def test_what_is_new_is_told_with_its_names_and_who_started_it(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        one.foundation.people["new"] = Person("user-ann", "ann@example.com")
        one.foundation.has(under_way("new", NOW + SECOND))
        await one.poll()
        entry = await one.entry("new")
        assert (entry.app, entry.space, entry.org, entry.by) == ("checkout", "prod", "shop", "ann@example.com")
        assert await one.told() == ["new started"]
        assert one.passed == ["poll.asked", "poll.decided", "poll.stored"]


async def test_each_poll_asks_from_a_minute_before_the_newest_change_that_it_has_seen(tmp_path: Path) -> None:
    async with scene(tmp_path, stored("old", NOW - 5 * MINUTE)) as one:
        await one.poll()
        [ask] = one.foundation.asked
        assert (ask.updated.gte, ask.order_by, ask.page) == (NOW - 6 * MINUTE, "updated_at", 1)


async def test_a_row_that_becomes_visible_late_is_not_lost(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        one.foundation.has(stored("first", one.now))
        await one.poll()
        one.foundation.has(stored("committed-late", one.now - 50 * SECOND))
        one.later(15)
        await one.poll()
        assert "committed-late succeeded" in await one.told()


async def test_two_changes_of_one_second_are_both_seen(tmp_path: Path) -> None:
    async with scene(tmp_path, stored("d", NOW - MINUTE, value="ACTIVE", reason="CANCELING", changed=NOW)) as one:
        one.foundation.has(stored("d", NOW - MINUTE, reason="CANCELED", changed=NOW, healthy=NOW))
        await one.poll()
        assert await one.told() == ["d canceled"]


async def test_a_rollout_that_is_stuck_moves_nothing_there_and_is_told_all_the_same(tmp_path: Path) -> None:
    async with scene(tmp_path, under_way("stuck", NOW)) as one:
        await one.poll()
        assert await one.told() == []
        one.later(601)
        await one.poll()
        one.later(15)
        await one.poll()
        assert await one.told() == ["stuck stalled"]


async def test_active_ones_are_asked_by_guid_a_hundred_a_time_unless_the_walk_brought_them(tmp_path: Path) -> None:
    rows = [under_way(f"d-{nth:03}", NOW - DAY) for nth in range(150)]
    async with scene(tmp_path, *rows, under_way("fresh", NOW)) as one:
        await one.poll()
        walk, *by_guid = one.foundation.asked
        assert walk.guids is None
        assert [len(ask.guids or ()) for ask in by_guid] == [100, 50]


async def test_more_changes_than_fit_a_page_are_read_from_the_last_row_on_and_never_by_a_second_page(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path) as one:
        one.foundation.has(*many(2 * PER_PAGE + 10, NOW, SECOND / 50))
        one.later(60)
        await one.poll()
        assert len(await one.told()) == 2 * (2 * PER_PAGE + 10)
        assert {ask.page for ask in one.foundation.asked} == {1}


async def test_one_second_that_fills_a_page_is_read_by_pages(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        one.foundation.has(*many(1300, NOW + SECOND, timedelta(0)), *many(5, NOW + 3 * SECOND, prefix="later"))
        await one.poll()
        assert len(await one.told()) == 2 * 1305
        assert {ask.page for ask in one.foundation.asked} == {1, 2}


async def test_a_poll_that_reaches_its_bound_goes_on_where_it_really_got_to(tmp_path: Path) -> None:
    async with scene(tmp_path, rows=300) as one:
        one.foundation.has(*many(1000, NOW, SECOND))
        one.later(3600)
        polls = [await one.poll()]
        assert (await one.state()).polled_at == NOW
        while polls[-1].more:
            one.later(1)
            polls.append(await one.poll())
        assert [poll.whole for poll in polls] == [False] * (len(polls) - 1) + [True]
        assert len(polls) <= 6
        assert sorted(set(await one.told())) == sorted(await one.told())
        assert len(await one.told()) == 2000
        [gap] = await one.gaps()
        assert (gap.since, gap.until, gap.reason) == (NOW, one.now, "deploybot was not running")
        assert all(transition.late for transition in await one.transitions())


async def test_a_failed_poll_moves_nothing_and_says_why(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        before = await one.state()
        one.foundation.has(stored("missed", one.now))
        one.foundation.failure = UpstreamError("eu", "did not answer in time")
        with pytest.raises(UpstreamError):
            await one.poll()
        failed = await one.state()
        assert (failed.cursor, failed.polled_at) == (before.cursor, before.polled_at)
        assert (failed.failing_since, failed.failure) == (one.now, "not reachable: did not answer in time")
        one.foundation.failure = None
        one.later(15)
        await one.poll()
        assert "missed succeeded" in await one.told()
        assert ((await one.state()).failing_since, await one.gaps()) == (None, ())


async def test_after_an_outage_the_time_is_a_gap_with_its_reason_and_what_is_told_is_late(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        one.foundation.failure = UpstreamError("eu", "did not answer in time")
        with pytest.raises(UpstreamError):
            await one.poll()
        one.foundation.has(stored("meanwhile", one.later(300)))
        one.foundation.failure = None
        one.restart()
        await one.poll()
        [gap] = await one.gaps()
        assert (gap.since, gap.until) == (NOW, one.now)
        assert gap.reason == "not reachable: did not answer in time"
        assert [transition.late for transition in await one.transitions()] == [True, True]
        one.foundation.has(stored("afterwards", one.later(15)))
        await one.poll()
        assert [transition.late for transition in await one.transitions()][2:] == [False, False]


@pytest.mark.parametrize(("silence", "gaps"), [(89, 0), (91, 1)])
async def test_a_bot_that_was_not_running_for_a_minute_and_a_half_has_not_seen_that_time(
    tmp_path: Path, silence: int, gaps: int
) -> None:
    async with scene(tmp_path) as one:
        one.later(silence - 15)
        await one.poll()
        assert [gap.reason for gap in await one.gaps()] == ["deploybot was not running"] * gaps


async def test_names_that_can_not_be_had_fail_the_poll_since_nobody_could_match_them(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:

        async def no_names(*_: object) -> None:
            raise UpstreamError("eu", "names could not be read")

        one.foundation.has(stored("new", one.now))
        one.foundation.apps = no_names  # type: ignore[assignment, method-assign]
        with pytest.raises(UpstreamError, match="names"):
            await one.poll()
        del one.foundation.apps
        one.later(15)
        await one.poll()
        assert await one.told() == ["new started", "new succeeded"]


async def test_a_deployment_whose_app_is_deleted_is_gone_and_not_failed(tmp_path: Path) -> None:
    async with scene(tmp_path, under_way("d", NOW)) as one:
        one.foundation.drop("d")
        await one.poll()
        entry = await one.entry("d")
        assert (entry.gone_at, entry.outcome, await one.told()) == (one.now, Outcome.IN_PROGRESS, [])
        assert one.foundation.looked_up == ["d"]
        one.foundation.has(stored("d", NOW, updated=one.later(15), changed=one.now, healthy=one.now))
        await one.poll()
        assert await one.told() == ["d succeeded"]


async def test_old_deployments_that_are_only_labelled_anew_are_no_news(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        one.foundation.has(stored("old", NOW - 30 * DAY, updated=one.now))
        await one.poll()
        assert await one.told() == []
        assert (await one.entry("old")).ordinal == 0


async def test_a_row_from_the_far_future_hides_nothing(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        one.foundation.has(stored("odd", one.now, updated=one.now + 1000 * DAY))
        await one.poll()
        one.foundation.has(stored("next", one.later(15)))
        await one.poll()
        assert "next succeeded" in await one.told()
        assert (await one.state()).cursor <= one.now


async def test_a_server_whose_clock_is_ahead_or_behind_loses_nothing(tmp_path: Path) -> None:
    for skew in (-120 * SECOND, 120 * SECOND):
        async with scene(tmp_path / f"{skew.total_seconds():.0f}", stored("old", NOW + skew)) as one:
            for nth in range(12):
                one.foundation.has(stored(f"d-{nth:02}", one.now + skew))
                await one.poll()
                one.later(15)
            assert await one.told() == [f"d-{nth:02} {kind}" for nth in range(12) for kind in ("started", "succeeded")]


async def test_alerts_go_out_with_what_is_stored(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        await one.store.subscriptions.add(alert("s-1", "app=checkout", mention="<!here>"))
        await one.store.subscriptions.add(alert("s-2", "app=other", channel="C2"))
        one.foundation.has(stored("d", NOW, reason="CANCELED", changed=one.now, healthy=NOW - MINUTE))
        assert (await one.poll()).announced == 1
        [told] = await one.announcements()
        assert (told.channel, told.guid, told.ordinal, told.mentions) == ("C1", "d", 2, ("<!here>",))


async def test_a_subscription_by_person_is_told_once_the_person_is_known(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        await one.store.subscriptions.add(alert("by", "by=ann@example.com", on=(Kind.SUCCEEDED,)))
        one.foundation.people["other"] = Person("user-bob", "bob@example.com")
        one.foundation.has(stored("d", one.now))
        await one.poll()
        assert await one.announcements() == []
        one.foundation.people["d"] = Person("user-ann", "ann@example.com")
        one.later(15)
        await one.poll()
        [told] = await one.announcements()
        assert (told.guid, told.ordinal, told.subscriptions) == ("d", 2, ("by",))


async def test_an_alert_by_person_waits_for_audit_events_that_can_not_be_asked_and_no_other_does(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path) as one:
        await one.store.subscriptions.add(alert("by", "by=ann@example.com", on=(Kind.SUCCEEDED,)))
        await one.store.subscriptions.add(alert("all", on=(Kind.SUCCEEDED,), channel="C2"))
        one.foundation.tells_events = False
        one.foundation.people["d"] = Person("user-ann", "ann@example.com")
        one.foundation.has(stored("d", one.now))
        for _ in range(4):
            await one.poll()
            one.later(3600)
        assert [(told.channel, told.guid) for told in await one.announcements()] == [("C2", "d")]
        one.restart()
        one.foundation.tells_events = True
        await one.poll()
        assert [(told.channel, told.guid) for told in await one.announcements()] == [("C1", "d"), ("C2", "d")]


async def test_who_started_it_is_asked_again_after_audit_events_failed_even_by_another_process(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        one.foundation.tells_events = False
        one.foundation.people["d"] = Person("user-ann", "ann@example.com")
        one.foundation.has(stored("d", one.now))
        for _ in range(8):
            await one.poll()
            one.later(60)
        one.foundation.tells_events = True
        one.restart()
        await one.poll()
        assert (await one.entry("d")).by == "ann@example.com"
        assert await one.told() == ["d started", "d succeeded"]


async def test_all_of_a_thousand_new_ones_are_known_by_who_started_them(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        one.foundation.has(*many(1000, NOW, SECOND / 50))
        one.foundation.people = {row.deployment.guid: Person("user-ann") for row in one.foundation.rows}
        one.later(15)
        await one.poll()
        entries = await one.store.ledger.entries("eu", list(one.foundation.people))
        assert {entry.by for entry in entries.values()} == {"user-ann"}


async def test_events_that_never_show_are_not_asked_for_for_ever(tmp_path: Path) -> None:
    async with scene(tmp_path, under_way("d", NOW)) as one:
        asked = 0

        async def starters(deployments: list[object], until: float) -> object:
            nonlocal asked
            asked += 1
            return await type(one.foundation).starters(one.foundation, deployments, until)  # type: ignore[arg-type]

        one.foundation.starters = starters  # type: ignore[assignment, method-assign]
        for _ in range(10):
            await one.poll()
            one.later(15)
        assert asked == 4


async def test_a_poll_notices_later_than_the_one_before_even_where_its_clock_is_a_little_behind(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        one.foundation.has(stored("first", one.now))
        await one.poll()
        before = (await one.state()).polled_at
        one.foundation.has(stored("second", one.later(-2)))
        await one.poll()
        assert [told.noticed_at > before for told in await one.transitions()] == [False, False, True, True]
        assert (await one.state()).polled_at > before


async def test_a_bug_in_one_row_is_told_once_and_not_at_every_poll(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        one.foundation.has(stored("odd", one.now))
        one.foundation.problems = ("The deployment odd can't be read.",)
        with structlog.testing.capture_logs() as logged:
            await one.poll()
            one.later(15)
            await one.poll()
        assert [line["note"] for line in logged if line["log_level"] == "warning"] == [
            "The deployment odd can't be read."
        ]


async def test_whoever_has_lost_the_lease_stores_nothing(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        old = await one.lease()
        taken = await one.store.leases.acquire("poll:eu", "other", one.now + 2 * LONG, one.now + 3 * LONG)
        assert taken
        one.foundation.has(stored("d", one.now))
        with pytest.raises(LeaseLostError):
            await one.observer.poll(old, one.now, time.monotonic() + 5)
        assert await one.told() == []
        one.foundation.failure = UpstreamError("eu", "away")
        with pytest.raises(LeaseLostError):
            await one.observer.poll(old, one.now, time.monotonic() + 5)
        assert (await one.state()).failing_since is None


@pytest.mark.parametrize("point", ["poll.asked", "poll.decided", "poll.stored"])
async def test_a_poll_that_dies_anywhere_is_made_good_by_the_next(tmp_path: Path, point: str) -> None:
    async with scene(tmp_path) as one:
        await one.store.subscriptions.add(alert(on=tuple(Kind)))

        def die(name: str) -> None:
            if name == point:
                raise KeyboardInterrupt

        one.foundation.has(stored("d", one.now))
        one.observer = replace(one.observer, checkpoint=die)
        with pytest.raises(KeyboardInterrupt):
            await one.poll()
        one.restart()
        one.later(15)
        await one.poll()
        assert await one.told() == ["d started", "d succeeded"]
        assert [(told.guid, told.ordinal) for told in await one.announcements()] == [("d", 1), ("d", 2)]
