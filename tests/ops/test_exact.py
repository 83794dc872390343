"""The configured secrets are masked however they are written."""

import html
import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.ops.exact import Exact
from deploybot.ops.shapes import MASK

SECRETS = ("hunter2!", 'a "b" <c> & d/e+f ü\\g', "correct horse battery staple", "%41lready%20quoted")
WRITTEN: Mapping[str, Callable[[str], str]] = {
    "as it is": str,
    "quoted": lambda secret: quote(secret, safe=""),
    "quoted in small letters": lambda secret: re.sub("%[0-9A-F]{2}", lambda it: it[0].lower(), quote(secret, safe="")),
    "in a path": quote,
    "in a form": quote_plus,
    "in JSON": json.dumps,
    "in JSON as it is": lambda secret: json.dumps(secret, ensure_ascii=False),
    "shown by Python": repr,
    "in HTML": html.escape,
}


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("written", WRITTEN)
def test_a_configured_secret_is_masked_however_it_is_written(secret: str, written: str) -> None:
    text = WRITTEN[written](secret)
    assert secret not in Exact([secret]).masked(f"x={text}&y")
    assert MASK in Exact([secret]).masked(f"x={text}&y")
    assert text.strip("\"'") not in Exact([secret]).masked(f"x={text}&y")


@given(st.text(min_size=6, max_size=40), st.text(max_size=20), st.text(max_size=20))
def test_a_configured_secret_is_masked_in_any_text_in_base64(secret: str, before: str, after: str) -> None:
    """As in `Authorization: Basic`, where it stands behind the client's name and a colon."""
    for encode in (b64encode, urlsafe_b64encode):
        header = encode(f"{before}:{secret}{after}".encode(errors="surrogatepass")).decode()
        assert Exact([secret]).masked(f"<{header}>") == f"<{MASK}>"


@given(st.text(min_size=4, max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_no_configured_secret_survives(secret: str, before: str, after: str) -> None:
    masked = Exact([secret]).masked(before + secret + after)
    assert secret not in masked.replace(MASK, "\0")


def test_the_password_of_the_database_is_masked_alone_too() -> None:
    exact = Exact(["postgresql://bot:hun%40ter%2F2@db.example.com/deploybot"])
    assert exact.masked("password hun@ter/2 refused") == f"password {MASK} refused"
    assert exact.masked(urlencode({"p": "hun@ter/2"})) == f"p={MASK}"


def test_a_secret_that_begins_like_another_leaves_no_rest() -> None:
    assert Exact(["hunter2", "hunter2-and-more"]).masked("hunter2-and-more") == MASK


def test_a_secret_of_three_characters_is_not_looked_for() -> None:
    """It would be masked in the middle of words."""
    assert Exact(["abc"]).masked("abcdef") == "abcdef"


def test_without_secrets_nothing_is_masked() -> None:
    assert Exact(["", "   "[:0]]).masked("anything") == "anything"


def test_the_cost_grows_with_the_text_not_with_its_square() -> None:
    """Runs of base64 are widened once each."""
    exact = Exact(["hunter2!"])
    found = b64encode(b"hunter2!hun").decode()
    assert exact.masked(found * 20_000) == MASK
