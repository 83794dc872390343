"""A scenario as data: what a foundation holds, what goes on in it, and who works there; read from TOML files."""

import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any

import msgspec

from deploybot.demo.foundation.accounts import CF_CLI, USER_SCOPES, Account, Client
from deploybot.demo.foundation.roles import ADMIN, Person
from deploybot.demo.foundation.world import World

FOLDER = resources.files("deploybot.demo.foundation") / "scenarios"
NAMES = ("calm", "busy", "incident", "huge")


class Traffic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often somebody rolls something out, and which part of it is a canary or goes wrong."""

    every_seconds: float
    most_at_once: int
    canary: float
    failing: float
    troubled: float


class Live(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rollout that is already under way when the foundation starts, and that nobody there will look after."""

    app: str
    space: str  # organization/space
    kind: str  # rolling | canary | failing | troubled
    minutes_ago: float
    by: str


class Scenario(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    title: str
    seed: int
    apps: int
    history_days: float
    history_deployments: int
    audited_deployments: int | None = None  # None is all of them
    organizations: Mapping[str, tuple[str, ...]]
    traffic: Traffic
    live: tuple[Live, ...] = ()


class Login(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    user_name: str
    password: str
    admin: bool = False
    roles: Mapping[str, tuple[str, ...]] = {}


class _People(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    people: tuple[Login, ...]
    clients: tuple[Client, ...]


def load_scenario(name: str) -> Scenario:
    """One of NAMES; ValueError for another."""
    if name not in NAMES:
        raise ValueError(f"no scenario {name!r}; there are {', '.join(NAMES)}")
    return msgspec.convert(_toml(name), Scenario)


def load_logins() -> tuple[Login, ...]:
    return msgspec.convert(_toml("people"), _People).people


def load_clients() -> dict[str, Client]:
    """Clients by id, the cf CLI's among them."""
    clients = msgspec.convert(_toml("people"), _People).clients
    return {client.id: client for client in (CF_CLI, *clients)}


def accounts_in(world: World, logins: tuple[Login, ...]) -> dict[str, Account]:
    """Accounts by user name, with the guids of the spaces and organizations that there are in this world."""
    return {login.user_name: Account(person=_person(world, login), password=login.password) for login in logins}


def clients_as_people(world: World, clients: Mapping[str, Client]) -> dict[str, Person]:
    """Clients that act themselves; to the API they are users as well."""
    own = (client for client in clients.values() if client.authorities)
    return {
        each.id: Person(
            guid=each.id,
            kind="client",
            scopes=each.authorities,
            space_roles=tuple(_in_spaces(world, _named(each.roles))),
        )
        for each in own
    }


def _person(world: World, login: Login) -> Person:
    scopes = (*USER_SCOPES, ADMIN) if login.admin else USER_SCOPES
    named = _named(login.roles)
    return Person(
        guid=f"user-{login.user_name}",
        user_name=login.user_name,
        email=f"{login.user_name}@example.com",
        scopes=scopes,
        space_roles=tuple(_in_spaces(world, [pair for pair in named if pair[0].startswith("space_")])),
        organization_roles=tuple(
            (role, organization.guid)
            for role, place in named
            if role.startswith("organization_")
            for organization in world.organizations
            if organization.name == place
        ),
    )


def _named(roles: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(role, place) for role, places in roles.items() for place in places]


def _in_spaces(world: World, named: list[tuple[str, str]]) -> list[tuple[str, str]]:
    found = []
    for role, place in named:
        organization_name, _, space_name = place.partition("/")
        found += [
            (role, space.guid)
            for space in world.spaces
            if world.organization_of(space.guid).name == organization_name and space_name in ("*", space.name)
        ]
    return found


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text())
