"""Decides whether a failed request is worth another try, and after how long. It waits for nothing itself."""

from dataclasses import dataclass

from deploybot.cf.failures import CloudFoundryError, RateLimitedError, UnavailableError, UnreachableError

PASSING = (UnreachableError, UnavailableError, RateLimitedError)


@dataclass(frozen=True, slots=True)
class RetryRules:
    """Up to `tries` requests in all; the wait doubles from `first` to at most `longest` seconds."""

    tries: int = 3
    first: float = 0.2
    longest: float = 3.0


def wait_before_retry(
    rules: RetryRules, method: str, attempt: int, error: CloudFoundryError, remaining: float, jitter: float
) -> float | None:
    """Seconds to wait before asking again, None to give up.

    `attempt` counts from 1; `remaining` is what the deadline leaves, in seconds; `jitter` is between 0 and 1.
    Only a GET is asked again: nobody knows what a POST did before it failed. A wait that the server names is kept to,
    or, if the deadline comes first, not begun.
    """
    if method != "GET" or attempt >= rules.tries or not isinstance(error, PASSING):
        return None
    pause = min(rules.longest, rules.first * 2 ** (attempt - 1)) * (0.5 + jitter / 2)
    wait = (error.retry_after or 0.0) + pause
    return wait if wait < remaining else None
