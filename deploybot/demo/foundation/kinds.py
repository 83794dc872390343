"""What there is to know of each kind of resource: parameters of its list, what they filter, who sees it."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from deploybot.demo.foundation import present, rolebook, roles
from deploybot.demo.foundation.conditions import Condition, Named, NoneOf, OneOf
from deploybot.demo.foundation.entities import App
from deploybot.demo.foundation.query import Accepts
from deploybot.demo.foundation.refusals import BreakdownError, unprocessable
from deploybot.demo.foundation.roles import Caller
from deploybot.demo.foundation.table import Table
from deploybot.demo.foundation.world import World

Filter = Callable[[frozenset[Any]], Condition]


class View(msgspec.Struct, frozen=True):
    """What presenting a row may depend on."""

    world: World
    caller: Caller
    base: str
    now: int
    in_list: bool
    embed: tuple[str, ...] = ()


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    title: str  # as in "Deployment not found"
    accepts: Accepts
    table: Callable[[World], Table[Any]]
    filters: Callable[[World], Mapping[str, Filter]]
    seen: Callable[[Caller, World], tuple[Condition, ...]]
    show: Callable[[Any, View], dict[str, Any]]
    negations: Mapping[str, Filter] = {}
    counts_past_end: bool = False  # whether a page past the end still knows the total


def _field(name: str) -> Filter:
    return lambda values: OneOf(name, values)


def _names(values: frozenset[Any]) -> Condition:
    return Named(frozenset(value.lower() for value in values))


def _reasons(values: frozenset[Any]) -> Condition:
    """An empty value asks for rows without a reason."""
    return OneOf("status_reason", frozenset(value or None for value in values))


def _versions(values: frozenset[Any]) -> Condition:
    if not all(value.isdecimal() for value in values):
        raise BreakdownError
    return OneOf("version", frozenset(map(int, values)))


def _by_organization(world: World) -> Filter:
    def condition(values: frozenset[Any]) -> Condition:
        spaces = (space for guid in values for space in world.spaces.where("organization_guid", guid))
        return OneOf("space_guid", frozenset(space.guid for space in spaces))

    return condition


class _Stack(msgspec.Struct, frozen=True):
    values: frozenset[Any]

    def met_by(self, row: App) -> bool:
        return row.lifecycle["data"].get("stack") in self.values


class _Lifecycle(msgspec.Struct, frozen=True):
    values: frozenset[Any]

    def met_by(self, row: App) -> bool:
        return row.lifecycle["type"] in self.values


DEPLOYMENTS = Kind(
    title="Deployment",
    accepts=Accepts(keys=("guids", "app_guids", "states", "status_reasons", "status_values", "label_selector")),
    table=lambda world: world.deployments,
    filters=lambda _: {
        "guids": _field("guid"),
        "app_guids": _field("app_guid"),
        "states": _field("state"),
        "status_reasons": _reasons,
        "status_values": _field("status_value"),
    },
    seen=roles.spaces_seen,
    show=lambda row, view: present.deployment(row, view.world, view.base),
)

APPS = Kind(
    title="App",
    accepts=Accepts(
        keys=(
            "guids",
            "names",
            "organization_guids",
            "space_guids",
            "stacks",
            "include",
            "lifecycle_type",
            "label_selector",
        ),
        orders=("created_at", "updated_at", "name", "state"),
        include=("space", "org", "space.organization"),
    ),
    table=lambda world: world.apps,
    filters=lambda world: {
        "guids": _field("guid"),
        "names": _names,
        "organization_guids": _by_organization(world),
        "space_guids": _field("space_guid"),
        "stacks": _Stack,
        "lifecycle_type": _Lifecycle,
    },
    seen=roles.spaces_seen,
    show=lambda row, view: present.app(row, view.base),
)

SPACES = Kind(
    title="Space",
    accepts=Accepts(
        keys=("guids", "names", "organization_guids", "include", "label_selector"),
        orders=("created_at", "updated_at", "name"),
        include=("org", "organization"),
    ),
    table=lambda world: world.spaces,
    filters=lambda _: {
        "guids": _field("guid"),
        "names": _names,
        "organization_guids": _field("organization_guid"),
    },
    seen=lambda caller, world: roles.spaces_seen(caller, world, "guid"),
    show=lambda row, view: present.space(row, view.base),
)

ORGANIZATIONS = Kind(
    title="Organization",
    accepts=Accepts(
        keys=("guids", "names", "isolation_segment_guid", "label_selector"),
        orders=("created_at", "updated_at", "name"),
    ),
    table=lambda world: world.organizations,
    filters=lambda _: {
        "guids": _field("guid"),
        "names": _names,
        "isolation_segment_guid": lambda _: OneOf("guid", frozenset()),
    },
    seen=roles.organizations_seen,
    show=lambda row, view: present.organization(row, view.base),
)


def _show_process(row: Any, view: View) -> dict[str, Any]:
    hidden = present.HIDDEN_IN_LISTS if view.in_list else present.HIDDEN
    command = None if view.caller.sees_secrets and not view.in_list else hidden
    return present.process(row, view.base, command, view.now if view.embed else None)


PROCESSES = Kind(
    title="Process",
    accepts=Accepts(
        keys=(
            "guids",
            "app_guid",
            "types",
            "space_guids",
            "organization_guids",
            "app_guids",
            "embed",
            "label_selector",
        ),
        embed=("process_instances",),
    ),
    table=lambda world: world.processes,
    filters=lambda world: {
        "guids": _field("guid"),
        "app_guid": _field("app_guid"),
        "types": _field("type"),
        "space_guids": _field("space_guid"),
        "organization_guids": _by_organization(world),
        "app_guids": _field("app_guid"),
    },
    seen=roles.spaces_seen,
    show=_show_process,
)

REVISIONS = Kind(
    title="Revision",
    accepts=Accepts(keys=("guids", "versions", "deployable", "label_selector")),
    table=lambda world: world.revisions,
    filters=lambda _: {"guids": _field("guid"), "versions": _versions},
    seen=roles.spaces_seen,
    show=lambda row, view: present.revision(row, view.base),
)


def _show_droplet(row: Any, view: View) -> dict[str, Any]:
    app = view.world.apps.get(row.app_guid)
    stack = app.lifecycle["data"].get("stack", "") if app else ""
    hidden = present.HIDDEN_IN_LISTS if view.in_list else present.HIDDEN
    return present.droplet(row, view.base, stack, (hidden, {"redacted_message": hidden}))


DROPLETS = Kind(
    title="Droplet",
    accepts=Accepts(keys=("guids", "states", "app_guids", "space_guids", "organization_guids", "label_selector")),
    table=lambda world: world.droplets,
    filters=lambda world: {
        "guids": _field("guid"),
        "states": _field("state"),
        "app_guids": _field("app_guid"),
        "space_guids": _field("space_guid"),
        "organization_guids": _by_organization(world),
    },
    seen=roles.spaces_seen,
    show=_show_droplet,
)

AUDIT_EVENTS = Kind(
    title="Event",
    accepts=Accepts(
        keys=("guids", "types", "target_guids", "space_guids", "organization_guids"), negatable="target_guids"
    ),
    table=lambda world: world.audit_events,
    filters=lambda _: {
        "guids": _field("guid"),
        "types": _field("type"),
        "target_guids": _field("target_guid"),
        "space_guids": _field("space_guid"),
        "organization_guids": _field("organization_guid"),
    },
    seen=lambda caller, _: roles.events_seen(caller),
    show=lambda row, view: present.audit_event(row, view.base),
    counts_past_end=True,
    negations={"target_guids": lambda values: NoneOf("target_guid", values)},
)

ROLES = Kind(
    title="Role",
    accepts=Accepts(
        keys=("guids", "organization_guids", "space_guids", "user_guids", "types", "include"),
        default_order="created_at",
        refuse=lambda problems: unprocessable(", ".join(problems)),
    ),
    table=lambda world: world.roles,
    filters=lambda _: {
        "guids": _field("guid"),
        "organization_guids": _field("organization_guid"),
        "space_guids": _field("space_guid"),
        "user_guids": _field("user_guid"),
        "types": _field("type"),
    },
    seen=roles.roles_seen,
    show=lambda row, view: rolebook.role(row, view.base),
)
