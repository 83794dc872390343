"""What people do to deployments (create, cancel, continue, label), as changes to the world or a refusal."""

from collections.abc import Mapping

import msgspec

from deploybot.demo.foundation.bodies import NO_APP, Metadata, Wanted
from deploybot.demo.foundation.entities import App, Deployment, Droplet, Process, Revision
from deploybot.demo.foundation.events import about, about_creation, events
from deploybot.demo.foundation.instances import scaled
from deploybot.demo.foundation.moment import Moment
from deploybot.demo.foundation.refusals import BreakdownError, RefusedError, unprocessable
from deploybot.demo.foundation.roles import Person
from deploybot.demo.foundation.world import Change, World

replace = msgspec.structs.replace

NO_DROPLET = "Unable to assign current droplet. Ensure the droplet exists and belongs to this app."
NOTHING_TO_RUN = "Invalid droplet. Please specify a droplet in the request or set a current droplet for the app."
NO_REVISIONS = "Cannot create deployment from a revision for an app without revisions enabled"
CANCELABLE = ("DEPLOYING", "PREPAUSED", "PAUSED", "CANCELING")


def cancel(world: World, deployment: Deployment, actor: Person, moment: Moment) -> list[Change]:
    """CANCELING at once, and the app points to its previous droplet again; may be repeated until done."""
    if deployment.state not in CANCELABLE:
        raise _not_now("cancel", deployment)
    droplet = world.droplets.get(deployment.previous_droplet_guid)
    if droplet is None or droplet.app_guid != deployment.app_guid:
        raise unprocessable(NO_DROPLET)
    app = world.apps[deployment.app_guid]
    mapped = {"request": {"droplet_guid": droplet.guid}}
    return [
        with_status(deployment, "CANCELING", "ACTIVE", "CANCELING", moment.now),
        replace(app, current_droplet_guid=droplet.guid, updated_at=moment.now),
        *events(
            world,
            app,
            actor,
            moment,
            ("audit.app.droplet.mapped", mapped),
            ("audit.app.deployment.cancel", about(deployment)),
        ),
    ]


def proceed(world: World, deployment: Deployment, actor: Person, moment: Moment) -> list[Change]:
    """Continue a paused canary: to its next step, or past the last one into a rolling rest."""
    if deployment.state != "PAUSED":
        raise _not_now("continue", deployment)
    steps, current = deployment.canary_steps, deployment.canary_current_step
    if steps and current is None:
        raise BreakdownError
    state = "DEPLOYING"
    if steps and current is not None and current < len(steps):
        state, current = "PREPAUSED", current + 1
    moved = with_status(deployment, state, "ACTIVE", "DEPLOYING", moment.now)
    event = ("audit.app.deployment.continue", about(deployment))
    return [
        replace(moved, canary_current_step=current),
        *events(world, world.apps[deployment.app_guid], actor, moment, event),
    ]


def label(deployment: Deployment, metadata: Metadata, moment: Moment) -> list[Change]:
    return [
        replace(
            deployment,
            labels=_merged(deployment.labels, metadata.get("labels")),
            annotations=_merged(deployment.annotations, metadata.get("annotations")),
            updated_at=moment.now,
        )
    ]


def create(world: World, wanted: Wanted, actor: Person, moment: Moment) -> list[Change]:
    """The new deployment comes first; then what it supersedes, its process and revision, and the events."""
    app = world.apps.get(wanted.app_guid)
    if app is None:
        raise unprocessable(NO_APP)
    droplet = _droplet_for(world, app, wanted)
    revision, made = _revision_for(world, app, droplet, wanted, moment)
    active = [d for d in world.active_deployments() if d.app_guid == app.guid]
    original = active[-1].original_instances if active else _instances_now(world, app)
    desired = original if wanted.web_instances is None else wanted.web_instances
    process = _first_process(world, app, droplet, revision, wanted, desired or 0, moment)
    runs = app.state == "STARTED"
    deployment = _deployment(world, app, wanted, droplet, revision, process if runs else None, original or 0, moment)
    data = about_creation(deployment, wanted)
    mapped = {"request": {"droplet_guid": droplet.guid}}
    return [
        deployment,
        *(_superseded(each, moment) for each in active),
        replace(app, current_droplet_guid=droplet.guid, state="STARTED", updated_at=moment.now),
        *([process] if runs else ()),
        *([revision] if made and revision else ()),
        *events(
            world,
            app,
            actor,
            moment,
            ("audit.app.droplet.mapped", mapped),
            ("audit.app.deployment.create", data),
        ),
    ]


def with_status(deployment: Deployment, state: str, value: str, reason: str, now: int) -> Deployment:
    """In another state; the last status change moves only with value or reason, and nothing with neither."""
    if (state, value, reason) == (deployment.state, deployment.status_value, deployment.status_reason):
        return deployment
    changed = (value, reason) != (deployment.status_value, deployment.status_reason)
    return replace(
        deployment,
        state=state,
        status_value=value,
        status_reason=reason,
        status_updated_at=now if changed else deployment.status_updated_at,
        updated_at=now,
    )


def _not_now(what: str, deployment: Deployment) -> RefusedError:
    reason = deployment.status_reason or ""
    return unprocessable(f"Cannot {what} a deployment with status: {deployment.status_value} and reason: {reason}")


