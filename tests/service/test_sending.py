"""Sending: no message is lost and none stays doubled, whatever Slack answers and wherever a process dies."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from deploybot.domain.ledger import Kind
from deploybot.domain.outcome import Outcome
from deploybot.domain.outgoing import NoticeBody
from deploybot.domain.ports import Declined, Notifier, Unclear
from deploybot.domain.subscription import Subscription, SubscriptionKind
from deploybot.service.budget import Budget
from deploybot.service.delivering import DeliveryRules
from deploybot.service.sending import EVERY, Sender, SenderRules
from tests.fake_notifier import START, Clock, CrashedError, FakeNotifier
from tests.service.overtaken import Overtaken
from tests.service.post_office import SETTLED, Post, notice, posting, waits

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RULES = DeliveryRules()
CHECKPOINTS = (
    "send.claimed",
    "send.begun",
    "send.checked",
    "send.posted",
    "send.recorded",
)


async def test_a_message_is_posted_once_and_noted(post: Post) -> None:
    await post.add(notice("k1"))
    await post.tick(5, every=100)
    assert post.texts == ["k1"]
    assert post.rows("state, ts") == [("sent", post.slack.messages[0].ts)]
    assert post.slack.finds == []


async def test_a_channel_gets_a_message_a_second_and_others_do_not_wait_for_it(post: Post) -> None:
    await post.add(*(notice(f"a{number}", "C1") for number in range(3)), notice("b", "C2"))
    await post.tick(3, every=0.5)
    assert (post.slack.keys("C1"), post.slack.keys("C2")) == (["a0", "a1"], ["b"])
    await post.tick(2, every=1)
    assert post.slack.keys("C1") == ["a0", "a1", "a2"]


@pytest.mark.parametrize("slack_takes", [0.02, 0.27, 0.9])
async def test_a_channel_with_more_to_say_is_posted_to_as_soon_as_its_second_is_over(
    post: Post, slack_takes: float
) -> None:
    async def slowly(claim: Any) -> Any:
        delivery = await FakeNotifier.post(post.slack, claim)
        post.clock.pass_by(slack_takes)
        return delivery

    slack, clock = Overtaken(post.slack, slowly), post.clock
    sender = Sender(post.store.outbox, slack, edits=post.edits, monotonic=clock, sleep=clock.sleep)
    await post.add(*(notice(f"k{number}") for number in range(6)))
    for number in range(30):
        clock.at = max(clock.at, START + number * EVERY)
        await sender.tick(clock.at)
    assert post.texts == [f"k{number}" for number in range(6)]
    waited = [(later - first).total_seconds() - slack_takes for (first, _), (later, _) in pairwise(post.slack.posts)]
    assert waited == pytest.approx([1.0] * 5, abs=0.001)


async def test_a_sender_rests_for_a_channel_no_longer_than_until_its_next_tick(post: Post) -> None:
    await post.add(notice("a0", "C1"), notice("a1", "C1"))
    await post.tick()
    assert (post.slack.keys("C1"), post.clock.at) == (["a0"], START)
    post.clock.pass_by(0.75)
    await post.tick()
    assert (post.slack.keys("C1"), post.clock.at) == (["a0", "a1"], START + timedelta(seconds=1))
    await post.tick()
    assert post.clock.at == START + timedelta(seconds=1)


async def test_only_so_many_are_on_their_way_at_once(tmp_path: Path) -> None:
    async with posting(tmp_path, rules=SenderRules(at_once=3)) as post:
        post.slack.meeting = asyncio.Barrier(3)
        await post.add(*(notice(f"k{number}", f"C{number}") for number in range(9)))
        async with asyncio.timeout(30):
            await post.tick()
        assert sorted(post.texts) == [f"k{number}" for number in range(9)]
        assert post.slack.most_busy == 3


async def test_the_workspace_gets_only_so_many_posts_a_minute(tmp_path: Path) -> None:
    async with posting(tmp_path, rules=SenderRules(posts=4)) as post:
        await post.add(*(notice(f"k{number}", f"C{number}") for number in range(10)))
        await post.tick(5, every=10)
        assert len(post.texts) == 4
        await post.tick(2, every=10)
        assert len(post.texts) == 8


@pytest.mark.parametrize("name", CHECKPOINTS)
async def test_wherever_a_sender_dies_the_message_is_there_once(post: Post, name: str) -> None:
    await post.add(notice("k1"))
    post.dies_at = dies_at(name)
    await post.crash()
    await post.tick(10, every=30)
    assert post.texts == ["k1"]
    assert [state for (state,) in post.rows("state")] == ["sent"]
    assert not post.slack.messages[0].repeat


@pytest.mark.parametrize(
    ("name", "first_waits"),
    [
        ("send.claimed", RULES.hold),
        ("send.begun", RULES.unclear_for),
        ("send.posted", RULES.unclear_for),
    ],
)
async def test_a_death_holds_up_its_channel_for_the_claim_and_no_other(
    post: Post, name: str, first_waits: timedelta
) -> None:
    await post.add(notice("a0", "C1"), notice("a1", "C1"))
    post.dies_at = dies_at(name)
    await post.crash()
    await post.add(notice("b", "C2"))
    await post.tick(100, every=1)
    waits = {key: EPOCH + timedelta(microseconds=at) - START for key, at in post.rows("key, sent_at")}
    second = timedelta(seconds=1)
    assert waits["b"] <= second
    assert RULES.hold <= min(waits["a0"], waits["a1"]) <= RULES.hold + second
    assert first_waits <= waits["a0"] <= first_waits + 3 * second


def dies_at(name: str) -> Callable[[str], None]:
    def check(passed: str) -> None:
        if passed == name:
            raise CrashedError

    return check


async def test_a_sender_that_dies_after_composing_or_looking_loses_nothing(post: Post) -> None:
    await post.happens("d1")
    post.dies_at = dies_at("compose.done")
    with pytest.raises(CrashedError):
        await post.tick()
    post.dies_at = dies_at("send.posted")
    await post.crash()
    post.clock.pass_by(SETTLED)
    post.dies_at = dies_at("settle.looked")
    await post.crash()
    await post.tick(4, every=60)
    assert post.texts == ["alert:C1:eu:d1:1"]


async def test_a_channel_that_slack_asked_to_wait_waits_so_long(post: Post) -> None:
    post.slack.script.extend(["limited"])
    await post.add(notice("a", "C1"))
    await post.tick()
    await post.add(notice("b", "C2"), notice("c", "C1"))
    await post.tick(6, every=1)
    assert post.texts == ["b"]
    await post.tick(6, every=1)
    assert post.slack.keys("C1") == ["a", "c"]


async def test_what_slack_declines_for_no_known_reason_waits_longer_each_time(post: Post) -> None:
    post.slack.script.extend(["declined"] * 30)
    await post.add(notice("k1"))
    await post.tick(60, every=5)
    assert waits(post) == [5, 5, 5, 10, 20, 35, 65, 120]
    await post.tick(10, every=60)
    assert waits(post)[-2:] == [120, 120]


async def test_a_shut_channel_pauses_its_subscriptions_and_tells_who_made_them_once(post: Post) -> None:
    for number in (1, 2):
        await post.store.subscriptions.add(
            Subscription(
                id=f"s{number}",
                channel=f"C{number}",
                made_by=f"U{number}",
                made_at=START,
                kind=SubscriptionKind.ALERT,
                filters="app=shop",
            )
        )
    post.slack.script.extend(["shut"])
    await post.add(notice("k1"), notice("k2"))
    await post.tick(10, every=60)
    ((_, _), (_, told)) = post.slack.posts
    assert isinstance(told.draft.body, NoticeBody)
    assert (told.draft.channel, told.draft.body.resume) == ("U1", "s1")
    assert "since I cannot post there: the channel is archived. Unarchive it, then press Resume" in told.draft.body.text
    assert "alerts in <#C1> (app=shop)" in told.draft.body.text
    assert "What happens until then is not announced" in told.draft.body.text
    paused = [await post.store.subscriptions.one(name) for name in ("s1", "s2")]
    assert [bool(one and one.paused) for one in paused] == [True, False]

    assert paused[0]
    assert await post.store.subscriptions.replace(paused[0], replace(paused[0], paused=""))
    await post.tick(3, every=1)
    assert post.slack.keys("C1") == ["k1", "k2"]


async def test_a_deployment_has_a_thread_and_its_first_message_shows_how_it_stands(post: Post) -> None:
    await post.happens("d1")
    await post.tick(2, every=1)
    await post.happens("d1", kind=Kind.FAILED, ordinal=2, outcome=Outcome.FAILED)
    await post.tick(3, every=1)
    root, reply = post.slack.messages
    assert (root.key, reply.key) == ("alert:C1:eu:d1:1", "reply:C1:eu:d1:2")
    assert (reply.thread_ts, root.ordinal) == (root.ts, 2)
    assert len(post.slack.edits) == 1


async def test_a_first_message_that_a_dead_sender_posted_is_brought_up_to_date(post: Post) -> None:
    await post.happens("d1")
    post.dies_at = dies_at("send.posted")
    await post.crash()
    await post.happens("d1", kind=Kind.SUCCEEDED, ordinal=2, outcome=Outcome.SUCCEEDED)
    await post.tick(6, every=SETTLED)
    assert [shown.ordinal for shown in post.slack.messages if not shown.thread_ts] == [2]


async def test_ends_and_failures_are_shown_first_and_edits_keep_their_budget(tmp_path: Path) -> None:
    async with posting(tmp_path) as post:
        post.edits = Budget(2, post.clock)
        post.sender = post.new_sender()
        for number in range(4):
            await post.happens(f"d{number}")
            await post.tick(2, every=60)
        await post.happens("d0", kind=Kind.PAUSED, ordinal=2, outcome=Outcome.PAUSED)
        await post.happens("d1", kind=Kind.SUCCEEDED, ordinal=2, outcome=Outcome.SUCCEEDED)
        await post.happens("d2", kind=Kind.PAUSED, ordinal=2, outcome=Outcome.PAUSED)
        await post.happens("d3", kind=Kind.FAILED, ordinal=2, outcome=Outcome.FAILED)
        await post.tick(5, every=1)
        assert [edit.entry.guid for edit in post.slack.edits] == ["d3", "d1"]
        await post.tick(13, every=10)
        assert {edit.entry.guid for edit in post.slack.edits} == {"d0", "d1", "d2", "d3"}


async def test_a_deleted_first_message_is_let_go_and_the_next_change_begins_anew(post: Post) -> None:
    await post.happens("d1")
    await post.tick(2, every=60)
    post.slack.messages.clear()
    await post.happens("d1", kind=Kind.PAUSED, ordinal=2, outcome=Outcome.PAUSED)
    await post.tick(2, every=60)
    await post.happens("d1", kind=Kind.SUCCEEDED, ordinal=3, outcome=Outcome.SUCCEEDED)
    await post.tick(3, every=60)
    assert post.texts[-1] == "alert:C1:eu:d1:3"


async def test_an_edit_that_failed_is_made_again_but_not_at_once(post: Post) -> None:
    await post.happens("d1")
    await post.tick(2, every=1)
    post.slack.edit_script.extend([Unclear("time-out"), Declined("the channel is archived", wait=300)])
    await post.happens("d1", kind=Kind.SUCCEEDED, ordinal=2, outcome=Outcome.SUCCEEDED)
    await post.tick(25, every=10)
    assert len(post.slack.edits) == 2
    await post.tick(20, every=10)
    assert (len(post.slack.edits), post.slack.messages[0].ordinal) == (3, 2)


async def test_a_store_that_fails_for_a_moment_loses_nothing(tmp_path: Path) -> None:
    async with posting(tmp_path) as post:
        failing = FailingOutbox(post.store.outbox)
        post.outbox = failing
        post.sender = post.new_sender()
        await post.add(notice("k1"))
        for name in ("waits", "channels_waiting", "claim", "sending", "sent", "outdated", "doubtful"):
            failing.fails = name
            await post.tick()
            await post.tick(3, every=SETTLED)
        assert post.texts == ["k1"]


async def test_a_turn_with_nothing_to_do_asks_the_store_one_question(tmp_path: Path) -> None:
    async with posting(tmp_path) as post:
        await post.add(notice("k1"))
        await post.tick(3, every=2)
        asked: list[str] = []
        post.outbox = AskedOutbox(post.store.outbox, asked)
        post.sender = post.new_sender()
        await post.tick(4, every=100)
        assert (post.texts, asked) == (["k1"], ["waits"] * 4)


class AskedOutbox:
    """An outbox that notes what it is asked."""

    def __init__(self, real: Any, asked: list[str]) -> None:
        self._real, self._asked = real, asked

    def __getattr__(self, name: str) -> Any:
        self._asked.append(name)
        return getattr(self._real, name)


class FailingOutbox:
    """An outbox one of whose methods fails once."""

    def __init__(self, real: Any) -> None:
        self._real, self.fails = real, ""

    def __getattr__(self, name: str) -> Any:
        if name == self.fails:
            self.fails = ""
            raise ConnectionError("the database is away")
        return getattr(self._real, name)


async def test_two_hundred_deployments_in_a_minute_are_two_messages(post: Post) -> None:
    for second in range(0, 60, 3):
        await post.happens(*(f"d{second}-{number}" for number in range(10)))
        await post.tick(every=3)
    assert len(post.slack.messages) == 2
    await post.tick(30, every=3)
    assert len(post.slack.messages) == 3
    assert post.rows("count(*)", "announcements WHERE told_by IS NULL") == [(0,)]
    assert post.rows("count(*)", "listed") == [(200,)]


def test_the_fake_is_a_notifier() -> None:
    notifier: Notifier = FakeNotifier(Clock())
    assert notifier is not None
