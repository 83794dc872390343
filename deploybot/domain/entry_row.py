"""An entry of the ledger as a row, so that what is remembered reads like what is listed."""

from deploybot.domain.deployment import (
    App,
    CanaryStatus,
    CanarySteps,
    Deployment,
    Metadata,
    Org,
    Person,
    Reference,
    Relationships,
    RevisionReference,
    Space,
    Status,
    StatusDetails,
    ToOne,
)
from deploybot.domain.ledger import Entry
from deploybot.domain.outcome import Outcome, Verdict
from deploybot.domain.page import Row


def row_of(entry: Entry) -> Row:
    """The row of an entry. How many instances run is not remembered."""
    return Row(
        foundation=entry.foundation,
        deployment=_deployment(entry),
        verdict=Verdict(entry.outcome, _lasting(entry)),
        app=_app(entry),
        by=Person(entry.by_guid or entry.by, entry.by) if entry.by or entry.by_guid else None,
    )


def _deployment(entry: Entry) -> Deployment:
    steps = CanarySteps(entry.step, entry.steps) if entry.step is not None or entry.steps is not None else None
    details = StatusDetails(entry.last_healthy_at, entry.status_changed_at, entry.error or None)
    return Deployment(
        guid=entry.guid,
        created_at=entry.created_at,
        updated_at=entry.updated_at,
        status=Status(entry.value or None, entry.reason or None, details, CanaryStatus(steps) if steps else None),
        strategy=entry.strategy or None,
        revision=RevisionReference(version=entry.revision) if entry.revision is not None else None,
        relationships=Relationships(ToOne(Reference(entry.app_guid))) if entry.app_guid else None,
        metadata=Metadata(dict(entry.labels)) if entry.labels else None,
    )


def _app(entry: Entry) -> App | None:
    """The app by its name, as far as that was ever found out."""
    if not entry.app:
        return None
    org = Org(entry.org_guid, entry.org) if entry.org else None
    space = Space(entry.space_guid, entry.space, org) if entry.space else None
    return App(entry.app_guid, entry.app, space)


def _lasting(entry: Entry) -> str:
    """The reason of the outcome without what was true at the look only, such as how long it had been waiting then."""
    match entry.outcome:
        case Outcome.IN_PROGRESS:
            return ""
        case Outcome.PAUSED:
            at = f" at step {entry.step} of {entry.steps}" if entry.step and entry.steps else ""
            return f"waits{at} for a person to decide"
        case _:
            return entry.why
