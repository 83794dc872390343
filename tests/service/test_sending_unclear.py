"""Messages of which nobody knows whether Slack took them: looked for, sent again, and their doubles taken away."""

import asyncio
from typing import Any

from deploybot.domain.ports import Unclear
from deploybot.service.sending import Sender
from tests.fake_notifier import FakeNotifier
from tests.service.overtaken import Overtaken
from tests.service.post_office import SETTLED, Post, notice, waits


async def test_an_unclear_message_is_not_looked_for_before_the_time_out_and_a_minute(post: Post) -> None:
    post.slack.script.extend(["unclear"])
    await post.add(notice("k1"))
    await post.tick()
    post.clock.pass_by(69)
    await post.tick()
    assert post.slack.finds == []
    post.clock.pass_by(2)
    await post.tick()
    assert len(post.slack.finds) == 1
    assert post.texts == ["k1"]


async def test_an_unclear_message_that_is_not_there_is_sent_again(post: Post) -> None:
    post.slack.script.extend(["lost", "lost"])
    await post.add(notice("k1"))
    await post.tick(8, every=SETTLED)
    assert (post.texts, len(post.slack.posts)) == (["k1"], 3)
    assert not post.slack.messages[0].repeat


async def test_what_nobody_may_look_for_is_sent_again_as_a_repeat(post: Post) -> None:
    post.slack.may_look = False
    post.slack.script.extend(["unclear"])
    await post.add(notice("k1"))
    await post.tick()
    post.clock.pass_by(SETTLED)
    await post.tick(2)
    assert [shown.repeat for shown in post.slack.messages] == [False, True]
    await post.tick(5, every=SETTLED)
    assert len(post.texts) == 2


async def test_repeats_that_stay_unclear_come_less_and_less_often(post: Post) -> None:
    post.slack.may_look = False
    post.slack.script.extend(["lost"] * 50)
    await post.add(notice("k1"))
    await post.tick(60, every=120)
    assert 3 <= len(waits(post)) <= 8
    assert waits(post) == sorted(waits(post))


async def test_a_look_without_an_answer_is_repeated_but_not_for_ever(post: Post) -> None:
    post.slack.script.extend(["unclear"])
    post.slack.find_script.extend([Unclear("500")] * 1000)
    await post.add(notice("k1"))
    await post.tick(20, every=60)
    assert len(post.texts) == 1
    assert 10 < len(post.slack.finds) <= 20
    await post.tick(20, every=60)
    assert [shown.repeat for shown in post.slack.messages] == [False, True]


async def test_a_message_that_is_there_twice_loses_the_later_one(post: Post) -> None:
    post.slack.script.extend(["late"])
    await post.add(notice("k1"))
    await post.tick()
    post.clock.pass_by(SETTLED)
    await post.tick(2)
    assert len(post.texts) == 2
    first = post.slack.messages[0].ts
    await post.tick(4, every=SETTLED)
    assert post.texts == ["k1"]
    assert post.slack.messages[0].ts == first
    assert post.rows("ts, doubtful_at") == [(first, None)]


async def test_a_double_that_slack_does_not_delete_is_deleted_later(post: Post) -> None:
    post.slack.script.extend(["late"])
    post.slack.refused_deletes = 2
    await post.add(notice("k1"))
    await post.tick(12, every=SETTLED)
    assert post.texts == ["k1"]


async def test_a_claim_that_ran_out_is_not_sent(post: Post) -> None:
    """A process halted between claim and send must not send what another may have sent meanwhile."""
    await post.add(notice("k1"))

    def frozen(passed: str) -> None:
        if passed == "send.begun":
            post.dies_at = lambda name: None
            post.clock.pass_by(55)

    post.dies_at = frozen
    await post.tick()
    assert post.slack.posts == []
    await post.tick(3, every=SETTLED)
    assert post.texts == ["k1"]


async def test_a_post_of_a_process_that_was_halted_is_taken_back(post: Post) -> None:
    post.slack.script.extend(["frozen"])
    await post.add(notice("k1"))
    frozen = asyncio.create_task(post.sender.tick(post.clock.at))
    await asyncio.wait_for(post.slack.halted.wait(), 5)
    other = post.new_sender()
    for _ in range(8):
        post.clock.pass_by(SETTLED)
        await other.tick(post.clock.at)
    assert post.texts == ["k1"]
    kept = post.slack.messages[0].ts
    post.slack.thaw.set()
    await frozen
    assert [shown.ts for shown in post.slack.messages] == [kept]
    assert post.rows("ts") == [(kept,)]


async def test_the_later_of_two_goes_even_where_it_was_noted_first(post: Post) -> None:
    """Without the right to look: ours was there before the other's, which was noted while we were halted."""
    post.slack.may_look = False
    post.slack.refused_deletes = 1
    await post.add(notice("k1"))
    other = post.new_sender()
    claims = []

    async def overtaken(claim: Any) -> Any:
        claims.append(claim)
        delivery = await FakeNotifier.post(post.slack, claim)
        if len(claims) == 1:
            for _ in range(3):
                post.clock.pass_by(SETTLED)
                await other.tick(post.clock.at)
        return delivery

    halted = Overtaken(post.slack, overtaken)
    sender = Sender(post.store.outbox, halted, edits=post.edits, monotonic=post.clock, sleep=post.clock.sleep)
    await sender.tick(post.clock.at)
    assert len(post.texts) == 2
    await sender.tick(post.clock.at)
    assert [shown.repeat for shown in post.slack.messages] == [False]
    assert post.rows("ts") == [(post.slack.messages[0].ts,)]
