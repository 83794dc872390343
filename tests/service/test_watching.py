"""Watching: one message per deployment and channel that is true, kept up to date cheaply, and ends by itself."""

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from deploybot.domain.access import MEMBERS, Effect, Right, Rule
from deploybot.domain.audit import AuditAsk
from deploybot.domain.deployment import Instances, Progress
from deploybot.domain.outcome import Outcome
from deploybot.domain.pattern import Pattern
from deploybot.domain.ports import Declined, RateLimit
from deploybot.domain.watching import DELETED, ENDED, NOT_ALLOWED, TOO_LONG
from deploybot.errors import UpstreamError, UserError
from tests.fake_directory import WITH_GUESTS
from tests.fake_foundation import stored
from tests.fake_notifier import START, CrashedError
from tests.service.followed import EDITS, Watchtower, watchtower

RUNNING = Progress(Instances(desired=4, running=3), Instances(desired=2, running=2), goal=6)
AWAY = UpstreamError("eu", "did not answer in time")


@pytest.fixture
async def tower(tmp_path: Path) -> AsyncIterator[Watchtower]:
    async with watchtower(tmp_path) as ready:
        yield ready


async def test_a_watch_is_one_message_that_is_edited_every_five_seconds(tower: Watchtower) -> None:
    tower.foundation.told = RUNNING
    await tower.begin()
    await tower.live(31)
    assert tower.slack.keys() == ["watch:w0"]
    at = [when for when, _ in tower.slack.redrawn]
    assert 5 <= len(at) <= 6
    assert all(later - earlier >= timedelta(seconds=5) for earlier, later in pairwise(at))
    bar = tower.shown().view.bar
    assert bar
    assert (bar.new_running, bar.goal) == (3, 6)


async def test_many_watches_cost_one_look_and_share_the_budget_of_edits(tower: Watchtower) -> None:
    for number in range(50):
        tower.foundation.rows.append(
            stored(f"{number:08}-0000-4000-8000-000000000000", tower.clock.at, value="ACTIVE", reason="DEPLOYING")
        )
        await tower.begin(f"{number:08}-0000-4000-8000-000000000000", channel=f"C{number}")
    tower.foundation.asked.clear()
    await tower.live(120)
    assert len(tower.foundation.asked) == 24
    assert all(ask.guids and len(ask.guids) == 50 for ask in tower.foundation.asked)
    assert len(tower.foundation.progressed) <= 24 + 50
    for begin in range(60):
        since = START + timedelta(seconds=begin)
        assert sum(since <= at < since + timedelta(minutes=1) for at, _ in tower.slack.redrawn) <= EDITS
    assert tower.shown().view.every == 75


async def test_the_end_is_told_in_the_thread_pings_once_and_ten_minutes_later_the_watch_is_over(
    tower: Watchtower,
) -> None:
    await tower.begin()
    await tower.live(6)
    tower.foundation.is_now("d-1", "FINALIZED", "DEPLOYED", tower.clock.at)
    await tower.live(10)
    (reply,) = tower.replies()
    assert reply.mentions == ("<@U1>",)
    assert tower.shown().view.entry.outcome is Outcome.SUCCEEDED
    edits = len(tower.slack.redrawn)
    await tower.live(120)
    assert len(tower.slack.redrawn) == edits
    tower.clock.pass_by(480)
    await tower.live(10)
    assert tower.shown().view.over == ENDED
    assert len(tower.replies()) == 1
    tower.foundation.asked.clear()
    await tower.live(10)
    assert tower.foundation.asked == []


async def test_a_day_without_change_ends_a_watch_and_says_so(tower: Watchtower) -> None:
    tower.foundation.is_now("d-1", "ACTIVE", "PAUSED", tower.clock.at)
    await tower.begin()
    await tower.live(6)
    tower.clock.pass_by(timedelta(days=1).total_seconds())
    await tower.live(6)
    assert tower.shown().view.over == TOO_LONG
    assert [reply.text for reply in tower.replies()] == [TOO_LONG]


async def test_a_deleted_message_ends_its_watch(tower: Watchtower) -> None:
    await tower.begin()
    await tower.live(3)
    tower.slack.messages.clear()
    await tower.live(10)
    assert (await tower.one("w0")).view.over == DELETED
    edits = len(tower.slack.redrawn)
    await tower.live(30)
    assert len(tower.slack.redrawn) == edits


