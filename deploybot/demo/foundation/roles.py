"""Who may see and do what, by the scopes of a token and the roles in spaces and organizations."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from deploybot.demo.foundation.conditions import Condition, Either, OneOf
from deploybot.demo.foundation.world import World

ADMIN = "cloud_controller.admin"
SEES_ALL = frozenset((ADMIN, "cloud_controller.admin_read_only", "cloud_controller.global_auditor"))
MAY_READ = SEES_ALL | {"cloud_controller.read"}
MAY_WRITE = frozenset((ADMIN, "cloud_controller.write"))
SEES_SECRETS = frozenset((ADMIN, "cloud_controller.admin_read_only"))
UNLIMITED = SEES_SECRETS

SPACE_READERS = ("space_developer", "space_manager", "space_auditor", "space_supporter")
EVENT_READERS = ("space_developer", "space_auditor", "space_supporter")
DEPLOYERS = ("space_developer", "space_supporter")
EDITORS = ("space_developer",)


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A user or a UAA client; roles are (role, guid of the space or organization)."""

    guid: str
    kind: str = "user"  # user | client
    user_name: str = ""
    email: str = ""
    scopes: tuple[str, ...] = ()
    space_roles: tuple[tuple[str, str], ...] = ()
    organization_roles: tuple[tuple[str, str], ...] = ()


class Caller(msgspec.Struct, frozen=True):
    """Who sends a request: the person behind the token, and the scopes that this token was given."""

    person: Person
    scopes: frozenset[str]

    @property
    def is_admin(self) -> bool:
        return ADMIN in self.scopes

    @property
    def may_read(self) -> bool:
        return bool(self.scopes & MAY_READ)

    @property
    def may_write(self) -> bool:
        return bool(self.scopes & MAY_WRITE)

    @property
    def sees_all(self) -> bool:
        return bool(self.scopes & SEES_ALL)

    @property
    def sees_secrets(self) -> bool:
        return bool(self.scopes & SEES_SECRETS)

    @property
    def is_unlimited(self) -> bool:
        """Not counted by the rate limiter; a global auditor is."""
        return bool(self.scopes & UNLIMITED)


def people_of(recorded: Iterable[Mapping[str, Any]]) -> dict[str, Person]:
    """People by guid from recorded users (`kind`, `scopes`, `space_roles`, `org_roles`)."""
    people = (
        Person(
            guid=user["guid"],
            kind=user["kind"],
            user_name=user["user_name"] or "",
            email=user["email"] or "",
            scopes=tuple(user["scopes"]),
            space_roles=tuple((role["role"], role["space"]) for role in user["space_roles"]),
            organization_roles=tuple((role["role"], role["organization"]) for role in user["org_roles"]),
        )
        for user in recorded
    )
    return {person.guid: person for person in people}


def may_see_space(caller: Caller, world: World, space_guid: str) -> bool:
    return caller.sees_all or space_guid in readable_spaces(caller, world)


def readable_spaces(caller: Caller, world: World) -> frozenset[str]:
    """Spaces whose content the caller's own roles show; managers of an organization see all of its spaces."""
    mine = _spaces_with(caller, SPACE_READERS)
    managed = _organizations_with(caller, ("organization_manager",))
    return mine | {each.guid for guid in managed for each in world.spaces.where("organization_guid", guid)}


def readable_organizations(caller: Caller, world: World) -> frozenset[str]:
    """A role in a space makes one a user of its organization."""
    through_spaces = {world.spaces[guid].organization_guid for _, guid in caller.person.space_roles}
    return frozenset(through_spaces | {guid for _, guid in caller.person.organization_roles})


def spaces_seen(caller: Caller, world: World, field: str = "space_guid") -> tuple[Condition, ...]:
    return () if caller.sees_all else (OneOf(field, readable_spaces(caller, world)),)


def organizations_seen(caller: Caller, world: World) -> tuple[Condition, ...]:
    return () if caller.sees_all else (OneOf("guid", readable_organizations(caller, world)),)


def events_seen(caller: Caller) -> tuple[Condition, ...]:
    """Other than deployments: managers see no events, auditors of an organization all of its events."""
    if caller.sees_all:
        return ()
    in_spaces = OneOf("space_guid", _spaces_with(caller, EVENT_READERS))
    in_organizations = OneOf("organization_guid", _organizations_with(caller, ("organization_auditor",)))
    return (Either((in_spaces, in_organizations)),)


def roles_seen(caller: Caller, world: World) -> tuple[Condition, ...]:
    """Everybody's roles, where the caller may read the space or the organization."""
    if caller.sees_all:
        return ()
    in_spaces = OneOf("space_guid", readable_spaces(caller, world))
    in_organizations = OneOf("organization_guid", readable_organizations(caller, world))
    return (Either((in_spaces, in_organizations)),)


def may_deploy(caller: Caller, space_guid: str) -> bool:
    """Create, cancel and continue."""
    return caller.is_admin or space_guid in _spaces_with(caller, DEPLOYERS)


def may_edit(caller: Caller, space_guid: str) -> bool:
    return caller.is_admin or space_guid in _spaces_with(caller, EDITORS)


def _spaces_with(caller: Caller, roles: tuple[str, ...]) -> frozenset[str]:
    return frozenset(guid for role, guid in caller.person.space_roles if role in roles)


def _organizations_with(caller: Caller, roles: tuple[str, ...]) -> frozenset[str]:
    return frozenset(guid for role, guid in caller.person.organization_roles if role in roles)
