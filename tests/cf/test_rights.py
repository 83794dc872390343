"""Where the bot's own account may act: its token's scopes first, then its roles; what can't be known is no answer."""

import base64
import json
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from deploybot.cf.auth import Login
from deploybot.cf.rights import CloudFoundryRights
from deploybot.demo.foundation.scenario import load_clients
from deploybot.demo.foundation.serving import serve
from tests.cf.making import Api, as_json, client, listed, soon
from tests.cf.serving import Reply, serving
from tests.recordings import world

ROLES = "/v3/roles"
CLIENT = {"client_id": "bot"}
WRITER = ("cloud_controller.global_auditor", "cloud_controller.write")


def token(scopes: Sequence[str], **claims: str) -> Reply:
    body = base64.urlsafe_b64encode(json.dumps({"scope": scopes, **(claims or CLIENT)}).encode()).decode().rstrip("=")
    return as_json({"access_token": f"head.{body}.signature", "expires_in": 600})


def role(kind: str = "space_supporter", space: str = "s-1", user: str = "bot") -> dict[str, Any]:
    to = {"user": {"data": {"guid": user}}, "space": {"data": {"guid": space}}, "organization": {"data": None}}
    return {"guid": f"r-{kind}-{space}-{user}", "type": kind, "relationships": to}


async def found(api: Api, *spaces: str) -> set[str] | None:
    async with serving(api) as url, client(url) as asking:
        allowed = await CloudFoundryRights(asking).spaces_to_act_in(spaces or ("s-1", "s-2"), soon())
        return None if allowed is None else set(allowed)


async def test_without_the_scope_it_may_act_nowhere_whatever_its_roles() -> None:
    api = Api().on("/oauth/token", token(("cloud_controller.global_auditor",))).on(ROLES, listed(role()))
    assert await found(api) == set()
    assert api.count(ROLES) == 0


async def test_an_admin_may_act_everywhere() -> None:
    api = Api().on("/oauth/token", token(("cloud_controller.admin",)))
    assert await found(api) == {"s-1", "s-2"}
    assert api.count(ROLES) == 0


@pytest.mark.parametrize("kind", ["space_developer", "space_supporter"])
async def test_with_the_scope_it_may_act_where_it_has_a_role(kind: str) -> None:
    api = Api().on("/oauth/token", token(WRITER)).on(ROLES, listed(role(kind)))
    assert await found(api) == {"s-1"}
    (asked,) = [one for one in api.asked if one.target.startswith(ROLES)]
    assert "types=space_developer,space_supporter&user_guids=bot&space_guids=s-1,s-2" in asked.target


async def test_a_persons_account_is_known_by_its_user_id() -> None:
    login = token(WRITER, client_id="cf", user_id="user-ann")
    api = Api().on("/oauth/token", login).on(ROLES, listed(role(user="user-ann")))
    assert await found(api) == {"s-1"}


async def test_roles_that_were_not_asked_for_count_for_nothing() -> None:
    others = (role("space_auditor"), role(user="somebody"), role(space="s-9"), {"guid": "r-0"})
    assert await found(Api().on("/oauth/token", token(WRITER)).on(ROLES, listed(*others))) == set()


@pytest.mark.parametrize("answer", [Reply(500), Reply(404), Reply(200, {}, b"<html>"), Reply(403)])
async def test_where_roles_cannot_be_asked_for_nobody_knows(answer: Reply) -> None:
    assert await found(Api().on("/oauth/token", token(WRITER)).on(ROLES, answer)) is None


async def test_where_the_token_says_nothing_or_there_is_none_nobody_knows() -> None:
    assert await found(Api()) is None
    assert await found(Api().on("/oauth/token", token(WRITER, client_id=""))) is None
    assert await found(Api().on("/oauth/token", Reply(401))) is None


async def test_many_spaces_are_asked_for_in_several_requests() -> None:
    api = Api().on("/oauth/token", token(WRITER)).on(ROLES, listed(role(space="s-007")), listed(role(space="s-149")))
    assert await found(api, *(f"s-{number:03}" for number in range(150))) == {"s-007", "s-149"}
    assert api.count(ROLES) == 2


async def test_the_simulated_foundation_says_it_and_keeps_to_it() -> None:
    async with serve(world(), control_token="c", ticking=False) as served:
        foundation = served.foundation
        guard = load_clients()["deploybot-guard"]
        login = Login(client_id=guard.id, client_secret=guard.secret)
        spaces = {one.guid: foundation.world.organization_of(one.guid).name for one in foundation.world.spaces}
        async with client(served.url, login) as asking:
            rights = CloudFoundryRights(asking)
            allowed = await rights.spaces_to_act_in(spaces, soon())
            assert allowed == frozenset(guid for guid, organization in spaces.items() if organization == "acme-retail")
            person = foundation.core.people[guard.id]
            foundation.core.employ(msgspec.structs.replace(person, space_roles=()))
            assert await rights.spaces_to_act_in(spaces, soon()) == frozenset()
