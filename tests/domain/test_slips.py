"""Slips of the fingers between two words: counted as a person would, and the same in both directions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.domain.near import is_within

WORDS = st.text("ABCD_", max_size=8)


@pytest.mark.parametrize(
    ("word", "slips"),
    [
        ("SLACK_BOT_TOKEN", 0),
        ("SLACK_BOT_TOKN", 1),
        ("SLACK_BOT_TOKENS", 1),
        ("SLACK_BOT_TOKEM", 1),
        ("SLACK_BOT_TOEKN", 1),
        ("SLAK_BOT_TOKENS", 2),
        ("SLACK_USER_TOKEN", 4),
    ],
)
def test_a_letter_more_less_another_or_two_swapped_is_one_slip(word: str, slips: int) -> None:
    assert is_within(slips, word, "SLACK_BOT_TOKEN")
    assert not is_within(slips - 1, word, "SLACK_BOT_TOKEN")


@given(WORDS, WORDS, st.integers(0, 4))
def test_slips_count_alike_in_both_directions(word: str, other: str, most: int) -> None:
    assert is_within(most, word, other) == is_within(most, other, word)


@given(WORDS, st.integers(0, 8), st.sampled_from("ABCD_"))
def test_one_letter_put_in_anywhere_is_one_slip(word: str, at: int, letter: str) -> None:
    assert is_within(1, word[:at] + letter + word[at:], word)
    assert not is_within(0, word[:at] + letter + word[at:], word)
