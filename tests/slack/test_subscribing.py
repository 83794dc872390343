"""What people do with a channel's subscriptions in chat, and what they get to see."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr

from deploybot.domain.ledger import Kind
from deploybot.domain.subscription import SubscriptionKind
from deploybot.errors import UserError
from deploybot.service.subscriptions import Snooze
from deploybot.slack.blocks.subscription_words import lines, what
from deploybot.slack.blocks.subscriptions import SubscriptionsPage, subscriptions_message, subscriptions_view
from deploybot.slack.bolt import build_bot
from deploybot.slack.text import escape
from deploybot.slack.webapi import web_client
from tests.slack.block_rules import assert_message, assert_view, nodes
from tests.slack.conftest import Desktop
from tests.slack.factories import NOW
from tests.slack.fake_subscribes import subscription
from tests.slack.told import entry

MANAGED = "C1:0:s1"


def told(desktop: Desktop) -> str:
    """All that was answered to response addresses."""
    return json.dumps([payload for _, payload in desktop.slack.posts], ensure_ascii=False)


def called(desktop: Desktop) -> list[str]:
    return [name for name, _ in desktop.subscribes.asked]


async def test_subscribe_with_filters_makes_it_at_once_and_tells_its_maker_alone(desktop: Desktop) -> None:
    await desktop.send(desktop.command('subscribe org=shop at="mon-fri 09:00"'))
    name, (ask, channel, by, _) = desktop.subscribes.asked[0]
    assert (name, channel, by) == ("create", "C1", "U1")
    assert (ask.query.orgs, ask.schedule) == (("shop",), 'at="mon-fri 09:00"')
    assert desktop.posted["response_type"] == "ephemeral"
    assert "This would have sent 12 messages in the last 7 days" in desktop.posted["text"]
    assert "digest of deployments in org shop" in desktop.posted["text"]
    assert "next digest <!date^" in told(desktop)


async def test_the_channel_is_told_in_a_line_that_it_was_subscribed(desktop: Desktop) -> None:
    await desktop.send(desktop.command("subscribe app=checkout on=failed"))
    (note,) = desktop.slack.called("chat.postMessage")
    assert note["channel"] == "C1"
    assert note["text"].startswith("<@U1> subscribed this channel to alerts about deployments of checkout: failed.")


@pytest.mark.parametrize(
    ("on", "words"),
    [
        ((Kind.PAUSED, Kind.STALLED, Kind.FAILED), "failed, stalled, paused"),
        (
            (Kind.FAILED, Kind.PAUSED, Kind.SUCCEEDED, Kind.CANCELED, Kind.SUPERSEDED, Kind.ENDED),
            "failed, paused, finished",
        ),
        ((Kind.SUCCEEDED, Kind.CANCELED, Kind.SUPERSEDED), "succeeded, canceled, superseded"),
        (tuple(Kind), "all that happens"),
    ],
)
def test_what_an_alert_tells_is_said_in_few_words_trouble_first(on: tuple[Kind, ...], words: str) -> None:
    assert what(subscription(kind=SubscriptionKind.ALERT, on=on)).endswith(f": {words}")


def test_a_person_who_is_pinged_is_shown_by_name() -> None:
    told = lines(subscription(mention="<@U2>"), 100, NOW)
    assert "pings <@U2>" in told
    assert f"pings {escape('@oncall')}" in lines(
        subscription(mention="<!subteam^S1>", mention_label="@oncall"), 100, NOW
    )


async def test_who_types_unsubscribe_gets_the_list_with_its_remove_buttons(desktop: Desktop) -> None:
    await desktop.send(desktop.command("unsubscribe"))
    assert "This channel has no subscriptions" in told(desktop)


async def test_times_mean_the_subscribers_own_zone_unless_they_name_one(desktop: Desktop) -> None:
    await desktop.send(desktop.command("subscribe at=09:00"))
    await desktop.send(desktop.command("subscribe at=09:00 tz=Asia/Tokyo", trigger_id="t2"))
    zones = [arguments[0].tz for name, arguments in desktop.subscribes.asked if name == "create"]
    assert zones == ["Europe/Berlin", "Asia/Tokyo"]


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ({"ok": True, "channel": {"is_member": False}}, "/invite"),
        ({"ok": False, "error": "channel_not_found"}, "/invite"),
        ({"ok": True, "channel": {"is_member": True, "is_archived": True}}, "archived"),
    ],
)
async def test_where_the_bot_cannot_post_nothing_is_made_and_the_way_out_is_told(
    desktop: Desktop, answer: dict[str, object], word: str
) -> None:
    desktop.slack.answers["conversations.info"] = answer
    await desktop.send(desktop.command("subscribe app=checkout"))
    assert word in desktop.posted["text"]
    assert desktop.subscribes.asked == []


async def test_where_slack_does_not_say_whether_the_bot_is_there_posting_shows_it(desktop: Desktop) -> None:
    desktop.slack.answers["conversations.info"] = {"ok": False, "error": "missing_scope"}
    desktop.slack.answers["chat.postMessage"] = {"ok": False, "error": "not_in_channel"}
    await desktop.send(desktop.command("subscribe app=checkout"))
    assert "create" in called(desktop)
    assert "/invite @deploybot" in told(desktop)


async def test_what_is_wrong_with_a_subscription_is_told_and_the_channel_is_not(desktop: Desktop) -> None:
    desktop.subscribes.error["create"] = UserError("This channel has 50 subscriptions already.")
    await desktop.send(desktop.command("subscribe app=checkout"))
    assert desktop.posted["text"] == "This channel has 50 subscriptions already."
    assert desktop.slack.called("chat.postMessage") == []


async def test_a_preview_that_fails_does_not_hide_that_the_subscription_stands(desktop: Desktop) -> None:
    desktop.subscribes.error["preview"] = UserError("The ledger is empty.")
    await desktop.send(desktop.command("subscribe app=checkout"))
    assert "This channel is subscribed" in desktop.posted["text"]


async def test_a_group_is_pinged_by_its_handle(desktop: Desktop) -> None:
    await desktop.send(desktop.command("subscribe app=checkout mention=@oncall"))
    mention = desktop.subscribes.asked[0][1][3]
    assert (mention.text, mention.label) == ("<!subteam^S0ONCALL>", "@oncall")
    await desktop.send(desktop.command("subscribe app=a mention=<!subteam^S0CHECKOUT|@checkout-team>", trigger_id="t"))
    assert len(desktop.slack.called("usergroups.list")) == 1


async def test_an_unknown_group_gets_a_sentence_with_near_ones(desktop: Desktop) -> None:
    await desktop.send(desktop.command("subscribe app=checkout mention=@oncal"))
    assert "There is no user group @oncal: did you mean @oncall?" in told(desktop)
    assert desktop.subscribes.asked == []


async def test_a_group_cannot_be_looked_up_without_the_scope(desktop: Desktop) -> None:
    desktop.slack.answers["usergroups.list"] = {"ok": False, "error": "missing_scope"}
    await desktop.send(desktop.command("subscribe app=checkout mention=@oncall"))
    assert "user groups" in desktop.posted["text"]
    assert desktop.subscribes.asked == []


async def test_a_mention_of_the_bot_subscribes_too_but_has_no_form(desktop: Desktop) -> None:
    await desktop.send(desktop.mention("<@UBOT> subscribe app=checkout on=failed"))
    assert called(desktop)[0] == "create"
    await desktop.send(desktop.mention("<@UBOT> subscribe", ts="6.6"))
    assert "/deployments subscribe" in desktop.slack.called("chat.postEphemeral")[-1]["text"]


async def test_the_list_says_what_when_who_and_what_is_in_its_way(desktop: Desktop) -> None:
    desktop.subscribes.kept = {
        "s1": subscription(1, mention="<!subteam^S1>", mention_label="@oncall"),
        "s2": subscription(2, paused="the channel is archived"),
        "s4": subscription(4, paused="since 2026-11-23 09:00 UTC", paused_by="U2"),
        "s3": subscription(3, snoozed_until=NOW + timedelta(hours=1)),
    }
    desktop.times.now = NOW.timestamp()
    await desktop.send(desktop.command("subscriptions"))
    text = told(desktop)
    assert desktop.posted["response_type"] == "ephemeral"
    assert "4 subscriptions of this channel" in text
    assert "at mon-fri 09:00 Europe/Berlin" in text
    assert "pings" in text
    assert "made by <@U1>" in text
    assert "last posted" in text
    assert "*paused*: the channel is archived" in text
    assert "*paused* by <@U2> since 2026-11-23 09:00 UTC" in text
    assert "*snoozed* until" in text
    actions = {node["action_id"] for node in nodes(desktop.posted["blocks"]) if node.get("type") == "button"}
    needed = {"subs_edit", "subs_pause", "subs_resume", "subs_hour", "subs_tomorrow", "subs_send", "subs_remove"}
    assert needed <= actions


async def test_a_channel_without_subscriptions_is_told_how_to_make_one(desktop: Desktop) -> None:
    await desktop.send(desktop.command("subscriptions"))
    assert "no subscriptions" in desktop.posted["text"]
    assert "subs_new" in told(desktop)


@pytest.mark.parametrize("skip", [0, 8, 48, 9999])
def test_fifty_subscriptions_fit_page_by_page(skip: int) -> None:
    filters = 'app="' + "a" * 1400 + '"'
    many = tuple(subscription(number, filters=filters, quiet="22:00-07:00", proof=True) for number in range(50))
    page = SubscriptionsPage("C1", many, NOW, skip)
    assert_message(subscriptions_message(page))
    assert_view(subscriptions_view(page))
    assert 0 < len(page.shown) <= 8


def test_removing_the_last_one_of_a_page_shows_the_page_before() -> None:
    page = SubscriptionsPage("C1", tuple(subscription(number) for number in range(8)), NOW, skip=8)
    assert len(page.shown) == 8


@pytest.mark.parametrize(
    ("action", "call", "word"),
    [
        ("subs_pause", ("pause", ("s1", "C1", "U1")), "Paused"),
        ("subs_resume", ("resume", ("s1", "C1")), "Resumed"),
        ("subs_hour", ("snooze", ("s1", "C1", Snooze.HOUR)), "Snoozed"),
        ("subs_tomorrow", ("snooze", ("s1", "C1", Snooze.TOMORROW)), "Snoozed"),
        ("subs_remove", ("remove", ("s1", "C1", "U1")), "Removed"),
        ("subs_send", ("send_now", ("s1", "C1")), "on its way"),
    ],
)
async def test_each_button_does_what_it_says_and_draws_the_list_anew(
    desktop: Desktop, action: str, call: tuple[str, tuple[object, ...]], word: str
) -> None:
    desktop.subscribes.kept = {"s1": subscription(1)}
    await desktop.send(desktop.click(action, MANAGED))
    assert desktop.subscribes.asked[0] == call
    assert word in desktop.posted["text"]
    assert desktop.posted["replace_original"] is True


async def test_send_now_says_so_where_there_is_nothing_to_send(desktop: Desktop) -> None:
    desktop.subscribes.kept = {"s1": subscription(1)}
    desktop.subscribes.nothing_new = True
    await desktop.send(desktop.click("subs_send", MANAGED))
    assert "Nothing happened since" in desktop.posted["text"]


@pytest.mark.parametrize("action", ["subs_pause", "subs_resume", "subs_hour", "subs_remove", "subs_send", "subs_next"])
async def test_who_may_not_change_subscriptions_presses_in_vain(desktop: Desktop, action: str) -> None:
    desktop.subscribes.kept = {"s1": subscription(1)}
    desktop.subscribes.refused = ("U1",)
    await desktop.send(desktop.click(action, MANAGED))
    assert desktop.subscribes.asked == []
    assert desktop.posted["text"].startswith("You may ")
    assert "shop" not in told(desktop)


async def test_who_may_read_nothing_is_not_shown_what_a_channel_is_subscribed_to(desktop: Desktop) -> None:
    desktop.subscribes.kept = {"s1": subscription(1)}
    desktop.subscribes.refused = ("U1",)
    await desktop.send(desktop.command("subscriptions"))
    await desktop.send(desktop.click("resume", "s1", shared=True, channel={"id": "D1"}))
    await desktop.send(desktop.click("subs_edit", MANAGED, trigger_id="t.3"))
    assert desktop.subscribes.asked == []
    assert "shop" not in told(desktop)


async def test_a_subscription_that_is_gone_is_told(desktop: Desktop) -> None:
    await desktop.send(desktop.click("subs_pause", MANAGED))
    assert "no more" in desktop.posted["text"]


@pytest.mark.parametrize(("action", "value"), [("subs_pause", "x"), ("subs_dance", MANAGED), ("list", "x")])
async def test_a_button_of_another_kind_is_told_so(desktop: Desktop, action: str, value: str) -> None:
    await desktop.send(desktop.click(action, value))
    assert "not one of mine" in desktop.posted["text"]
    assert "ref-1" not in desktop.posted["text"]


async def test_the_button_of_a_notice_resumes_where_the_subscription_is(desktop: Desktop) -> None:
    """It stands in a direct message, so the subscription's own channel is looked up."""
    desktop.subscribes.kept = {"s1": subscription(1, channel="C9", paused="archived")}
    await desktop.send(desktop.click("resume", "s1", shared=True, channel={"id": "D1"}))
    assert desktop.subscribes.asked[0] == ("resume", ("s1", "C9"))
    assert desktop.posted["replace_original"] is True
    assert "Resumed" in desktop.posted["text"]


