"""Continuing and canceling in chat: asked once more, done once, and whatever comes of it reaches the person."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from slack_bolt.request.async_request import AsyncBoltRequest

from deploybot.domain.access import Where
from deploybot.domain.acting import Action, ActionState, Stand, bound_text
from deploybot.domain.link import NotLinkedError
from deploybot.domain.query import Query
from deploybot.errors import UpstreamError, UserError
from deploybot.service.acting import Result
from deploybot.slack.acting import acting
from deploybot.slack.blocks.act_modal import FRESH, Held, Origin, held_text
from deploybot.slack.blocks.detail import DETAIL
from deploybot.slack.feature import FeatureMaker
from deploybot.slack.payload import Place
from tests.slack.conftest import Desktop
from tests.slack.fake_acting import GUID_1, FakeActing, bound, canary
from tests.slack.fake_slack import HOME_TEAM, JSON

HERE, IN_C1 = Where("C1"), Place("C1")
VALUE = bound_text(bound())
NOT_FOUND = {"ok": False, "error": "not_found"}


@pytest.fixture
def acts() -> FakeActing:
    return FakeActing()


@pytest.fixture
def features(acts: FakeActing) -> tuple[FeatureMaker, ...]:
    return (acting(acts, seconds=5, several_foundations=False),)


def pressed(desktop: Desktop, action: str = "act_continue", value: str = VALUE, **more: Any) -> JSON:
    """A click on a button of a deployment's details, unless `block` says where else."""
    block = more.pop("block", DETAIL)
    body = desktop.click(action, value, **more)
    body["actions"][0]["block_id"] = block
    return body


def in_view(body: JSON, view: str, metadata: str = "channel=C1") -> JSON:
    """The same click in a modal: Slack says neither channel nor response address then."""
    rest = {key: value for key, value in body.items() if key not in {"channel", "response_url", "message"}}
    shown = {"id": view, "private_metadata": metadata}
    return {**rest, "view": shown, "container": {"type": "view", "view_id": view}}


def sent(desktop: Desktop, *, shows: bool = True, metadata: str | None = None, at: float = 0, **place: Any) -> JSON:
    """The form, sent from the modal V1."""
    where = Place(**{"channel": "C1", "response_url": desktop.slack.hook("click"), **place})
    held = Held(bound(), Origin(where, int(at or desktop.times()), shows))
    kept = held_text(held) if metadata is None else metadata
    return {
        "type": "view_submission",
        "team": {"id": HOME_TEAM},
        "user": {"id": "U1", "team_id": HOME_TEAM},
        "trigger_id": "form.1",
        "view": {"id": "V1", "type": "modal", "callback_id": "act", "private_metadata": kept},
    }


def views(desktop: Desktop) -> list[tuple[str, str]]:
    """Which modal was drawn anew, and as what, in their order."""
    return [(call["view_id"], json.dumps(call["view"])) for call in desktop.slack.called("views.update")]


async def test_who_is_not_linked_yet_is_offered_to_link_and_to_go_on_in_the_same_modal(
    desktop: Desktop, acts: FakeActing
) -> None:
    acts.error["propose"] = NotLinkedError("eu")
    await desktop.send(pressed(desktop))
    ((_, text),) = views(desktop)
    view = json.loads(text)
    link, go_on = view["blocks"][1]["elements"]
    assert (link["action_id"], link["value"]) == ("link_start_eu", "eu")
    assert (go_on["action_id"], go_on["value"]) == ("act_continue", VALUE)
    assert "submit" not in view

    acts.error.clear()
    await desktop.send(in_view(pressed(desktop, block=FRESH, trigger_id="click.2"), "V1", view["private_metadata"]))

    assert [which for which, _ in views(desktop)] == ["V1"] * 3
    assert json.loads(views(desktop)[-1][1])["submit"]["text"] == "Continue"


async def test_a_click_opens_a_modal_at_once_and_fills_it_with_the_question(desktop: Desktop, acts: FakeActing) -> None:
    await desktop.send(pressed(desktop))
    (opened,) = desktop.slack.called("views.open")
    ((view, form),) = views(desktop)
    assert "One moment" in json.dumps(opened["view"])
    assert "submit" not in opened["view"]
    assert view == "V1"
    assert "alice@example.com" in form
    assert acts.calls("propose") == [(bound(), "U1", HERE)]
    assert acts.calls("confirm") == []
    assert desktop.slack.posts == []


