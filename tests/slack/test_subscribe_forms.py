"""The subscription's form in use: it opens at once, shows what it would have sent, and says what is wrong where."""

import json
from dataclasses import replace
from typing import Any

import pytest

from deploybot.domain.ledger import Kind
from deploybot.domain.subscription import SubscriptionKind
from deploybot.errors import UserError
from deploybot.slack.blocks.subscribe_form import Filled, fresh
from deploybot.slack.blocks.subscribe_modal import FORM_KIND, FORM_MENTION, FORM_PREVIEW, FormOf, subscribe_view
from tests.slack.conftest import Desktop
from tests.slack.fake_slack import HOME_TEAM, JSON
from tests.slack.fake_subscribes import subscription
from tests.slack.test_subscribe_modal import inputs, sent

FORM = FormOf("C1")


def person() -> JSON:
    return {"team": {"id": HOME_TEAM}, "user": {"id": "U1", "team_id": HOME_TEAM}}


def submission(filled: Filled, form: FormOf = FORM, **typed: str | None) -> JSON:
    view = {"id": "V1", "type": "modal", "callback_id": "subscribe", **sent(subscribe_view(form, filled), **typed)}
    return {"type": "view_submission", **person(), "trigger_id": "form.1", "view": view}


def in_form(action: str, filled: Filled, **typed: str | None) -> JSON:
    """A click on an element of the form, which comes with all that stands in the form."""
    view = {"id": "V1", "callback_id": "subscribe", **sent(subscribe_view(FORM, filled), **typed)}
    clicked = {"action_id": action, "block_id": "b", "type": "button", "value": "preview"}
    container = {"type": "view", "view_id": "V1"}
    return {
        "type": "block_actions",
        **person(),
        "container": container,
        "trigger_id": "click.1",
        "view": view,
        "actions": [clicked],
    }


def typing(text: str, **more: Any) -> JSON:
    view = {"id": "V1", "callback_id": "subscribe"}
    asked = {"type": "block_suggestion", "action_id": FORM_MENTION, "block_id": "mention", "value": text, "view": view}
    return {**asked, **person(), **more}


def last_view(desktop: Desktop) -> JSON:
    view: JSON = desktop.slack.called("views.update")[-1]["view"]
    return view


async def test_subscribe_alone_opens_a_modal_at_once_and_fills_it_with_the_form(desktop: Desktop) -> None:
    await desktop.send(desktop.command("subscribe"))
    (opened,) = desktop.slack.called("views.open")
    assert opened["trigger_id"] == "trigger.0"
    form = last_view(desktop)
    assert {"kind", "app", "space", "org", "filters", "on", "tz", "quiet", "mention"} == inputs(form)
    zone = next(block for block in form["blocks"] if block["block_id"] == "tz")
    assert zone["element"]["initial_value"] == "Europe/Berlin"
    assert desktop.slack.posts == []


async def test_where_the_bot_cannot_post_the_modal_says_so_instead(desktop: Desktop) -> None:
    desktop.slack.answers["conversations.info"] = {"ok": True, "channel": {"is_member": False}}
    await desktop.send(desktop.command("subscribe"))
    assert "/invite @deploybot" in json.dumps(last_view(desktop))
    assert inputs(last_view(desktop)) == set()


async def test_where_no_modal_opens_the_person_is_told(desktop: Desktop) -> None:
    desktop.slack.answers["views.open"] = {"ok": False, "error": "expired_trigger_id"}
    await desktop.send(desktop.command("subscribe"))
    assert "in time" in desktop.posted["text"]


async def test_another_kind_shows_its_own_fields_and_keeps_what_was_typed(desktop: Desktop) -> None:
    digest = replace(fresh("UTC"), kind=SubscriptionKind.DIGEST)
    await desktop.send(in_form(FORM_KIND, digest, app="checkout"))
    form = last_view(desktop)
    assert {"schedule", "other", "proof"} <= inputs(form)
    app = next(block for block in form["blocks"] if block["block_id"] == "app")
    assert app["element"]["initial_value"] == "checkout"


