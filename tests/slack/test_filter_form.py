"""The filter form in use: opened from an answer, sent, and answered where it was opened."""

import json
from dataclasses import replace

from deploybot.domain.button import button_text
from deploybot.domain.paging import Turn
from deploybot.domain.query import Query
from deploybot.slack.blocks.filter_modal import Origin, filter_view, origin_text
from deploybot.slack.payload import Place
from tests.slack.conftest import Desktop
from tests.slack.fake_slack import HOME_TEAM, JSON


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
