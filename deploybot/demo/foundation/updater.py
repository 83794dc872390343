"""The deployment updater: what one of its runs, every 5 seconds, does to a deployment, as changes to the world."""

import math

import msgspec

from deploybot.demo.foundation.actions import with_status
from deploybot.demo.foundation.entities import HEALTHY, Deployment, Health, Process
from deploybot.demo.foundation.instances import counts, scaled
from deploybot.demo.foundation.moment import Moment
from deploybot.demo.foundation.world import Change, Gone, World

replace = msgspec.structs.replace

PERIOD_SECONDS = 5.0
DESTROYED_TWICE = "An unexpected error has occurred: Sequel::NoExistingObject"


def advanced(world: World, deployment: Deployment, moment: Moment) -> list[Change]:
    """One run over one deployment; no changes when there is nothing to do, which leaves `updated_at` alone."""
    match deployment.state:
        case "DEPLOYING" | "PREPAUSED":
            error = _trouble(world, deployment, moment)
            return _failed(deployment, error, moment.now) if error else _scale(world, deployment, moment)
        case "CANCELING":
            return _cancel(world, deployment, moment)
        case _:
            return []


def targets(deployment: Deployment) -> tuple[int, int]:
    """(old and new instances together, new instances) that the deployment is heading for."""
    desired = desired_instances(deployment)
    if deployment.state != "PREPAUSED":
        return desired, desired
    if not deployment.canary_steps:
        return desired + 1, 1
    weight = deployment.canary_steps[(deployment.canary_current_step or 1) - 1]
    new = max(1, math.floor(desired * weight / 100 + 0.5))
    return (desired if weight == 100 else desired + 1), new


def desired_instances(deployment: Deployment) -> int:
    if deployment.web_instances is not None:
        return deployment.web_instances
    return deployment.original_instances or 0


def _scale(world: World, deployment: Deployment, moment: Moment) -> list[Change]:
    """Old processes shrink by what the new one can carry; then the step ends, or the new one grows."""
    new = world.processes.get(deployment.deploying_process_guid)
    if new is None:
        return []
    old = [each for each in world.web_processes(deployment.app_guid) if each.guid != new.guid]
    routable, starting, unhealthy = counts(new, moment.now)
    total, goal = targets(deployment)
    in_flight = deployment.max_in_flight
    can_grow = starting < in_flight and not unhealthy and routable >= new.instances - in_flight
    shrinking = _shrink(old, max(0, total - routable), moment)
    if not can_grow and not shrinking:
        return []
    if new.instances >= goal and routable >= goal:
        return [*shrinking, *_end_step(world, deployment, new, shrinking, moment)]
    if not can_grow:
        return shrinking
    grown = _resized(new, min(routable + in_flight, goal), health_of(world, new), moment)
    healthy = replace(deployment, last_healthy_at=moment.now, updated_at=moment.now, error=None)
    return [*shrinking, grown, healthy]


def _shrink(old: list[Process], wanted: int, moment: Moment) -> list[Change]:
    """Oldest first; the original process stays with 0 instances, one in between is destroyed instead."""
    surplus = sum(each.instances for each in old) - wanted
    changes: list[Change] = []
    for each in old if surplus > 0 else ():
        if surplus < each.instances:
            changes.append(_resized(each, each.instances - surplus, HEALTHY, moment))
            break
        surplus -= each.instances
        if each is not old[0]:
            changes.append(Gone(each))
        elif each.instances:
            changes.append(_resized(each, 0, HEALTHY, moment))
    return changes


def _end_step(
    world: World, deployment: Deployment, new: Process, shrinking: list[Change], moment: Moment
) -> list[Change]:
    if deployment.state == "PREPAUSED":
        paused = with_status(deployment, "PAUSED", "ACTIVE", "PAUSED", moment.now)
        return [replace(paused, last_healthy_at=moment.now, error=None)]
    destroyed = [Gone(each) for each in world.web_processes(new.app_guid) if each.guid != new.guid]
    if any(isinstance(change, Gone) for change in shrinking):
        return [*destroyed, *_failed(deployment, DESTROYED_TWICE, moment.now)]
    done = with_status(deployment, "DEPLOYED", "FINALIZED", "DEPLOYED", moment.now)
    return [*destroyed, *_restarted(world, new, moment), replace(done, error=None)]


def _restarted(world: World, new: Process, moment: Moment) -> list[Change]:
    """Workers and the like run the new droplet as well."""
    others = [each for each in world.processes.where("app_guid", new.app_guid) if each.type != "web"]
    health = health_of(world, new)
    return [
        replace(
            each,
            droplet_guid=new.droplet_guid,
            revision_guid=new.revision_guid,
            running=scaled((), each.instances, health, moment.now, moment.speed),
            updated_at=moment.now,
        )
        for each in others
    ]


def _cancel(world: World, deployment: Deployment, moment: Moment) -> list[Change]:
    """Back to the process that ran before, at its full size; all other web processes go."""
    web = world.web_processes(deployment.app_guid)
    before = [each for each in web if each.guid != deployment.deploying_process_guid]
    changes: list[Change] = []
    if before:
        prior = before[-1]
        size = deployment.original_instances or prior.instances
        changes += [Gone(each) for each in web if each.guid != prior.guid]
        changes.append(_resized(prior, size, health_of(world, prior), moment))
    canceled = with_status(deployment, "CANCELED", "FINALIZED", "CANCELED", moment.now)
    return [*changes, replace(canceled, error=None)]


def health_of(world: World, process: Process) -> Health:
    droplet = world.droplets.get(process.droplet_guid)
    return droplet.health if droplet else HEALTHY


def _trouble(world: World, deployment: Deployment, moment: Moment) -> str | None:
    """The error that this run of the updater raises, if any."""
    droplet = world.droplets.get(deployment.droplet_guid)
    age = (moment.now - deployment.created_at) * moment.speed
    troubles = droplet.health.troubles if droplet else ()
    return next((each.error for each in troubles if each.after <= age < each.until), None)


def _failed(deployment: Deployment, error: str, now: int) -> list[Change]:
    """The same error again leaves the row as it is."""
    return [] if deployment.error == error else [replace(deployment, error=error, updated_at=now)]


def _resized(process: Process, size: int, health: Health, moment: Moment) -> Process:
    running = scaled(process.running, size, health, moment.now, moment.speed)
    return replace(process, instances=size, running=running, updated_at=moment.now)
