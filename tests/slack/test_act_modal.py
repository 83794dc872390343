"""The form before a continue or cancel says all that counts, keeps what it is about, and what becomes of it is told."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploybot.domain.acting import Action, ActionState, Bound, Stand, bound_text
from deploybot.service.acting import Proposal, Result
from deploybot.slack.blocks.act_modal import (
    Held,
    Origin,
    confirm_view,
    held_text,
    moved_view,
    parse_held,
    result_message,
    result_view,
)
from deploybot.slack.limits import PRIVATE_METADATA, View
from deploybot.slack.payload import Place
from tests.slack.block_rules import assert_message, assert_view, nodes
from tests.slack.factories import NAMES, NASTY, ROWS
from tests.slack.fake_acting import GUID_1, bound, canary, proposal

ANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
PLACE = Place("C1", "1.0", "https://hooks.slack.com/actions/T1/1/x", view="V0", shared=True)
HELD = Held(bound(), Origin(PLACE, 1_790_000_000, shows=True), 3)
BOUNDS = st.builds(
    Bound,
    action=st.sampled_from(Action),
    foundation=NAMES,
    guid=st.uuids().map(str),
    stand=st.builds(Stand, st.just("ACTIVE"), st.just("PAUSED"), st.none() | st.integers(0, 99)),
)
PROPOSALS = st.builds(
    Proposal,
    bound=BOUNDS,
    row=ROWS,
    consequences=st.lists(NASTY, max_size=6).map(tuple),
    account=NASTY,
    approvals=st.integers(0, 1),
    rule=NASTY,
    moved=NASTY,
)
RESULTS = st.builds(Result, NASTY, st.none() | st.sampled_from(ActionState), st.none() | ROWS)


def said(view: View) -> str:
    kinds = {"mrkdwn", "plain_text"}
    return "\n".join(node["text"] for node in nodes(view["blocks"]) if node.get("type") in kinds)


def labels(view: View) -> list[str]:
    return [node["text"]["text"] for node in nodes(view["blocks"]) if node.get("type") == "button"]


@ANY
@given(PROPOSALS)
def test_any_proposal_is_a_valid_form(shown: Proposal) -> None:
    assert_view(confirm_view(shown, HELD))
    assert_view(moved_view(shown, HELD, several_foundations=True))


@ANY
@given(RESULTS)
def test_any_result_is_a_valid_modal_and_message(result: Result) -> None:
    assert_view(result_view(result, Action.CANCEL, HELD, several_foundations=True))
    assert_message(result_message(result, several_foundations=False))


def test_the_form_names_app_space_org_foundation_state_step_consequences_and_account() -> None:
    text = said(confirm_view(proposal(), HELD))
    for fact in ("checkout", "prod", "shop", "eu", "paused", "2 of 4", "alice@example.com", GUID_1):
        assert fact in text
    assert "60 % -&gt; 80 %" in text
    assert "second person" not in text


@pytest.mark.parametrize(("action", "submit"), [(Action.CONTINUE, "Continue"), (Action.CANCEL, "Cancel it")])
def test_the_form_is_sent_by_the_name_of_the_action_and_left_by_another(action: Action, submit: str) -> None:
    view = confirm_view(proposal(action), HELD)
    assert view["submit"]["text"] == submit
    assert view["close"]["text"] == "Leave it"


def test_where_a_second_person_must_agree_the_form_asks_for_that() -> None:
    view = confirm_view(proposal(approvals=1, rule="the rule deployers"), HELD)
    assert "*A second person must agree*, as the rule deployers says." in said(view)
    assert view["submit"]["text"] == "Ask for agreement"


def test_what_moved_on_is_told_with_the_present_state_and_nothing_can_be_sent() -> None:
    now = Stand("ACTIVE", "DEPLOYING", 3)
    view = moved_view(
        proposal(row=canary(now), moved="bob@example.com has continued it."), HELD, several_foundations=False
    )
    assert "submit" not in view
    assert "Nothing was done.* bob@example.com has continued it." in said(view)
    assert labels(view) == ["Cancel", "Watch"]
    values = [node["value"] for node in nodes(view["blocks"]) if node.get("type") == "button"]
    assert values[0] == bound_text(bound(Action.CANCEL, now))


def test_a_result_shows_the_deployment_as_it_is_now_and_what_can_be_done_next() -> None:
    result = Result("It goes on.", ActionState.DONE, canary())
    view = result_view(result, Action.CONTINUE, HELD, several_foundations=False)
    assert "✅ It goes on." in said(view)
    assert labels(view) == ["Continue", "Cancel", "Watch"]
    assert "It goes on." in result_message(result, several_foundations=False)["text"]


def test_every_end_has_a_sign_of_its_own() -> None:
    ends = [*ActionState, None]
    told = [said(result_view(Result("x", end), Action.CANCEL, HELD, several_foundations=True)) for end in ends]
    assert len({one.partition(" ")[0] for one in told}) == len(ends)


@given(
    BOUNDS,
    st.builds(
        Place,
        channel=st.just("") | st.from_regex(r"[CDG][A-Z0-9]{1,20}", fullmatch=True),
        thread=st.text(max_size=20),
        response_url=st.text(max_size=200),
        view=st.text(max_size=20),
        shared=st.booleans(),
    ),
    st.integers(0, 2**40),
    st.booleans(),
    st.integers(0, 99),
)
def test_what_a_form_keeps_survives_the_way_through_slack(
    one: Bound, place: Place, at: int, shows: bool, turn: int
) -> None:
    held = Held(one, Origin(place, at, shows), turn)
    text = held_text(held)
    assert parse_held(text) == held
    assert len(text) <= PRIVATE_METADATA


def test_a_response_address_that_does_not_fit_is_left_out() -> None:
    long = replace(HELD, origin=replace(HELD.origin, place=replace(PLACE, response_url="https://x/" + "y" * 3000)))
    kept = parse_held(held_text(long))
    assert kept == replace(HELD, origin=replace(HELD.origin, place=replace(PLACE, response_url="")))


def _with(at: int, value: Any) -> str:
    first, _, rest = held_text(HELD).partition("\n")
    kept = json.loads(rest)
    return f"{first}\n{json.dumps([*kept[:at], value, *kept[at + 1 :]])}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "channel=C1",
        held_text(HELD).partition("\n")[2],
        _with(0, "2"),
        _with(1, bound_text(bound(stand=None))),
        _with(1, bound_text(bound()) + " "),
        _with(2, -1),
        _with(2, "3"),
        _with(3, 1.5),
        _with(3, -1),
        _with(4, 1),
        _with(8, None),
        held_text(HELD)[:-1] + ',"more"]',
        "\ud800\n[]",
    ],
)
def test_anything_else_is_no_form_of_ours(text: str) -> None:
    assert parse_held(text) is None


def test_each_proposal_in_a_modal_is_a_confirmation_of_its_own() -> None:
    assert HELD.confirmation("V1") == HELD.confirmation("V1")
    assert HELD.confirmation("V1") != replace(HELD, turn=4).confirmation("V1")
