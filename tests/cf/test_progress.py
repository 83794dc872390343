"""Progress: what seven real rollouts showed, second by second, and what is left out when nobody can say."""

import asyncio
import json
import time
from typing import Any

import pytest

from deploybot.cf import wire
from deploybot.cf.progress import progress
from deploybot.domain.deployment import Deployment, Instances, Options, ProcessReference, Status
from tests.cf.making import Api, as_json, foundation, listed, soon
from tests.cf.serving import Reply, Request, serving
from tests.recordings import TIMELINES, timeline

PROCESSES = "/v3/processes"


def samples(name: str) -> list[tuple[Deployment, tuple[wire.ProcessRow, ...], dict[str, Any]]]:
    found = []
    for sample in timeline(name):
        if sample.get("deployment") and sample.get("processes"):
            deployment = wire.DEPLOYMENTS.one(json.dumps(sample["deployment"]).encode())
            page = wire.PROCESSES.page(json.dumps(sample["processes"]).encode())
            found.append((deployment, tuple(row for row in page.rows if row.type == "web"), sample))
    return found


def goals(name: str) -> list[int | None]:
    """Goals of the active samples, in order, each change once."""
    told = [progress(deployment, rows).goal for deployment, rows, _ in samples(name) if deployment.is_active]
    return [goal for before, goal in zip([object(), *told], told, strict=False) if goal != before]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a_rolling_success", [4]),
        ("c_canary_20_60_continued", [None, 10, None, 10, None]),
        ("d_canary_paused_cancelled", [None, 5, None]),
    ],
)
def test_the_goal_is_right_or_none(name: str, expected: list[int | None]) -> None:
    assert goals(name) == expected


@pytest.mark.parametrize("name", TIMELINES)
def test_the_goal_of_a_rollout_does_not_move(name: str) -> None:
    assert len({goal for goal in goals(name) if goal is not None}) <= 1


@pytest.mark.parametrize("name", TIMELINES)
def test_every_instance_of_both_versions_is_counted_once(name: str) -> None:
    for deployment, rows, _ in samples(name):
        told = progress(deployment, rows)
        counted = [each.running + each.starting + each.crashed + each.other for each in (told.new, told.old)]

        assert told.new.desired + told.old.desired == sum(row.instances or 0 for row in rows)
        assert sum(counted) == sum(len(row.process_instances or ()) for row in rows)


def deployment(**changes: Any) -> Deployment:
    usual: dict[str, Any] = {
        "guid": "d",
        "status": Status(value="ACTIVE", reason="DEPLOYING"),
        "strategy": "rolling",
        "options": Options(max_in_flight=1),
        "new_processes": (ProcessReference("new", "web"), ProcessReference("gone", "web")),
    }
    return Deployment(**(usual | changes))


def process(guid: str, instances: int, *states: str) -> wire.ProcessRow:
    return wire.ProcessRow(guid, "web", instances, None, tuple(wire.InstanceRow(state) for state in states))


def test_states_are_counted_and_unknown_ones_are_other() -> None:
    told = progress(deployment(), [process("new", 5, "RUNNING", "STARTING", "CRASHED", "DOWN", "ODD")])

    assert told.new == Instances(desired=5, running=1, starting=1, crashed=1, other=2)
    assert told.old == Instances()


@pytest.mark.parametrize(
    ("changes", "old", "new", "goal"),
    [
        ({}, 3, 2, 4),
        ({"options": Options(max_in_flight=10)}, 4, 4, 4),
        ({"options": Options(max_in_flight=10)}, 1, 4, 4),
        ({"options": None}, 4, 1, 4),
        ({"options": Options(max_in_flight=1, web_instances=7)}, 3, 2, 7),
        ({"options": Options(web_instances=0)}, 3, 1, 0),
        ({"strategy": "canary", "options": Options(web_instances=7)}, 3, 2, 7),
        ({"strategy": "canary", "status": Status("ACTIVE", "PAUSED")}, 9, 2, 10),
        ({"strategy": "canary", "status": Status("ACTIVE", "PAUSED")}, 0, 10, 10),
        ({"strategy": "canary"}, 9, 4, None),
        ({"strategy": "blue-green"}, 9, 4, None),
        ({"status": Status("ACTIVE", "CANCELING")}, 3, 2, None),
        ({}, 3, 0, None),
    ],
)
def test_the_goal_follows_from_how_the_updater_works(
    changes: dict[str, Any], old: int, new: int, goal: int | None
) -> None:
    assert progress(deployment(**changes), [process("old", old), process("new", new)]).goal == goal


def test_crashed_beside_healthy_instances_leave_the_goal_unknown() -> None:
    rows = [process("old", 3), process("new", 2, "RUNNING", "CRASHED")]

    assert progress(deployment(), rows).goal is None


ACTIVE: dict[str, Any] = {"guid": "d", "status": {"value": "ACTIVE", "reason": "DEPLOYING"}, "strategy": "rolling"}
ACTIVE |= {"relationships": {"app": {"data": {"guid": "app"}}}, "new_processes": [{"guid": "new", "type": "web"}]}


def row(raw: dict[str, Any]) -> Deployment:
    return wire.DEPLOYMENTS.one(json.dumps(raw).encode())


def of_app(guid: str, kind: str = "web") -> dict[str, Any]:
    return {"guid": guid, "type": kind, "instances": 1, "relationships": {"app": {"data": {"guid": "app"}}}}


async def test_one_request_serves_a_page_and_finished_rows_need_none() -> None:
    api = Api().on(PROCESSES, listed(of_app("new"), of_app("old"), of_app("w", "worker")))
    finished = row(ACTIVE | {"guid": "f", "status": {"value": "FINALIZED"}})
    async with serving(api) as url, foundation(url) as prod:
        assert await prod.progress([finished], soon()) == {}
        assert api.asked == []
        told = await prod.progress([row(ACTIVE), row(ACTIVE | {"guid": "e"}), finished], soon())

    assert set(told) == {"d", "e"}
    assert told["d"].old.desired == 1
    assert [request.target for request in api.asked if request.target.startswith(PROCESSES)] == [
        "/v3/processes?app_guids=app&types=web&embed=process_instances"
    ]


async def test_the_instances_of_a_hundred_apps_are_one_request() -> None:
    api = Api().on(PROCESSES, listed())
    apps = [ACTIVE | {"relationships": {"app": {"data": {"guid": f"app-{number}"}}}} for number in range(100)]
    async with serving(api) as url, foundation(url) as prod:
        await prod.progress([row(raw) for raw in apps], soon())

    (target,) = (request.target for request in api.asked if request.target.startswith(PROCESSES))
    assert target.endswith("&per_page=500")


@pytest.mark.parametrize("reply", [Reply(500), Reply(503), Reply(200, {}, b"<html>"), as_json({"errors": []}, 403)])
async def test_where_diego_is_down_the_bars_vanish_and_nothing_else(reply: Reply) -> None:
    async with serving(Api().on(PROCESSES, reply)) as url, foundation(url) as prod:
        assert await prod.progress([row(ACTIVE)], soon()) == {}


async def test_a_diego_that_takes_for_ever_is_waited_for_three_seconds_at_most() -> None:
    begun = time.monotonic()
    async with serving(Api().on(PROCESSES, _never)) as url, foundation(url) as prod:
        assert await prod.progress([row(ACTIVE)], soon(60)) == {}

    assert 2.9 < time.monotonic() - begun < 10


async def _never(_: Request) -> Reply:
    await asyncio.Event().wait()
    raise AssertionError
