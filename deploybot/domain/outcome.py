"""What a status means: Cloud Foundry has no failed state and no deadline, so this decides, and says why.

The rule is the table in docs/outcomes.md.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from deploybot.domain.deployment import Deployment


class Outcome(StrEnum):
    IN_PROGRESS = "in progress"
    CANCELING = "canceling"
    PAUSED = "paused"
    ERRORING = "erroring"
    STALLED = "stalled"
    FAILED = "failed"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"
    SUPERSEDED = "superseded"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class OutcomeRules:
    """After how long without progress a rollout is stalled, and without health a finished one has failed."""

    stall_after: timedelta = timedelta(minutes=10)
    unhealthy_after: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Memory:
    """What the ledger remembers of a deployment before its end."""

    stalled: bool = False
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome and the reason for it in words."""

    outcome: Outcome
    why: str


def judge(deployment: Deployment, now: datetime, rules: OutcomeRules, memory: Memory | None = None) -> Verdict:
    """Decide what one API answer means at an instant, with what is remembered if anything is."""
    match deployment.value, deployment.reason:
        case _, ("FAILED" | "DEGENERATE") as word:
            return Verdict(Outcome.FAILED, f"the server calls it {word}")
        case "ACTIVE", "DEPLOYING":
            return _rolling_out(deployment, now, rules)
        case "ACTIVE", "CANCELING":
            return Verdict(Outcome.CANCELING, "the previous version is being put back")
        case "ACTIVE", "PAUSED":
            return Verdict(Outcome.PAUSED, _waits(deployment, now))
        case "FINALIZED", "DEPLOYED":
            return Verdict(Outcome.SUCCEEDED, "every instance of the new version got healthy")
        case "FINALIZED", "CANCELED":
            return _ended_early(deployment, rules, memory, Outcome.CANCELED)
        case "FINALIZED", "SUPERSEDED":
            return _ended_early(deployment, rules, memory, Outcome.SUPERSEDED)
        case value, reason:
            return Verdict(Outcome.UNKNOWN, f"the server says status {value or 'null'}, reason {reason or 'null'}")


def _rolling_out(deployment: Deployment, now: datetime, rules: OutcomeRules) -> Verdict:
    """Errors clear by themselves at the next tick that works, so one alone is no failure."""
    moved = _last_moved(deployment)
    quiet = now - moved if moved else timedelta(0)
    error = deployment.error
    if quiet > rules.stall_after:
        stuck = f"no instance got healthy for {span(quiet)}"
        if error:
            return Verdict(Outcome.FAILED, f"{stuck}, with the error: {error}; it may still recover")
        return Verdict(Outcome.STALLED, f"{stuck}; it may still recover")
    if error:
        return Verdict(Outcome.ERRORING, "the last step had an error, which often clears by itself")
    return Verdict(Outcome.IN_PROGRESS, f"last progress {span(quiet)} ago" if moved else "under way")


def _last_moved(deployment: Deployment) -> datetime | None:
    details = deployment.details
    known = [at for at in (details.last_successful_healthcheck, details.last_status_change) if at]
    return max(known, default=deployment.created_at)


def _waits(deployment: Deployment, now: datetime) -> str:
    steps = deployment.canary_steps
    at = f" at step {steps.current} of {steps.total}" if steps and steps.current and steps.total else ""
    since = deployment.details.last_status_change
    return f"waits{at} for a person to decide" + (f", for {span(now - since)} now" if since else "")


def _ended_early(deployment: Deployment, rules: OutcomeRules, memory: Memory | None, outcome: Outcome) -> Verdict:
    """Canceled or superseded: a failure only where the new version is known to have been unhealthy."""
    if memory and (memory.stalled or memory.failed):
        seen = "failed" if memory.failed else "stalled"
        return Verdict(Outcome.FAILED, f"it had {seen} before it was {outcome}")
    details = deployment.details
    healthy, ended = details.last_successful_healthcheck, details.last_status_change
    if deployment.strategy != "rolling" or not healthy or not ended:
        return Verdict(outcome, f"it was {outcome}; was it healthy? not known")
    if ended - healthy > rules.unhealthy_after:
        return Verdict(Outcome.FAILED, f"no instance got healthy for {span(ended - healthy)} before it was {outcome}")
    return Verdict(outcome, f"it was {outcome} while its instances were getting healthy")


def span(time: timedelta) -> str:
    """A length of time in its largest unit: `42 s`, `12 min`, `3 h`, `5 d`."""
    seconds = max(0, int(time.total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size * (2 if unit != "min" else 1):
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


@dataclass(frozen=True, slots=True)
class Prefilter:
    """What the server can narrow for a word of `state=`: rows that match it have a status value and a reason in these
    sets (None: any). `exact` says that all rows in the sets match.
    """

    values: frozenset[str] | None
    reasons: frozenset[str] | None
    exact: bool


_ENDS_IN_FAILURE = frozenset({"DEPLOYING", "CANCELED", "SUPERSEDED", "FAILED", "DEGENERATE"})

_PREFILTERS = {
    "active": Prefilter(frozenset({"ACTIVE"}), None, True),
    "done": Prefilter(frozenset({"FINALIZED"}), None, True),
    "failed": Prefilter(None, _ENDS_IN_FAILURE, False),
    "stalled": Prefilter(None, frozenset({"DEPLOYING"}), False),
    "paused": Prefilter(None, frozenset({"PAUSED"}), True),
    "succeeded": Prefilter(None, frozenset({"DEPLOYED"}), True),
}

_SYNONYMS = {"ACTIVE": "active", "FINALIZED": "done"}


def possible(word: str) -> Prefilter:
    """The prefilter of a word: people's words as in the table of outcomes, any other is a reason of the API's."""
    word = _SYNONYMS.get(word, word)
    return _PREFILTERS.get(word) or Prefilter(None, frozenset({word}), True)


def matches(words: tuple[str, ...], deployment: Deployment, verdict: Verdict) -> bool:
    """Does a deployment match any of these words of `state=`?"""
    return any(_matches(_SYNONYMS.get(word, word), deployment, verdict) for word in words)


def _matches(word: str, deployment: Deployment, verdict: Verdict) -> bool:
    prefilter = possible(word)
    if not prefilter.exact:
        return verdict.outcome == word
    in_values = prefilter.values is None or deployment.value in prefilter.values
    return in_values and (prefilter.reasons is None or deployment.reason in prefilter.reasons)
