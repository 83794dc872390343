"""What a person does in Slack, and what they get to see."""

import asyncio
import json
from dataclasses import replace

import pytest
from slack_bolt.request.async_request import AsyncBoltRequest

from deploybot.domain.button import button_text
from deploybot.domain.paging import Move, Turn
from deploybot.domain.query import Query
from deploybot.errors import UpstreamError, UserError
from deploybot.slack.blocks.filter_modal import Origin, filter_view, origin_text
from deploybot.slack.payload import Home, Place
from tests.slack.conftest import Desktop
from tests.slack.factories import GUID, page
from tests.slack.fake_slack import HOME_TEAM, JSON

GUID_1 = GUID.format(1)


async def test_a_command_is_acked_empty_and_answered_to_the_asker_alone(desktop: Desktop) -> None:
    ack = await desktop.send(desktop.command("app=checkout"))
    assert (ack.status, ack.body) == (200, "")
    assert desktop.posted["response_type"] == "ephemeral"
    assert desktop.posted["replace_original"] is False
    assert desktop.posted["blocks"][0]["text"]["text"] == "70 deployments of checkout"
    (asked,) = desktop.answers.asked
    assert asked[1].apps == ("checkout",)
    assert (asked[2].user, asked[2].team, asked[2].channel) == ("U1", HOME_TEAM, "C1")


async def test_public_answers_the_whole_channel(desktop: Desktop) -> None:
    await desktop.send(desktop.command("app=checkout public"))
    assert desktop.posted["response_type"] == "in_channel"
    assert "share" not in json.dumps(desktop.posted)


async def test_show_answers_with_the_detail(desktop: Desktop) -> None:
    await desktop.send(desktop.command(f"show {GUID_1}"))
    assert desktop.answers.asked[0][0] == GUID_1
    assert "What to do next" in json.dumps(desktop.posted)


async def test_help_needs_no_foundation(desktop: Desktop) -> None:
    await desktop.send(desktop.command("help"))
    assert desktop.answers.asked == []
    assert desktop.posted["text"]


async def test_what_the_person_can_put_right_is_told_to_them_alone(desktop: Desktop) -> None:
    await desktop.send(desktop.command("sate=failed public"))
    assert desktop.posted["response_type"] == "ephemeral"
    assert "state" in desktop.posted["text"]
    assert desktop.answers.asked == []


async def test_a_user_error_from_below_is_shown_as_is(desktop: Desktop) -> None:
    desktop.answers.error = UserError("There is no app chekout; did you mean checkout?")
    await desktop.send(desktop.command())
    assert desktop.posted["blocks"][0]["text"]["text"] == "There is no app chekout; did you mean checkout?"


async def test_a_foundation_in_trouble_is_named(desktop: Desktop) -> None:
    desktop.answers.error = UpstreamError("eu", "it is down for maintenance")
    await desktop.send(desktop.command())
    assert desktop.posted["text"] == "eu could not answer: it is down for maintenance"


async def test_a_bug_becomes_an_apology_with_a_reference_and_no_inner_words(desktop: Desktop) -> None:
    desktop.answers.error = RuntimeError("secret inner words")
    ack = await desktop.send(desktop.command())
    assert ack.status == 200
    assert "ref-1" in desktop.posted["text"]
    assert "secret" not in json.dumps(desktop.posted)


async def test_more_rows_than_a_message_holds_are_refused_in_words(desktop: Desktop) -> None:
    await desktop.send(desktop.command("per_page=26"))
    assert "25" in desktop.posted["text"]
    assert desktop.answers.asked == []


async def test_a_click_in_ones_own_message_changes_it(desktop: Desktop) -> None:
    turn = Turn(Move.LAST)
    await desktop.send(desktop.click("turn_last", button_text(turn, Query(apps=("a",)))))
    assert desktop.answers.turns == [turn]
    assert desktop.answers.asked[0][1] == Query(apps=("a",))
    assert desktop.posted["replace_original"] is True
    assert desktop.posted["response_type"] == "ephemeral"


@pytest.mark.parametrize("action", ["turn_next", "turn_newer"])
async def test_in_a_public_message_a_click_answers_the_clicker_alone(desktop: Desktop, action: str) -> None:
    await desktop.send(desktop.click(action, shared=True))
    assert desktop.posted["replace_original"] is False
    assert desktop.posted["response_type"] == "ephemeral"
    assert "share" in json.dumps(desktop.posted)


