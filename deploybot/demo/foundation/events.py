"""The audit events that an action on a deployment leaves behind."""

from collections.abc import Mapping
from typing import Any

from deploybot.demo.foundation.bodies import Wanted
from deploybot.demo.foundation.entities import App, AuditEvent, Deployment
from deploybot.demo.foundation.moment import Moment
from deploybot.demo.foundation.roles import Person
from deploybot.demo.foundation.world import World


def about(deployment: Deployment) -> dict[str, Any]:
    return {"deployment_guid": deployment.guid, "droplet_guid": deployment.droplet_guid}


def about_creation(deployment: Deployment, wanted: Wanted) -> dict[str, Any]:
    return {
        **about(deployment),
        "type": "rollback" if wanted.revision_guid else None,
        "revision_guid": deployment.revision_guid,
        "request": wanted.request,
        "strategy": deployment.strategy,
    }


def events(
    world: World, app: App, actor: Person, moment: Moment, *happened: tuple[str, Mapping[str, Any]]
) -> list[AuditEvent]:
    first = world.position(AuditEvent)
    return [
        AuditEvent(
            guid=moment.new_guid(),
            position=first + offset,
            created_at=moment.now,
            updated_at=moment.now,
            type=kind,
            actor=(actor.guid, "user", actor.email),
            target=(app.guid, "app", app.name),
            data=data,
            space_guid=app.space_guid,
            organization_guid=world.organization_of(app.space_guid).guid,
        )
        for offset, (kind, data) in enumerate(happened)
    ]
