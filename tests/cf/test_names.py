"""Names: few requests, each small enough for any proxy, each answer remembered for a while and no longer."""

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from deploybot.cf.client import Surroundings
from deploybot.cf.failures import UnavailableError
from deploybot.domain.deployment import App, Org, Space
from tests.cf.making import Api, as_json, foundation, listed, soon
from tests.cf.serving import Reply, Request, serving

APPS, SPACES, ORGS = "/v3/apps", "/v3/spaces", "/v3/organizations"
INCLUDED: dict[str, list[dict[str, Any]]] = {
    "spaces": [{"guid": "s1", "name": "dev", "relationships": {"organization": {"data": {"guid": "o1"}}}}],
    "organizations": [{"guid": "o1", "name": "acme"}],
}
DEV = Space("s1", "dev", Org("o1", "acme"))
LONGEST_LINE = 8000


def app(guid: str, name: str = "checkout", space: str = "s1") -> dict[str, object]:
    return {"guid": guid, "name": name, "relationships": {"space": {"data": {"guid": space}}}}


def guid(number: int) -> str:
    return f"00000000-0000-0000-0000-{number:012}"


def by_guids(request: Request) -> Reply:
    return listed(*(app(guid) for guid in params(request).get("guids", "").split(",")), included=INCLUDED)


def params(request: Request) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(request.target).query).items()}


def asked(api: Api, path: str) -> Sequence[dict[str, str]]:
    return [params(request) for request in api.asked if request.target.partition("?")[0] == path]


async def test_guids_are_asked_once_each_in_batches_of_a_hundred() -> None:
    api = Api().on(APPS, by_guids)
    guids = [guid(number) for number in range(250)]
    async with serving(api) as url, foundation(url) as prod:
        apps = await prod.apps([*guids, *guids, ""], soon())

    assert apps[guids[7]] == App(guids[7], "checkout", DEV)
    assert len(apps) == 250
    assert sorted(len(each["guids"].split(",")) for each in asked(api, APPS)) == [50, 100, 100]
    assert all(each["include"] == "space.organization" for each in asked(api, APPS))
    assert all(len(request.target) < LONGEST_LINE for request in api.asked)


async def test_no_more_than_four_batches_are_asked_at_once() -> None:
    under_way, most = 0, 0

    async def counted(request: Request) -> Reply:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.01)
        under_way -= 1
        return by_guids(request)

    async with serving(Api().on(APPS, counted)) as url, foundation(url) as prod:
        await prod.apps([guid(number) for number in range(1500)], soon())

    assert 1 < most <= 4


async def test_what_is_known_is_not_asked_again_until_it_is_old() -> None:
    now = [1000.0]
    api = Api().on(APPS, by_guids)
    async with serving(api) as url, foundation(url, around=Surroundings(clock=lambda: now[0])) as prod:
        await prod.apps(["a", "b"], soon())
        await prod.apps(["b", "c"], soon())
        now[0] += 599
        await prod.apps(["c"], soon())
        assert [each["guids"] for each in asked(api, APPS)] == ["a,b", "c"]
        now[0] += 2
        await prod.apps(["c"], soon())

    assert [each["guids"] for each in asked(api, APPS)] == ["a,b", "c", "c"]


async def test_an_app_that_can_not_be_seen_is_left_out_and_not_asked_for_at_once_again() -> None:
    api = Api().on(APPS, listed(app("a"), included=INCLUDED))
    async with serving(api) as url, foundation(url) as prod:
        assert set(await prod.apps(["a", "gone"], soon())) == {"a"}
        assert set(await prod.apps(["a", "gone"], soon())) == {"a"}

    assert api.count(APPS) == 1


async def test_a_space_that_can_not_be_seen_leaves_the_app_its_name() -> None:
    api = Api().on(APPS, listed(app("a", space="hidden"), {"guid": "b"}))
    async with serving(api) as url, foundation(url) as prod:
        apps = await prod.apps(["a", "b"], soon())

    assert apps == {"a": App("a", "checkout", None), "b": App("b", "", None)}


async def test_no_guids_ask_nothing() -> None:
    api = Api()
    async with serving(api) as url, foundation(url) as prod:
        assert await prod.apps([], soon()) == {}

    assert api.asked == []


async def test_apps_are_found_by_name_in_spaces_and_orgs_with_one_request() -> None:
    api = Api().on(APPS, listed(app("a"), app("b"), included=INCLUDED))
    async with serving(api) as url, foundation(url) as prod:
        found = await prod.find_apps(names=["checkout", "x,y"], space_guids=["s1"], org_guids=["o1"], until=soon())
        named = await prod.apps(["a", "b"], soon())

    assert (found.complete, {app.guid for app in found.apps}) == (True, {"a", "b"})
    assert named["b"].space == DEV
    assert asked(api, APPS) == [
        {
            "names": "checkout,x%2Cy",
            "space_guids": "s1",
            "organization_guids": "o1",
            "include": "space.organization",
        }
    ]


async def test_an_entry_that_looks_like_a_guid_is_asked_as_one_since_the_server_would_and_both() -> None:
    api = Api().on(APPS, listed(app(guid(1))))
    async with serving(api) as url, foundation(url) as prod:
        await prod.find_apps(names=["checkout", guid(1).upper()], until=soon())

    assert sorted(map(sorted, (each.items() for each in asked(api, APPS)))) == [
        [("guids", guid(1)), ("include", "space.organization")],
        [("include", "space.organization"), ("names", "checkout")],
    ]