async def test_only_refresh_changes_a_public_message(desktop: Desktop) -> None:
    await desktop.send(desktop.click("refresh", shared=True))
    assert desktop.posted["replace_original"] is True
    assert desktop.posted["response_type"] == "in_channel"
    assert "share" not in json.dumps(desktop.posted)


async def test_share_posts_a_page_for_everybody_and_says_who_did(desktop: Desktop) -> None:
    await desktop.send(desktop.click("share"))
    assert desktop.posted["response_type"] == "in_channel"
    assert desktop.posted["replace_original"] is False
    assert "<@U1>" in json.dumps(desktop.posted)


async def test_a_click_in_a_thread_is_answered_in_the_thread(desktop: Desktop) -> None:
    body = desktop.click("turn_next", shared=True)
    await desktop.send({**body, "message": {"ts": "1.1", "thread_ts": "1.0"}})
    assert desktop.posted["thread_ts"] == "1.0"


@pytest.mark.parametrize("value", ["", "nonsense", "1 next:1/2", "a b c d"])
async def test_a_button_that_is_not_ours_any_more_is_told_so(desktop: Desktop, value: str) -> None:
    await desktop.send(desktop.click("turn_next", value))
    assert desktop.answers.asked == []
    assert desktop.posted["response_type"] == "ephemeral"
    assert "ref-1" not in desktop.posted["text"]


async def test_details_open_a_modal_at_once_and_fill_it(desktop: Desktop) -> None:
    await desktop.send(desktop.choice(f"details:eu/{GUID_1}"))
    (opened,), (updated,) = desktop.slack.called("views.open"), desktop.slack.called("views.update")
    assert opened["trigger_id"] == "click.0"
    assert "Asking" in json.dumps(opened["view"])
    assert updated["view_id"] == "V1"
    assert "What to do next" in json.dumps(updated["view"])
    assert desktop.answers.asked[0][:2] == (GUID_1, Query(foundations=("eu",)))
    assert desktop.slack.posts == []


async def test_an_error_in_details_is_told_in_the_open_modal(desktop: Desktop) -> None:
    desktop.answers.error = UserError("It is gone.")
    await desktop.send(desktop.choice(f"details:eu/{GUID_1}"))
    assert "It is gone." in json.dumps(desktop.slack.called("views.update"))


async def test_details_come_as_a_message_where_no_modal_opens(desktop: Desktop) -> None:
    desktop.slack.answers["views.open"] = {"ok": False, "error": "expired_trigger_id"}
    await desktop.send(desktop.choice(f"details:eu/{GUID_1}"))
    assert "What to do next" in json.dumps(desktop.posted)
    assert desktop.slack.called("views.update") == []


async def test_a_guid_is_shown_to_be_copied(desktop: Desktop) -> None:
    await desktop.send(desktop.choice(f"guid:eu/{GUID_1}"))
    assert desktop.posted["blocks"][0]["text"]["text"] == f"`{GUID_1}`"
    assert desktop.posted["replace_original"] is False


async def test_opening_the_console_is_acked_and_nothing_else(desktop: Desktop) -> None:
    ack = await desktop.send(desktop.choice(f"open:eu/{GUID_1}"))
    assert ack.status == 200
    assert (desktop.slack.calls, desktop.slack.posts) == ([], [])


async def test_a_click_in_a_modal_draws_the_modal_anew(desktop: Desktop) -> None:
    body = desktop.click("turn_next", view={"id": "V9"}, container={"type": "view", "view_id": "V9"})
    del body["response_url"]
    await desktop.send(body)
    (updated,) = desktop.slack.called("views.update")
    assert updated["view_id"] == "V9"
    assert desktop.slack.posts == []


async def test_details_in_a_modal_are_pushed_onto_it(desktop: Desktop) -> None:
    body = desktop.choice(f"details:eu/{GUID_1}", view={"id": "V9"}, container={"type": "view"})
    await desktop.send(body)
    assert desktop.slack.called("views.open") == []
    assert desktop.slack.called("views.update")[0]["view_id"] == "V2"


async def test_a_mention_is_answered_in_its_thread_for_everybody(desktop: Desktop) -> None:
    await desktop.send(desktop.mention())
    (posted,) = desktop.slack.called("chat.postMessage")
    assert (posted["channel"], posted["thread_ts"]) == ("C1", "5.5")
    assert posted["text"].startswith("70 deployments of checkout")
    assert desktop.answers.asked[0][1].apps == ("checkout",)