@pytest.mark.parametrize("verb", ["continue", "cancel"])
async def test_the_command_finds_the_deployment_and_asks_the_same(
    desktop: Desktop, acts: FakeActing, verb: str
) -> None:
    await desktop.send(desktop.command(f"{verb} checkout space=prod"))
    ((about, user, where),) = acts.calls("find")
    assert about == ("checkout", Query(spaces=("prod",)), Action(verb))
    assert (user, where) == ("U1", HERE)
    assert acts.calls("propose")[0][0].action == Action(verb)
    assert "submit" in views(desktop)[0][1]


async def test_a_mention_can_open_no_form_and_says_what_can(desktop: Desktop, acts: FakeActing) -> None:
    await desktop.send(desktop.mention("<@UBOT> cancel checkout"))
    assert acts.asked == []
    (told,) = desktop.slack.called("chat.postEphemeral")
    assert "type /deployments cancel" in told["text"]
    assert "press Cancel" in told["text"]


@pytest.mark.parametrize("problem", [UserError("You may not do that."), UpstreamError("eu", "it is down")])
async def test_a_refusal_is_told_in_the_modal(desktop: Desktop, acts: FakeActing, problem: Exception) -> None:
    acts.error["propose"] = problem
    await desktop.send(pressed(desktop))
    ((_, told),) = views(desktop)
    assert "You may not" in told or "it is down" in told
    assert "submit" not in told


async def test_a_form_that_slack_does_not_open_is_told_so(desktop: Desktop, acts: FakeActing) -> None:
    desktop.slack.answers["views.open"] = {"ok": False, "error": "expired_trigger_id"}
    await desktop.send(pressed(desktop))
    assert "nothing was done" in desktop.posted["text"]
    assert acts.asked == []


@pytest.mark.parametrize(
    ("action", "value"),
    [("act_cancel", VALUE), ("act_continue", "eu/1"), ("act_continue", ""), ("act_delete", VALUE), ("act", VALUE)],
)
async def test_a_button_that_is_not_ours_any_more_does_nothing(
    desktop: Desktop, acts: FakeActing, action: str, value: str
) -> None:
    await desktop.send(pressed(desktop, action, value))
    assert acts.asked == []
    assert desktop.slack.called("views.open") == []
    assert "not one of mine" in desktop.posted["text"]


async def test_a_click_in_a_modal_asks_upon_it_and_counts_where_it_was_opened(
    desktop: Desktop, acts: FakeActing
) -> None:
    await desktop.send(in_view(pressed(desktop), "V9"))
    assert desktop.slack.called("views.open") == []
    assert len(desktop.slack.called("views.push")) == 1
    assert [view for view, _ in views(desktop)] == ["V2"]
    assert acts.calls("propose") == [(bound(), "U1", HERE)]


async def test_where_no_modal_fits_on_top_the_one_that_was_clicked_in_asks(desktop: Desktop, acts: FakeActing) -> None:
    desktop.slack.answers["views.push"] = {"ok": False, "error": "push_limit_reached"}
    await desktop.send(in_view(pressed(desktop), "V9"))
    assert [view for view, _ in views(desktop)] == ["V9", "V9"]
    assert "submit" in views(desktop)[1][1]


async def test_what_moved_on_is_told_and_the_clicked_details_are_brought_up_to_date(
    desktop: Desktop, acts: FakeActing
) -> None:
    acts.proposed = {"moved": "bob@example.com has continued it.", "row": canary(Stand("ACTIVE", "DEPLOYING", 3))}
    await desktop.send(pressed(desktop))
    ((_, told),) = views(desktop)
    assert "bob@example.com has continued it." in told
    assert "submit" not in told
    assert acts.calls("confirm") == []
    assert desktop.posted["replace_original"] is True
    assert "What to do next" in json.dumps(desktop.posted)


async def test_a_fresh_button_in_the_form_asks_in_the_same_modal_as_another_confirmation(
    desktop: Desktop, acts: FakeActing
) -> None:
    metadata = held_text(Held(bound(), Origin(Place("C7", response_url=desktop.slack.hook("first")), 1), 0))
    await desktop.send(in_view(pressed(desktop, block=FRESH), "V1", metadata))
    assert desktop.slack.called("views.push") == desktop.slack.called("views.open") == []
    (_, _), (view, _) = views(desktop)
    kept = desktop.slack.called("views.update")[1]["view"]["private_metadata"]
    assert view == "V1"
    assert kept == held_text(Held(bound(), Origin(Place("C7", response_url=desktop.slack.hook("first")), 1), 1))
    assert acts.calls("propose") == [(bound(), "U1", Where("C7"))]


