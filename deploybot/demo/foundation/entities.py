"""What a foundation is made of, from organizations down to instances, each a frozen value.

`position` is the order of insertion (the API's default order); `created_at` and `updated_at` are instants in
microseconds. `space_guid` is on everything inside a space, since that is what decides who sees it.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

NO_TEXT: Mapping[str, str] = {}


class Entity(msgspec.Struct, frozen=True, kw_only=True):
    """What all rows have; `updated_at` is None only for rows that something else than the API wrote."""

    guid: str
    position: int
    created_at: int
    updated_at: int | None


class Organization(Entity, frozen=True, kw_only=True):
    name: str
    status: str = "active"  # active | suspended | deleting
    quota_guid: str
    labels: Mapping[str, str] = NO_TEXT
    annotations: Mapping[str, str] = NO_TEXT


class Space(Entity, frozen=True, kw_only=True):
    name: str
    organization_guid: str
    status: str = "active"
    quota_guid: str | None = None
    labels: Mapping[str, str] = NO_TEXT
    annotations: Mapping[str, str] = NO_TEXT

    @property
    def space_guid(self) -> str:
        return self.guid


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of a rollout, from its creation on, in which each run of the updater fails with `error`."""

    after: int
    until: int
    error: str


STARTING = tuple(round(each * 1e6) for each in (3.7, 4.6, 6.5, 5.5, 4.8, 6.2, 4.9, 6.0, 6.2, 4.1))
"""Microseconds to RUNNING by index, as once observed."""


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How instances of a droplet behave: how long they start (by index, repeating), and if they crash."""

    starting: tuple[int, ...] = STARTING
    crashes_after: int | None = None  # microseconds of STARTING before each crash; None is healthy
    restarts_every: int = 12_000_000
    troubles: tuple[Trouble, ...] = ()


HEALTHY = Health()


class App(Entity, frozen=True, kw_only=True):
    name: str
    space_guid: str
    state: str = "STARTED"
    lifecycle: Mapping[str, Any]
    current_droplet_guid: str | None
    revisions_enabled: bool = True
    labels: Mapping[str, str] = NO_TEXT
    annotations: Mapping[str, str] = NO_TEXT


class Instance(msgspec.Struct, frozen=True, kw_only=True):
    """One instance: begun at `since`, or `fixed` to a state and a number of seconds that never change."""

    since: int
    starting: int = 0  # microseconds from `since` to RUNNING
    crashes_after: int | None = None
    restarts_every: int = 0
    fixed: tuple[str, int] | None = None


class Process(Entity, frozen=True, kw_only=True):
    app_guid: str
    space_guid: str
    type: str
    version: str
    instances: int
    running: tuple[Instance, ...] = ()
    memory_in_mb: int = 512
    disk_in_mb: int = 1024
    log_rate_limit: int = -1
    user: str = "vcap"
    health_check: Mapping[str, Any]
    readiness_health_check: Mapping[str, Any]
    droplet_guid: str | None = None
    revision_guid: str | None = None
    labels: Mapping[str, str] = NO_TEXT
    annotations: Mapping[str, str] = NO_TEXT


class Droplet(Entity, frozen=True, kw_only=True):
    app_guid: str
    space_guid: str
    state: str = "STAGED"
    health: Health = HEALTHY


class Revision(Entity, frozen=True, kw_only=True):
    app_guid: str
    space_guid: str
    version: int
    droplet_guid: str
    description: str
    processes: Mapping[str, Any]
    sidecars: tuple[Any, ...] = ()
    deployable: bool = True
    labels: Mapping[str, str] = NO_TEXT
    annotations: Mapping[str, str] = NO_TEXT


class Deployment(Entity, frozen=True, kw_only=True):
    """`state` is the hidden column that `states=` filters; `status_value` and `status_reason` are shown."""

    app_guid: str
    space_guid: str
    state: str  # DEPLOYING PREPAUSED PAUSED DEPLOYED CANCELING CANCELED
    status_value: str  # ACTIVE FINALIZED
    status_reason: str | None
    strategy: str = "rolling"
    error: str | None = None
    last_healthy_at: int
    status_updated_at: int
    max_in_flight: int = 1
    web_instances: int | None = None
    memory_in_mb: int | None = None
    disk_in_mb: int | None = None
    log_rate_limit: int | None = None
    canary_steps: tuple[int, ...] | None = None  # instance weights
    canary_current_step: int | None = None
    droplet_guid: str | None
    previous_droplet_guid: str | None
    new_processes: tuple[tuple[str, str], ...] = ()  # (guid, type)
    deploying_process_guid: str | None = None
    original_instances: int | None = None
    revision_guid: str | None = None
    revision_version: int | None = None
    labels: Mapping[str, str] = NO_TEXT
    annotations: Mapping[str, str] = NO_TEXT


class Role(Entity, frozen=True, kw_only=True):
    """What somebody may do in a space or, where `space_guid` is None, in an organization."""

    type: str
    user_guid: str
    space_guid: str | None
    organization_guid: str | None


class AuditEvent(Entity, frozen=True, kw_only=True):
    type: str
    actor: tuple[str, str, str]  # guid, type, name
    target: tuple[str, str, str]
    data: Mapping[str, Any]
    space_guid: str | None
    organization_guid: str | None

    @property
    def target_guid(self) -> str:
        return self.target[0]
