"""Writes entities as the API's JSON, key by key in the server's order; times lose their fraction here."""

from collections.abc import Mapping
from typing import Any

from deploybot.demo.foundation.entities import (
    App,
    AuditEvent,
    Deployment,
    Droplet,
    Entity,
    Organization,
    Process,
    Revision,
    Space,
)
from deploybot.demo.foundation.instances import state_at
from deploybot.demo.foundation.instants import to_text
from deploybot.demo.foundation.world import World

Resource = dict[str, Any]
HIDDEN = "[PRIVATE DATA HIDDEN]"
HIDDEN_IN_LISTS = "[PRIVATE DATA HIDDEN IN LISTS]"


def organization(row: Organization, base: str) -> Resource:
    self_url = f"{base}/v3/organizations/{row.guid}"
    return {
        **times_of(row),
        "name": row.name,
        "suspended": row.status == "suspended",
        "relationships": {"quota": to_one(row.quota_guid)},
        "metadata": _metadata(row),
        "links": {
            "self": _link(self_url),
            "domains": _link(f"{self_url}/domains"),
            "default_domain": _link(f"{self_url}/domains/default"),
            "quota": _link(f"{base}/v3/organization_quotas/{row.quota_guid}"),
        },
    }


def space(row: Space, base: str) -> Resource:
    self_url = f"{base}/v3/spaces/{row.guid}"
    quota = {"quota": _link(f"{base}/v3/space_quotas/{row.quota_guid}")} if row.quota_guid else {}
    return {
        **times_of(row),
        "name": row.name,
        "suspended": row.status == "suspended",
        "relationships": {"organization": to_one(row.organization_guid), "quota": to_one(row.quota_guid)},
        "metadata": _metadata(row),
        "links": {
            "self": _link(self_url),
            "organization": _link(f"{base}/v3/organizations/{row.organization_guid}"),
            "features": _link(f"{self_url}/features"),
            "apply_manifest": _link(f"{self_url}/actions/apply_manifest", "POST"),
            **quota,
        },
    }


def app(row: App, base: str) -> Resource:
    self_url = f"{base}/v3/apps/{row.guid}"
    parts = ("processes", "packages", "current_droplet", "droplets", "tasks")
    paths = {part: f"{self_url}/{part}" for part in parts} | {"current_droplet": f"{self_url}/droplets/current"}
    actions = ("start", "stop", "clear_buildpack_cache")
    return {
        **times_of(row),
        "name": row.name,
        "state": row.state,
        "lifecycle": row.lifecycle,
        "relationships": {
            "space": to_one(row.space_guid),
            "current_droplet": to_one(row.current_droplet_guid),
        },
        "metadata": _metadata(row),
        "links": {
            "self": _link(self_url),
            "environment_variables": _link(f"{self_url}/environment_variables"),
            "space": _link(f"{base}/v3/spaces/{row.space_guid}"),
            **{name: _link(url) for name, url in paths.items()},
            **{name: _link(f"{self_url}/actions/{name}", "POST") for name in actions},
            "revisions": _link(f"{self_url}/revisions"),
            "deployed_revisions": _link(f"{self_url}/revisions/deployed"),
            "features": _link(f"{self_url}/features"),
        },
    }


def process(row: Process, base: str, command: str | None, instances_at: int | None) -> Resource:
    """`instances_at` is the instant for the embedded instances, None when they were not asked for."""
    self_url = f"{base}/v3/processes/{row.guid}"
    embedded = {} if instances_at is None else {"process_instances": instances(row, instances_at)}
    return {
        **times_of(row),
        "version": row.version,
        "type": row.type,
        "command": command,
        "user": row.user,
        "instances": row.instances,
        "memory_in_mb": row.memory_in_mb,
        "disk_in_mb": row.disk_in_mb,
        "log_rate_limit_in_bytes_per_second": row.log_rate_limit,
        "health_check": row.health_check,
        "readiness_health_check": row.readiness_health_check,
        **embedded,
        "relationships": {
            "app": to_one(row.app_guid),
            "revision": to_one(row.revision_guid) if row.revision_guid else None,
        },
        "metadata": _metadata(row),
        "links": {
            "self": _link(self_url),
            "scale": _link(f"{self_url}/actions/scale", "POST"),
            "app": _link(f"{base}/v3/apps/{row.app_guid}"),
            "space": _link(f"{base}/v3/spaces/{row.space_guid}"),
            "stats": _link(f"{self_url}/stats"),
            "process_instances": _link(f"{self_url}/process_instances"),
        },
    }


def instances(row: Process, now: int) -> list[Resource]:
    states = (state_at(each, now) for each in row.running)
    return [{"index": i, "state": state, "since": since} for i, (state, since) in enumerate(states)]


def stats(row: Process, now: int) -> list[Resource]:
    """One entry per instance; usage figures are the same for all, nobody reads them here."""
    entries = (state_at(each, now) for each in row.running)
    return [_stat(row, index, state, since) for index, (state, since) in enumerate(entries)]


def _stat(row: Process, index: int, state: str, since: int) -> Resource:
    usage = {
        "time": "2026-11-23T08:00:00+00:00",
        "cpu": 0.0123,
        "cpu_entitlement": None,
        "mem": 41_000_000,
        "disk": 90_000_000,
        "log_rate": 12,
    }
    return {
        "type": row.type,
        "index": index,
        "instance_guid": f"inst-{row.guid[:8]}-{index}",
        "state": state,
        "routable": state == "RUNNING",
        "host": "10.0.0.17",
        "instance_internal_ip": "10.255.0.2",
        "uptime": since,
        "mem_quota": row.memory_in_mb << 20,
        "disk_quota": row.disk_in_mb << 20,
        "log_rate_limit": row.log_rate_limit,
        "fds_quota": 1024,
        "isolation_segment": None,
        "details": None,
        "instance_ports": [],
        "usage": usage,
    }


