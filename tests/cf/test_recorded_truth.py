"""The client against what a real Cloud Foundry answered: every list, walk, role, error and limit that was recorded."""

import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

import pytest

from deploybot.cf.encode import deployments_path
from deploybot.cf.failures import (
    BadRequestError,
    CloudFoundryError,
    ForbiddenError,
    NotAuthenticatedError,
    RateLimitedError,
    failure,
)
from deploybot.cf.foundation import CloudFoundry
from deploybot.cf.wire import DEPLOYMENTS
from deploybot.domain.ports import DeploymentsAsk, Times
from tests.cf.making import foundation, soon
from tests.cf.replay import key_of, read_only, replaying
from tests.recordings import exchanges

LISTS = [e for e in read_only() if e["method"] == "GET" and re.match(r"/v3/deployments(\?|$)", e["path"])]
WALKS = sorted({e["category"] for e in LISTS if e["category"].startswith("walk-")})
ROLES = [e for e in LISTS if e["category"] == "role-list"]


def ask_of(path: str) -> DeploymentsAsk:
    """The question behind a recorded path. ValueError where ours can't say it (unknown keys, odd values)."""
    given = dict(parse_qsl(path.partition("?")[2], keep_blank_values=True, strict_parsing=True) if "?" in path else [])
    words: dict[str, Any] = {"page": int(given.pop("page", "1")), "per_page": int(given.pop("per_page", "50"))}
    for key in ("order_by", "label_selector"):
        if key in given:
            words[key] = given.pop(key)
    for key in ("guids", "app_guids", "states", "status_values", "status_reasons"):
        if key in given:
            words[key] = tuple(unquote_plus(value) for value in re.split(r",\s*", given.pop(key)))
    words |= {"created": _times(given, "created_ats"), "updated": _times(given, "updated_ats")}
    if given:
        raise ValueError(f"not among our filters: {given}")
    return DeploymentsAsk(**words)


def _times(given: dict[str, str], key: str) -> Times:
    instant = "%Y-%m-%dT%H:%M:%SZ"
    bounds = {
        name: datetime.strptime(given.pop(f"{key}[{name}]"), instant).replace(tzinfo=UTC)
        for name in ("lt", "lte", "gt", "gte")
        if f"{key}[{name}]" in given
    }
    equal = given.pop(key).split(",") if key in given else []
    return Times(tuple(datetime.strptime(each, instant).replace(tzinfo=UTC) for each in equal), **bounds)


def sayable() -> list[tuple[dict[str, Any], DeploymentsAsk]]:
    """The recorded lists that a DeploymentsAsk can say, as the very request that was recorded."""
    found = []
    for exchange in LISTS:
        try:
            ask = ask_of(exchange["path"])
            path = deployments_path(ask)
        except ValueError:
            continue
        if key_of("GET", "x", path) == key_of("GET", "x", exchange["path"]) and exchange["as"] == "ro_bot":
            found.append((exchange, ask))
    return found


async def test_every_recorded_list_is_asked_as_it_was_and_read_in_full() -> None:
    checked = 0
    async with replaying() as server, foundation(server.url) as prod:
        for exchange, ask in sayable():
            if exchange["status"] != 200:
                continue
            told = json.loads(exchange["body"])
            found = await prod.deployments(ask, soon())

            assert [row.guid for row in found.rows] == [row["guid"] for row in told["resources"]]
            assert (found.total, found.sent) == (told["pagination"]["total_results"], len(told["resources"]))
            assert found.problems == ()
            checked += 1
    assert checked > 140


async def test_a_refused_question_says_what_the_server_said() -> None:
    checked = 0
    async with replaying() as server, foundation(server.url) as prod:
        for exchange, ask in sayable():
            if exchange["status"] != 400 or "errors" not in exchange["body"]:
                continue
            with pytest.raises(BadRequestError) as refused:
                await prod.deployments(ask, soon())

            assert refused.value.codes == (10005,)
            assert refused.value.details[0] in refused.value.reason
            checked += 1
    assert checked > 3


@pytest.mark.parametrize("category", WALKS)
async def test_a_walk_sees_every_row_once(category: str) -> None:
    walked = [e for e in LISTS if e["category"] == category]
    ask = ask_of(walked[0]["path"])
    async with replaying() as server, foundation(server.url, walked[0]["as"]) as prod:
        rows = [row.guid async for page in prod.walk(ask, soon(), named=False) for row in page.rows]

    assert rows == [row["guid"] for e in walked for row in json.loads(e["body"])["resources"]]
    assert len(rows) == len(set(rows)) == json.loads(walked[0]["body"])["pagination"]["total_results"]
    assert len(server.targets) == len(walked)


@pytest.mark.parametrize("exchange", ROLES, ids=lambda e: f"{e['as']} {e['path'][-30:]}")
async def test_each_role_sees_what_it_saw(exchange: dict[str, Any]) -> None:
    async with replaying() as server, foundation(server.url, exchange["as"]) as prod:
        if exchange["status"] == 403:
            with pytest.raises(ForbiddenError):
                await prod.client.get(exchange["path"], DEPLOYMENTS.page, soon())
            return
        found = await prod.client.get(exchange["path"], DEPLOYMENTS.page, soon())

    assert found.total == json.loads(exchange["body"])["pagination"]["total_results"]


