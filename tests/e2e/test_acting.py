"""Continue and cancel with a real bot: a form asks once more, and two who confirm at once send one request."""

import asyncio
import json
from pathlib import Path

import msgspec

from deploybot.demo.foundation.actions import with_status
from deploybot.demo.foundation.entities import Deployment
from deploybot.demo.foundation.foundation import Foundation
from tests.e2e.stage import Stage, stage
from tests.workspace_client import JsonObject

RULES = """
[[access.rules]]
name = "whoever is on call"
who = "members"
where = "C0ONCALL01"
may = ["read", "continue", "cancel"]
"""
AS_BOT = {
    "CF_CLIENT_ID": "",
    "CF_CLIENT_SECRET": "",
    "CF_USERNAME": "admin",
    "CF_PASSWORD": "admin",
    "CF_ACT_AS": "bot",
}


def paused(foundation: Foundation) -> Deployment:
    """A canary that waits at its first step of two."""
    simulation, world = foundation.simulation, foundation.world
    busy = {one.app_guid for one in world.active_deployments()}
    app = next(one for one in world.apps if one.guid not in busy and world.web_processes(one.guid))
    actor = next(one for one in simulation.people if one.user_name == "admin")
    begun = simulation.roll_out(app.guid, "canary", actor, max_in_flight=1)
    waits = with_status(begun, "PAUSED", "ACTIVE", "PAUSED", foundation.clock.now())
    world.apply([msgspec.structs.replace(waits, canary_steps=(20, 60), canary_current_step=1)])
    return world.deployments[begun.guid]


def done(foundation: Foundation, guid: str) -> list[str]:
    kinds = ("audit.app.deployment.cancel", "audit.app.deployment.continue")
    events = [one for one in foundation.world.audit_events if one.type in kinds]
    return [one.type.rpartition(".")[2] for one in events if one.data["deployment_guid"] == guid]


async def form(at: Stage, person: str, guid: str, words: str, verb: str = "continue") -> JsonObject:
    await at.slack.command(person, "#oncall", f"/deployments {verb} {guid}")
    return await at.slack.wait_for_view(person, lambda view: words in json.dumps(view))


async def test_of_two_who_confirm_at_once_one_does_it_and_both_are_told(tmp_path: Path) -> None:
    async with stage(tmp_path) as at:
        at.rules = RULES
        waits = paused(at.foundation.foundation)
        async with at.bot_on_socket(**AS_BOT):
            for person in ("alice", "bob"):
                await form(at, person, waits.guid, "step 2 of 2")
            assert done(at.foundation.foundation, waits.guid) == []
            await asyncio.gather(at.slack.submit("alice"), at.slack.submit("bob"))
            told = [json.dumps(await _result(at, person)) for person in ("alice", "bob")]
            assert done(at.foundation.foundation, waits.guid) == ["continue"]
            assert sum("Continued as the bot's own account" in one for one in told) == 1


async def _result(at: Stage, person: str) -> JsonObject:
    words = ("Continued as", "Nothing was done", "sent nothing more")
    return await at.slack.wait_for_view(person, lambda view: any(word in json.dumps(view) for word in words))


async def test_a_form_that_the_cf_cli_overtook_does_nothing_and_says_what_happened(tmp_path: Path) -> None:
    async with stage(tmp_path) as at:
        at.rules = RULES
        foundation = at.foundation.foundation
        waits = paused(foundation)
        async with at.bot_on_socket(**AS_BOT):
            await form(at, "alice", waits.guid, "previous version", "cancel")
            actor = next(one for one in foundation.simulation.people if one.user_name == "admin")
            foundation.simulation.act(foundation.world.deployments[waits.guid], "continue", actor)
            await at.slack.submit("alice")
            told = json.dumps(await _result(at, "alice"))
            assert "rolling out, step 2 of 2" in told
            assert "admin@example.com continued it" in told
            assert done(foundation, waits.guid) == ["continue"]


async def test_what_was_done_but_answered_with_a_500_is_looked_at(tmp_path: Path) -> None:
    async with stage(tmp_path) as at:
        at.rules = RULES
        foundation = at.foundation.foundation
        waits = paused(foundation)
        async with at.bot_on_socket(**AS_BOT):
            await form(at, "alice", waits.guid, "previous version", "cancel")
            foundation.faults = msgspec.structs.replace(foundation.faults, done_but_error=1.0)
            await at.slack.submit("alice")
            await at.slack.wait_for_view("alice", lambda view: "It is now being canceled" in json.dumps(view))
            assert done(foundation, waits.guid) == ["cancel"]
