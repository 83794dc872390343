"""What people type, press and send in forms: a value, or one sentence for them, and never anything else."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from deploybot.domain.button import parse_button
from deploybot.domain.grammar import ROWS_IN_SLACK, parse, to_text
from deploybot.domain.grammar_keys import ANY_KEY_BY_WORD
from deploybot.domain.query import Command
from deploybot.errors import UserError
from deploybot.slack.blocks.filter_modal import FormError, parse_origin, read_form
from deploybot.slack.http import decode
from deploybot.slack.payload import (
    Interaction,
    from_action,
    from_command,
    from_mention,
    from_submission,
    from_suggestion,
    is_ours,
)

WORDS = ("list", "show", "watch", "subscribe", "audit", "link", "help", "in_channel", "every", "mon-fri", "09:00")
MARKS = ("=", "<=", ">", "!", ",", " ", "\n", '"', "'", "\\", ":", "*", "null", "(a,b)")
PIECES = st.sampled_from([*ANY_KEY_BY_WORD, *WORDS, *MARKS])
TYPED = st.lists(st.one_of(PIECES, st.text(max_size=8))).map("".join)
NAMES = st.sampled_from(
    ["type", "user", "team", "channel", "id", "actions", "action_id", "block_id", "value", "view", "state", "values"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=8), inner, max_size=5),
    max_leaves=30,
)


@given(TYPED)
def test_anything_typed_is_a_command_that_reads_back_or_a_sentence(text: str) -> None:
    try:
        command = parse(text)
    except UserError as told:
        assert 10 < len(str(told)) < 600
        assert "\n" not in str(told)
        return
    assert isinstance(command, Command)
    assert parse(to_text(command)) == command
    assert command.query.per_page <= ROWS_IN_SLACK


@given(st.one_of(TYPED, TYPED.map("1 ".__add__), TYPED.map("1 first ".__add__)))
def test_any_value_of_a_button_is_a_turn_or_a_sentence(text: str) -> None:
    try:
        _, query = parse_button(text)
    except UserError as told:
        assert str(told)
        return
    assert query.per_page <= ROWS_IN_SLACK


@given(JSON, TYPED)
def test_any_state_of_a_form_is_a_question_or_says_at_which_field_it_is_wrong(state: Any, text: str) -> None:
    try:
        filled = {"values": {"app": {"value": {"value": text}}}} if text else state
        query = read_form({"state": filled}, parse_origin(text))
    except FormError as told:
        assert all(told.by_block.values())
        return
    assert query.per_page <= ROWS_IN_SLACK


@given(JSON)
def test_any_payload_reads_as_an_interaction_without_what_is_missing(body: Any) -> None:
    assert is_ours(body) in (True, False)
    if isinstance(body, dict):
        for read in (from_command, from_mention, from_action, from_submission, from_suggestion):
            assert isinstance(read(body), Interaction)


@given(st.one_of(st.binary(), TYPED.map(str.encode), JSON.map(lambda value: b"payload=" + json.dumps(value).encode())))
def test_any_body_is_an_object_or_nothing(raw: bytes) -> None:
    assert isinstance(decode(raw), dict | None)
