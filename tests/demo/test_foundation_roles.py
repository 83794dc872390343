"""`GET /v3/roles`: the shape, the filters and who sees which, as the Cloud Controller's own source has them."""

import json
from typing import Any

import msgspec
import pytest

from deploybot.demo.foundation.messages import Request
from tests.demo.replaying import AT, Stage

SUPPORTER = "92818911-dc3d-436d-a07d-9ee64c2383f6"
DEVELOPER = "a108504c-a27f-4631-9ae2-89b04429bb9b"


@pytest.fixture
def stage() -> Stage:
    return Stage()


def asked(stage: Stage, who: str, query: str = "", guid: str = "") -> tuple[int, Any]:
    headers = {"authorization": stage.authorization(who) or ""}
    path = f"/v3/roles/{guid}" if guid else "/v3/roles"
    answer = stage.core.answer(Request(method="GET", path=path, query=query, headers=headers))
    return answer.status, json.loads(answer.body)


def found(stage: Stage, who: str, query: str = "") -> list[tuple[str, str]]:
    """Type and user of each."""
    status, told = asked(stage, who, query)
    assert status == 200
    return [(one["type"], one["relationships"]["user"]["data"]["guid"]) for one in told["resources"]]


def test_a_role_in_a_space_looks_as_the_real_one_and_can_be_asked_for_alone(stage: Stage) -> None:
    _, page = asked(stage, "ro_bot", f"types=space_supporter&user_guids={SUPPORTER}")
    (role,) = page["resources"]
    space = stage.users["supp"]["space_roles"][0]["space"]
    assert list(role) == ["guid", "created_at", "updated_at", "type", "relationships", "links"]
    assert role["relationships"] == {
        "user": {"data": {"guid": SUPPORTER}},
        "organization": {"data": None},
        "space": {"data": {"guid": space}},
    }
    assert role["links"] == {
        "self": {"href": f"{AT.api}/v3/roles/{role['guid']}"},
        "user": {"href": f"{AT.api}/v3/users/{SUPPORTER}"},
        "space": {"href": f"{AT.api}/v3/spaces/{space}"},
    }
    assert asked(stage, "ro_bot", guid=role["guid"]) == (200, role)
    assert "order_by=%2Bcreated_at&page=1&per_page=50&types=" in page["pagination"]["first"]["href"]


def test_filters_narrow_and_everybody_with_a_role_in_a_space_is_a_user_of_its_organization(stage: Stage) -> None:
    mine = f"user_guids={SUPPORTER}"
    assert sorted(found(stage, "ro_bot", mine)) == [("organization_user", SUPPORTER), ("space_supporter", SUPPORTER)]
    space = stage.users["supp"]["space_roles"][0]["space"]
    here = found(stage, "ro_bot", f"space_guids={space}&types=space_developer,space_supporter")
    assert {("space_supporter", SUPPORTER), ("space_developer", DEVELOPER)} <= set(here)
    assert not [kind for kind, _ in here if kind not in ("space_developer", "space_supporter")]
    assert found(stage, "ro_bot", f"{mine}&space_guids=nowhere") == []


def test_people_see_the_roles_of_the_places_that_they_may_read_and_no_others(stage: Stage) -> None:
    spaces = {one["space"] for one in stage.users["supp"]["space_roles"]}
    _, page = asked(stage, "supp", "per_page=5000")
    seen = [one["relationships"]["space"]["data"] for one in page["resources"]]
    assert {one["guid"] for one in seen if one} == spaces
    assert found(stage, "stranger") == []
    assert asked(stage, "noscope")[0] == 403
    assert asked(stage, "none")[0] == 401


def test_a_bad_question_is_told_with_422_unlike_in_other_lists(stage: Stage) -> None:
    status, told = asked(stage, "ro_bot", "names=x")
    assert status == 422
    (error,) = told["errors"]
    assert (error["code"], error["title"]) == (10008, "CF-UnprocessableEntity")
    assert error["detail"].startswith("Unknown query parameter(s): 'names'. Valid parameters are: 'page', 'per_page',")


def test_a_role_that_is_taken_away_is_gone(stage: Stage) -> None:
    person = stage.core.people[SUPPORTER]
    stage.core.employ(msgspec.structs.replace(person, space_roles=(), organization_roles=()))
    assert found(stage, "ro_bot", f"user_guids={SUPPORTER}") == []