async def test_the_preview_shows_how_many_and_the_last_one_within_the_form(desktop: Desktop) -> None:
    await desktop.send(in_form(FORM_PREVIEW, fresh("UTC"), app="checkout"))
    assert [name for name, _ in desktop.subscribes.asked] == ["preview"]
    text = json.dumps(last_view(desktop), ensure_ascii=False)
    assert "This would have sent 12 messages in the last 7 days, fewer where many came at once; the last one:" in text
    assert "❌ *failed*: *checkout*" in text
    assert "app" in inputs(last_view(desktop))


async def test_a_preview_of_a_digest_is_the_digest(desktop: Desktop) -> None:
    await desktop.send(in_form(FORM_PREVIEW, replace(fresh("UTC"), kind=SubscriptionKind.DIGEST)))
    text = json.dumps(last_view(desktop), ensure_ascii=False)
    assert "Digest: 14 deployments, 1 failed" in text
    assert "seen without gaps" in text
    assert "<!subteam" not in text


async def test_a_preview_of_nothing_says_so(desktop: Desktop) -> None:
    desktop.subscribes.count = 0
    await desktop.send(in_form(FORM_PREVIEW, fresh("UTC")))
    assert "This would have sent nothing in the last 7 days." in json.dumps(last_view(desktop))


async def test_what_is_wrong_is_told_with_the_preview_and_the_form_stays(desktop: Desktop) -> None:
    await desktop.send(in_form(FORM_PREVIEW, fresh("UTC"), tz="Europe/Berlim", app="checkout"))
    assert "Europe/Berlin" in json.dumps(last_view(desktop)["blocks"][0])
    assert "app" in inputs(last_view(desktop))
    assert desktop.subscribes.asked == []


async def test_a_form_that_is_sent_becomes_a_subscription_and_its_confirmation(desktop: Desktop) -> None:
    ack = await desktop.send(submission(replace(fresh("Europe/Berlin"), mention="group:S0ONCALL"), app="checkout"))
    assert json.loads(ack.body)["response_action"] == "update"
    name, (ask, channel, by, mention) = desktop.subscribes.asked[0]
    assert (name, channel, by) == ("create", "C1", "U1")
    assert (ask.query.apps, ask.tz, mention.text) == (("checkout",), "Europe/Berlin", "<!subteam^S0ONCALL>")
    text = json.dumps(last_view(desktop))
    assert "This channel is subscribed" in text
    assert "This would have sent 12 messages" in text
    assert desktop.slack.called("chat.postMessage")[0]["channel"] == "C1"


async def test_a_wrong_form_says_at_each_field_what_to_put_right(desktop: Desktop) -> None:
    ack = await desktop.send(submission(fresh("UTC"), tz="Nowhere", quiet="at night"))
    told = json.loads(ack.body)
    assert told["response_action"] == "errors"
    assert set(told["errors"]) == {"tz", "quiet"}
    assert desktop.subscribes.asked == []


async def test_what_only_the_service_refuses_brings_the_form_back_as_it_was(desktop: Desktop) -> None:
    desktop.subscribes.error["create"] = UserError("This channel has 50 subscriptions already.")
    await desktop.send(submission(fresh("UTC"), app="checkout"))
    form = last_view(desktop)
    assert "50 subscriptions" in json.dumps(form["blocks"][0])
    app = next(block for block in form["blocks"] if block["block_id"] == "app")
    assert app["element"]["initial_value"] == "checkout"


async def test_an_edit_is_saved_with_the_revision_that_was_read_and_the_channel_is_not_told(desktop: Desktop) -> None:
    desktop.subscribes.kept = {"s1": subscription(1)}
    await desktop.send(submission(fresh("UTC"), FormOf("C1", "s1", 4), app="checkout"))
    name, (subscription_id, channel, revision, ask, _, by) = desktop.subscribes.asked[0]
    assert (name, subscription_id, channel, revision, by) == ("edit", "s1", "C1", 4, "U1")
    assert ask.query.apps == ("checkout",)
    assert "Saved" in json.dumps(last_view(desktop))
    assert desktop.slack.called("chat.postMessage") == []


