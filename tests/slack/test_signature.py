"""A signature is Slack's and fresh, or it is nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.slack.signature import is_signed, sign

NOW = 1_790_000_000
BODY = b"command=%2Fdeployments"


def test_slacks_own_example_holds() -> None:
    """The worked example of https://docs.slack.dev/authentication/verifying-requests-from-slack"""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    assert sign("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body) == signature


@pytest.mark.parametrize("age", [-300, -10, 0, 299, 300])
def test_a_fresh_signature_holds(age: int) -> None:
    timestamp = str(NOW - age)
    assert is_signed("s", timestamp, sign("s", timestamp, BODY), BODY, NOW)


@pytest.mark.parametrize("age", [-301, 301, 86_400])
def test_a_replay_outside_the_window_does_not_hold(age: int) -> None:
    timestamp = str(NOW - age)
    assert not is_signed("s", timestamp, sign("s", timestamp, BODY), BODY, NOW)


@pytest.mark.parametrize("timestamp", ["", "now", "1e9", "-1", "٣", "1790000000.0", "9" * 400, " 1790000000"])
def test_a_malformed_time_does_not_hold(timestamp: str) -> None:
    assert not is_signed("s", timestamp, sign("s", timestamp, BODY), BODY, NOW)


@given(st.text())
def test_no_made_up_signature_holds_or_breaks_anything(signature: str) -> None:
    assert not is_signed("s", str(NOW), signature, BODY, NOW)


def test_another_secret_body_or_time_does_not_hold() -> None:
    signature = sign("s", str(NOW), BODY)
    assert not is_signed("t", str(NOW), signature, BODY, NOW)
    assert not is_signed("s", str(NOW), signature, BODY + b"x", NOW)
    assert not is_signed("s", str(NOW - 1), signature, BODY, NOW)