async def test_no_filter_finds_all_that_can_be_seen_over_all_pages() -> None:
    api = Api().on(APPS, listed(app("a"), total=2, following="https://x/v3/apps?page=2&per_page=500"), listed(app("b")))
    async with serving(api) as url, foundation(url) as prod:
        found = await prod.find_apps(until=soon())

    assert ([app.guid for app in found.apps], found.complete) == (["a", "b"], True)
    assert [each["per_page"] for each in asked(api, APPS)] == ["500", "500"]


@pytest.mark.parametrize(("at_most", "found", "complete"), [(5000, 9, True), (4, 4, False)])
async def test_the_other_pages_are_asked_together_once_the_first_says_how_many(
    at_most: int, found: int, complete: bool
) -> None:
    under_way, most = 0, 0

    async def page(request: Request) -> Reply:
        nonlocal under_way, most
        number = int(params(request).get("page", "1"))
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.02)
        under_way -= 1
        following = {"href": f"https://x/v3/apps?page={number + 1}"} if number < 9 else None
        pagination = {"total_results": 9, "total_pages": 9, "next": following}
        return as_json({"pagination": pagination, "resources": [app(f"g{number}")]})

    async with serving(Api().on(APPS, page)) as url, foundation(url) as prod:
        answer = await prod.find_apps(at_most=at_most, until=soon())

    assert [each.guid for each in answer.apps] == [f"g{number}" for number in range(1, found + 1)]
    assert answer.complete is complete
    assert 1 < most <= 4


async def test_the_search_stops_at_most_there_and_says_so() -> None:
    more = listed(app("a"), app("b"), total=9, following="https://x/v3/apps?page=2")
    api = Api().on(APPS, more)
    async with serving(api) as url, foundation(url) as prod:
        found = await prod.find_apps(at_most=1, until=soon())

    assert ([app.guid for app in found.apps], found.complete) == (["a"], False)
    assert api.count(APPS) == 1


async def test_a_server_that_leads_in_circles_is_left() -> None:
    api = Api().on(APPS, listed(app("a"), total=9, following="https://x/v3/apps?page=2"))
    async with serving(api) as url, foundation(url) as prod:
        found = await prod.find_apps(until=soon())

    assert ([app.guid for app in found.apps], api.count(APPS)) == (["a"], 2)


async def test_what_was_found_by_name_is_remembered_for_a_minute() -> None:
    now = [1000.0]
    api = Api().on(APPS, listed(app("a")))
    async with serving(api) as url, foundation(url, around=Surroundings(clock=lambda: now[0])) as prod:
        for now[0], names in ((1000.0, ["Checkout"]), (1059.0, ["CHECKOUT"]), (1061.0, ["checkout"])):
            await prod.find_apps(names=names, until=soon())

    assert [each["names"] for each in asked(api, APPS)] == ["Checkout", "checkout"]


async def test_a_failure_is_not_remembered() -> None:
    api = Api().on(APPS, Reply(503), Reply(503), Reply(503), listed(app("a")))
    async with serving(api) as url, foundation(url) as prod:
        with pytest.raises(UnavailableError):
            await prod.find_apps(names=["checkout"], until=soon())
        found = await prod.find_apps(names=["checkout"], until=soon())

    assert len(found.apps) == 1


@pytest.mark.parametrize("name", ["checkout", "rocket-🚀", "a,b+c%d"])
async def test_many_long_lists_part_into_requests_that_every_proxy_takes(name: str) -> None:
    api = Api().on(APPS, listed())
    names = [f"{name * 10}-{number}" for number in range(90)]
    async with serving(api) as url, foundation(url) as prod:
        await prod.find_apps(
            names=names,
            space_guids=[guid(number) for number in range(40)],
            org_guids=[guid(number) for number in range(40)],
            until=soon(),
        )

    assert api.count(APPS) > 1
    assert max(len(request.target) for request in api.asked) < LONGEST_LINE
    pairs = {
        (space, org)
        for each in asked(api, APPS)
        for space in each["space_guids"].split(",")
        for org in each["organization_guids"].split(",")
    }
    assert len(pairs) == 1600


async def test_spaces_come_with_their_orgs_and_orgs_by_name_or_guid() -> None:
    api = Api().on(SPACES, listed(INCLUDED["spaces"][0], included={"organizations": INCLUDED["organizations"]}))
    api.on(ORGS, listed({"guid": "o1", "name": "acme"}))
    async with serving(api) as url, foundation(url) as prod:
        assert await prod.find_spaces(["dev"], soon()) == (DEV,)
        assert await prod.find_spaces([], soon()) == (DEV,)
        assert await prod.find_orgs(["acme"], soon()) == (Org("o1", "acme"),)
        assert await prod.find_orgs([guid(3)], soon()) == (Org("o1", "acme"),)

    assert asked(api, SPACES) == [
        {"names": "dev", "include": "organization"},
        {"include": "organization", "per_page": "500"},
    ]
    assert asked(api, ORGS) == [{"names": "acme"}, {"guids": guid(3)}]
