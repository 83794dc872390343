"""The nouns: a deployment as the Cloud Controller describes it, and what surrounds it (app, space, person).

The structs mirror the JSON of the Cloud Controller API v3 field by field, so that bytes are decoded straight into
them. Only `guid` is required: anything else may be missing, null or empty, and unknown words stay as text.
https://v3-apidocs.cloudfoundry.org/#the-deployment-object
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec


class _Value(msgspec.Struct, frozen=True, gc=False):
    """A frozen value without cycles: the garbage collector need not look at it."""


class StatusDetails(_Value, frozen=True):
    last_successful_healthcheck: datetime | None = None
    last_status_change: datetime | None = None
    error: str | None = None


class CanarySteps(_Value, frozen=True):
    """`current` is null on rows older than the steps feature; `total` is 1 for a canary without steps."""

    current: int | None = None
    total: int | None = None


class CanaryStatus(_Value, frozen=True):
    steps: CanarySteps | None = None


class Status(_Value, frozen=True):
    """`value` is ACTIVE or FINALIZED, `reason` says why; both may be null or a word nobody knows yet."""

    value: str | None = None
    reason: str | None = None
    details: StatusDetails | None = None
    canary: CanaryStatus | None = None


class CanaryStep(_Value, frozen=True):
    instance_weight: int | None = None


class CanaryOptions(_Value, frozen=True):
    steps: tuple[CanaryStep, ...] | None = None


class Options(_Value, frozen=True):
    """Units as in the API: memory and disk in MB, the log rate in bytes per second, -1 for unlimited."""

    max_in_flight: int | None = None
    web_instances: int | None = None
    memory_in_mb: int | None = None
    disk_in_mb: int | None = None
    log_rate_limit_in_bytes_per_second: int | None = None
    canary: CanaryOptions | None = None


class Reference(_Value, frozen=True):
    guid: str | None = None


class ProcessReference(_Value, frozen=True):
    guid: str | None = None
    type: str | None = None


class RevisionReference(_Value, frozen=True):
    guid: str | None = None
    version: int | None = None


class ToOne(_Value, frozen=True):
    data: Reference | None = None


class Relationships(_Value, frozen=True):
    app: ToOne | None = None


class Metadata(_Value, frozen=True):
    labels: Mapping[str, str | None] | None = None
    annotations: Mapping[str, str | None] | None = None


class Link(_Value, frozen=True):
    href: str | None = None
    method: str | None = None


class Deployment(_Value, frozen=True):
    """One deployment as `GET /v3/deployments` shows it. Times are UTC to the second."""

    guid: str
    created_at: datetime | None = None
    updated_at: datetime | None = None
    status: Status | None = None
    strategy: str | None = None
    options: Options | None = None
    droplet: Reference | None = None
    previous_droplet: Reference | None = None
    new_processes: tuple[ProcessReference, ...] | None = None
    revision: RevisionReference | None = None
    relationships: Relationships | None = None
    metadata: Metadata | None = None
    links: Mapping[str, Link | None] | None = None

    @property
    def app_guid(self) -> str | None:
        """The app's guid from the relationship, else from the end of `links.app`."""
        return app_guid_in(self.relationships, (self.links or {}).get("app"))

    @property
    def value(self) -> str | None:
        return self.status.value if self.status else None

    @property
    def reason(self) -> str | None:
        return self.status.reason if self.status else None

    @property
    def details(self) -> StatusDetails:
        return (self.status and self.status.details) or StatusDetails()

    @property
    def error(self) -> str | None:
        return self.details.error or None

    @property
    def canary_steps(self) -> CanarySteps | None:
        """Where a canary stands; None for other strategies and where the server does not say."""
        return self.status.canary.steps if self.status and self.status.canary else None

    @property
    def is_active(self) -> bool:
        return self.value == "ACTIVE"

    @property
    def new_process_guids(self) -> tuple[str, ...]:
        return tuple(process.guid for process in self.new_processes or () if process.guid)


def app_guid_in(relationships: Relationships | None, link: Link | None) -> str | None:
    """The app's guid from the relationship, else from the end of the link."""
    related = relationships and relationships.app and relationships.app.data
    if related and related.guid:
        return related.guid
    return link.href.rstrip("/").rpartition("/")[2] or None if link and link.href else None


@dataclass(frozen=True, slots=True)
class Org:
    guid: str
    name: str


@dataclass(frozen=True, slots=True)
class Space:
    guid: str
    name: str
    org: Org | None = None


@dataclass(frozen=True, slots=True)
class App:
    """An app and where it lives. The space is None where the token may not see it."""

    guid: str
    name: str
    space: Space | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Who did something, from an audit event: a user (name is the e-mail) or a UAA client (name is empty)."""

    guid: str
    name: str = ""

    @property
    def shown(self) -> str:
        """The user name, else the client id."""
        return self.name or self.guid


@dataclass(frozen=True, slots=True)
class Instances:
    """How many instances of one or more web processes are wanted, and the states they are in."""

    desired: int = 0
    running: int = 0
    starting: int = 0
    crashed: int = 0
    other: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """A rollout in instances: those of the new version, those of the versions before, and how many it will have.

    `goal` is None where the server does not say and it cannot be derived.
    """

    new: Instances
    old: Instances
    goal: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One audit event of a deployment: `type` is `create`, `continue` or `cancel`."""

    guid: str
    type: str
    at: datetime
    by: Person
    deployment_guid: str
    app_guid: str


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision of an app: its number and the server's own sentence about what changed."""

    guid: str
    version: int
    description: str = ""
