"""Logs tell facts and keep secrets."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from deploybot.ops.logs import set_up_logs

TOKENS = (
    "xoxb-1234567890-abcdefghij",
    "xoxe-1-Mi0yLTEyMzQ1",
    "xapp-1-A012-345-abcdef",
    "bearer abcdef0123456789",
    "Basic Y2Y6c2VjcmV0LXNlY3JldA==",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
)


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    out = io.StringIO()
    root = logging.getLogger()
    before = root.handlers[:], root.level, root.manager.disable
    logging.disable(logging.NOTSET)
    set_up_logs("json", "info", out)
    yield out
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    logging.disable(before[2])
    structlog.reset_defaults()


@pytest.mark.parametrize("token", TOKENS)
def test_no_token_is_logged_in_any_field(stream: io.StringIO, token: str) -> None:
    log = structlog.get_logger("t")
    log.info(
        f"event {token}", plain=token, nested={"deep": [f"<{token}>"]}, raw=token.encode(), other=ValueError(token)
    )
    logging.getLogger("library").warning("foreign %s", token)
    try:
        raise RuntimeError(f"failed with {token}")
    except RuntimeError:
        log.exception("crashed")
    assert token not in stream.getvalue()
    assert token.split()[-1] not in stream.getvalue()
    assert len(stream.getvalue().splitlines()) == 3


def test_fields_that_are_named_like_secrets_are_hidden(stream: io.StringIO) -> None:
    structlog.get_logger("t").info("login", client_secret="hunter2", payload={"password": "hunter2"})
    assert "hunter2" not in stream.getvalue()


def test_a_line_is_json_with_a_constant_message_and_facts_as_fields(stream: io.StringIO) -> None:
    name = "deploybot.tests.facts"
    assert logging.getLogger(name).isEnabledFor(logging.INFO)
    structlog.get_logger(name).info("request answered", foundation="eu", status=200, duration_ms=12.5)
    line = json.loads(stream.getvalue())
    assert line["event"] == "request answered"
    assert (line["foundation"], line["status"], line["duration_ms"]) == ("eu", 200, 12.5)
    assert line["level"] == "info"
    assert line["timestamp"].endswith("Z")
