"""The GET half of the API: lists, single resources, and the documents that hang below an app or a process."""

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from deploybot.demo.foundation import kinds, present, rack
from deploybot.demo.foundation.conditions import Condition, OneOf, all_met
from deploybot.demo.foundation.discovery import Addresses
from deploybot.demo.foundation.entities import App, Entity, Process
from deploybot.demo.foundation.kinds import Kind, View
from deploybot.demo.foundation.listing import Listing, conditions_of, page_of, pagination
from deploybot.demo.foundation.query import validate
from deploybot.demo.foundation.refusals import not_found
from deploybot.demo.foundation.roles import Caller
from deploybot.demo.foundation.world import World

E = TypeVar("E", bound=Entity)


class Reader(msgspec.Struct, frozen=True):
    """One caller's eyes on the world at one instant."""

    world: World
    listing: Listing
    at: Addresses
    caller: Caller
    now: int

    def page(self, kind: Kind, path: str, raw_query: str, narrowing: tuple[Condition, ...] = ()) -> dict[str, Any]:
        """A page of a list; `narrowing` is what the path itself says, such as the app."""
        query = validate(rack.parse(raw_query), kind.accepts)
        conditions = (
            *kind.seen(self.caller, self.world),
            *narrowing,
            *conditions_of(query, dict(kind.filters(self.world))),
            *(kind.negations[key](frozenset(values or ())) for key, values in query.negated.items()),
        )
        table = kind.table(self.world)
        found = self.listing.find(table, conditions, query.order)
        rows = [table[guid] for guid in page_of(found, query)]
        view = self.view(in_list=True, embed=query.embed)
        return {
            "pagination": pagination(f"{self.at.api}{path}", query, len(found), counts_past_end=kind.counts_past_end),
            "resources": [kind.show(row, view) for row in rows],
            **self._included(rows, query.include),
        }

    def one(self, kind: Kind, guid: str, raw_query: str) -> dict[str, Any]:
        """A single resource; only `include` and `embed` are read, everything else in the query is ignored."""
        row = self.row(kind, guid)
        params = rack.parse(raw_query)
        include = _known(params, "include", kind.accepts.include)
        embed = _known(params, "embed", kind.accepts.embed)
        return {**kind.show(row, self.view(in_list=False, embed=embed)), **self._included([row], include)}

    def row(self, kind: Kind, guid: str) -> Any:
        """The row, or 404 as well when the caller may not see it."""
        row = kind.table(self.world).get(guid)
        if row is None or not all_met(kind.seen(self.caller, self.world), row):
            raise not_found(kind.title)
        return row

    def revisions(self, app_guid: str, path: str, raw_query: str) -> dict[str, Any]:
        app: App = self.row(kinds.APPS, app_guid)
        return self.page(kinds.REVISIONS, path, raw_query, (OneOf("app_guid", frozenset((app.guid,))),))

    def deployed_revisions(self, app_guid: str, path: str, raw_query: str) -> dict[str, Any]:
        """Revisions of the app's processes that are started."""
        app: App = self.row(kinds.APPS, app_guid)
        processes = self.world.processes.where("app_guid", app.guid)
        started = {p.revision_guid for p in processes if p.instances and app.state == "STARTED"}
        return self.page(kinds.REVISIONS, path, raw_query, (OneOf("guid", frozenset(started - {None})),))

    def app_processes(self, app_guid: str, path: str, raw_query: str) -> dict[str, Any]:
        app: App = self.row(kinds.APPS, app_guid)
        return self.page(kinds.PROCESSES, path, raw_query, (OneOf("app_guid", frozenset((app.guid,))),))

    def app_process(self, app_guid: str, kind: str) -> Process:
        """The newest process of that type: during a rollout both old and new ones are `web`."""
        app: App = self.row(kinds.APPS, app_guid)
        processes = [p for p in self.world.processes.where("app_guid", app.guid) if p.type == kind]
        if not processes:
            raise not_found("Process")
        return max(processes, key=lambda p: (p.created_at, p.position))

    def shown_process(self, process: Process) -> dict[str, Any]:
        return kinds.PROCESSES.show(process, self.view(in_list=False))

    def current_droplet(self, app_guid: str) -> dict[str, Any]:
        """Unlike everywhere else, this document shows start commands to everybody who sees the app."""
        app: App = self.row(kinds.APPS, app_guid)
        droplet = self.world.droplets.get(app.current_droplet_guid)
        if droplet is None:
            raise not_found("Droplet")
        stack = app.lifecycle["data"].get("stack", "")
        return present.droplet(droplet, self.at.api, stack, (None, {"web": "./run"}))

    def stats(self, process: Process) -> dict[str, Any]:
        return {"resources": present.stats(process, self.now)}

    def process_instances(self, process: Process) -> dict[str, Any]:
        url = f"{self.at.api}/v3/processes/{process.guid}"
        links = {"self": {"href": f"{url}/process_instances"}, "process": {"href": url}}
        return {"resources": present.instances(process, self.now), "links": links}

    def view(self, *, in_list: bool = False, embed: tuple[str, ...] = ()) -> View:
        return View(self.world, self.caller, self.at.api, self.now, in_list, embed)

    def _included(self, rows: Sequence[Any], include: tuple[str, ...]) -> dict[str, Any]:
        if not include:
            return {}
        spaces = _unique(self.world.spaces[row.space_guid] for row in rows)
        organizations = _unique(self.world.organization_of(space.guid) for space in spaces)
        included: dict[str, Any] = {}
        if {"space", "space.organization"} & set(include):
            included["spaces"] = [present.space(each, self.at.api) for each in spaces]
        if {"org", "organization", "space.organization"} & set(include):
            included["organizations"] = [present.organization(each, self.at.api) for each in organizations]
        return {"included": included}


def _known(params: rack.Params, key: str, valid: tuple[str, ...]) -> tuple[str, ...]:
    value = params.get(key)
    return tuple(each for each in value.split(",") if each in valid) if isinstance(value, str) else ()


def _unique(rows: Any) -> list[Any]:
    """Each once, in the default order."""
    return sorted({row.guid: row for row in rows}.values(), key=lambda row: row.position)
