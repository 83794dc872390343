"""Wildcards agree with the obvious definition, in linear time."""

import re

from hypothesis import given
from hypothesis import strategies as st

from deploybot.domain.near import nearest
from deploybot.domain.wildcard import matches

_LETTERS = st.text("abAB*", max_size=8)


@given(pattern=_LETTERS, text=st.text("abAB", max_size=12))
def test_a_star_stands_for_any_characters(pattern: str, text: str) -> None:
    expected = re.fullmatch(".*".join(map(re.escape, pattern.casefold().split("*"))), text.casefold())
    assert matches(pattern, text) is bool(expected)


def test_a_hostile_pattern_is_answered_at_once() -> None:
    assert not matches("a*" * 500 + "b", "a" * 100_000)


def test_near_names_come_nearest_first_and_far_ones_not_at_all() -> None:
    assert nearest("chekout", ["checkout", "check", "payments"]) == ("checkout", "check")
    assert nearest("zzz", ["checkout"]) == ()