async def test_what_the_bot_posts_itself_links_no_names_and_unfolds_no_links(desktop: Desktop) -> None:
    await desktop.send(desktop.mention())
    (posted,) = desktop.slack.called("chat.postMessage")
    assert {posted[key] for key in ("link_names", "unfurl_links", "unfurl_media")} <= {"0", "False", "false", False}
    await desktop.send(desktop.mention("<@UBOT> sate=x", ts="6.6"))
    (told,) = desktop.slack.called("chat.postEphemeral")
    assert told["link_names"] in {"0", "False", "false", False}


async def test_a_detail_can_be_shared_as_well(desktop: Desktop) -> None:
    await desktop.send(desktop.click("detail_share", f"eu/{GUID.format(1)}"))
    assert desktop.posted["response_type"] == "in_channel"
    assert not desktop.posted["replace_original"]
    assert "shared by <@U1>" in json.dumps(desktop.posted["blocks"])
    assert "detail_share" not in json.dumps(desktop.posted["blocks"])


async def test_a_detail_for_oneself_offers_to_share_it_and_one_for_everybody_does_not(desktop: Desktop) -> None:
    await desktop.send(desktop.command("show checkout"))
    await desktop.send(desktop.command("show checkout public", trigger_id="t2"))
    (_, alone), (_, aloud) = desktop.slack.posts
    assert "detail_share" in json.dumps(alone["blocks"])
    assert "detail_share" not in json.dumps(aloud["blocks"])


async def test_a_mention_in_a_thread_stays_in_it(desktop: Desktop) -> None:
    await desktop.send(desktop.mention(thread_ts="4.4"))
    assert desktop.slack.called("chat.postMessage")[0]["thread_ts"] == "4.4"


async def test_an_error_after_a_mention_is_for_the_asker_alone(desktop: Desktop) -> None:
    await desktop.send(desktop.mention("<@UBOT> sate=x"))
    assert desktop.slack.called("chat.postMessage") == []
    assert desktop.slack.called("chat.postEphemeral")[0]["user"] == "U1"


@pytest.mark.parametrize(
    "text", ["hey <@UBOT> app=cart", "<@UBOT|deploybot> app=cart", "app=cart <@UBOT>", "<@UEVE> see <@UBOT> app=cart"]
)
async def test_a_mention_may_stand_anywhere_in_a_sentence(desktop: Desktop, text: str) -> None:
    await desktop.send(desktop.mention(text))
    assert desktop.answers.asked[0][1].apps == ("cart",)


async def test_a_mention_that_slack_takes_no_answer_to_is_told_to_the_asker(desktop: Desktop) -> None:
    """In a channel where only some may post, the bot is refused; silence would look like a broken bot."""
    desktop.slack.answers["chat.postMessage"] = {"ok": False, "error": "restricted_action"}
    await desktop.send(desktop.mention())
    (told,) = desktop.slack.called("chat.postEphemeral")
    assert "did not take my answer" in told["text"]
    assert told["thread_ts"] == "5.5"


async def test_an_answer_that_may_have_been_lost_is_told_and_not_doubled(desktop: Desktop) -> None:
    desktop.slack.hook_statuses.append(0)
    await desktop.send(desktop.command("app=checkout public"))
    (_, lost), (_, told) = desktop.slack.posts
    assert lost["response_type"] == "in_channel"
    assert told["response_type"] == "ephemeral"
    assert "did not say whether it took my answer" in told["text"]
    assert not desktop.slack.called("chat.postMessage")


async def test_who_waits_when_the_bot_stops_is_told_so(desktop: Desktop) -> None:
    desktop.answers.delay = 30
    await desktop.bot.app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=desktop.command()))
    await desktop.bot.desk.drain(0.05)
    assert "being restarted" in desktop.posted["text"]
    assert desktop.posted["response_type"] == "ephemeral"


async def test_a_mention_by_a_bot_is_left_alone(desktop: Desktop) -> None:
    """Two bots that answer each other never stop."""
    await desktop.send(desktop.mention(bot_id="B9"))
    assert (desktop.slack.calls, desktop.answers.asked) == ([], [])


async def test_days_mean_the_askers_own_zone(desktop: Desktop) -> None:
    await desktop.send(desktop.command("created=yesterday"))
    assert desktop.answers.asked[0][1].tz == "Europe/Berlin"