def _droplet_for(world: World, app: App, wanted: Wanted) -> Droplet:
    guid = wanted.droplet_guid or app.current_droplet_guid
    if wanted.revision_guid:
        revision = world.revisions.get(wanted.revision_guid)
        if revision is None or revision.app_guid != app.guid:
            raise unprocessable("The revision does not exist")
        if not app.revisions_enabled:
            raise unprocessable(NO_REVISIONS)
        guid = revision.droplet_guid
    if guid is None:
        raise unprocessable(NOTHING_TO_RUN)
    droplet = world.droplets.get(guid)
    if droplet is None or droplet.app_guid != app.guid:
        raise unprocessable(NO_DROPLET)
    return droplet


def _revision_for(
    world: World, app: App, droplet: Droplet, wanted: Wanted, moment: Moment
) -> tuple[Revision | None, bool]:
    """The revision that the rollout runs and whether it is new: the same droplet again makes no new one."""
    if not app.revisions_enabled:
        return None, False
    known = world.revisions.where("app_guid", app.guid)
    latest = max(known, key=lambda each: each.version, default=None)
    if latest is not None and latest.droplet_guid == droplet.guid and not wanted.revision_guid:
        return latest, False
    old = world.revisions.get(wanted.revision_guid)
    if old is not None:
        description = f"Rolled back to revision {old.version}."
    else:
        description = "New droplet deployed." if latest else "Initial revision."
    return Revision(
        guid=moment.new_guid(),
        position=world.position(Revision),
        created_at=moment.now,
        updated_at=moment.now,
        app_guid=app.guid,
        space_guid=app.space_guid,
        version=latest.version + 1 if latest else 1,
        droplet_guid=droplet.guid,
        description=description,
        processes={"web": {"command": None}},
    ), True


def _instances_now(world: World, app: App) -> int:
    web = world.web_processes(app.guid)
    return web[-1].instances if web else 1


def _first_process(
    world: World,
    app: App,
    droplet: Droplet,
    revision: Revision | None,
    wanted: Wanted,
    desired: int,
    moment: Moment,
) -> Process:
    """The new web process: a canary starts with one instance, a rollout with as many as may be in flight."""
    model = world.web_processes(app.guid)[-1]
    size = min(desired, 1 if wanted.strategy == "canary" else wanted.max_in_flight)
    return replace(
        model,
        guid=moment.new_guid(),
        position=world.position(Process),
        created_at=moment.now,
        updated_at=moment.now,
        version=moment.new_guid(),
        instances=size,
        running=scaled((), size, droplet.health, moment.now, moment.speed),
        memory_in_mb=wanted.memory_in_mb or model.memory_in_mb,
        disk_in_mb=wanted.disk_in_mb or model.disk_in_mb,
        log_rate_limit=model.log_rate_limit if wanted.log_rate_limit is None else wanted.log_rate_limit,
        droplet_guid=droplet.guid,
        revision_guid=revision.guid if revision else None,
    )


def _deployment(
    world: World,
    app: App,
    wanted: Wanted,
    droplet: Droplet,
    revision: Revision | None,
    process: Process | None,
    original: int,
    moment: Moment,
) -> Deployment:
    """A deployment of a stopped app is over at once, and has no process of its own."""
    first_state = "PREPAUSED" if wanted.strategy == "canary" else "DEPLOYING"
    return Deployment(
        guid=moment.new_guid(),
        position=world.position(Deployment),
        created_at=moment.now,
        updated_at=moment.now,
        app_guid=app.guid,
        space_guid=app.space_guid,
        state=first_state if process else "DEPLOYED",
        status_value="ACTIVE" if process else "FINALIZED",
        status_reason="DEPLOYING" if process else "DEPLOYED",
        strategy=wanted.strategy,
        last_healthy_at=moment.now,
        status_updated_at=moment.now,
        max_in_flight=wanted.max_in_flight,
        web_instances=wanted.web_instances,
        memory_in_mb=wanted.memory_in_mb,
        disk_in_mb=wanted.disk_in_mb,
        log_rate_limit=wanted.log_rate_limit,
        canary_steps=wanted.canary_steps,
        canary_current_step=1 if wanted.strategy == "canary" else None,
        droplet_guid=droplet.guid,
        previous_droplet_guid=app.current_droplet_guid,
        new_processes=((process.guid, process.type),) if process else (),
        deploying_process_guid=process.guid if process else None,
        original_instances=original,
        revision_guid=revision.guid if revision else None,
        revision_version=revision.version if revision else None,
        labels=_merged({}, wanted.metadata.get("labels")),
        annotations=_merged({}, wanted.metadata.get("annotations")),
    )


def _superseded(deployment: Deployment, moment: Moment) -> Deployment:
    state = "DEPLOYED" if deployment.state == "DEPLOYING" else "CANCELED"
    return with_status(deployment, state, "FINALIZED", "SUPERSEDED", moment.now)


def _merged(old: Mapping[str, str], changes: Mapping[str, str | None] | None) -> dict[str, str]:
    merged = {**old, **(changes or {})}
    return {key: value for key, value in merged.items() if value is not None}
