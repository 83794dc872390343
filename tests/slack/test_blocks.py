"""Whatever a server says, what is drawn is valid, harmless and whole."""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploybot.domain.button import parse_button
from deploybot.domain.deployment import CanaryOptions, CanaryStatus, CanaryStep, CanarySteps, Options, Status
from deploybot.domain.grammar import ROWS_IN_SLACK
from deploybot.domain.outcome import Outcome, Verdict
from deploybot.domain.page import Detail, Page, Row, Total, Trouble
from deploybot.domain.paging import FIRST
from deploybot.domain.query import Ago, Op, Query, TimeFilter
from deploybot.slack.blocks.detail import canary_lines, detail_message, detail_view
from deploybot.slack.blocks.links import Console
from deploybot.slack.blocks.page import page_message, page_view
from deploybot.slack.blocks.problem import sentence, sentence_view
from deploybot.slack.limits import Message
from tests.slack.block_rules import assert_message, assert_view
from tests.slack.factories import (
    APP,
    DETAILS,
    NASTY,
    NOW,
    PAGES,
    ROWS,
    deployment,
    detail,
    empty_page,
    page,
    row,
)

CONSOLE = Console({"eu": "https://console.example/{space}/apps/{app}?d={guid}"})
PLAIN = Console()
ANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def buttons(message: Message) -> dict[str, str]:
    """The values of a message's buttons by action."""
    rows = [block["elements"] for block in message["blocks"] if block["type"] == "actions"]
    return {element["action_id"]: element["value"] for elements in rows for element in elements}


def all_text(message: Message) -> str:
    return json.dumps(message, ensure_ascii=False)


@ANY
@given(PAGES, st.booleans())
def test_any_page_is_a_valid_message(shown: Page, shared: bool) -> None:
    assert_message(page_message(shown, CONSOLE, shared=shared, shared_by="U1"))
    assert_view(page_view(shown, CONSOLE))


@ANY
@given(st.lists(ROWS, min_size=1, max_size=4), PAGES)
def test_25_rows_of_anything_fit_one_message_and_none_is_dropped(rows: list[Row], shown: Page) -> None:
    full = replace(shown, rows=tuple(rows[number % len(rows)] for number in range(ROWS_IN_SLACK)))
    message = page_message(full, CONSOLE, shared_by="U1")
    assert_message(message)
    signs = [block for block in message["blocks"] if block["type"] == "section"]
    assert len(signs) == ROWS_IN_SLACK


@ANY
@given(DETAILS)
def test_any_detail_is_a_valid_message_and_modal(shown: Detail) -> None:
    assert_message(detail_message(shown, CONSOLE))
    assert_view(detail_view(shown, CONSOLE))


@given(NASTY)
def test_any_sentence_is_valid(text: str) -> None:
    assert_message(sentence(text or "x"))
    assert_view(sentence_view(text or "x"))


def test_25_ordinary_rows_keep_their_names_whole() -> None:
    message = page_message(page(*(row(number) for number in range(ROWS_IN_SLACK))), CONSOLE)
    assert all_text(message).count("*checkout*") == ROWS_IN_SLACK


def test_a_row_shows_state_app_place_strategy_progress_revision_person_time_error_and_reason() -> None:
    section = page_message(page(row(1), several_foundations=True), PLAIN)["blocks"][2]
    text = section["text"]["text"]
    for part in (
        "❌ *failed*",
        "*checkout*",
        "shop/prod on eu",
        "canary, step 2/4, instances 3/6",
        "revision 12",
        "by ada@example.com",
        "{ago}",
        "2026-11-23 09:00 UTC",
        "no progress for 20 minutes, and an error",
        "Error: instance is crashing",
    ):
        assert part in text


def test_the_foundation_is_not_named_where_there_is_only_one() -> None:
    assert " on eu" not in page_message(page(row(1)), PLAIN)["blocks"][2]["text"]["text"]


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_a_sign_and_a_word(outcome: Outcome) -> None:
    text = page_message(page(row(1, outcome)), PLAIN)["blocks"][2]["text"]["text"]
    assert f" *{outcome}*" in text
    assert not text[0].isascii()