async def test_where_the_foundation_is_away_the_message_says_since_when_and_asks_ever_less(tower: Watchtower) -> None:
    tower.foundation.told = RUNNING
    await tower.begin()
    await tower.live(12)
    tower.foundation.failure = AWAY
    await tower.live(12)
    view = tower.shown().view
    assert view.unseen_since
    assert view.unseen_since <= START + timedelta(seconds=11)
    assert (view.unseen_why, view.bar) == ("did not answer in time", None)
    edits, follower = len(tower.slack.redrawn), tower.replica.following.followers[0]
    await tower.live(60)
    assert len(tower.slack.redrawn) == edits
    assert 3 <= follower.pace.failures <= 5
    tower.foundation.failure = None
    await tower.live(100)
    assert tower.shown().view.unseen_since is None


async def test_without_diego_the_bar_goes_and_the_words_stay(tower: Watchtower) -> None:
    tower.foundation.told = RUNNING
    await tower.begin()
    await tower.live(8)
    assert tower.shown().view.bar
    tower.foundation.told = None
    await tower.live(10)
    assert tower.shown().view.bar is None
    assert tower.shown().view.entry.outcome is Outcome.IN_PROGRESS


async def test_looks_stay_within_their_part_of_the_rate_limit(tower: Watchtower) -> None:
    tower.foundation.limit = RateLimit(1000, timedelta(hours=1))
    await tower.begin()
    tower.foundation.asked.clear()
    await tower.live(240)
    assert len(tower.foundation.asked) + len(tower.foundation.progressed) <= 250 * 240 / 3600 + 4


async def test_a_second_watch_adds_the_watcher_and_both_are_pinged(tower: Watchtower) -> None:
    first = await tower.begin()
    second = await tower.begin(user="U2")
    assert (first.joined, second.joined, second.watch.id) == (False, True, first.watch.id)
    await tower.live(3)
    await tower.watching.join(first.watch.id, "U3", "C1", tower.clock.at)
    await tower.watching.leave(first.watch.id, "U1", "C1", tower.clock.at)
    tower.foundation.is_now("d-1", "FINALIZED", "CANCELED", tower.clock.at)
    await tower.live(8)
    assert tower.slack.keys()[0] == first.watch.id.join(("watch:", ""))
    assert tower.replies()[0].mentions == ("<@U2>", "<@U3>")


async def test_the_last_who_stops_ends_the_watch(tower: Watchtower) -> None:
    await tower.begin()
    await tower.live(2)
    with pytest.raises(UserError, match="not among those"):
        await tower.watching.leave("w0", "U2", "C1", tower.clock.at)
    with pytest.raises(UserError, match="has ended"):
        await tower.watching.leave("w0", "U1", "C9", tower.clock.at)
    await tower.watching.leave("w0", "U1", "C1", tower.clock.at)
    await tower.live(8)
    assert "Nobody watches" in tower.shown().view.over
    with pytest.raises(UserError, match="has ended"):
        await tower.watching.join("w0", "U2", "C1", tower.clock.at)


async def test_what_has_ended_is_not_watched(tower: Watchtower) -> None:
    tower.foundation.is_now("d-1", "FINALIZED", "DEPLOYED", tower.clock.at)
    with pytest.raises(UserError, match="has ended"):
        await tower.begin()
    assert await tower.store.watches.at_work() == {}


async def test_a_channel_with_guests_gets_no_watch_without_a_rule(tmp_path: Path) -> None:
    async with watchtower(tmp_path, channel=WITH_GUESTS) as tower:
        with pytest.raises(UserError, match="guests"):
            await tower.begin()
        tower.directory.channels["C1"] = None
        with pytest.raises(UserError, match="Slack does not tell me"):
            await tower.begin()
        assert await tower.store.watches.at_work() == {}


async def test_who_may_not_watch_is_refused_and_that_is_on_record(tower: Watchtower) -> None:
    tower.rules.append(Rule("no watching", (MEMBERS,), frozenset({Right.WATCH}), effect=Effect.DENY))
    with pytest.raises(UserError, match="You may not watch checkout here, since no watching denies it"):
        await tower.begin()
    _, events = await tower.store.actions.audit(AuditAsk(), 0, 10)
    assert [(event.kind, event.outcome, event.rule) for event in events] == [("watch", "refused", "no watching")]


