"""Who started, continued or cancelled a deployment, from audit events: many tokens see none, and a month ends them."""

from collections.abc import Sequence
from datetime import timedelta

from deploybot.cf import wire
from deploybot.cf.client import Client
from deploybot.cf.encode import Pair, many, path, times
from deploybot.cf.failures import ForbiddenError
from deploybot.cf.names import BATCH, batches, together
from deploybot.cf.pages import pages
from deploybot.domain.deployment import Deployment, Event, Person
from deploybot.domain.ports import StartersFound, Times

PREFIX = "audit.app.deployment."
PER_PAGE = 500
MOST_PAGES = 4
LATER = timedelta(minutes=1)
"""A start is recorded within the same second or so; the bound keeps an old page's question from reading till today."""


async def starters_of(client: Client, deployments: Sequence[Deployment], until: float) -> StartersFound:
    """Who created each deployment: one request for a page of them.

    Space and org managers get an empty list here and no refusal: not one event for all of them counts as "may not
    see", like a 403.
    """
    wanted = [each for each in deployments if each.app_guid and each.created_at]
    if not wanted:
        return StartersFound({})
    begun = [each.created_at for each in wanted if each.created_at]
    window = Times(gte=min(begun), lte=max(begun) + LATER)
    apps = sorted({each.app_guid for each in wanted if each.app_guid})
    found = await together(_events(client, ("create",), batch, window, until) for batch in batches(apps, BATCH))
    events = [event for some in found or () if some for event in some]
    guids = {each.guid for each in wanted}
    people = {event.deployment_guid: event.by for event in events if event.deployment_guid in guids}
    return StartersFound(people, visible=bool(events))


async def events_of(client: Client, deployment: Deployment, until: float) -> tuple[Event, ...] | None:
    """What people did to a deployment, oldest first; None where the token may not see it, or not any longer."""
    if not deployment.app_guid or not deployment.created_at:
        return None
    ended = None if deployment.is_active else deployment.updated_at
    window = Times(gte=deployment.created_at, lte=ended and ended + LATER)
    kinds = ("create", "continue", "cancel")
    found = await _events(client, kinds, (deployment.app_guid,), window, until)
    own = [event for event in found or () if event.deployment_guid == deployment.guid]
    return tuple(sorted(own, key=lambda event: (event.at, kinds.index(event.type)))) or None


async def _events(
    client: Client, kinds: Sequence[str], app_guids: Sequence[str], window: Times, until: float
) -> list[Event] | None:
    """None where the token may not see events."""
    pairs: list[Pair] = [("types", many(PREFIX + kind for kind in kinds)), ("target_guids", many(app_guids))]
    pairs += [*times("created_ats", window), ("per_page", str(PER_PAGE))]
    found: list[Event] = []
    try:
        async for page in pages(client, wire.EVENTS, path("/v3/audit_events", pairs), until, MOST_PAGES):
            found += (event for row in page.rows if (event := _event(row)))
    except ForbiddenError:
        return None
    return found


def _event(row: wire.EventRow) -> Event | None:
    """None for an event that does not say which deployment or who."""
    kind = (row.type or "").removeprefix(PREFIX)
    deployment_guid = row.data and row.data.deployment_guid
    if kind not in {"create", "continue", "cancel"} or not (deployment_guid and row.created_at and row.actor):
        return None
    person = Person(row.actor.guid or "", row.actor.name or "")
    app_guid = (row.target and row.target.guid) or ""
    return Event(row.guid, kind, row.created_at, person, deployment_guid, app_guid)
