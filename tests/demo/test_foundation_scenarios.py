"""Scenarios: each begins with days of plausible history, told from data, the same for the same seed."""

import json
import time
from collections import Counter

import pytest

from deploybot.demo.foundation.clock import Clock
from deploybot.demo.foundation.discovery import addresses
from deploybot.demo.foundation.foundation import Foundation
from deploybot.demo.foundation.instants import DAY, from_text
from deploybot.demo.foundation.messages import Request
from deploybot.demo.foundation.scenario import NAMES, load_scenario
from deploybot.demo.foundation.server import build_foundation

NOW = from_text("2026-11-23T12:00:00Z")


def foundation(name: str) -> Foundation:
    at = addresses("http://127.0.0.1:1")
    clock = Clock(lambda: NOW / 1e6)
    return build_foundation(name, at, clock, limits=None, seed=1, key=b"key", access_seconds=600)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "huge"])
def test_a_first_question_finds_every_outcome_and_who_did_it(name: str) -> None:
    world = foundation(name).world
    reasons = Counter(each.status_reason for each in world.deployments)
    told = Counter(each.type for each in world.audit_events)
    oldest = min(each.created_at for each in world.deployments)

    assert {"DEPLOYED", "CANCELED", "SUPERSEDED"} <= set(reasons)
    assert {each.strategy for each in world.deployments} == {"rolling", "canary"}
    assert {"checkout", "payments"} <= {app.name for app in world.apps}
    assert oldest < NOW - 3 * DAY
    assert told["audit.app.deployment.create"] == len(world.deployments)
    assert told["audit.app.deployment.cancel"] == reasons["CANCELED"]
    assert all(event.actor[2].endswith("@example.com") for event in world.audit_events)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "huge"])
def test_history_contradicts_neither_itself_nor_the_clock(name: str) -> None:
    world = foundation(name).world
    ended: dict[str, int] = {}

    for each in sorted(world.deployments, key=lambda row: row.created_at):
        assert each.updated_at is not None
        assert each.created_at <= each.last_healthy_at <= each.updated_at <= NOW
        assert ended.get(each.app_guid, 0) <= each.created_at, "two rollouts of one app at a time"
        ended[each.app_guid] = each.updated_at
        assert each.droplet_guid in world.droplets
        assert each.previous_droplet_guid in world.droplets
    for app in world.apps:
        assert world.web_processes(app.guid)
        assert app.current_droplet_guid in world.droplets


def test_the_same_seed_tells_the_same_story() -> None:
    first, second = foundation("busy").world, foundation("busy").world

    assert list(first.deployments) == list(second.deployments)
    assert list(first.audit_events) == list(second.audit_events)


def test_an_incident_has_failing_rollouts_a_forgotten_canary_and_an_updater_that_stumbles() -> None:
    active = list(foundation("incident").world.active_deployments())

    assert Counter(each.state for each in active) == {"PAUSED": 2, "DEPLOYING": 3}
    assert any(each.error for each in active)
    assert sum(each.last_healthy_at == each.created_at for each in active) == 2


def test_a_hundred_thousand_deployments_answer_in_milliseconds() -> None:
    told = foundation("huge")
    token = told.uaa.answer(
        Request(
            method="POST",
            path="/oauth/token",
            body=b"grant_type=client_credentials&client_id=deploybot&client_secret=deploybot-demo-secret",
        )
    )
    headers = {"authorization": f"bearer {json.loads(token.body)['access_token']}"}
    questions = (
        "order_by=-created_at",
        "status_values=ACTIVE&order_by=-created_at",
        "updated_ats[gte]=2026-11-23T11:00:00Z",
    )

    assert len(told.world.deployments) == load_scenario("huge").history_deployments == 100_000
    for question in questions:
        begun = time.perf_counter()
        answer = told.core.answer(Request(method="GET", path="/v3/deployments", query=question, headers=headers))
        assert answer.status == 200
        assert time.perf_counter() - begun < 0.2, question