def test_top_level_text_carries_the_whole_essential_answer() -> None:
    text = page_message(page(row(1), troubles=(Trouble("us", "it is down"),)), PLAIN)["text"]
    for part in ("70 deployments of checkout", "page 2 of 7", "failed: checkout in shop/prod", "ada", "crashing", "us"):
        assert part in text
    assert "it is down" in text


def test_every_turn_is_a_button_that_carries_its_question() -> None:
    shown = page()
    found = buttons(page_message(shown, PLAIN))
    assert list(found) == ["turn_first", "turn_previous", "turn_next", "turn_last", "refresh", "filter", "share"]
    assert parse_button(found["turn_next"]) == (shown.next, shown.query)
    assert parse_button(found["refresh"]) == (shown.turn, shown.query)


def test_no_button_leads_nowhere() -> None:
    assert list(buttons(page_message(empty_page(), PLAIN))) == ["refresh", "filter", "share"]


def test_newer_rows_offer_to_start_afresh() -> None:
    message = page_message(page(newer=3), PLAIN)
    assert "3 newer: start afresh" in all_text(message)
    assert parse_button(buttons(message)["turn_newer"])[0] == FIRST


def test_a_search_that_stopped_offers_to_look_further() -> None:
    shown = page(further=FIRST, total=Total(40, exact=False), number=None, pages=None)
    message = page_message(shown, PLAIN)
    assert "turn_further" in buttons(message)
    assert message["blocks"][0]["text"]["text"].startswith("at least 40 deployments")
    assert "page " not in message["blocks"][1]["elements"][0]["text"]


def test_a_message_for_everybody_has_no_share_button() -> None:
    assert "share" not in buttons(page_message(page(), PLAIN, shared=True))


def test_who_shared_a_page_is_told_and_nobody_else_is_mentioned() -> None:
    assert "<@U123>" in all_text(page_message(page(), PLAIN, shared=True, shared_by="U123"))
    assert "<!here>" not in all_text(page_message(page(), PLAIN, shared=True, shared_by="!here"))


def test_a_menu_carries_foundation_and_guid_only() -> None:
    menu = page_message(page(row(1)), CONSOLE)["blocks"][2]["accessory"]
    guid = row(1).deployment.guid
    assert [option["value"] for option in menu["options"]] == [
        f"details:eu/{guid}",
        f"watch:eu/{guid}",
        f"open:eu/{guid}",
        f"guid:eu/{guid}",
    ]
    assert menu["options"][2]["url"] == f"https://console.example/space-guid/apps/{APP.guid}?d={guid}"


def test_without_a_console_there_is_nothing_to_open() -> None:
    assert "open:" not in all_text(page_message(page(), PLAIN))
    assert "open:" not in all_text(page_message(page(row(1, foundation="us")), CONSOLE))


def test_an_address_that_needs_an_unknown_guid_is_not_offered() -> None:
    assert CONSOLE.url(row(1, app=None)) is None


@pytest.mark.parametrize(
    ("shown", "advice"),
    [
        (empty_page(query=Query(apps=("x",))), "leave a filter out"),
        (empty_page(query=Query(created=(TimeFilter(Op.GT, (Ago(2, "h"),)),))), "look further back"),
        (empty_page(troubles=(Trouble("eu", "down"),)), "try again"),
        (empty_page(further=FIRST), "Look further"),
        (empty_page(query=Query()), "may lack a role"),
    ],
)
def test_an_empty_answer_says_what_to_try(shown: Page, advice: str) -> None:
    assert advice in all_text(page_message(shown, PLAIN))


def test_an_error_that_the_reason_tells_is_not_told_twice() -> None:
    failed = row(1, verdict=Verdict(Outcome.FAILED, "stuck, with the error: instance is crashing"))
    shown = page_message(page(failed), PLAIN)
    assert all_text({"blocks": shown["blocks"]}).count("instance is crashing") == 1
    assert shown["text"].count("instance is crashing") == 1
    assert detail_message(replace(detail(), row=failed), PLAIN)["text"].count("instance is crashing") == 1


