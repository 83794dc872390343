"""Deployments move as the real updater moved them: seven recorded rollouts, sampled every second."""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from deploybot.demo.foundation import actions, bodies, present
from deploybot.demo.foundation.entities import STARTING, App, Droplet, Health, Organization, Process, Space, Trouble
from deploybot.demo.foundation.instances import scaled
from deploybot.demo.foundation.instants import SECOND, from_text
from deploybot.demo.foundation.moment import Moment
from deploybot.demo.foundation.roles import Person
from deploybot.demo.foundation.updater import advanced
from deploybot.demo.foundation.world import World
from tests.recordings import TIMELINES, timeline, timeline_context

TICKS = tuple(
    from_text(f"2026-11-23T08:{at}Z")
    for at in (
        *("31:47.7", "31:52.88", "31:58.05", "32:03.37", "32:08.43", "32:13.61", "32:18.8", "32:23.96"),
        *("32:29.1", "32:34.24", "32:39.4", "32:44.45", "32:49.5", "32:54.58", "32:59.7", "33:04.8"),
    )
)
"""When the real updater ran, from the instants that it left in the rows."""

STRADDLE = round(0.4 * SECOND)
"""A sample took several requests, and a run of the updater several commits: they may overlap."""

SECOND_IS_SLOW = (3_700_000, 5_500_000, *STARTING[2:])
FOURTH_IS_QUICK = (*STARTING[:3], 5_000_000, *STARTING[4:])
"""How long an instance starts is chance: these ones made or missed a run of the updater other than their peers."""

CRASHING = Health(crashes_after=3 * SECOND, restarts_every=12 * SECOND)
HEALTHS = {
    "b_never_healthy_cancelled": CRASHING,
    "e_superseded": Health(starting=SECOND_IS_SLOW),
    "f_error_clears_then_stopped": Health(
        starting=SECOND_IS_SLOW,
        troubles=(Trouble(after=8 * SECOND, until=22 * SECOND, error="memory space_quota_exceeded"),),
    ),
    "g_unexpected_error_clears_then_deployed": Health(
        troubles=(Trouble(after=8 * SECOND, until=22 * SECOND, error="An unexpected error has occurred: RuntimeError"),)
    ),
}
DEV = Person(guid="dev", email="dev@example.test")


class Rollout:
    """One recorded app, on which the recorded actions are done and the updater runs when it ran."""

    def __init__(self, name: str) -> None:
        context = timeline_context()
        self.app = next(app for app in context["apps"] if app["file"] == f"{name}.jsonl")
        self.world = _world(context, self.app, HEALTHS.get(name, Health()))
        self.guids = (f"guid-{n}" for n in itertools.count())
        self.ticks = iter(TICKS)
        self.next_tick = next(self.ticks)

    def run_until(self, now: int) -> None:
        while self.next_tick <= now:
            for deployment in self.world.active_deployments():
                self.world.apply(advanced(self.world, deployment, self.moment(self.next_tick)))
            self.next_tick = next(self.ticks)

    def do(self, action: Mapping[str, Any], now: int) -> None:
        if action["path"] == "/v3/deployments":
            wanted = bodies.wanted_deployment(action["request_body"])
            self.world.apply(actions.create(self.world, wanted, DEV, self.moment(now)))
            return
        latest = max(self.world.deployments, key=lambda each: each.position)
        decide = actions.cancel if action["path"].endswith("cancel") else actions.proceed
        self.world.apply(decide(self.world, latest, DEV, self.moment(now)))

    def moment(self, now: int) -> Moment:
        return Moment(now, lambda: next(self.guids))

    def deployments(self) -> list[dict[str, Any]]:
        return [present.deployment(each, self.world, "https://api.cf.example") for each in self.world.deployments]

    def seen_at(self, now: int) -> tuple[list[dict[str, Any]], list[str]]:
        self.run_until(now)
        return self.deployments(), self.instances(now)

    def instances(self, now: int) -> list[str]:
        """One string a process, oldest first, such as RRS for two RUNNING and one STARTING."""
        shown = (present.instances(each, now) for each in self.world.web_processes(self.app["guid"]))
        return ["".join(each["state"][0] for each in process) for process in shown]