async def test_sending_the_form_is_acknowledged_at_once_and_the_result_shown_in_it(
    desktop: Desktop, acts: FakeActing
) -> None:
    ack = await desktop.send(sent(desktop))
    told = json.loads(ack.body or "")
    assert told["response_action"] == "update"
    assert "Sending" in json.dumps(told["view"])
    assert acts.calls("confirm") == [((bound(), "V1:0"), "U1", HERE)]
    ((view, result),) = views(desktop)
    assert view == "V1"
    assert "goes on to step 3 of 4" in result
    assert acts.sent == 1


async def test_details_that_were_clicked_are_drawn_anew_after_it(desktop: Desktop) -> None:
    await desktop.send(sent(desktop))
    assert desktop.answers.asked[0][:2] == (GUID_1, Query(foundations=("eu",)))
    assert (desktop.posted["replace_original"], desktop.posted["response_type"]) == (True, "ephemeral")


async def test_details_that_all_see_stay_for_all(desktop: Desktop) -> None:
    await desktop.send(sent(desktop, shared=True))
    assert (desktop.posted["replace_original"], desktop.posted["response_type"]) == (True, "in_channel")


async def test_details_in_a_modal_are_drawn_anew_below_the_result(desktop: Desktop) -> None:
    await desktop.send(sent(desktop, view="V9", response_url=""))
    assert [view for view, _ in views(desktop)] == ["V1", "V9"]
    assert "What to do next" in views(desktop)[1][1]


async def test_an_alert_that_was_clicked_is_left_to_the_ledger(desktop: Desktop) -> None:
    await desktop.send(sent(desktop, shows=False, shared=True))
    assert desktop.slack.posts == []
    assert desktop.answers.asked == []


async def test_details_that_cannot_be_drawn_anew_spoil_nothing(desktop: Desktop) -> None:
    desktop.answers.error = UpstreamError("eu", "it is down")
    await desktop.send(sent(desktop))
    assert "goes on" in views(desktop)[0][1]
    assert desktop.slack.posts == []


async def test_details_whose_address_is_over_are_not_posted_anew(desktop: Desktop) -> None:
    desktop.slack.hook_statuses.extend([404, 404, 404])
    await desktop.send(sent(desktop))
    assert desktop.slack.called("chat.postEphemeral") == desktop.slack.called("chat.postMessage") == []


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (UserError("Bob continued it a moment ago."), "Bob continued it a moment ago."),
        (UpstreamError("eu", "it is down"), "Nothing was done: eu could not answer: it is down"),
    ],
)
async def test_what_is_refused_at_the_last_moment_is_told(
    desktop: Desktop, acts: FakeActing, problem: Exception, told: str
) -> None:
    acts.error["confirm"] = problem
    await desktop.send(sent(desktop, shows=False))
    assert told in views(desktop)[-1][1]
    assert acts.sent == 0


async def test_what_another_delivery_of_the_form_does_just_now_is_left_for_it_to_tell(
    desktop: Desktop, acts: FakeActing
) -> None:
    acts.result = Result("I am at it just now.", ActionState.CLAIMED, canary())
    await desktop.send(sent(desktop))
    assert views(desktop) == []


@pytest.mark.parametrize("state", [ActionState.DONE, ActionState.REFUSED, ActionState.UNCLEAR, None])
async def test_every_end_is_told(desktop: Desktop, acts: FakeActing, state: ActionState | None) -> None:
    acts.result = Result("That is what became of it.", state, canary())
    await desktop.send(sent(desktop))
    assert "That is what became of it." in views(desktop)[0][1]


@pytest.mark.parametrize("metadata", ["", "nonsense", 'channel=C1\n["2"]'])
async def test_a_form_that_is_not_ours_does_nothing(desktop: Desktop, acts: FakeActing, metadata: str) -> None:
    ack = await desktop.send(sent(desktop, metadata=metadata))
    assert "nothing was done" in (ack.body or "")
    assert acts.asked == []


async def test_a_form_that_slack_delivers_again_is_answered_again_and_done_once(
    desktop: Desktop, acts: FakeActing
) -> None:
    await desktop.send(sent(desktop, shows=False))
    await desktop.send(sent(desktop, shows=False))
    assert acts.sent == 1
    assert ["goes on" in told for _, told in views(desktop)] == [True, True]


async def test_a_form_sent_twice_at_once_is_confirmed_once(desktop: Desktop, acts: FakeActing) -> None:
    acts.hold = asyncio.Event()
    for trigger in ("form.1", "form.2"):
        body = {**sent(desktop, shows=False), "trigger_id": trigger}
        await desktop.bot.app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=body))
    await asyncio.sleep(0)
    acts.hold.set()
    await desktop.bot.desk.drain(5)
    assert len(acts.calls("confirm")) == 1
    assert len(views(desktop)) == 1


