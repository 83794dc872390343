"""Who did it: one request for a page of rows, and no trouble for anybody when the answer is "you may not see"."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from deploybot.cf import wire
from deploybot.domain.deployment import Deployment, Event, Person
from tests.cf.making import Api, as_json, foundation, listed, soon
from tests.cf.serving import Reply, serving
from tests.recordings import exchanges, world

EVENTS = "/v3/audit_events"
FORBIDDEN = as_json({"errors": [{"code": 10003, "title": "CF-NotAuthorized", "detail": "no"}]}, 403)


def row(guid: str, app: str = "app", created: str = "2026-11-11T08:00:00Z", **more: Any) -> Deployment:
    raw = {"guid": guid, "created_at": created, "relationships": {"app": {"data": {"guid": app}}}} | more
    return wire.DEPLOYMENTS.one(json.dumps(raw).encode())


def event(kind: str, deployment: str | None, who: str = "ann@example.com", at: str = "2026-11-11T08:00:00Z") -> Any:
    return {
        "guid": f"{kind}-{deployment}-{at}",
        "type": f"audit.app.deployment.{kind}",
        "created_at": at,
        "actor": {"guid": f"id-of-{who}", "type": "user", "name": who},
        "target": {"guid": "app", "type": "app", "name": "checkout"},
        "data": {"deployment_guid": deployment},
    }


def asked(api: Api) -> list[dict[str, str]]:
    return [dict(parse_qsl(urlsplit(each.target).query)) for each in api.asked if each.target.startswith(EVENTS)]


async def test_one_request_names_the_starters_of_a_page() -> None:
    api = Api().on(EVENTS, listed(event("create", "d1"), event("create", "d2", ""), event("create", "other")))
    rows = [row("d1"), row("d2", "app2", "2026-11-11T09:00:00Z"), row("pruned"), Deployment("no-app-known")]
    async with serving(api) as url, foundation(url) as prod:
        found = await prod.starters(rows, soon())

    assert found.visible
    assert found.people == {"d1": Person("id-of-ann@example.com", "ann@example.com"), "d2": Person("id-of-", "")}
    assert asked(api) == [
        {
            "types": "audit.app.deployment.create",
            "target_guids": "app,app2",
            "created_ats[gte]": "2026-11-11T08:00:00Z",
            "created_ats[lte]": "2026-11-11T09:01:00Z",
            "per_page": "500",
        }
    ]


@pytest.mark.parametrize("reply", [FORBIDDEN, listed()])
async def test_a_token_that_may_see_no_events_is_normal(reply: Reply) -> None:
    async with serving(Api().on(EVENTS, reply)) as url, foundation(url) as prod:
        found = await prod.starters([row("d1")], soon())
        events = await prod.events(row("d1"), soon())

    assert (found.people, found.visible, events) == ({}, False, None)


async def test_trouble_with_events_hides_nothing_else() -> None:
    async with serving(Api().on(EVENTS, Reply(500))) as url, foundation(url) as prod:
        found = await prod.starters([row("d1")], soon())
        events = await prod.events(row("d1"), soon())

    assert (found.people, found.visible, events) == ({}, True, None)


async def test_no_rows_ask_nothing() -> None:
    api = Api()
    async with serving(api) as url, foundation(url) as prod:
        assert (await prod.starters([], soon())).people == {}

    assert api.asked == []


async def test_events_of_a_deployment_are_its_own_oldest_first() -> None:
    later, latest = "2026-11-11T08:05:00Z", "2026-11-11T08:09:00Z"
    listing = listed(
        event("cancel", "d1", "bob", latest),
        event("create", "d1"),
        event("continue", "d1", "bob", later),
        event("continue", "d2", "eve", later),
        event("create", None),
        {"guid": "bare"},
        event("create", "d1") | {"type": "audit.app.droplet.mapped"},
    )
    async with serving(Api().on(EVENTS, listing)) as url, foundation(url) as prod:
        events = await prod.events(row("d1"), soon())

    assert events
    assert [(each.type, each.by.shown) for each in events] == [
        ("create", "ann@example.com"),
        ("continue", "bob"),
        ("cancel", "bob"),
    ]
    assert isinstance(events[0], Event)
    assert (events[0].app_guid, events[0].deployment_guid) == ("app", "d1")


async def test_events_are_looked_for_from_the_start_to_the_end_of_a_deployment() -> None:
    api = Api().on(EVENTS, listed())
    finished = row("d", updated_at="2026-11-11T08:30:00Z", status={"value": "FINALIZED"})
    active = row("d", updated_at="2026-11-11T08:30:00Z", status={"value": "ACTIVE"})
    async with serving(api) as url, foundation(url) as prod:
        await prod.events(finished, soon())
        await prod.events(active, soon())

    ended, still = asked(api)
    assert (ended["created_ats[gte]"], ended["created_ats[lte]"]) == ("2026-11-11T08:00:00Z", "2026-11-11T08:31:00Z")
    assert "created_ats[lte]" not in still


async def test_the_recorded_events_name_the_recorded_people() -> None:
    recorded = next(each for each in exchanges() if each["id"] == "o-audit-events-002")
    told = json.loads(recorded["body"])["resources"]
    by_guid = {each["guid"]: each for each in world()["deployments"]}
    rows = [
        wire.DEPLOYMENTS.one(json.dumps(by_guid[each["data"]["deployment_guid"]]).encode())
        for each in told
        if each["data"]["deployment_guid"] in by_guid
    ]
    api = Api().on(EVENTS, Reply(200, {}, recorded["body"].encode()), listed())
    async with serving(api) as url, foundation(url) as prod:
        found = await prod.starters(rows, soon())

    names = {each["data"]["deployment_guid"]: each["actor"]["name"] for each in told}
    assert rows
    assert {guid: person.name for guid, person in found.people.items()} == {
        each.guid: names[each.guid] for each in rows
    }