async def test_an_app_that_not_all_in_the_channel_may_see_is_not_watched_there(tower: Watchtower) -> None:
    tower.rules += [Rule("u1", ("U1",), frozenset({Right.READ}))]
    tower.rules += [Rule("all", (MEMBERS,), frozenset({Right.READ}), on=(Pattern(apps=("other",)),))]
    with pytest.raises(UserError, match="Not everybody in this channel may see checkout"):
        await tower.begin()


async def test_where_reading_is_taken_away_the_watch_ends_with_what_was_shown_before(tower: Watchtower) -> None:
    await tower.begin()
    await tower.live(6)
    tower.rules.append(Rule("secret", (MEMBERS,), frozenset({Right.READ}), effect=Effect.DENY))
    tower.foundation.is_now("d-1", "FINALIZED", "DEPLOYED", tower.clock.at)
    await tower.live(10)
    shown = tower.shown().view
    assert (shown.over, shown.entry.outcome) == (NOT_ALLOWED, Outcome.IN_PROGRESS)
    assert [reply.text for reply in tower.replies()] == [NOT_ALLOWED]


async def test_while_nobody_can_tell_who_is_in_the_channel_nothing_is_shown_and_nothing_lost(tower: Watchtower) -> None:
    tower.rules.append(Rule("members", (MEMBERS,), frozenset({Right.READ})))
    await tower.begin()
    await tower.live(6)
    tower.directory.channels["C1"] = None
    tower.foundation.is_now("d-1", "FINALIZED", "DEPLOYED", tower.clock.at)
    await tower.live(20)
    assert tower.replies() == []
    assert tower.shown().view.entry.outcome is Outcome.IN_PROGRESS
    del tower.directory.channels["C1"]
    await tower.live(10)
    assert len(tower.replies()) == 1


@pytest.mark.parametrize("point", ["watch.seen", "watch.stored", "watch.edited"])
async def test_a_process_that_dies_anywhere_leaves_the_next_to_tell_each_change_once(
    tower: Watchtower, point: str
) -> None:
    await tower.begin()
    await tower.live(6)
    tower.foundation.is_now("d-1", "FINALIZED", "DEPLOYED", tower.clock.at)

    def die(name: str) -> None:
        if name == point:
            raise CrashedError

    tower.dies_at = die
    with pytest.raises(CrashedError):
        await tower.live(10)
    tower.dies_at = lambda _: None
    tower.clock.pass_by(21)
    await tower.live(10, tower.new_replica("two"))
    assert len(tower.replies()) == 1
    assert tower.slack.keys().count("watch:w0") == 1
    assert tower.shown().view.entry.outcome is Outcome.SUCCEEDED


async def test_of_two_replicas_one_looks_and_the_other_goes_on_when_it_ends(tower: Watchtower) -> None:
    other = tower.new_replica("two")
    await tower.begin()
    tower.foundation.asked.clear()
    for _ in range(20):
        await tower.live(1)
        await tower.live(1, other)
    assert len(tower.foundation.asked) <= 9
    await tower.replica.following.close()
    tower.foundation.asked.clear()
    await tower.live(1, other)
    assert len(tower.foundation.asked) == 1


async def test_slack_that_asks_to_wait_is_left_alone_for_as_long(tower: Watchtower) -> None:
    await tower.begin()
    await tower.live(3)
    edits = len(tower.slack.redrawn)
    tower.slack.edit_script.append(Declined("limited", wait=30))
    await tower.live(25)
    assert len(tower.slack.redrawn) == edits + 1
    await tower.live(15)
    assert len(tower.slack.redrawn) > edits + 1


async def test_where_nothing_is_watched_nobody_is_asked(tower: Watchtower) -> None:
    await tower.live(30)
    assert tower.foundation.asked == []


async def test_how_long_a_rollout_usually_takes_comes_from_the_past_ones_of_its_app(tower: Watchtower) -> None:
    for number, length in enumerate((60, 180, 120)):
        began = START - timedelta(days=number + 1)
        ended = began + timedelta(seconds=length)
        tower.foundation.rows.append(stored(f"past-{number}", began, changed=ended, updated=ended))
    assert (await tower.begin()).watch.view.expected == 120
