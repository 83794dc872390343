"""What a status means: Cloud Foundry has no failed state and no deadline, so this decides, and says why."""

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
    """Decide what one API answer means at an instant."""
    raise NotImplementedError