@pytest.mark.parametrize("name", TIMELINES)
def test_a_rollout_moves_as_recorded(name: str) -> None:
    rollout = Rollout(name)
    told = [problem for sample in timeline(name) for problem in problems_with(rollout, sample)]

    assert told == []
    assert rollout.deployments(), "the recorded action must have created one"


def problems_with(rollout: Rollout, sample: Mapping[str, Any]) -> Iterator[str]:
    now = from_text(sample["at"])
    if "action" in sample:
        rollout.run_until(now)
        rollout.do(sample["action"], now)
        return
    recorded = [sample[key] for key in ("deployment", "second_deployment") if sample.get(key)]
    processes = recorded_instances(sample)
    seen = [rollout.seen_at(now + shift) for shift in (-STRADDLE, 0, STRADDLE)]
    for position, deployment in enumerate(recorded):
        if not any(agrees(shown[position], deployment) for shown, _ in seen):
            yield f"{sample['t']}: {seen[1][0][position]['status']}, recorded {deployment['status']}"
    if processes not in (instances for _, instances in seen):
        yield f"{sample['t']}: {[instances for _, instances in seen]}, recorded {processes}"


def recorded_instances(sample: Mapping[str, Any]) -> list[str]:
    processes = sorted(sample["processes"]["resources"], key=lambda each: each["created_at"])
    return ["".join(each["state"][0] for each in process["process_instances"]) for process in processes]


def agrees(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """Everything said must be the same, instants up to a second: the updater took its time."""
    moved = zip(instants(ours), instants(theirs), strict=True)
    return words(ours) == words(theirs) and all(abs(a - b) <= SECOND for a, b in moved)


def words(deployment: Mapping[str, Any]) -> tuple[object, ...]:
    status = deployment["status"]
    return status["value"], status["reason"], status.get("canary"), status["details"].get("error"), *links(deployment)


def links(deployment: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name in deployment["links"] if name in ("cancel", "continue"))


def instants(deployment: Mapping[str, Any]) -> tuple[int, ...]:
    details = deployment["status"]["details"]
    texts = (
        deployment["created_at"],
        deployment["updated_at"],
        details["last_successful_healthcheck"],
        details["last_status_change"],
    )
    return tuple(map(from_text, texts))


def _world(context: Mapping[str, Any], app: Mapping[str, Any], health: Health) -> World:
    start = from_text("2026-11-23T08:00:00Z")
    common: dict[str, Any] = {"position": 1, "created_at": start, "updated_at": start}
    world = World()
    space = context["space"]
    world.apply(
        [
            Organization(guid=context["organization"]["guid"], name="timelines", quota_guid="quota", **common),
            Space(guid=space["guid"], name="live", organization_guid=context["organization"]["guid"], **common),
            App(
                guid=app["guid"],
                name=app["name"],
                space_guid=space["guid"],
                lifecycle={"type": "buildpack", "data": {"buildpacks": [], "stack": "cflinuxfs4"}},
                current_droplet_guid=app["droplets"][0],
                **common,
            ),
            *(
                Droplet(guid=guid, app_guid=app["guid"], space_guid=space["guid"], health=how, **common)
                for guid, how in zip(app["droplets"], (Health(), health, Health(starting=FOURTH_IS_QUICK)), strict=True)
            ),
            Process(
                guid=app["web_process_before"],
                app_guid=app["guid"],
                space_guid=space["guid"],
                type="web",
                version="1",
                instances=app["instances"],
                running=scaled((), app["instances"], Health(), start, 1.0),
                health_check={},
                readiness_health_check={},
                **common,
            ),
        ]
    )
    return world
