"""Retries: only what can do no harm, only what is likely to pass, and never beyond the deadline."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.cf.failures import (
    BadRequestError,
    CloudFoundryError,
    ForbiddenError,
    GarbledError,
    NotAuthenticatedError,
    RateLimitedError,
    RedirectedError,
    ServerError,
    TooSlowError,
    UnavailableError,
    UnreachableError,
)
from deploybot.cf.retry import RetryRules, wait_before_retry

RULES = RetryRules(tries=4, first=0.2, longest=1.0)
PASSING = (UnreachableError, UnavailableError, RateLimitedError)
LASTING = (
    BadRequestError,
    ForbiddenError,
    GarbledError,
    NotAuthenticatedError,
    RedirectedError,
    ServerError,
    TooSlowError,
)


@pytest.mark.parametrize("kind", PASSING)
def test_what_is_likely_to_pass_is_asked_again(kind: type[CloudFoundryError]) -> None:
    assert wait_before_retry(RULES, "GET", 1, kind("prod", "x"), 8, 1.0) == pytest.approx(0.2)


@pytest.mark.parametrize("kind", LASTING)
def test_what_will_not_change_is_not_asked_again(kind: type[CloudFoundryError]) -> None:
    assert wait_before_retry(RULES, "GET", 1, kind("prod", "x"), 8, 1.0) is None


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE", "PUT"])
def test_nothing_that_changes_something_is_sent_twice(method: str) -> None:
    for kind in PASSING:
        assert wait_before_retry(RULES, method, 1, kind("prod", "x"), 8, 1.0) is None


def test_waits_double_up_to_the_longest() -> None:
    waits = [wait_before_retry(RULES, "GET", attempt, UnavailableError("prod", "x"), 8, 1.0) for attempt in (1, 2, 3)]

    assert waits == pytest.approx([0.2, 0.4, 0.8])
    assert wait_before_retry(RULES, "GET", 4, UnavailableError("prod", "x"), 8, 1.0) is None


def test_a_wait_that_the_server_names_is_kept_to() -> None:
    error = RateLimitedError("prod", "x", retry_after=3)

    assert wait_before_retry(RULES, "GET", 1, error, 8, 0.0) == pytest.approx(3.1)


def test_a_wait_that_ends_after_the_deadline_is_not_begun() -> None:
    assert wait_before_retry(RULES, "GET", 1, RateLimitedError("prod", "x", retry_after=1203), 8, 0.0) is None
    assert wait_before_retry(RULES, "GET", 1, UnavailableError("prod", "x"), 0.05, 0.0) is None


@given(
    st.integers(1, 10), st.floats(-5, 4000), st.floats(0, 1), st.none() | st.floats(0, 4000), st.sampled_from(PASSING)
)
def test_no_wait_is_longer_than_what_the_deadline_leaves(
    attempt: int, remaining: float, jitter: float, named: float | None, kind: type[CloudFoundryError]
) -> None:
    wait = wait_before_retry(RULES, "GET", attempt, kind("prod", "x", retry_after=named), remaining, jitter)

    assert wait is None or (named or 0) < wait < remaining
