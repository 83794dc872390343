"""The law of buttons: whatever can be asked fits into one, and comes out of it again."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.domain.button import MOST, button_text, parse_button
from deploybot.domain.grammar import MOST_CANONICAL, parse, weight
from deploybot.domain.paging import MAX_TURN, Key, Move, Turn, parse_turn, turn_text
from deploybot.domain.query import Query
from deploybot.errors import UserError
from tests.domain.strategies import queries, turns
from tests.domain.test_grammar_laws import escaped


@given(turns, queries())
def test_a_button_gives_back_its_turn_and_question(turn: Turn, query: Query) -> None:
    assert parse_button(button_text(turn, query)) == (turn, query)


@given(turns, queries())
def test_a_button_survives_being_escaped(turn: Turn, query: Query) -> None:
    assert parse_button(escaped(button_text(turn, query))) == (turn, query)


@given(turns, queries())
def test_every_question_fits_a_button_however_slack_counts(turn: Turn, query: Query) -> None:
    assert weight(button_text(turn, query)) <= MOST


@given(turns)
def test_a_turn_comes_back_and_is_never_longer_than_it_says(turn: Turn) -> None:
    assert parse_turn(turn_text(turn)) == turn
    assert len(turn_text(turn)) <= MAX_TURN


@given(st.text() | st.text("nextfirslap:/~0123456789", max_size=60))
def test_any_text_is_a_turn_that_fits_or_a_sentence(text: str) -> None:
    try:
        turn = parse_turn(text)
    except UserError:
        return
    assert parse_turn(turn_text(turn)) == turn
    assert len(turn_text(turn)) <= MAX_TURN


def test_the_longest_turn_keeps_its_promise() -> None:
    key = Key(99_999_999_999, "f" * 31, "g" * 36)
    longest = max((Turn(move, key, key, 10**12 - 1) for move in Move), key=lambda turn: len(turn_text(turn)))
    assert parse_turn(turn_text(longest)) == longest
    assert len(turn_text(longest)) <= MAX_TURN


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "first",
        "0 first",
        "2 first app=checkout",
        "1 nowhere",
        "1 next:1/eu/a",
        "1 next:x/eu/a~~0",
        "1 next:1/eu/a~~-5",
        "1 next:1/eu/a~~1_0",
        "1 next:1/eu/a~~" + "9" * 13,
        "1 next:١/eu/a~~0",
        "1 next:1/EU/a~~0",
        "1 next:1/eu/a b~~0",
        "1 first public app=checkout",
        "1 first show checkout",
        "1 first help",
        "1 first sate=failed",
        "1 first per_page=26",
        "1 app=checkout",
    ],
)
def test_a_foreign_button_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(UserError):
        parse_button(text)


def test_the_longest_question_still_fits_with_the_askers_time_zone() -> None:
    """Who asks for days gets their own zone added, after the question was measured."""
    query = parse("created>=yesterday app=" + "a" * (MOST_CANONICAL - 26)).query
    asked = replace(query, tz="America/Argentina/ComodRivadavia")
    key = Key(99_999_999_999, "f" * 31, "g" * 36)
    turn = Turn(Move.NEXT, key, key, 10**9)
    assert weight(button_text(turn, asked)) <= MOST
    assert parse_button(button_text(turn, asked)) == (turn, asked)
