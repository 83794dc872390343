"""Builds a world from recorded data: entities as the API shows them to an admin, `_hidden` columns beside."""

from collections.abc import Mapping
from typing import Any

from deploybot.demo.foundation.entities import (
    App,
    AuditEvent,
    Deployment,
    Droplet,
    Instance,
    Organization,
    Process,
    Revision,
    Space,
)
from deploybot.demo.foundation.instants import SECOND, from_text
from deploybot.demo.foundation.world import World

Recorded = Mapping[str, Any]


def load_world(recorded: Recorded) -> World:
    """A fresh world with everything in `recorded` (`organizations`, `spaces`, ... as lists of resources)."""
    world = World()
    world.apply(organization(each) for each in recorded["organizations"])
    world.apply(space(each) for each in recorded["spaces"])
    world.apply(app(each) for each in recorded["apps"])
    home = {each.guid: each.space_guid for each in world.apps}
    world.apply(process(each, home) for each in recorded["processes"])
    world.apply(droplet(each, home) for each in recorded["droplets"])
    world.apply(revision(each, home) for each in recorded["revisions"])
    world.apply(deployment(each, home) for each in recorded["deployments"])
    world.apply(audit_event(each) for each in recorded["audit_events"])
    return world


def organization(raw: Recorded) -> Organization:
    return Organization(
        **_common(raw),
        **_metadata(raw),
        name=raw["name"],
        status=raw["_hidden"]["status"],
        quota_guid=raw["relationships"]["quota"]["data"]["guid"],
    )


def space(raw: Recorded) -> Space:
    return Space(
        **_common(raw),
        **_metadata(raw),
        name=raw["name"],
        organization_guid=raw["relationships"]["organization"]["data"]["guid"],
        status=raw["_hidden"]["status"],
        quota_guid=_guid(raw["relationships"]["quota"]["data"]),
    )


def app(raw: Recorded) -> App:
    return App(
        **_common(raw),
        **_metadata(raw),
        name=raw["name"],
        space_guid=raw["relationships"]["space"]["data"]["guid"],
        state=raw["state"],
        lifecycle=raw["lifecycle"],
        current_droplet_guid=raw["_hidden"]["current_droplet_guid"],
        revisions_enabled=raw["_hidden"]["revisions_enabled"],
    )


def process(raw: Recorded, home: Mapping[str, str]) -> Process:
    common = _common(raw)
    return Process(
        **common,
        **_metadata(raw),
        **_inside_app(raw, home),
        type=raw["type"],
        version=raw["version"],
        instances=raw["instances"],
        running=tuple(_instance(each, common["created_at"]) for each in raw["process_instances"]),
        memory_in_mb=raw["memory_in_mb"],
        disk_in_mb=raw["disk_in_mb"],
        log_rate_limit=raw["log_rate_limit_in_bytes_per_second"],
        user=raw["user"],
        health_check=raw["health_check"],
        readiness_health_check=raw["readiness_health_check"],
        revision_guid=_guid(raw["relationships"]["revision"]),
    )


def droplet(raw: Recorded, home: Mapping[str, str]) -> Droplet:
    return Droplet(**_common(raw), **_inside_app(raw, home), state=raw["state"])


def revision(raw: Recorded, home: Mapping[str, str]) -> Revision:
    return Revision(
        **_common(raw),
        **_metadata(raw),
        **_inside_app(raw, home),
        version=raw["version"],
        droplet_guid=raw["droplet"]["guid"],
        description=raw["description"],
        processes=raw["processes"],
        sidecars=tuple(raw["sidecars"]),
        deployable=raw["deployable"],
    )


def deployment(raw: Recorded, home: Mapping[str, str]) -> Deployment:
    hidden, options, status = raw["_hidden"], raw["options"], raw["status"]
    canary = options.get("canary")
    return Deployment(
        **_common(raw),
        **_metadata(raw),
        **_inside_app(raw, home),
        state=hidden["state"],
        status_value=status["value"],
        status_reason=status["reason"],
        strategy=raw["strategy"],
        error=status["details"].get("error"),
        last_healthy_at=from_text(hidden["last_healthy_at_exact"]),
        status_updated_at=from_text(hidden["status_updated_at_exact"]),
        max_in_flight=options["max_in_flight"],
        web_instances=options.get("web_instances"),
        memory_in_mb=options.get("memory_in_mb"),
        disk_in_mb=options.get("disk_in_mb"),
        log_rate_limit=options.get("log_rate_limit_in_bytes_per_second"),
        canary_steps=tuple(step["instance_weight"] for step in canary["steps"]) if canary else None,
        canary_current_step=hidden["canary_current_step"],
        droplet_guid=raw["droplet"]["guid"],
        previous_droplet_guid=raw["previous_droplet"]["guid"],
        new_processes=tuple((each["guid"], each["type"]) for each in raw["new_processes"]),
        deploying_process_guid=hidden["deploying_web_process_guid"],
        original_instances=hidden["original_web_process_instance_count"],
        revision_guid=hidden["revision_guid"],
        revision_version=hidden["revision_version"],
    )


def audit_event(raw: Recorded) -> AuditEvent:
    return AuditEvent(
        **_common(raw),
        type=raw["type"],
        actor=(raw["actor"]["guid"], raw["actor"]["type"], raw["actor"]["name"]),
        target=(raw["target"]["guid"], raw["target"]["type"], raw["target"]["name"]),
        data=raw["data"],
        space_guid=_guid(raw["space"]),
        organization_guid=_guid(raw["organization"]),
    )


def _common(raw: Recorded) -> dict[str, Any]:
    hidden = raw["_hidden"]
    updated = hidden["updated_at_exact"]
    return {
        "guid": raw["guid"],
        "position": hidden["insert_order"],
        "created_at": from_text(hidden["created_at_exact"]),
        "updated_at": from_text(updated) if updated else None,
    }


def _metadata(raw: Recorded) -> dict[str, Any]:
    return {"labels": raw["metadata"]["labels"], "annotations": raw["metadata"]["annotations"]}


def _inside_app(raw: Recorded, home: Mapping[str, str]) -> dict[str, Any]:
    guid = raw["relationships"]["app"]["data"]["guid"]
    return {"app_guid": guid, "space_guid": home[guid]}


def _instance(raw: Recorded, created_at: int) -> Instance:
    return Instance(since=created_at - raw["since"] * SECOND, fixed=(raw["state"], raw["since"]))


def _guid(reference: Recorded | None) -> str | None:
    return reference["guid"] if reference else None
