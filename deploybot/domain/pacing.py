"""When to poll a foundation next: soon enough to be of use, and within what it allows."""

from dataclasses import dataclass
from datetime import timedelta

from deploybot.domain.ports import RateLimit

_MOST_DOUBLINGS = 16


@dataclass(frozen=True, slots=True)
class PaceRules:
    """The interval between polls and while somebody watches; `jitter` is its part that chance moves either way.

    After failures the wait doubles up to `slowest`. `share` is the part of the foundation's rate limit that polls may
    use up: the rest is for people's questions.
    """

    interval: timedelta = timedelta(seconds=15)
    hurried: timedelta = timedelta(seconds=5)
    slowest: timedelta = timedelta(minutes=5)
    jitter: float = 0.1
    share: float = 0.5


@dataclass(frozen=True, slots=True)
class Pace:
    """What the next wait depends on. `requests` is what a poll costs, `failures` how many failed in a row.

    `retry_after` is in seconds, where the foundation named a wait. `more` says that the last poll had to stop early.
    """

    requests: float = 2.0
    hurried: bool = False
    failures: int = 0
    retry_after: float | None = None
    more: bool = False
    limit: RateLimit | None = None


def interval(rules: PaceRules, pace: Pace) -> timedelta:
    """How long to wait from the beginning of one poll to the next, before chance has its say."""
    allowed = _allowed(rules, pace)
    if pace.failures:
        return max(_after_failures(rules, pace), allowed)
    if pace.more:
        return allowed
    return max(rules.hurried if pace.hurried else rules.interval, allowed)


def jittered(wait: timedelta, rules: PaceRules, chance: float) -> timedelta:
    """The wait made longer or shorter by up to the rules' jitter; `chance` is from [0, 1)."""
    return wait * (1 + rules.jitter * (2 * chance - 1))


def per_minute(requests: float, wait: timedelta) -> float:
    """What polls cost in requests per minute, when each makes so many and they come in such an interval."""
    return requests * timedelta(minutes=1) / wait if wait else float(requests)


def _allowed(rules: PaceRules, pace: Pace) -> timedelta:
    """The shortest interval with which polls stay within their share of the rate limit."""
    if pace.limit is None or pace.limit.requests <= 0:
        return timedelta(0)
    return pace.limit.window * max(pace.requests, 1.0) / (pace.limit.requests * rules.share)


def _after_failures(rules: PaceRules, pace: Pace) -> timedelta:
    """Twice as long after each failure; as long as the foundation says where it does, within bounds."""
    doubled = rules.interval * 2 ** min(pace.failures, _MOST_DOUBLINGS)
    named = timedelta(seconds=pace.retry_after or 0)
    return min(max(doubled if pace.retry_after is None else named, rules.interval), rules.slowest)
