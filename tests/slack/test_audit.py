"""The record in chat: for the asker alone, a page at a time, each event in words."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploybot.domain.audit import AuditEvent, AuditKind, AuditOutcome
from deploybot.domain.audit_question import AuditTurn, first_turn, parse_turn_value, turn_value
from deploybot.domain.grammar import parse
from deploybot.errors import UserError
from deploybot.service.auditing import AuditPage
from deploybot.slack.auditing import auditing
from deploybot.slack.blocks.audit import audit_message, audit_view
from deploybot.slack.feature import FeatureMaker
from tests.slack.block_rules import assert_message, assert_view, nodes
from tests.slack.conftest import Desktop
from tests.slack.factories import GUID, NAMES, NASTY, NOW, TIMES

EVENTS = st.builds(
    AuditEvent,
    id=st.just("e"),
    at=TIMES,
    kind=st.sampled_from(AuditKind),
    outcome=st.sampled_from(AuditOutcome),
    foundation=NAMES | st.just(""),
    step=st.none() | st.integers(0, 99),
    **dict.fromkeys(
        (
            "user",
            "account",
            "channel",
            "org",
            "space",
            "app",
            "guid",
            "value",
            "reason",
            "decision",
            "rule",
            "told",
            "request_id",
            "event_guid",
        ),
        NASTY,
    ),
)


def event(**more: Any) -> AuditEvent:
    given: dict[str, Any] = {
        "id": "e1",
        "at": NOW,
        "kind": AuditKind.CANCEL,
        "outcome": AuditOutcome.REFUSED,
        "user": "U7",
        "account": "bob@example.com",
        "channel": "C1",
        "foundation": "eu",
        "org": "shop",
        "space": "prod",
        "app": "checkout",
        "guid": GUID.format(1),
        "value": "ACTIVE",
        "reason": "PAUSED",
        "step": 2,
        "decision": "prod-is-closed denies it",
        "rule": "prod-is-closed",
        "told": "You may not cancel here.",
        "request_id": "req-1",
        "event_guid": "event-1",
    }
    return AuditEvent(**{**given, **more})


def turn(text: str = "audit") -> AuditTurn:
    return first_turn(parse(text), NOW)


def page(*events: AuditEvent, total: int | None = None, asked: str = "audit", **more: Any) -> AuditPage:
    return AuditPage(turn(asked), len(events) if total is None else total, events, **more)


def said(shown: AuditPage) -> str:
    kinds = {"mrkdwn", "plain_text"}
    return "\n".join(node["text"] for node in nodes(audit_message(shown)["blocks"]) if node.get("type") in kinds)


def turns(shown: AuditPage) -> dict[str, AuditTurn]:
    found = [node for node in nodes(audit_message(shown)["blocks"]) if node.get("type") == "button"]
    return {one["action_id"]: parse_turn_value(one["value"]) for one in found}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(EVENTS, max_size=4), st.integers(0, 10**6), st.booleans())
def test_any_page_of_the_record_is_a_valid_message_and_modal(
    events: list[AuditEvent], more: int, narrowed: bool
) -> None:
    shown = page(*events, total=len(events) + more, narrowed=narrowed)
    assert_message(audit_message(shown))
    assert_view(audit_view(shown))


def test_25_events_with_all_that_there_is_fit_one_message() -> None:
    shown = page(*[event(told="x" * 300, account="a" * 200, decision="d" * 200)] * 25, asked="audit per_page=25")
    assert_message(audit_message(shown))
    assert json.dumps(audit_message(shown)).count("req-1") == 25


def test_an_event_says_what_who_where_when_by_which_rule_and_with_what_outcome() -> None:
    text = said(page(event()))
    for fact in (
        "🚫 *cancel: refused*  *checkout*  shop/prod on eu",
        "by <@U7> as bob@example.com in <#C1>",
        f"<!date^{int(NOW.timestamp())}^",
        "You may not cancel here.",
        "It stood at ACTIVE / PAUSED, step 2",
        "Decided: prod-is-closed denies it",
        "deployment `" + GUID.format(1),
        "request `req-1`",
        "event `event-1`",
    ):
        assert fact in text


def test_a_rule_that_the_decision_does_not_name_is_named() -> None:
    assert "Decided: allowed (the deployers)" in said(page(event(decision="allowed", rule="the deployers")))


@pytest.mark.parametrize("kind", AuditKind)
@pytest.mark.parametrize("outcome", AuditOutcome)
def test_every_kind_and_outcome_has_words(kind: AuditKind, outcome: AuditOutcome) -> None:
    assert f": {outcome}*" in said(page(event(kind=kind, outcome=outcome)))


def test_what_the_bot_did_by_itself_is_told_so_and_pings_nobody() -> None:
    text = said(page(event(user="", account="deploybot's own account")))
    assert "by deploybot itself as deploybot's own account" in text
    assert "<@" not in text
    assert "<@" not in said(page(event(user="!here")))


def test_an_event_in_a_direct_message_links_no_channel() -> None:
    assert "in a direct message" in said(page(event(channel="D1")))


def test_pages_lead_on_where_there_is_more_with_the_question_as_it_was() -> None:
    asked = "audit cancel app=checkout per_page=2"
    first = page(event(), event(), total=5, asked=asked)
    assert {name: one.skip for name, one in turns(first).items()} == {"audit_next": 2}
    assert turns(first)["audit_next"] == replace(turn(asked), skip=2)
    middle = replace(first, turn=replace(first.turn, skip=2))
    assert {name: one.skip for name, one in turns(middle).items()} == {"audit_previous": 0, "audit_next": 4}
    last = replace(first, turn=replace(first.turn, skip=4), events=(event(),))
    assert list(turns(last)) == ["audit_previous"]
    assert "5 events on the record, 3 to 4 of them" in said(middle)


def test_an_empty_answer_says_what_to_try() -> None:
    text = said(page())
    assert "Nothing on the record matches" in text
    assert "look further back" in text


def test_who_sees_a_part_only_is_told_so() -> None:
    assert "only what you may see" in said(page(event(), narrowed=True))
    assert "only what you may see" not in said(page(event()))


@dataclass
class FakeAudits:
    """Answers every question with one page of a record of 30 events, or raises what it is told to."""

    error: Exception | None = None
    asked: list[tuple[AuditTurn, str, str]] = field(default_factory=list)

    async def page(self, turn: AuditTurn, user: str, channel: str, now: datetime) -> AuditPage:
        self.asked.append((turn, user, channel))
        if self.error:
            raise self.error
        return AuditPage(turn, 30, (event(),) * turn.most)


@pytest.fixture
def audits() -> FakeAudits:
    return FakeAudits()


@pytest.fixture
def features(audits: FakeAudits) -> tuple[FeatureMaker, ...]:
    return (auditing(audits),)


async def test_the_command_answers_the_asker_alone(desktop: Desktop, audits: FakeAudits) -> None:
    await desktop.send(desktop.command("audit cancel app=checkout"))
    ((asked, user, channel),) = audits.asked
    assert (asked.asked, asked.skip, user, channel) == ("audit cancel app=checkout", 0, "U1", "C1")
    assert asked.as_of == datetime.fromtimestamp(desktop.times(), UTC)
    assert desktop.posted["response_type"] == "ephemeral"
    assert "bob@example.com" in json.dumps(desktop.posted)


async def test_days_are_those_of_the_asker(desktop: Desktop, audits: FakeAudits) -> None:
    await desktop.send(desktop.command("audit since=today"))
    assert audits.asked[0][0].command.query.tz == "Europe/Berlin"


async def test_next_draws_the_further_page_in_place_for_whoever_presses(desktop: Desktop, audits: FakeAudits) -> None:
    further = replace(turn("audit cancel"), skip=10)
    await desktop.send(desktop.click("audit_next", turn_value(further)))
    assert audits.asked == [(further, "U1", "C1")]
    assert desktop.posted["replace_original"] is True
    assert desktop.posted["response_type"] == "ephemeral"


async def test_a_button_that_is_not_ours_asks_nothing(desktop: Desktop, audits: FakeAudits) -> None:
    await desktop.send(desktop.click("audit_next", "1 list"))
    assert audits.asked == []
    assert "not one of mine" in desktop.posted["text"]


async def test_a_refusal_is_told_to_the_asker(desktop: Desktop, audits: FakeAudits) -> None:
    audits.error = UserError("You may not see the record here.")
    await desktop.send(desktop.command("audit"))
    assert desktop.posted["text"] == "You may not see the record here."


async def test_the_record_is_never_read_out_to_a_channel(desktop: Desktop, audits: FakeAudits) -> None:
    await desktop.send(desktop.mention("<@UBOT> audit"))
    assert audits.asked == []
    assert desktop.slack.called("chat.postMessage") == []
    assert "for you alone" in desktop.slack.called("chat.postEphemeral")[0]["text"]
