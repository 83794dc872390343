"""The roles of people, as rows that the API lists. `include` adds nothing. https://v3-apidocs.cloudfoundry.org/#roles"""

import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_plus

from deploybot.demo.foundation.entities import Role
from deploybot.demo.foundation.present import times_of, to_one
from deploybot.demo.foundation.roles import Person
from deploybot.demo.foundation.world import Change, Gone, World

_NAMES = uuid.UUID("8c7a1f0e-5d0b-4a57-9c58-2f5f1f4c6a11")
"""So that the same role has the same guid each time."""


def changes_of(person: Person, world: World, now: int) -> Iterator[Change]:
    """What is to be changed so that the world has this person's roles, and no others of theirs."""
    held = {_guid(person, *each): each for each in _held(person, world)}
    there = {row.guid for row in world.roles.where("user_guid", person.guid)}
    yield from (Gone(world.roles[guid]) for guid in sorted(there - held.keys()))
    position = world.position(Role)
    for number, guid in enumerate(sorted(held.keys() - there)):
        kind, space, organization = held[guid]
        yield Role(
            guid=guid,
            position=position + number,
            created_at=now,
            updated_at=now,
            type=kind,
            user_guid=person.guid,
            space_guid=space,
            organization_guid=organization,
        )


def role(row: Role, base: str) -> dict[str, Any]:
    """One role as the API shows it."""
    place = ("space", row.space_guid) if row.space_guid else ("organization", row.organization_guid)
    return {
        **times_of(row),
        "type": row.type,
        "relationships": {
            "user": to_one(row.user_guid),
            "organization": to_one(row.organization_guid),
            "space": to_one(row.space_guid),
        },
        "links": {
            "self": {"href": f"{base}/v3/roles/{row.guid}"},
            "user": {"href": f"{base}/v3/users/{quote_plus(row.user_guid)}"},
            place[0]: {"href": f"{base}/v3/{place[0]}s/{place[1]}"},
        },
    }


def _held(person: Person, world: World) -> Iterator[tuple[str, str | None, str | None]]:
    """Type, space and organization of each role; nobody has one in a space without being a user of its organization."""
    spaces = [(kind, guid) for kind, guid in person.space_roles if guid in world.spaces]
    yield from ((kind, guid, None) for kind, guid in spaces)
    yield from ((kind, None, guid) for kind, guid in person.organization_roles if guid in world.organizations)
    yield from (("organization_user", None, world.organization_of(guid).guid) for _, guid in spaces)


def _guid(person: Person, kind: str, space: str | None, organization: str | None) -> str:
    return str(uuid.uuid5(_NAMES, f"{person.guid} {kind} {space} {organization}"))
