"""Watches and what is seen of their deployments, for tests: sensible ones, of which a test changes what it is about."""

from datetime import datetime, timedelta
from typing import Any

from deploybot.domain.deployment import (
    CanaryOptions,
    CanaryStatus,
    CanaryStep,
    CanarySteps,
    Deployment,
    Instances,
    Options,
    ProcessReference,
    Progress,
    Reference,
    Relationships,
    Status,
    StatusDetails,
    ToOne,
)
from deploybot.domain.watch import Watch, WatchView
from deploybot.domain.watching import Seen
from tests.domain.making import NOW, entry

SECOND = timedelta(seconds=1)
HALF = Progress(Instances(desired=4, running=3, crashed=1), Instances(desired=2, running=2), goal=6)


def after(seconds: float) -> datetime:
    return NOW + seconds * SECOND


def watch(number: int = 1, **changes: Any) -> Watch:
    """A watch of d-1 in C1 by U1, begun now."""
    guid = f"d-{number}"
    known: dict[str, Any] = {
        "id": f"w-{number}",
        "channel": "C1",
        "foundation": "eu",
        "guid": guid,
        "made_by": "U1",
        "made_at": NOW,
        "watchers": ("U1",),
        "view": WatchView(entry=entry(guid), as_of=NOW),
        "changed_at": NOW,
    }
    return Watch(**{**known, **changes})


def deployment(guid: str = "d-1", value: str = "ACTIVE", reason: str = "DEPLOYING", **changes: Any) -> Deployment:
    """As `entry` of the tests has it: a rolling deployment under way. `step` makes it a canary of 20 and 60 %."""
    step, error = changes.pop("step", None), changes.pop("error", None)
    details = StatusDetails(changes.pop("healthy", None), changes.pop("changed", None), error)
    canary = CanaryOptions((CanaryStep(20), CanaryStep(60)))
    known: dict[str, Any] = {
        "guid": guid,
        "created_at": NOW,
        "updated_at": NOW,
        "strategy": "rolling" if step is None else "canary",
        "status": Status(value, reason, details, CanaryStatus(CanarySteps(step, 2)) if step else None),
        "options": Options(max_in_flight=1, canary=canary if step else None),
        "new_processes": (ProcessReference(f"process-{guid}", "web"),),
        "relationships": Relationships(ToOne(Reference("app-1"))),
    }
    return Deployment(**{**known, **changes})


def seen(*deployments: Deployment, seconds: float = 5, progress: Progress | None = None, **changes: Any) -> Seen:
    """A look so long after the beginning."""
    known: dict[str, Any] = {
        "now": after(seconds),
        "deployments": {one.guid: one for one in deployments},
        "progress": {one.guid: progress for one in deployments} if progress else {},
        "apps": {},
        "people": {},
    }
    return Seen(**{**known, **changes})