async def test_edit_opens_the_form_as_the_subscription_is(desktop: Desktop) -> None:
    alert = {"kind": SubscriptionKind.ALERT, "schedule": "", "on": (Kind.FAILED,), "next_due": None}
    group = {"mention": "<!subteam^S0ONCALL>", "mention_label": "@oncall"}
    desktop.subscribes.kept = {"s1": subscription(1, filters="app=cart", revision=4, **alert, **group)}
    await desktop.send(desktop.click("subs_edit", "C1:0:s1"))
    form = last_view(desktop)
    blocks = {block["block_id"]: block["element"] for block in form["blocks"] if block["type"] == "input"}
    assert blocks["app"]["initial_value"] == "cart"
    assert [option["value"] for option in blocks["on"]["initial_options"]] == ["failed"]
    assert blocks["mention"]["initial_option"]["value"] == "group:S0ONCALL"
    assert blocks["mention"]["initial_option"]["text"]["text"] == "@oncall"
    assert form["private_metadata"] == "1\nC1\ns1\n4"
    assert form["submit"]["text"] == "Save"


async def test_the_list_opens_an_empty_form_too(desktop: Desktop) -> None:
    await desktop.send(desktop.click("subs_new", "C1:0:"))
    assert last_view(desktop)["private_metadata"] == "1\nC1\n\n0"


async def test_a_subscription_that_is_gone_is_told_in_the_open_modal(desktop: Desktop) -> None:
    await desktop.send(desktop.click("subs_edit", "C1:0:s9"))
    assert "no more" in json.dumps(last_view(desktop))


async def test_a_form_of_another_kind_is_told_so(desktop: Desktop) -> None:
    body = submission(fresh("UTC"))
    body["view"]["private_metadata"] = "nonsense"
    ack = await desktop.send(body)
    assert "not one of mine" in json.loads(ack.body)["view"]["blocks"][0]["text"]["text"]
    assert desktop.subscribes.asked == []


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("", ["group:S0CHECKOUT", "group:S0ONCALL", "here", "me"]),
        ("@on", ["group:S0ONCALL"]),
        ("call", ["group:S0ONCALL"]),
        ("he", ["group:S0CHECKOUT", "here"]),
        ("zzz", []),
    ],
)
async def test_whom_to_mention_is_offered_as_it_is_typed(desktop: Desktop, text: str, offered: list[str]) -> None:
    ack = await desktop.send(typing(text))
    assert [option["value"] for option in json.loads(ack.body)["options"]] == offered


async def test_a_slack_that_does_not_tell_its_groups_leaves_the_others_to_choose(desktop: Desktop) -> None:
    desktop.slack.answers["usergroups.list"] = {"ok": False, "error": "missing_scope"}
    ack = await desktop.send(typing(""))
    assert [option["value"] for option in json.loads(ack.body)["options"]] == ["here", "me"]


async def test_strangers_are_offered_nobody(desktop: Desktop) -> None:
    ack = await desktop.send(typing("", user={"id": "U9", "team_id": "T9"}))
    assert json.loads(ack.body)["options"] == []


async def test_a_menu_of_somebody_else_is_not_answered(desktop: Desktop) -> None:
    ack = await desktop.send(typing("", action_id="other"))
    assert ack.status == 404


async def test_never_more_options_than_slack_takes(desktop: Desktop) -> None:
    groups = [{"id": f"S{number}", "handle": f"team-{number}"} for number in range(300)]
    desktop.slack.answers["usergroups.list"] = {"ok": True, "usergroups": groups}
    ack = await desktop.send(typing(""))
    assert len(json.loads(ack.body)["options"]) <= 100
