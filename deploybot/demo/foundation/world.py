"""The state of a foundation: one table per kind of entity, changed only by applying changes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from deploybot.demo.foundation.entities import (
    App,
    AuditEvent,
    Deployment,
    Droplet,
    Entity,
    Organization,
    Process,
    Revision,
    Role,
    Space,
)
from deploybot.demo.foundation.table import Table


class Gone(msgspec.Struct, frozen=True):
    """The change that destroys an entity."""

    entity: Entity


Change = Entity | Gone
"""An entity stands for itself: put it in, or put it in the place of the one with the same guid."""


class World:
    """All tables. Nothing is changed in place: readers may keep any row they were given."""

    def __init__(self) -> None:
        self.watchers: list[Callable[[Change], None]] = []
        self.organizations: Table[Organization] = Table()
        self.spaces: Table[Space] = Table(buckets=("organization_guid",))
        self.apps: Table[App] = Table(buckets=("space_guid",))
        self.processes: Table[Process] = Table(buckets=("app_guid",))
        self.droplets: Table[Droplet] = Table(buckets=("app_guid",))
        self.revisions: Table[Revision] = Table(buckets=("app_guid",))
        self.deployments: Table[Deployment] = Table(
            buckets=("app_guid", "space_guid", "status_value", "status_reason", "state")
        )
        self.roles: Table[Role] = Table(buckets=("user_guid", "space_guid"))
        self.audit_events: Table[AuditEvent] = Table(buckets=("target_guid", "type", "space_guid"))

    def apply(self, changes: Iterable[Change]) -> None:
        for change in changes:
            match change:
                case Gone(entity=entity):
                    self.table_of(entity).drop(entity.guid)
                case _:
                    self.table_of(change).put(change)
            for watch in self.watchers:
                watch(change)

    def load(self, rows: Sequence[Entity]) -> None:
        """Many new rows of one kind at once; nobody who watches is told."""
        if rows:
            self.table_of(rows[0]).load(rows)

    def table_of(self, entity: Entity) -> Table[Any]:
        return self._tables()[type(entity)]

    def position(self, kind: type[Entity]) -> int:
        """The place of the next row of that kind."""
        return self._tables()[kind].next_position

    def web_processes(self, app_guid: str) -> list[Process]:
        """Web processes of an app, oldest first; during a rollout there are several."""
        web = [p for p in self.processes.where("app_guid", app_guid) if p.type == "web"]
        return sorted(web, key=lambda p: (p.created_at, p.position))

    def active_deployments(self) -> Iterator[Deployment]:
        """In the order they were created; the snapshot lets the caller change the world meanwhile."""
        active = self.deployments.where("status_value", "ACTIVE")
        return iter(sorted(active, key=lambda d: d.position))

    def organization_of(self, space_guid: str) -> Organization:
        return self.organizations[self.spaces[space_guid].organization_guid]

    def _tables(self) -> dict[type[Entity], Table[Any]]:
        return {
            Organization: self.organizations,
            Space: self.spaces,
            App: self.apps,
            Process: self.processes,
            Droplet: self.droplets,
            Revision: self.revisions,
            Deployment: self.deployments,
            Role: self.roles,
            AuditEvent: self.audit_events,
        }
