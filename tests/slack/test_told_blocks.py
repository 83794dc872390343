"""What the bot posts by itself is valid at any size, says the essential in its text as well, and pings whom it must."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from deploybot.domain.ledger import Gap, Kind
from deploybot.domain.outcome import Outcome
from deploybot.domain.outgoing import (
    AlertBody,
    Claim,
    DigestLine,
    Listed,
    NoticeBody,
    Outdated,
    ReplyBody,
    SummaryBody,
)
from deploybot.errors import UserError
from deploybot.slack.blocks.alert import alert_message
from deploybot.slack.blocks.listed import ListedPage, listed_message, listed_view, parse_list_value
from deploybot.slack.blocks.look import Look
from deploybot.slack.blocks.outgoing import draw
from deploybot.slack.limits import Message
from tests.slack.block_rules import assert_message, assert_view, nodes
from tests.slack.factories import NOW
from tests.slack.told import CLAIMS, ENTRIES, MENTION, OUTDATED, change, claim, digest, entry

ANY = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
LOOK = Look(several_foundations=False)


def shown(message: Message) -> str:
    """All mrkdwn and plain text of the blocks, a line each."""
    kinds = {"mrkdwn", "plain_text"}
    return "\n".join(node["text"] for node in nodes(message["blocks"]) if node.get("type") in kinds)


def buttons(message: Message) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for node in nodes(message["blocks"]):
        if node.get("type") == "button":
            found.setdefault(node["action_id"], []).append(node["value"])
    return found


@ANY
@given(CLAIMS)
def test_anything_that_is_told_is_a_valid_message(told: Claim) -> None:
    assert_message(draw(told))


@ANY
@given(OUTDATED)
def test_any_first_message_can_be_brought_up_to_date(told: Outdated) -> None:
    assert_message(draw(told))


@ANY
@given(ENTRIES)
def test_any_page_of_the_list_is_a_valid_message_and_modal(one: Any) -> None:
    page = ListedPage(7, 15, 214, (one,) * 15)
    assert_message(listed_message(page, Look()))
    assert_view(listed_view(page, Look()))


def test_a_first_message_says_state_app_place_strategy_step_person_reason_and_error() -> None:
    message = draw(claim(AlertBody(foundation="eu", guid="g")), LOOK)
    for text in (shown(message), message["text"]):
        assert "failed" in text
        assert "checkout" in text
        assert "shop/prod" in text
        assert "canary, step 2/4" in text
        assert "ada@example.com" in text
        assert "no instance got healthy for 20 min" in text
        assert "instance is crashing" in text
    assert "❌" in shown(message)
    assert "1 &gt; [2] &gt; 3 &gt; 4" in shown(message)
    assert "kept up to date" in shown(message)
    assert buttons(message)["row_details"] == [f"details:eu/{entry().guid}"]


def test_a_first_message_that_waits_says_since_when_and_not_for_how_long() -> None:
    """It is not drawn again while it waits, so `for 3 min now` would become a lie."""
    waiting = entry(outcome=Outcome.PAUSED, why="waits at step 2 of 4 for a person to decide, for 3 min now", error="")
    message = draw(Outdated(1, "C1", "1.1", waiting))
    assert "waits at step 2 of 4 for a person to decide" in shown(message)
    assert "3 min" not in json.dumps(message)
    assert "Began to wait <!date^" in shown(message)


@pytest.mark.parametrize("outcome", [Outcome.STALLED, Outcome.FAILED])
def test_one_that_is_stuck_says_since_when_nothing_moved(outcome: Outcome) -> None:
    """Its status has been the same since it began; what people ask is when an instance last got healthy."""
    stuck = entry(outcome=outcome, last_healthy_at=NOW, status_changed_at=NOW - timedelta(hours=1))
    message = draw(Outdated(1, "C1", "1.1", stuck))
    assert f"Last progress <!date^{int(NOW.timestamp())}^" in shown(message)


def test_an_ended_deployment_says_when_it_ended() -> None:
    ended = entry(outcome=Outcome.SUCCEEDED, error="", why="", ended_at=datetime(2026, 11, 23, 9, 5, tzinfo=UTC))
    message = draw(Outdated(1, "C1", "1.1", ended))
    assert "kept up to date" not in shown(message)
    assert "ended 2026-11-23 09:05 UTC" in message["text"]


def test_the_failure_pings_in_the_reply() -> None:
    message = draw(claim(ReplyBody(transition=change(), mentions=(MENTION, "<@U1>"))), LOOK)
    assert shown(message).startswith("❌ *failed*: *checkout* in shop/prod")
    assert f"{MENTION} <@U1>" in shown(message)
    assert f"{MENTION} <@U1>" in message["text"]
    assert "instance is crashing" in message["text"]


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_change_is_told_in_sign_and_word(kind: Kind) -> None:
    message = draw(claim(ReplyBody(transition=change(kind, step=2, steps=4))), LOOK)
    sign, word = message["text"].split()[:2]
    assert not sign.isascii()
    assert word.strip(":") == kind


def test_what_is_no_mention_pings_nobody() -> None:
    told = change(why="<!channel> @here", error="<@U2>")
    message = draw(claim(ReplyBody(transition=told, mentions=("<!everyone>", "@all", "<@U1> <!here>"))))
    assert "<!everyone>" not in json.dumps(message)
    assert "<@U" not in json.dumps(message)
    assert "<!channel>" not in json.dumps(message)


def test_a_late_change_says_when_it_was_noticed() -> None:
    assert "noticed 2026-11-23 10:00 UTC" in draw(claim(ReplyBody(transition=change(late=True))))["text"]


def test_a_summary_counts_by_kind_names_the_most_important_and_lists_all() -> None:
    body = SummaryBody(
        counts=(("failed", 2), ("succeeded", 212)),
        deployments=214,
        lines=((change(), entry()),),
        why="214 changes in a minute",
        mentions=(MENTION,),
    )
    message = draw(claim(body, listed=(Listed("eu", "g"),) * 214), LOOK)
    for text in (shown(message), message["text"]):
        assert "214 changes of 214 deployments" in text
        assert "❌ 2 failed, ✅ 212 succeeded" in text
        assert "214 changes in a minute" in text
        assert "and 213 more deployments" in text
        assert MENTION in text
    assert "List all 214" in shown(message)
    assert buttons(message)["list"] == ["7:0"]
    (menu,) = [node for node in nodes(message["blocks"]) if node.get("type") == "overflow"]
    assert menu["options"][0]["value"] == f"details:eu/{entry().guid}"


def test_a_digest_has_counts_against_before_failures_first_and_the_window_last() -> None:
    message = draw(claim(digest(), listed=(Listed("eu", "g"),) * 3), LOOK)
    text = shown(message)
    assert "❌ 1 failed (2 fewer than in the period before)" in text
    assert "✅ 12 succeeded (as many as in the period before)" in text
    assert "⏸️ 1 paused (1 more than in the period before)" in text
    assert text.index("*Failed*") < text.index("*Waiting or stuck*") < text.index("✅ succeeded *checkout*")
    assert "waits at step 2 of 4 since 09:12" in text
    assert "for a person to decide" not in text
    assert "no instance got healthy for 20 min" in message["text"]
    assert MENTION in text
    window = "2026-11-22 09:00 - 2026-11-23 09:00 Europe/Berlin, seen without gaps"
    assert text.endswith(window)
    assert message["text"].endswith(window)
    assert len(buttons(message)["row_details"]) == 2
    assert buttons(message)["list"] == ["7:0"]


def test_a_digest_names_the_times_that_were_not_seen() -> None:
    since = datetime(2026, 11, 23, 2, 10, tzinfo=UTC)
    gaps = (
        Gap(foundation="eu", since=since, until=since + timedelta(minutes=15), reason="not reachable"),
        Gap(foundation="us", since=since + timedelta(hours=5), until=None, reason="not reachable"),
        Gap(
            foundation="eu", since=since - timedelta(days=9), until=since - timedelta(hours=9), reason="deploybot slept"
        ),
    )
    text = draw(claim(digest(gaps=gaps)))["text"]
    assert text.endswith(
        "not seen whole: deploybot slept 09:00-18:10; foundation eu not reachable 03:10-03:25; "
        "foundation us not reachable since 08:10"
    )


def test_without_a_period_before_nothing_is_compared() -> None:
    assert "period before" not in json.dumps(draw(claim(digest(before=()))))


def test_a_late_digest_says_so() -> None:
    message = draw(claim(digest(late=True)))
    assert "late" in message["text"].splitlines()[0]
    assert "late" in shown(message)


def test_a_digest_in_which_nothing_happened_is_proof_and_pings_nobody() -> None:
    message = draw(claim(digest(counts=(), before=(), failed=(), open=(), rest=())))
    assert message["text"].splitlines()[0] == "Digest: nothing happened"
    assert "seen without gaps" in message["text"]
    assert MENTION not in json.dumps(message)


def test_a_digest_says_how_many_are_listed_only_since_they_still_wait() -> None:
    body = digest(counts=(("failed", 1),), rest=())
    assert len(body.failed) + len(body.open) == 2
    for text in (draw(claim(body))["text"], shown(draw(claim(body)))):
        assert "1 failed" in text
        assert "; 1 still open from before" in text
    assert "from before" not in json.dumps(draw(claim(digest())))


def test_a_huge_digest_folds_counts_and_lists_what_it_does_not_name() -> None:
    lines = tuple(DigestLine(entry=entry(number)) for number in range(60))
    message = draw(claim(digest(failed=lines, open=lines, rest=lines, more=9_838), listed=(Listed("eu", "g"),) * 9))
    assert_message(message)
    assert "and 9,980 more" in shown(message)
    assert " more\n2026-11-22 09:00" in message["text"]
    assert "List all 9" in shown(message)


def test_a_notice_links_its_channel_and_resumes_by_a_button() -> None:
    body = NoticeBody(text="I can't post in <#C0CHECKOUT>: it is archived. <@U1> *x*", resume="s1")
    message = draw(claim(body))
    assert "<#C0CHECKOUT>" in message["text"]
    assert "<@U1>" not in message["text"]
    assert buttons(message) == {"resume": ["s1"]}


@pytest.mark.parametrize("body", [digest(), AlertBody(foundation="eu", guid="g"), NoticeBody(text="Hello")])
def test_what_may_be_there_already_says_so(body: Any) -> None:
    message = draw(replace(claim(body), repeat=True))
    assert message["text"].startswith("(may be a repeat)")
    assert "(may be a repeat)" in shown(message)
    assert "repeat" not in json.dumps(draw(claim(body)))


def test_what_the_ledger_forgot_is_still_told() -> None:
    assert "no longer remembered" in draw(replace(claim(AlertBody(foundation="eu", guid="g")), entry=None))["text"]


def test_the_list_turns_to_where_there_is_more() -> None:
    first = buttons(listed_message(ListedPage(7, 0, 40, (entry(),) * 15), LOOK))
    last = buttons(listed_message(ListedPage(7, 30, 40, (entry(),) * 10), LOOK))
    assert first == {"list_next": ["7:15"]}
    assert last == {"list_previous": ["7:15"]}


@pytest.mark.parametrize("value", ["", "7", "x:0", "7:-1", "7:0:0", "7:0 "])
def test_a_list_button_of_another_kind_is_told_so(value: str) -> None:
    with pytest.raises(UserError):
        parse_list_value(value)


def test_a_list_on_one_page_counts_and_a_longer_one_says_where_it_is() -> None:
    pages = (
        ListedPage(7, 0, 1, (entry(),)),
        ListedPage(7, 0, 2, (entry(), entry(2))),
        ListedPage(7, 0, 40, (entry(),) * 15),
    )
    heads = [listed_message(page, LOOK)["blocks"][0]["text"]["text"] for page in pages]
    assert heads[:2] == ["1 deployment of that message", "2 deployments of that message"]
    assert heads[2] == "Deployments 1 to 15 of the 40 of that message"


def test_steps_are_drawn_where_there_are_several() -> None:
    assert "Canary steps" in json.dumps(alert_message(entry(steps=2, step=1), LOOK))
    assert "Canary steps" not in json.dumps(alert_message(entry(steps=1, step=1), LOOK))
