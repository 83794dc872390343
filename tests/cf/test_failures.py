"""Failures: every shape that a foundation sends becomes one kind, its codes, and a sentence that quotes no page."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.cf import failures
from deploybot.cf.failures import CloudFoundryError, ErrorEntry, failure

NO_HEADERS: dict[str, str] = {}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, failures.BadRequestError),
        (401, failures.NotAuthenticatedError),
        (403, failures.ForbiddenError),
        (404, failures.NotFoundError),
        (409, failures.ConflictError),
        (422, failures.UnprocessableError),
        (429, failures.RateLimitedError),
        (500, failures.ServerError),
        (502, failures.UnavailableError),
        (503, failures.UnavailableError),
        (504, failures.UnavailableError),
        (599, failures.ServerError),
        (413, failures.BadRequestError),
        (414, failures.BadRequestError),
        (302, failures.RedirectedError),
    ],
)
def test_each_status_has_its_kind(status: int, kind: type[CloudFoundryError]) -> None:
    error = failure("prod", status, NO_HEADERS, b"")

    assert type(error) is kind
    assert error.status == status
    assert str(error).startswith("prod: ")


@pytest.mark.parametrize(
    ("body", "entries"),
    [
        (
            b'{"errors":[{"code":10008,"title":"CF-A","detail":"first"},{"code":10010,"title":"CF-B","detail":"second"}]}',
            (ErrorEntry(10008, "CF-A", "first"), ErrorEntry(10010, "CF-B", "second")),
        ),
        (b'{"code":10010,"detail":"App not found","title":"CF-X"}', (ErrorEntry(10010, "CF-X", "App not found"),)),
        (
            b'{"description":"Unknown request","error_code":"CF-NotFound","code":10000}',
            (ErrorEntry(10000, "CF-NotFound", "Unknown request"),),
        ),
        (
            b'{"error":"invalid_client","error_description":"Bad credentials"}',
            (ErrorEntry(None, "invalid_client", "Bad credentials"),),
        ),
        (b'{"errors":[7,null,{"code":"x"},{"code":1000}]}', (ErrorEntry(1000),)),
        (b'{"errors":{"a":1}}', ()),
        (b"null", ()),
        (b"[]", ()),
        (b"", ()),
        (b'{"errors":[{"code":10', ()),
        (b"<html><h1>502 Bad Gateway</h1></html>", ()),
    ],
)
def test_every_json_shape_is_understood_and_nothing_else_is_taken_for_one(
    body: bytes, entries: tuple[ErrorEntry, ...]
) -> None:
    assert failures.error_entries(body) == entries


def test_several_errors_are_all_told() -> None:
    body = b'{"errors":[{"code":1,"title":"CF-A","detail":"first."},{"code":2,"title":"CF-B","detail":"second."}]}'
    error = failure("prod", 422, NO_HEADERS, body)

    assert error.reason == "can't do this now: first.; second."
    assert (error.codes, error.titles, error.details) == ((1, 2), ("CF-A", "CF-B"), ("first.", "second."))


def test_a_limit_says_when_to_ask_again_although_its_json_is_typed_as_text() -> None:
    headers = {"retry-after": "1203", "content-type": "text/plain; charset=utf-8", "x-vcap-request-id": "a-b::c"}
    body = b'{"errors":[{"detail":"Rate Limit Exceeded","title":"CF-RateLimitExceeded","code":10013}]}'
    error = failure("prod", 429, headers, body)

    assert error.reason == "limits how often the bot may ask: Rate Limit Exceeded. Ask again in 20 minutes"
    assert (error.retry_after, error.codes, error.request_id) == (1203.0, (10013,), "a-b::c")


def test_a_proxy_s_limit_without_a_wait_is_a_limit_too() -> None:
    error = failure("prod", 429, {"content-type": "text/html"}, b"<html>429 Too Many Requests</html>")

    assert (error.reason, error.retry_after) == ("limits how often the bot may ask (HTTP 429)", None)


@pytest.mark.parametrize("text", ["", "soon", "-5", "Wed, 21 Oct 2026 07:28:00 GMT", "9" * 30, "٣", "1.5"])
def test_a_wait_that_is_no_number_of_seconds_is_none(text: str) -> None:
    assert failures.retry_after({"retry-after": text}) is None


def test_a_redirect_names_the_other_host_and_what_to_check() -> None:
    error = failure("prod", 301, {"location": "https://login.example/sso?token=secret"}, b"")

    assert error.reason == (
        "redirects to login.example instead of answering: check its API address in the configuration"
    )
    assert "secret" not in failure("prod", 302, {"location": "https://[secret"}, b"").reason


def test_a_request_id_that_could_break_a_log_line_is_dropped() -> None:
    assert failure("prod", 500, {"x-vcap-request-id": "a\nb"}, b"").request_id is None
    assert failure("prod", 500, {"x-vcap-request-id": "x" * 400}, b"").request_id is None


def test_a_long_detail_is_cut_and_kept_on_one_line() -> None:
    body = json.dumps({"code": 1, "title": "CF-A", "detail": "no\nroom\t\u202e" + "x" * 5000}).encode()
    detail = failure("prod", 422, NO_HEADERS, body).details[0]

    assert detail.startswith("no room x")
    assert len(detail) == failures.LONGEST_DETAIL
    assert detail.endswith("…")


@given(st.integers(300, 599), st.binary(max_size=200), st.dictionaries(st.text(max_size=5), st.text(max_size=9)))
def test_no_answer_is_too_strange_for_a_sentence(status: int, body: bytes, headers: dict[str, str]) -> None:
    error = failure("prod", status, headers, body)

    assert error.reason.isprintable()
    assert 0 < len(error.reason) < 1000


@pytest.mark.parametrize(
    ("seconds", "words"), [(1, "1 second"), (40, "40 seconds"), (90, "2 minutes"), (3142, "52 minutes")]
)
def test_waits_are_told_in_words(seconds: float, words: str) -> None:
    assert failures.in_words(seconds) == words