def droplet(row: Droplet, base: str, stack: str, secrets: tuple[Any, Any]) -> Resource:
    """`secrets` are the values of execution_metadata and process_types that this reader may see."""
    self_url = f"{base}/v3/droplets/{row.guid}"
    app_url = f"{base}/v3/apps/{row.app_guid}"
    return {
        **times_of(row),
        "state": row.state,
        "error": None,
        "lifecycle": {"type": "buildpack", "data": {}},
        "checksum": {"type": "sha256", "value": "s"},
        "buildpacks": [],
        "stack": stack,
        "image": None,
        "execution_metadata": secrets[0],
        "process_types": secrets[1],
        "relationships": {"app": to_one(row.app_guid)},
        "metadata": {"labels": {}, "annotations": {}},
        "links": {
            "self": _link(self_url),
            "app": _link(app_url),
            "assign_current_droplet": _link(f"{app_url}/relationships/current_droplet", "PATCH"),
            "download": _link(f"{self_url}/download"),
        },
    }


def revision(row: Revision, base: str) -> Resource:
    self_url = f"{base}/v3/revisions/{row.guid}"
    times = times_of(row)
    return {
        "guid": times.pop("guid"),
        "version": row.version,
        "droplet": {"guid": row.droplet_guid},
        "processes": row.processes,
        "sidecars": row.sidecars,
        "description": row.description,
        "relationships": {"app": to_one(row.app_guid)},
        **times,
        "links": {
            "self": _link(self_url),
            "app": _link(f"{base}/v3/apps/{row.app_guid}"),
            "environment_variables": _link(f"{self_url}/environment_variables"),
        },
        "metadata": _metadata(row),
        "deployable": row.deployable,
    }


def deployment(row: Deployment, world: World, base: str) -> Resource:
    """Needs the world for one thing: the revision is not shown while its app has revisions switched off."""
    app_row = world.apps.get(row.app_guid)
    shows_revision = app_row is not None and app_row.revisions_enabled and row.revision_guid is not None
    return {
        **times_of(row),
        "status": _status(row),
        "strategy": row.strategy,
        "options": _options(row),
        "droplet": {"guid": row.droplet_guid},
        "previous_droplet": {"guid": row.previous_droplet_guid},
        "new_processes": [{"guid": guid, "type": kind} for guid, kind in row.new_processes],
        "revision": {"guid": row.revision_guid, "version": row.revision_version} if shows_revision else None,
        "relationships": {"app": to_one(row.app_guid)},
        "metadata": _metadata(row),
        "links": _deployment_links(row, base),
    }


def _status(row: Deployment) -> Resource:
    details = {
        "last_successful_healthcheck": to_text(row.last_healthy_at),
        "last_status_change": to_text(row.status_updated_at),
    }
    status: Resource = {"value": row.status_value, "reason": row.status_reason, "details": details}
    if row.error:
        details["error"] = row.error
    if row.strategy == "canary":
        total = len(row.canary_steps) if row.canary_steps else 1
        status["canary"] = {"steps": {"current": row.canary_current_step, "total": total}}
    return status


def _options(row: Deployment) -> Resource:
    optional = {
        "web_instances": row.web_instances,
        "memory_in_mb": row.memory_in_mb,
        "disk_in_mb": row.disk_in_mb,
        "log_rate_limit_in_bytes_per_second": row.log_rate_limit,
    }
    options = {"max_in_flight": row.max_in_flight}
    options |= {name: value for name, value in optional.items() if value is not None}
    if row.canary_steps is None:
        return options
    return {**options, "canary": {"steps": [{"instance_weight": weight} for weight in row.canary_steps]}}


def _deployment_links(row: Deployment, base: str) -> Resource:
    self_url = f"{base}/v3/deployments/{row.guid}"
    links = {"self": _link(self_url), "app": _link(f"{base}/v3/apps/{row.app_guid}")}
    if row.status_value == "ACTIVE":
        links["cancel"] = _link(f"{self_url}/actions/cancel", "POST")
    if row.status_reason == "PAUSED":
        links["continue"] = _link(f"{self_url}/actions/continue", "POST")
    return links


def audit_event(row: AuditEvent, base: str) -> Resource:
    return {
        **times_of(row),
        "type": row.type,
        "actor": dict(zip(("guid", "type", "name"), row.actor, strict=True)),
        "target": dict(zip(("guid", "type", "name"), row.target, strict=True)),
        "data": row.data,
        "space": {"guid": row.space_guid} if row.space_guid else None,
        "organization": {"guid": row.organization_guid} if row.organization_guid else None,
        "links": {"self": _link(f"{base}/v3/audit_events/{row.guid}")},
    }


def times_of(row: Entity) -> Resource:
    updated = None if row.updated_at is None else to_text(row.updated_at)
    return {"guid": row.guid, "created_at": to_text(row.created_at), "updated_at": updated}


def _metadata(row: Any) -> dict[str, Mapping[str, str]]:
    return {"labels": row.labels, "annotations": row.annotations}


def to_one(guid: str | None) -> Resource:
    return {"data": None if guid is None else {"guid": guid}}


def _link(href: str, method: str | None = None) -> dict[str, str]:
    return {"href": href} if method is None else {"href": href, "method": method}