async def test_a_zone_is_not_asked_for_where_no_day_is(desktop: Desktop) -> None:
    await desktop.send(desktop.command("created>2h"))
    assert desktop.answers.asked[0][1].tz is None
    assert desktop.slack.called("users.info") == []


async def test_days_mean_utc_where_slack_does_not_say(desktop: Desktop) -> None:
    desktop.slack.answers["users.info"] = {"ok": False, "error": "missing_scope"}
    await desktop.send(desktop.command("created=yesterday"))
    assert desktop.answers.asked[0][1].tz == "UTC"


async def test_an_answer_does_not_wait_for_a_slack_that_asks_to_wait_long(desktop: Desktop) -> None:
    """Told to wait for half a minute, the SDK would do so while the person waits for the answer."""
    desktop.slack.statuses["users.info"] = 429
    desktop.slack.retry_after = "30"
    async with asyncio.timeout(4):
        await desktop.send(desktop.command("created=2026-11-20"))
    assert desktop.answers.asked[0][1].tz == "UTC"


async def test_a_redelivery_is_acked_again_and_answered_once(desktop: Desktop) -> None:
    body = desktop.command()
    acks = [await desktop.send(body), await desktop.send(body)]
    assert [ack.status for ack in acks] == [200, 200]
    assert len(desktop.slack.posts) == 1


async def test_a_redelivered_event_is_answered_once(desktop: Desktop) -> None:
    body = desktop.mention()
    await desktop.send(body)
    await desktop.send(body)
    assert len(desktop.slack.called("chat.postMessage")) == 1


def strange(body: JSON) -> JSON:
    return {
        **body,
        "team_id": "T9",
        "user": {"id": "U1", "team_id": "T9"},
        "event": {**body.get("event", {}), "team": "T9"},
    }


async def test_people_of_another_workspace_are_refused_in_a_sentence(desktop: Desktop) -> None:
    await desktop.send(strange(desktop.command()))
    await desktop.send(strange(desktop.click("turn_next")))
    assert ["workspace" in payload["text"] for _, payload in desktop.slack.posts] == [True, True]
    assert {payload["response_type"] for _, payload in desktop.slack.posts} == {"ephemeral"}
    await desktop.send(strange(desktop.mention()))
    assert "workspace" in desktop.slack.called("chat.postEphemeral")[0]["text"]
    assert desktop.slack.called("chat.postMessage") == []
    assert desktop.answers.asked == []


async def test_a_mention_in_a_shared_channel_that_names_no_team_is_refused(desktop: Desktop) -> None:
    body = desktop.mention()
    del body["event"]["team"]
    await desktop.send({**body, "is_ext_shared_channel": True})
    assert desktop.answers.asked == []


def test_an_org_wide_bot_serves_its_organisation_only(desktop: Desktop) -> None:
    from deploybot.slack.payload import from_action, is_at_home

    home = Home("", "E1", org_wide=True)
    click = {**desktop.click("refresh"), "enterprise": {"id": "E1"}}
    assert is_at_home(from_action(click), home, "E1")
    assert not is_at_home(from_action(click), home, "E2")
    assert not is_at_home(from_action({**click, "enterprise": {"id": "E2"}}), home, "E1")


async def test_a_command_of_which_all_is_missing_is_acked_and_harms_nobody(desktop: Desktop) -> None:
    ack = await desktop.send({"command": "/deployments"})
    assert ack.status == 200
    assert desktop.answers.asked == []


def form(desktop: Desktop, origin: Origin, query: Query, **values: str) -> JSON:
    """The filter form, sent with some values changed."""
    view = filter_view(query, origin)
    state = {
        block["block_id"]: {"value": {"type": block["element"]["type"], "value": block["element"].get("initial_value")}}
        for block in view["blocks"]
        if block["element"]["type"] == "plain_text_input"
    }
    for key, value in values.items():
        state[key] = {"value": {"type": "plain_text_input", "value": value}}
    for key in ("sort", "per_page"):
        chosen = next(b for b in view["blocks"] if b["block_id"] == key)["element"]["initial_option"]
        state[key] = {"value": {"type": "static_select", "selected_option": chosen}}
    return {
        "type": "view_submission",
        "team": {"id": HOME_TEAM},
        "user": {"id": "U1", "team_id": HOME_TEAM},
        "trigger_id": "form.1",
        "view": {
            "id": "V1",
            "type": "modal",
            "callback_id": "filter",
            "private_metadata": view["private_metadata"],
            "state": {"values": state},
        },
    }