def test_a_heading_names_the_app_whose_guid_a_button_asked_for() -> None:
    asked = Query(apps=(APP.guid,), foundations=("eu",))
    assert heading(page(query=asked)) == "70 deployments of checkout"
    assert heading(page(query=asked, several_foundations=True)) == "70 deployments of checkout on eu"
    assert heading(page(row(1, app=None), query=asked)) == f"70 deployments of {APP.guid}"


def heading(shown: Page) -> str:
    text: str = page_message(shown, PLAIN)["blocks"][0]["text"]["text"]
    return text


def test_top_level_text_tells_the_reason_as_far_as_there_is_room() -> None:
    shown = page(row(1), row(2))
    assert page_message(shown, PLAIN)["text"].count("no progress for 20 minutes") == 2
    many = page(*(row(n, verdict=Verdict(Outcome.STALLED, "no progress " * 9)) for n in range(1, 26)))
    told = page_message(many, PLAIN)
    assert told["text"].count("checkout") == 25 + 1
    assert "no progress" not in told["text"]


def test_what_was_skipped_and_why_is_on_the_page() -> None:
    shown = page(notes=("2 rows by unknown people left out",), troubles=(Trouble("us", "timed out after 8 s"),))
    text = all_text(page_message(shown, PLAIN))
    assert "2 rows by unknown people left out" in text
    assert "*us* could not answer: timed out after 8 s" in text


def test_the_words_of_a_foreign_name_do_nothing() -> None:
    app = replace(APP, name="<!here> *bold* @channel `x`\u202e")
    text = page_message(page(row(1, app=app)), PLAIN)["blocks"][2]["text"]["text"]
    assert "&lt;!here&gt; ∗bold∗ @\u2060channel ˋxˋ" in text


@pytest.mark.parametrize(
    ("weights", "current", "reason", "drawn"),
    [
        ((20, 60), 2, "PAUSED", "`20% &gt; [60%] &gt; 100%`"),
        ((20, 60, 100), 1, "DEPLOYING", "`[20%] &gt; 60% &gt; 100%`"),
        ((20,), 1, "DEPLOYED", "`20% &gt; [100%]`"),
        ((), 1, "PAUSED", "`[1 instance] &gt; 100%`"),
        ((20,), None, "SUPERSEDED", "`20% &gt; 100%`"),
    ],
)
def test_canary_steps_are_drawn_with_the_current_one_marked(
    weights: tuple[int, ...], current: int | None, reason: str, drawn: str
) -> None:
    status = Status("ACTIVE", reason, canary=CanaryStatus(CanarySteps(current, len(weights) or 1)))
    options = Options(canary=CanaryOptions(tuple(map(CanaryStep, weights))))
    assert canary_lines(deployment(status=status, options=options)) == [drawn]


def test_a_rolling_deployment_has_no_canary_steps() -> None:
    assert canary_lines(deployment(strategy="rolling", status=Status("ACTIVE", "DEPLOYING"))) == []


def test_a_detail_shows_everything_there_is() -> None:
    text = all_text(detail_message(detail(), CONSOLE))
    for part in (
        "What to do next",
        "cancel it",
        "[60%]",
        "created by ada@example.com",
        "continue by bob",
        "last successful health check",
        "3 running of 3 wanted, 6 in the end",
        "droplet-2",
        "droplet-1",
        "web `process-1`",
        "replaces at most 1 at a time",
        "env: prod",
        "note: hello",
        "New droplet deployed.",
        "https://api.example/v3/deployments/1",
    ):
        assert part in text


def test_a_detail_says_when_audit_events_cannot_be_seen() -> None:
    assert "audit events" in all_text(detail_message(detail(events=None), PLAIN))
    assert "audit events" not in all_text(detail_message(detail(events=()), PLAIN))


def test_the_timeline_is_in_order() -> None:
    timeline = next(b for b in detail_message(detail(), PLAIN)["blocks"] if "*Timeline*" in str(b))["text"]["text"]
    places = [timeline.index(word) for word in ("created", "continue", "health check", "status became", "last updated")]
    assert places == sorted(places)


def test_as_of_is_told() -> None:
    assert f"<!date^{int(NOW.timestamp())}^" in all_text(page_message(page(), PLAIN))
