"""Watching in chat: what the message says, to eyes and to ears, and what its buttons do."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from deploybot.domain.ledger import Kind
from deploybot.domain.outcome import Outcome
from deploybot.domain.outgoing import Edit, WatchBody, WatchReplyBody
from deploybot.domain.watch import Bar, Watch, WatchView
from deploybot.slack.blocks.look import Look
from deploybot.slack.blocks.outgoing import draw
from deploybot.slack.blocks.watch import watch_message
from deploybot.slack.feature import FeatureMaker
from deploybot.slack.limits import Message
from deploybot.slack.watching import watching
from tests.service.followed import Watchtower, watchtower
from tests.slack.block_rules import assert_message, nodes
from tests.slack.conftest import Desktop
from tests.slack.factories import NASTY, NOW
from tests.slack.told import CHANGES, ENTRIES, change, claim, entry

LOOK = Look(several_foundations=False)
BAR = Bar(new_running=3, new_wanted=4, new_crashed=1, old_running=2, old_wanted=2, goal=6)
NUMBERS = st.integers(0, 2**31)
VIEWS = st.builds(
    WatchView,
    entry=ENTRIES,
    as_of=st.just(NOW),
    weights=st.lists(NUMBERS, max_size=30).map(tuple),
    bar=st.none() | st.builds(Bar, **dict.fromkeys(Bar.__struct_fields__, NUMBERS)),
    expected=st.none() | st.floats(0, 1e7),
    unseen_since=st.none() | st.just(NOW),
    unseen_why=NASTY,
    over=NASTY,
)


def watch(**view: object) -> Watch:
    """A canary that waits at its second step."""
    paused = entry(value="ACTIVE", reason="PAUSED", outcome=Outcome.PAUSED, error="", why="", step=2, steps=3)
    given = WatchView(entry=paused, as_of=NOW, weights=(20, 60), bar=BAR, expected=240.0, every=75)
    return Watch(
        id="w1",
        channel="C1",
        foundation="eu",
        guid=paused.guid,
        made_by="U1",
        made_at=NOW,
        watchers=("U1",),
        view=replace(given, **view),
        changed_at=NOW,
    )


def shown(message: Message) -> str:
    return "\n".join(node["text"] for node in nodes(message["blocks"]) if node.get("type") in {"mrkdwn", "plain_text"})


def actions(message: Message) -> list[str]:
    return [node["action_id"] for node in nodes(message["blocks"]) if node.get("type") == "button"]


def test_the_message_says_all_of_it_and_its_text_has_the_words_without_the_bar() -> None:
    message = watch_message(watch(), LOOK)
    assert_message(message)
    for words in (
        "paused",
        "checkout",
        "ada@example.com",
        "20% &gt; [60%] &gt; 100%",
        "3 of 6 instances run, 1 crashed",
    ):
        assert words in shown(message)
    assert "before: 2 of 2 run" in shown(message)
    assert "█" * 10 + "░" * 10 in shown(message)
    assert "usually about 4 min" in shown(message)
    assert "{time_secs}" in shown(message)
    assert "edited about every 1 min 15 s" in shown(message)
    assert "3 of 6 instances run, 1 crashed" in message["text"]
    assert "█" not in message["text"]
    assert actions(message) == ["act_continue", "act_cancel", "watch_join", "watch_stop", "row_details"]


def test_without_instances_the_bar_is_gone_and_the_words_stay() -> None:
    message = watch_message(watch(bar=None), LOOK)
    assert "█" not in shown(message)
    assert "instances" not in shown(message)
    assert "paused" in shown(message)


def test_what_was_not_seen_does_not_look_fresh() -> None:
    since = NOW - timedelta(minutes=5)
    message = watch_message(watch(bar=None, unseen_since=since, unseen_why="did not answer in time"), LOOK)
    assert "eu could not be asked (did not answer in time): nothing was seen since" in shown(message)
    assert "as of" not in shown(message)
    assert "edited about" not in shown(message)
    assert "not seen since 2026-11-23 09:55 UTC" in message["text"]


def test_a_watch_that_is_over_says_why_and_has_no_buttons() -> None:
    message = watch_message(watch(over="The deployment has ended."), LOOK)
    assert "The deployment has ended." in shown(message)
    assert "The deployment has ended." in message["text"]
    assert actions(message) == []


def test_the_end_in_the_thread_pings_and_a_change_does_not() -> None:
    end = WatchReplyBody(entry=entry(), transition=change(Kind.SUCCEEDED), mentions=("<@U1>", "<@U2>"))
    paused = WatchReplyBody(entry=entry(), transition=change(Kind.PAUSED))
    assert "<@U1> <@U2>" in shown(draw(claim(end), LOOK))
    assert "<@" not in shown(draw(claim(paused), LOOK))
    over = WatchReplyBody(entry=entry(), text="Nothing has changed for 24 hours.", mentions=("<@U1>", "<!evil>"))
    assert shown(draw(claim(over), LOOK)) == "Nothing has changed for 24 hours. <@U1>"


@given(VIEWS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_whatever_is_watched_makes_a_valid_message(view: WatchView) -> None:
    body = WatchBody(watch=replace(watch(), view=view))
    assert_message(draw(Edit("C1", "1.1", body), LOOK))
    assert_message(draw(claim(body), LOOK))


@given(ENTRIES, st.none() | CHANGES, NASTY)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_whatever_is_told_in_a_thread_makes_a_valid_message(about: object, told: object, text: str) -> None:
    body = WatchReplyBody(entry=about, transition=told, text=text, mentions=("<@U1>",))  # type: ignore[arg-type]
    assert_message(draw(claim(body), LOOK))


@pytest.fixture
async def tower(tmp_path: Path) -> AsyncIterator[Watchtower]:
    async with watchtower(tmp_path) as ready:
        yield ready


@pytest.fixture
def features(tower: Watchtower) -> tuple[FeatureMaker, ...]:
    # The foundation's clock stands still, and so do its deadlines.
    return (watching(tower.watching, seconds=1e10),)


async def test_the_command_begins_a_watch_and_tells_the_asker_alone(desktop: Desktop, tower: Watchtower) -> None:
    await desktop.send(desktop.command("watch checkout"))
    assert "I follow this deployment" in desktop.posted["text"]
    assert desktop.posted["response_type"] == "ephemeral"
    (one,) = await tower.store.watches.running("eu")
    assert (one.channel, one.watchers) == ("C1", ("U1",))


async def test_the_buttons_begin_join_and_stop(desktop: Desktop, tower: Watchtower) -> None:
    await desktop.send(desktop.command("watch checkout"))
    (one,) = await tower.store.watches.running("eu")
    for number, (action, told) in enumerate(
        (("join", "You are pinged at the end"), ("stop", "not pinged"), ("join", "has ended"))
    ):
        await desktop.send(desktop.click(f"watch_{action}", one.id, shared=True, trigger_id=f"t{number}"))
        assert told in desktop.slack.posts[-1][1]["text"]
    assert await tower.store.watches.running("eu") == ()


@pytest.mark.parametrize(("action", "value"), [("watch_start", "x"), ("watch_dance", "eu/d-1")])
async def test_a_button_that_is_not_one_of_these_is_told_so(desktop: Desktop, action: str, value: str) -> None:
    await desktop.send(desktop.click(action, value))
    assert "not one of mine" in json.dumps(desktop.posted)


async def test_where_the_bot_cannot_post_nothing_is_watched(desktop: Desktop, tower: Watchtower) -> None:
    desktop.slack.answers["conversations.info"] = {"ok": True, "channel": {"id": "C1", "is_member": False}}
    await desktop.send(desktop.command("watch checkout"))
    assert "then watch again" in desktop.posted["text"]
    assert await tower.store.watches.running("eu") == ()