def clicked(desktop: Desktop, **more: object) -> Origin:
    place = Place(channel="C1", response_url=desktop.slack.hook("clicked"))
    return Origin(replace(place, **more), at=int(desktop.times.now))  # type: ignore[arg-type]


async def test_filter_opens_a_form_filled_in_from_the_question(desktop: Desktop) -> None:
    await desktop.send(desktop.click("filter", button_text(Turn(), Query(apps=("checkout",), states=("failed",)))))
    (opened,) = desktop.slack.called("views.open")
    by_id = {block["block_id"]: block["element"] for block in opened["view"]["blocks"]}
    assert by_id["app"]["initial_value"] == "checkout"
    assert [option["value"] for option in by_id["state"]["initial_options"]] == ["failed"]
    assert "initial_value" not in by_id["org"]
    assert desktop.slack.hook("click") in opened["view"]["private_metadata"]


async def test_a_form_is_closed_and_answered_in_place_of_the_clicked_message(desktop: Desktop) -> None:
    ack = await desktop.send(form(desktop, clicked(desktop), Query(), app="cart"))
    assert (ack.status, ack.body) == (200, "")
    assert desktop.answers.asked[0][1] == Query(apps=("cart",))
    ((name, payload),) = desktop.slack.posts
    assert name == "clicked"
    assert payload["replace_original"] is True


async def test_a_form_from_a_public_message_answers_the_clicker_alone(desktop: Desktop) -> None:
    await desktop.send(form(desktop, clicked(desktop, shared=True), Query()))
    assert desktop.posted["replace_original"] is False
    assert desktop.posted["response_type"] == "ephemeral"


async def test_a_wrong_form_says_at_each_field_what_to_put_right(desktop: Desktop) -> None:
    ack = await desktop.send(form(desktop, clicked(desktop), Query(), created="nonsense", label="a"))
    told = json.loads(ack.body)
    assert told["response_action"] == "errors"
    assert list(told["errors"]) == ["created"]
    assert desktop.answers.asked == []


async def test_a_form_whose_address_has_expired_is_answered_in_the_channel(desktop: Desktop) -> None:
    body = form(desktop, clicked(desktop), Query(), app="cart")
    desktop.times.now += 1800
    ack = await desktop.send(body)
    assert json.loads(ack.body)["response_action"] == "update"
    (posted,) = desktop.slack.called("chat.postEphemeral")
    assert (posted["channel"], posted["user"]) == ("C1", "U1")
    assert "in the channel" in json.dumps(desktop.slack.called("views.update"))
    assert desktop.slack.posts == []


async def test_where_the_bot_may_not_post_the_page_is_shown_in_the_form(desktop: Desktop) -> None:
    body = form(desktop, clicked(desktop), Query(), app="cart")
    desktop.times.now += 1800
    desktop.slack.answers["chat.postEphemeral"] = {"ok": False, "error": "not_in_channel"}
    await desktop.send(body)
    (updated,) = desktop.slack.called("views.update")
    assert updated["view_id"] == "V1"
    assert "70 deployments" in json.dumps(updated["view"])


async def test_an_address_that_died_early_falls_back_to_the_channel_and_then_to_a_modal(desktop: Desktop) -> None:
    desktop.slack.hook_statuses.append({"ok": False, "error": "used_url"})
    desktop.slack.answers["chat.postEphemeral"] = {"ok": False, "error": "not_in_channel"}
    await desktop.send(form(desktop, clicked(desktop), Query()))
    (opened,) = desktop.slack.called("views.open")
    assert opened["trigger_id"] == "form.1"
    assert "70 deployments" in json.dumps(opened["view"])


async def test_a_form_keeps_the_zone_of_its_question(desktop: Desktop) -> None:
    await desktop.send(form(desktop, clicked(desktop), Query(apps=("a",), tz="Asia/Tokyo")))
    assert desktop.answers.asked[0][1].tz == "Asia/Tokyo"


def test_an_origin_that_is_too_long_loses_its_question_and_keeps_its_address() -> None:
    text = origin_text(Origin(Place(response_url="u" * 2000), 5, "q" * 1500))
    assert len(text) <= 3000
    assert "u" * 2000 in text


async def test_shown_pages_go_through_unchanged(desktop: Desktop) -> None:
    desktop.answers.shown = page(notes=("a note",))
    await desktop.send(desktop.command())
    assert "a note" in json.dumps(desktop.posted)