async def test_a_deployment_is_shown_in_full_or_not_at_all() -> None:
    shown = [e for e in read_only() if e["category"] in {"show", "role-show"} and "?" not in e["path"]]
    async with replaying() as server:
        for exchange in shown:
            path, guid = exchange["path"].rsplit("/", 1)
            if path != "/v3/deployments" or set("%.") & set(guid) or exchange["status"] not in {200, 404}:
                continue
            async with foundation(server.url, exchange["as"]) as prod:
                found = await prod.deployment(guid, soon())

            assert (found and found.guid) == (guid if exchange["status"] == 200 else None)


async def test_a_token_that_is_refused_even_when_new_is_told_and_not_tried_for_ever() -> None:
    async with replaying() as server, foundation(server.url, "expired") as prod:
        with pytest.raises(NotAuthenticatedError, match="Invalid Auth Token"):
            await prod.deployments(DeploymentsAsk(per_page=1), soon())

    assert len(server.targets) == 2
    assert sum(request.target == "/oauth/token" for request in server.asked) == 2


async def test_the_server_s_own_limit_is_told_with_its_wait_and_not_waited_for() -> None:
    recorded = [*exchanges("rate_limited"), *(e for e in read_only() if e["path"] == "/")]
    limited = next(e for e in recorded if e["status"] == 429 and e["as"] == "ro_bot" and "deployments" in e["path"])
    async with replaying(recorded) as server, foundation(server.url) as prod:
        with pytest.raises(RateLimitedError) as refused:
            await _asked_often(prod, ask_of(limited["path"]))

    assert refused.value.retry_after == float(limited["headers"]["retry-after"])
    assert "minutes" in refused.value.reason
    assert refused.value.codes == (10013,)


async def test_apps_get_their_names_from_one_request_for_up_to_a_hundred() -> None:
    recorded = next(e for e in read_only() if e["id"] == "o-apps-019")
    guids = ask_of_guids(recorded["path"])
    async with replaying() as server, foundation(server.url) as prod:
        apps = await prod.apps([*guids, *guids], soon())
        again = await prod.apps(guids[:3], soon())

    spaces = {space["guid"]: space["name"] for space in json.loads(recorded["body"])["included"]["spaces"]}
    assert len(apps) == 20
    assert all(app.space and app.space.name == spaces[app.space.guid] and app.space.org for app in apps.values())
    assert again == {guid: apps[guid] for guid in guids[:3]}
    assert len(server.targets) == 1


async def test_an_app_is_found_by_name_in_a_space_and_its_rows_need_no_second_request() -> None:
    async with replaying() as server, foundation(server.url) as prod:
        space = "d7654c2d-b37c-49e3-88a6-e1aa9b458f5a"
        found = await prod.find_apps(names=["checkout"], space_guids=[space], until=soon())
        again = await prod.find_apps(names=["Checkout"], space_guids=[space], until=soon())
        named = await prod.apps([found.apps[0].guid], soon())

    assert [app.name for app in found.apps] == ["checkout"]
    assert (found.complete, again.apps, tuple(named.values())) == (True, found.apps, found.apps)
    assert len(server.targets) == 1


async def test_progress_counts_the_instances_of_both_versions() -> None:
    recorded = next(e for e in read_only() if e["id"] == "o-processes-006")
    apps = {each["relationships"]["app"]["data"]["guid"] for each in json.loads(recorded["body"])["resources"]}
    async with replaying() as server, foundation(server.url) as prod:
        ask = DeploymentsAsk(app_guids=tuple(apps), status_values=("ACTIVE",))
        rows = [
            row
            for exchange, other in sayable()
            if set(other.app_guids or ()) == apps and other.status_values == ask.status_values
            for row in (await prod.deployments(other, soon())).rows
        ]
        progress = await prod.progress(rows, soon())

    assert set(progress) == {row.guid for row in rows}
    web = json.loads(recorded["body"])["resources"]
    assert sum(each.new.desired + each.old.desired for each in progress.values()) == sum(p["instances"] for p in web)


def test_every_recorded_error_becomes_a_sentence_with_its_codes() -> None:
    checked = 0
    for name in ("exchanges", "rate_limited", "proxy"):
        for exchange in exchanges(name):
            if exchange["status"] < 400:
                continue
            headers = {key: str(value) for key, value in exchange["headers"].items()}
            error = failure("prod", exchange["status"], headers, exchange["body"].encode())

            assert isinstance(error, CloudFoundryError)
            assert error.status == exchange["status"]
            assert error.codes == tuple(map(int, re.findall(r'"code":(\d+)', exchange["body"])))
            assert not re.search(r"[{}\n]|<[a-z]|administrator|Puma", error.reason)
            checked += 1
    assert checked > 300


async def test_a_request_that_was_never_recorded_is_told_with_the_nearest_one() -> None:
    async with replaying(strict=False) as server, foundation(server.url) as prod:
        with pytest.raises(CloudFoundryError):
            await prod.deployments(DeploymentsAsk(per_page=4999), soon())

    assert len(server.unknown) == 1
    assert "never recorded:   GET /v3/deployments?per_page=4999 as ro_bot" in server.unknown[0]
    assert "nearest recorded: GET /v3/deployments?per_page=" in server.unknown[0]


async def _asked_often(prod: CloudFoundry, ask: DeploymentsAsk) -> None:
    for _ in range(20):
        await prod.deployments(ask, soon())


def ask_of_guids(path: str) -> list[str]:
    return dict(parse_qsl(path.partition("?")[2]))["guids"].split(",")
