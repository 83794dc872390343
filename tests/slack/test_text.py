"""Foreign text can neither ping, link, format nor hide."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.slack.text import ago, clean, code, date, escape, plain, size

ANY_TEXT = st.text(st.characters(), max_size=300) | st.text("<>&*_~`@#:/!|aA1 \u202e\u2066\n\x00", max_size=300)


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("a & b < c > d", "a &amp; b &lt; c &gt; d"),
        ("<!here> <@U1>", "&lt;!here&gt; &lt;@\u2060U1&gt;"),
        ("@here", "@\u2060here"),
        ("me@channel", "me@\u2060channel"),
        ("ada@example.com", "ada@example.com"),
        ("#general", "#\u2060general"),
        ("https://evil.example", "https:\u2060//evil.example"),
        ("*bold* _it_ ~gone~ `code`", "∗bold∗ ˍitˍ ∼gone∼ ˋcodeˋ"),
        ("my_app_2", "my_app_2"),
        (":white_check_mark: ok", "∶white_check_mark: ok"),
        ("user\u202etxt.exe", "usertxt.exe"),
        ("two\nlines\r\n\tand\u2028more", "two lines and more"),
        ("nul\x00 and \ud800 half", "nul and half"),
    ],
)
def test_foreign_text_is_shown_and_does_nothing(foreign: str, shown: str) -> None:
    assert escape(foreign) == shown


@given(ANY_TEXT, st.integers(0, 40))
def test_escaped_text_is_never_longer_than_its_width(text: str, width: int) -> None:
    assert size(escape(text, width)) <= width
    assert size(plain(text, width)) <= width
    assert size(code(text, width)) <= max(width, 1) + 2


@given(ANY_TEXT)
def test_no_character_of_foreign_text_is_left_that_slack_would_act_on(text: str) -> None:
    shown = escape(text)
    assert not re.search(r"[<>`\n\x00-\x1f\u202a-\u202e\u2066-\u2069\u2028\u2029]", shown)
    assert not re.search(r"&(?!amp;|lt;|gt;)", shown)
    assert not re.search(r"@(here|channel|everyone)\b", shown, re.IGNORECASE)
    assert "://" not in shown
    assert not re.search(r":[\w+'-]+:", shown)
    for mark in re.finditer(r"[*_~]", shown):
        around = shown[mark.start() - 1 : mark.start()] + shown[mark.end() : mark.end() + 1]
        assert around.isalnum(), "a formatting character may only stand inside a word"
        assert len(around) == 2


@given(ANY_TEXT)
def test_escaped_text_can_be_sent(text: str) -> None:
    """Half surrogates would make the JSON of a whole page unsendable."""
    assert escape(text).encode().decode() == escape(text)
    assert clean(clean(text)) == clean(text)


def test_a_code_span_cannot_be_closed_from_inside() -> None:
    assert code("a`b`<c>") == "`aˋbˋ&lt;c&gt;`"
    assert code("") == "` `"


def test_a_date_is_a_token_with_a_fallback_in_utc() -> None:
    at = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    assert date(at, "{date_short} {time}") == "<!date^1795428000^{date_short} {time}|2026-11-23 10:00 UTC>"
    assert "{ago}" in ago(at)
    assert ago(at).endswith("|2026-11-23 10:00 UTC>")


@pytest.mark.parametrize("text", ["quiet 22:00-07:00", "03:10-03:25", "at 09:00,16:30", "00:00:00Z"])
def test_times_keep_their_colons(text: str) -> None:
    assert escape(text) == text
