"""The grammar's laws, for everything that it can say and for any text at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.domain.grammar import parse, query_text, to_text
from deploybot.domain.query import Command, Query
from deploybot.errors import UserError
from tests.domain.strategies import commands, queries


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@given(commands())
def test_canonical_text_means_what_it_was_written_from(command: Command) -> None:
    assert parse(to_text(command)) == command


@given(commands(5000))
def test_the_terminal_may_ask_for_longer_pages(command: Command) -> None:
    assert parse(to_text(command), most_rows=5000) == command


@given(commands())
def test_canonical_text_means_the_same_once_slack_escaped_it(command: Command) -> None:
    assert parse(escaped(to_text(command))) == command


@given(queries())
def test_canonical_text_is_a_fixpoint(query: Query) -> None:
    assert query_text(parse(query_text(query)).query) == query_text(query) == to_text(query)


def answer_to(text: str) -> Command | str:
    """The command, or the sentence that says why there is none; any other exception fails the test."""
    try:
        return parse(text)
    except UserError as problem:
        return str(problem)


WORDS = (
    "app",
    "=",
    "state",
    "<",
    ">=",
    ",",
    '"',
    "'",
    " ",
    "label",
    "in (",
    ")",
    "created",
    "2h",
    "public",
    "show",
    "subscribe",
    "every",
    "at",
    "mention",
    "\\",
)


@given(st.text() | st.lists(st.sampled_from(WORDS)).map("".join) | st.text(st.characters()))
def test_any_text_is_a_command_or_one_sentence(text: str) -> None:
    answer = answer_to(text)
    if isinstance(answer, Command):
        assert parse(to_text(answer)) == answer
    else:
        assert answer.strip()
        assert "\n" not in answer


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<http://a|b",
        "&amp;",
        '"',
        "\\a",
        'app="\\a',
        " ",
        "a ",
        "a in ",
        "a in (",
        "(",
        "=",
        "app=a,",
        "label=a in (",
    ],
)
def test_a_hostile_text_is_answered_at_once(piece: str) -> None:
    """Were any pattern to try all ways of splitting such a text, this would not end."""
    for text in (piece * (1990 // len(piece)), "label=" + piece * (1980 // len(piece))):
        assert answer_to(text)