async def test_a_click_that_slack_delivers_again_opens_no_second_form(desktop: Desktop, acts: FakeActing) -> None:
    body = pressed(desktop)
    await desktop.send(body)
    await desktop.send(body)
    assert len(desktop.slack.called("views.open")) == 1
    assert len(acts.calls("propose")) == 1


async def test_the_result_reaches_whoever_closed_the_modal_by_the_click(desktop: Desktop) -> None:
    desktop.slack.answers["views.update"] = NOT_FOUND
    await desktop.send(sent(desktop, shows=False, shared=True))
    assert "goes on" in desktop.posted["text"]
    assert (desktop.posted["replace_original"], desktop.posted["response_type"]) == (False, "ephemeral")


async def test_a_click_of_an_hour_ago_is_answered_by_the_bot_itself(desktop: Desktop) -> None:
    desktop.slack.answers["views.update"] = NOT_FOUND
    await desktop.send(sent(desktop, shows=False, at=desktop.times() - 3600))
    assert desktop.slack.posts == []
    (told,) = desktop.slack.called("chat.postEphemeral")
    assert (told["channel"], told["user"]) == ("C1", "U1")
    assert "goes on" in told["text"]


@pytest.mark.parametrize("channel", ["C1", ""])
async def test_the_last_way_to_the_person_is_a_direct_message(desktop: Desktop, channel: str) -> None:
    desktop.slack.answers["views.update"] = NOT_FOUND
    desktop.slack.answers["chat.postEphemeral"] = {"ok": False, "error": "not_in_channel"}
    await desktop.send(sent(desktop, shows=False, channel=channel, response_url=""))
    (told,) = desktop.slack.called("chat.postMessage")
    assert told["channel"] == "U1"
    assert "goes on" in told["text"]


async def test_a_refusal_reaches_whoever_closed_the_modal(desktop: Desktop, acts: FakeActing) -> None:
    desktop.slack.answers["views.update"] = NOT_FOUND
    acts.error["confirm"] = UserError("Bob continued it a moment ago.")
    await desktop.send(sent(desktop, shows=False))
    assert "Bob continued it" in desktop.posted["text"]


async def test_a_bug_is_told_with_its_reference_also_after_the_modal_was_closed(
    desktop: Desktop, acts: FakeActing
) -> None:
    desktop.slack.answers["views.update"] = NOT_FOUND
    acts.error["confirm"] = RuntimeError("boom")
    await desktop.send(sent(desktop, shows=False))
    assert "ref-1" in desktop.posted["text"]
    assert "boom" not in json.dumps(desktop.posted)


async def test_a_restart_in_the_midst_of_it_is_told_as_such(desktop: Desktop, acts: FakeActing) -> None:
    acts.hold = asyncio.Event()
    await desktop.bot.app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=sent(desktop)))
    await desktop.bot.desk.drain(0.05)
    assert "restarted in the midst" in views(desktop)[-1][1]
    assert acts.sent == 0


async def test_strangers_open_and_confirm_nothing(desktop: Desktop, acts: FakeActing) -> None:
    stranger = {"id": "U9", "team_id": "TOTHER"}
    await desktop.send({**pressed(desktop), "user": stranger})
    await desktop.send({**sent(desktop), "user": stranger})
    assert acts.asked == []


async def test_what_is_proposed_in_a_direct_message_is_proposed_there(desktop: Desktop, acts: FakeActing) -> None:
    await desktop.send(desktop.command("continue checkout", channel_id="D1"))
    assert acts.calls("propose")[0][2] == replace(HERE, channel="D1", direct=True)


async def test_where_the_bot_cannot_ask_a_second_person_no_form_is_offered(desktop: Desktop, acts: FakeActing) -> None:
    acts.proposed = {"approvals": 1}
    desktop.slack.answers["conversations.info"] = {"ok": True, "channel": {"id": "C1", "is_member": False}}
    await desktop.send(pressed(desktop))
    ((_, form),) = views(desktop)
    assert "I am not in this channel: type /invite" in form
    assert "then continue again" in form
    assert '"submit"' not in form


async def test_where_nobody_has_to_agree_the_bot_need_not_be_in_the_channel(desktop: Desktop) -> None:
    desktop.slack.answers["conversations.info"] = {"ok": True, "channel": {"id": "C1", "is_member": False}}
    await desktop.send(pressed(desktop))
    ((_, form),) = views(desktop)
    assert '"submit"' in form
