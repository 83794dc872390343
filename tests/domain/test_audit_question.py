"""A question about the record: its words, its times, its pages."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploybot.domain.audit import AuditKind
from deploybot.domain.audit_question import (
    MOST_SKIPPED,
    AuditTurn,
    first_turn,
    parse_turn_value,
    to_ask,
    turn_value,
)
from deploybot.domain.grammar import parse
from deploybot.domain.query import Command, Query, Verb
from deploybot.errors import UserError

NOW = datetime(2026, 11, 23, 10, 0, 0, 250, tzinfo=UTC)
NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True)
TURNS = st.builds(
    AuditTurn,
    command=st.builds(
        Command,
        verb=st.just(Verb.AUDIT),
        subject=st.none() | st.sampled_from([kind.value for kind in AuditKind]),
        query=st.builds(
            Query,
            apps=st.lists(NAMES, max_size=3, unique=True).map(tuple),
            by=st.lists(NAMES, max_size=2, unique=True).map(tuple),
            foundations=st.lists(NAMES, max_size=2, unique=True).map(tuple),
            per_page=st.integers(1, 25),
        ),
    ),
    as_of=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    skip=st.integers(0, MOST_SKIPPED),
)


def turn(text: str) -> AuditTurn:
    return first_turn(parse(text), NOW)


@given(TURNS)
@settings(deadline=None)
def test_a_page_survives_the_way_through_a_button(one: AuditTurn) -> None:
    assert parse_turn_value(turn_value(one)) == one


@given(st.text())
def test_any_other_text_is_told_to_be_an_old_button(text: str) -> None:
    with pytest.raises(UserError):
        parse_turn_value(text)


@pytest.mark.parametrize(
    "text",
    [
        "2 0 1790000000000000 audit",
        "1 10001 1790000000000000 audit",
        "1 0 999999999999999999 audit",
        "1 0 1790000000000000 list",
        "1 0 1790000000000000 audit page=2",
        "1 -1 1790000000000000 audit",
        "1 0 1790000000000000",
    ],
)
def test_a_value_that_is_almost_right_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="not one of mine"):
        parse_turn_value(text)


def test_kind_and_filters_are_asked_of_the_record() -> None:
    ask = to_ask(turn("audit cancel app=checkout space=prod org=shop foundation=eu guid=0a1b by=ada@example.com"), "U1")
    assert ask.kinds == ("cancel",)
    assert (ask.apps, ask.spaces, ask.orgs) == (("checkout",), ("prod",), ("shop",))
    assert (ask.foundations, ask.guids, ask.by) == (("eu",), ("0a1b",), ("ada@example.com",))


@pytest.mark.parametrize(("word", "person"), [("me", "U1"), ("ME", "U1"), ("u0abc9", "U0ABC9"), ("uwe", "uwe")])
def test_people_are_slack_ids_accounts_or_oneself(word: str, person: str) -> None:
    assert to_ask(turn(f"audit by={word}"), "U1").by == (person,)


def test_nothing_later_than_the_first_question_is_on_any_page_of_it() -> None:
    assert to_ask(turn("audit"), "U1").until == NOW
    assert to_ask(turn("audit until=2d"), "U1").until == NOW.replace(microsecond=0) - timedelta(days=2)
    later = to_ask(parse_turn_value(turn_value(turn("audit since=7d"))), "U1")
    assert later.since == NOW.replace(microsecond=0) - timedelta(days=7)


def test_a_page_further_on_skips_those_before_it() -> None:
    assert turn("audit per_page=5 page=3").skip == 10
    with pytest.raises(UserError, match="narrow the question"):
        turn("audit page=5000")


def test_a_list_of_moments_is_no_time_to_look_in() -> None:
    with pytest.raises(UserError, match="since= and until="):
        to_ask(turn("audit created=2026-11-22T10:00:00Z,2026-11-22T11:00:00Z"), "U1")
