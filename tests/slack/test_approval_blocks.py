"""A request for a second person shows who asked for what, who may not agree, until when, and what became of it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace

from deploybot.domain.acting import Action, Bound, Stand, parse_bound
from deploybot.domain.approval import Approval, ApprovalState
from deploybot.domain.outcome import Outcome
from deploybot.domain.outgoing import ApprovalBody, Edit, GuardBody, NoticeBody
from deploybot.slack.blocks.look import Look
from deploybot.slack.blocks.outgoing import draw
from tests.slack.block_rules import assert_message
from tests.slack.factories import NOW
from tests.slack.test_told_blocks import buttons, shown
from tests.slack.told import REQUESTS, claim, entry

REQUEST = Approval(
    id="a1",
    bound=Bound(action=Action.CONTINUE, foundation="eu", guid="d-1", stand=Stand("ACTIVE", "PAUSED", 2)),
    app="checkout",
    space="prod",
    org="shop",
    asked_by="U1",
    asked_account="cat@example.com",
    asked_account_guid="user-cat",
    channel="C1",
    asked_at=NOW,
    expires_at=NOW + timedelta(minutes=30),
    consequences=("It goes on from step 2 of 4: 20 % -> 60 %.",),
    steps=4,
    starter="ann@example.com",
    starter_guid="user-ann",
    starter_is_person=True,
)


def drawn(**changes: Any) -> dict[str, Any]:
    message = draw(claim(ApprovalBody(approval=replace(REQUEST, **changes))), Look())
    assert_message(message)
    return message


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(REQUESTS)
def test_any_request_can_be_drawn_anew(request: Approval) -> None:
    assert_message(draw(Edit("C1", "1.1", ApprovalBody(approval=request))))


def test_an_open_request_says_who_asks_for_what_what_it_does_and_until_when() -> None:
    message = drawn()
    for text in (shown(message), message["text"]):
        assert "<@U1> asks to" in text
        assert "continue checkout" in text
        assert "shop/prod on eu, at step 2 of 4" in text
        assert "20 % -&gt; 60 %" in text
        assert "10:30" in text
    assert set(buttons(message)) == {"approve_agree", "approve_decline"}
    assert buttons(message)["approve_agree"] == ["a1"]


def test_the_account_that_somebody_is_linked_with_is_nowhere_in_it() -> None:
    for state in ApprovalState:
        assert "cat@example.com" not in json.dumps(
            drawn(state=state, decided_by="U2", decided_account="bob@example.com")
        )
        assert "bob@example.com" not in json.dumps(
            drawn(state=state, decided_by="U2", decided_account="bob@example.com")
        )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "started by ann@example.com: neither they nor <@U1> can agree"),
        ({"starter": "ci", "starter_is_person": False}, "started by ci, which is no person, so only <@U1> can't agree"),
        ({"starter": "", "starter_is_person": False}, "I can't find out who started it, so only <@U1> can't agree"),
    ],
)
def test_it_says_who_cannot_agree(changes: dict[str, Any], said: str) -> None:
    message = drawn(**changes)
    assert said in shown(message)
    assert said in message["text"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"state": ApprovalState.AGREED, "decided_by": "U2", "told": "Continued."}, "<@U2> agreed"),
        ({"state": ApprovalState.AGREED, "decided_by": "U2"}, "It is being done."),
        ({"state": ApprovalState.DECLINED, "decided_by": "U2", "told": "Declined."}, "<@U2> declined"),
        ({"state": ApprovalState.DECLINED, "decided_by": "U1", "told": "Taken back."}, "<@U1> took it back"),
        ({"state": ApprovalState.EXPIRED, "told": "The request has run out."}, "The request has run out."),
        ({"state": ApprovalState.VOID, "told": "It has moved on."}, "It has moved on."),
    ],
)
def test_a_request_that_is_over_says_how_and_has_no_buttons(changes: dict[str, Any], said: str) -> None:
    message = drawn(decided_at=NOW, **changes)
    assert said in shown(message)
    assert said in message["text"]
    assert buttons(message) == {}
    assert "10:30" not in message["text"]


def test_the_guard_shows_the_deployment_and_what_can_be_done_about_it() -> None:
    paused = entry(value="ACTIVE", reason="PAUSED", outcome=Outcome.PAUSED, error="")
    body = GuardBody(entry=paused, text="It waits for 3 h.", mentions=("<@U1>",))
    message = draw(claim(body))
    assert_message(message)
    for text in (shown(message), message["text"]):
        assert "It waits for 3 h. <@U1>" in text
        assert "checkout" in text
    (value,) = buttons(message)["act_continue"]
    assert parse_bound(value).stand == Stand("ACTIVE", "PAUSED", 2)
    assert "act_cancel" in buttons(message)


def test_the_guard_offers_nothing_for_what_is_over() -> None:
    over = entry(value="FINALIZED", reason="CANCELED", outcome=Outcome.CANCELED, error="")
    assert not {"act_continue", "act_cancel"} & set(buttons(draw(claim(GuardBody(entry=over, text="Canceled.")))))


def test_what_the_guard_said_offers_nothing_once_it_has_moved_on() -> None:
    later = entry(value="ACTIVE", reason="DEPLOYING", step=3, outcome=Outcome.IN_PROGRESS, error="")
    message = draw(Edit("C1", "1.1", GuardBody(entry=later, text="It waits for 3 h.", moved_on=True)))
    assert_message(message)
    assert set(buttons(message)) == {"row_details"}
    assert "It has moved on since." in shown(message)
    assert "step 3/4" in shown(message)


def test_a_notice_pings_whom_it_is_for() -> None:
    message = draw(claim(NoticeBody(text="Done @here.", mentions=("<@U1>", "<!bad"))))
    assert message["text"].startswith("<@U1> Done @\u2060here.")
    assert "<!bad" not in message["text"]