async def test_a_notice_about_a_removed_subscription_says_so(desktop: Desktop) -> None:
    await desktop.send(desktop.click("resume", "s1"))
    assert "has been removed" in desktop.posted["text"]


async def test_list_all_answers_the_clicker_alone(desktop: Desktop) -> None:
    desktop.subscribes.entries = tuple(entry(number) for number in range(40))
    await desktop.send(desktop.click("list", "7:0", shared=True))
    assert desktop.subscribes.asked[-1] == ("listed", (7, 0, 15, "U1", "C1"))
    assert desktop.posted["response_type"] == "ephemeral"
    assert desktop.posted["replace_original"] is False
    assert "Deployments 1 to 15 of the 40" in desktop.posted["text"]


async def test_the_list_turns_in_place(desktop: Desktop) -> None:
    desktop.subscribes.entries = tuple(entry(number) for number in range(40))
    await desktop.send(desktop.click("list_next", "7:15"))
    assert desktop.posted["replace_original"] is True
    assert "Deployments 16 to 30 of the 40" in desktop.posted["text"]


async def test_a_list_that_is_forgotten_is_told(desktop: Desktop) -> None:
    await desktop.send(desktop.click("list", "7:0", shared=True))
    assert "no longer remembered" in desktop.posted["text"]


async def test_strangers_change_no_subscriptions(desktop: Desktop) -> None:
    desktop.subscribes.kept = {"s1": subscription(1)}
    await desktop.send(desktop.click("subs_remove", MANAGED, user={"id": "U9", "team_id": "T9"}))
    assert desktop.subscribes.asked == []


@pytest.mark.parametrize("text", ["subscribe app=checkout", "subscribe", "subscriptions"])
async def test_a_bot_that_keeps_nothing_says_so(desktop: Desktop, text: str) -> None:
    client = web_client(desktop.session, SecretStr("xoxb-1"), desktop.slack.api_url)
    bot = build_bot(
        answers=desktop.answers,
        client=client,
        session=desktop.session,
        home=desktop.bot.home,
        api_url=desktop.slack.api_url,
    )
    await replace(desktop, bot=bot).send(desktop.command(text))
    assert "without a place to keep subscriptions" in desktop.posted["text"]
