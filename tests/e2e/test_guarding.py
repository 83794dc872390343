"""Forgotten canaries with a real bot: one is canceled, one is continued in time, one the bot may not cancel."""

import asyncio
import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from cryptography.fernet import Fernet

from deploybot.demo.foundation.actions import with_status
from deploybot.demo.foundation.entities import App, Deployment
from deploybot.demo.foundation.foundation import Foundation
from deploybot.demo.foundation.scenario import load_clients
from deploybot.slack.manifest import manifest
from tests.e2e.stage import OPEN, Stage, stage, start, text_of
from tests.e2e.test_acting_in_slack import form_of, linked, outcome
from tests.workspace_client import JsonObject

ALICE_ACTS = """
[[access.rules]]
who = "U0ALICE001"
where = "C0CHECKOUT"
may = ["continue", "cancel"]
"""
GUARD = """
[[guards]]
name = "{name}"
on = [{apps}]
channel = "C0CHECKOUT"
remind_after = "2s"
tell_after = "5s"
cancel_after = "14s"
"""
CLIENT = load_clients()["deploybot-guard"]
AS_GUARD = {
    "CF_CLIENT_ID": CLIENT.id,
    "CF_CLIENT_SECRET": CLIENT.secret,
    "DEPLOYBOT_LINK_KEYS": Fernet.generate_key().decode(),
    "DEPLOYBOT_POLL_INTERVAL": "0.3s",
}
"""The bot's account may cancel in acme-retail, and nowhere else."""


def guard(name: str, *apps: App) -> str:
    return GUARD.format(name=name, apps=", ".join(f'"app={one.guid}"' for one in apps))


def resting(foundation: Foundation, org: str) -> Iterator[App]:
    """Apps of an organization where alice may deploy and nothing is rolled out."""
    world = foundation.world
    busy = {row.app_guid for row in world.active_deployments()}
    for app in world.apps:
        deployers = {one.user_name for one in foundation.simulation.deployers(app.space_guid)}
        place = world.organization_of(app.space_guid)
        if (place.name, place.status) == (org, "active") and "alice" in deployers and app.guid not in busy:
            yield app


def forgotten(foundation: Foundation, app: App) -> Deployment:
    """A canary that alice has started, and that begins to wait now."""
    alice = next(one for one in foundation.simulation.people if one.user_name == "alice")
    begun = foundation.simulation.roll_out(app.guid, "canary", alice, max_in_flight=1)
    waits = with_status(begun, "PAUSED", "ACTIVE", "PAUSED", foundation.clock.now())
    foundation.world.apply([msgspec.structs.replace(waits, canary_steps=(20, 60), canary_current_step=1)])
    return foundation.world.deployments[begun.guid]


def done(foundation: Foundation, row: Deployment) -> list[tuple[str, str]]:
    """What was done to it and by whose guid, by the foundation's own record."""
    events = [one for one in foundation.world.audit_events if one.data.get("deployment_guid") == row.guid]
    kinds = [(one.type.rpartition(".")[2], one.actor[0]) for one in events]
    return [one for one in kinds if one[0] != "create"]


async def told(at: Stage, row: Deployment, words: str, where: str = "#checkout") -> JsonObject:
    """What the guard says about a canary, which its buttons name."""
    return await at.slack.wait_for_message(
        "alice", where, lambda one: row.guid in json.dumps(one) and words in text_of(one)
    )


async def on_record(at: Stage, row: Deployment) -> list[Mapping[str, str]]:
    out = at.tmp / "audit.csv"
    printed = await start("audit", "--csv", "--guid", row.guid, environment=at.environment(**AS_GUARD), log=out)
    assert await asyncio.wait_for(printed.process.wait(), 20) in {0, 1}, "found, or none"
    return list(csv.DictReader(io.StringIO(out.read_text())))


async def test_a_forgotten_canary_is_canceled_one_that_is_continued_is_not_nor_where_the_bot_may_not(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path, manifest=manifest()) as at:
        foundation = at.foundation.foundation
        ours, looked_after, *_ = resting(foundation, "acme-retail")
        foreign, *_ = resting(foundation, "payments-eu")
        at.module, at.slack.patience = "tests.e2e.hasty_guard", 40
        at.rules = OPEN + ALICE_ACTS + guard("shop", ours, looked_after) + guard("payments", foreign)
        async with at.bot_on_socket(**AS_GUARD):
            await linked(at, "alice")
            canary, continued, untouchable = (forgotten(foundation, app) for app in (ours, looked_after, foreign))

            for row in (canary, continued, untouchable):
                reminder = await told(at, row, "and you started it: continue it, or cancel it", "@deploybot")
                assert not reminder.get("is_ephemeral")
            assert await told(at, canary, "and nobody has decided")
            announcement = await told(at, continued, "I cancel it then")
            await at.slack.click("alice", announcement, "act_continue")
            await form_of(at, "alice")
            assert "Continued as" in await outcome(at, "alice")

            assert 'the guard "shop" says so' in text_of(await told(at, canary, "I cancel it then"))
            assert "Canceled as the bot's own account" in text_of(await told(at, canary, "wants it canceled"))
            assert done(foundation, canary) == [("cancel", CLIENT.id)]
            assert done(foundation, continued) == [("continue", "user-alice")]

            unable = text_of(await told(at, untouchable, "I can't do that in payments-eu/"))
            assert "my own account needs the role Space Supporter there" in unable
            heard = [one for one in await at.slack.messages("bob", "#checkout") if "I cancel it then" in text_of(one)]
            assert len(heard) == 2
            assert not [one for one in heard if untouchable.guid in json.dumps(one)]
            assert done(foundation, untouchable) == []
            assert foundation.world.deployments[untouchable.guid].state == "PAUSED"

            events = await on_record(at, canary)
            assert [(one["kind"], one["outcome"], one["user"]) for one in events] == [
                ("cancel", "begun", ""),
                ("cancel", "done", ""),
            ]
            assert {one["rule"] for one in events} == {'the guard "shop"'}
            assert await on_record(at, untouchable) == []
