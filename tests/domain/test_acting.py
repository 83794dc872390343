"""What an action is bound to, as the text of a button."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.domain.acting import Action, Bound, Stand, bound_text, parse_bound
from deploybot.errors import UserError

_WORDS = st.text(max_size=30)
_STANDS = st.none() | st.builds(Stand, _WORDS, _WORDS, st.none() | st.integers(0, 100))
_BOUNDS = st.builds(Bound, action=st.sampled_from(Action), foundation=_WORDS, guid=_WORDS, stand=_STANDS)


@given(_BOUNDS)
def test_a_button_means_what_it_was_drawn_for(bound: Bound) -> None:
    assert parse_bound(bound_text(bound)) == bound


def test_the_text_is_what_buttons_in_old_messages_have() -> None:
    bound = Bound(action=Action.CONTINUE, foundation="eu", guid="d-1", stand=Stand("ACTIVE", "PAUSED", 2))
    assert bound_text(bound) == '1 ["continue","eu","d-1","ACTIVE","PAUSED",2]'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1 ",
        '2 ["continue","eu","d-1","ACTIVE","PAUSED",2]',
        '1 ["destroy","eu","d-1","ACTIVE","PAUSED",2]',
        '1 ["continue","eu","d-1","ACTIVE","PAUSED"]',
        '1 ["continue","eu","d-1","ACTIVE","PAUSED",2,3]',
        '1 ["continue","eu","d-1","ACTIVE","PAUSED","2"]',
        '1 ["continue", "eu","d-1","ACTIVE","PAUSED",2]',
        '1 {"action":"continue"}',
        '1 ["continue","eu","\ud800"]',
        '1 ["continue","eu","' + "d" * 2000 + '"]',
    ],
)
def test_any_other_text_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(UserError, match="/deployments show"):
        parse_bound(text)
