"""A channel is subscribed, told of a rollout across a restart, sent a digest, and silenced, by a real bot's process."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from deploybot.demo.foundation.entities import App, Deployment
from deploybot.demo.foundation.foundation import Foundation
from deploybot.slack.manifest import manifest
from tests.e2e.stage import Stage, stage, text_of
from tests.workspace_client import JsonObject, elements

QUICK = {"DEPLOYBOT_POLL_INTERVAL": "0.3s", "DEPLOYBOT_STALL_AFTER": "2s"}


async def asked(on_stage: Stage, text: str, words: str) -> JsonObject:
    """What alice is told for a command of hers in #checkout."""
    await on_stage.slack.command("alice", "#checkout", f"/deployments {text}")
    return await shown(on_stage, words)


async def shown(on_stage: Stage, words: str) -> JsonObject:
    return await on_stage.slack.wait_for_message("alice", "#checkout", lambda one: words in text_of(one))


def counted(on_stage: Stage, query: str, *values: str) -> int:
    """What this counts in the bot's store."""
    with closing(sqlite3.connect(next((on_stage.tmp / "data").glob("*.db")))) as store:
        return int(store.execute(query, values).fetchone()[0])


async def stored(on_stage: Stage, query: str, *values: str) -> int:
    """Wait until it counts something."""
    async with asyncio.timeout(20):
        while not (found := counted(on_stage, query, *values)):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)
    return found


def resting(foundation: Foundation) -> App:
    busy = {row.app_guid for row in foundation.world.active_deployments()}
    return next(app for app in foundation.world.apps if app.guid not in busy)


def rolled_out(foundation: Foundation, app: App) -> Deployment:
    """A rollout that gets nowhere, since time does not move in this foundation."""
    return foundation.simulation.roll_out(app.guid, "rolling", foundation.simulation.deployers(app.space_guid)[0])


async def thread_of(on_stage: Stage, first: JsonObject) -> list[str]:
    """The words of all in the message's thread, itself first."""
    return [text_of(one) for one in await on_stage.slack.messages("alice", "#checkout", first["ts"])]


async def posted(on_stage: Stage) -> list[JsonObject]:
    """What stands in the channel for everybody, with neither threads nor answers."""
    return [one for one in await on_stage.slack.messages("bob", "#checkout") if not one["is_ephemeral"]]


async def test_a_subscribed_channel_is_told_across_a_restart_and_no_more_once_paused(tmp_path: Path) -> None:
    async with stage(tmp_path, manifest=manifest()) as on_stage:
        foundation = on_stage.foundation.foundation
        app = resting(foundation)
        async with on_stage.bot_on_socket(**QUICK):
            await stored(on_stage, "SELECT count(*) FROM polls WHERE polled_at IS NOT NULL")  # before, all is old
            await asked(on_stage, f"subscribe app={app.guid} on=started,stalled mention=me", "pings <@U0ALICE001>")
            await asked(on_stage, f"subscribe app={app.guid} every=1h", "next digest")
            rolled_out(foundation, app)
            first = await shown(on_stage, "this message is kept up to date")

        async with on_stage.bot_on_socket(**QUICK):
            await shown(on_stage, "Last progress")
            told = await on_stage.slack.wait_for(lambda: replies(on_stage, first), "the reply that pings")
            assert "stalled" in told[1]
            assert "<@U0ALICE001>" in told[1]

            listed = await asked(on_stage, "subscriptions", "2 subscriptions of this channel")
            await on_stage.slack.click("alice", listed, "subs_send")
            digest = await shown(on_stage, "Digest: 1 deployment")
            assert "1 stalled" in text_of(digest)
            listed = await asked(on_stage, "subscriptions", "last posted")
            alerts = next(block for block, element in elements(listed) if element["action_id"] == "subs_pause")
            await on_stage.slack.click("alice", listed, "subs_pause", block_id=alerts)
            await shown(on_stage, "*paused* by <@U0ALICE001>")

            second = rolled_out(foundation, app)
            assert await stored(on_stage, "SELECT count(*) FROM transitions WHERE guid = ?", second.guid)
            assert not counted(on_stage, "SELECT count(*) FROM announcements WHERE guid = ?", second.guid)
            assert len(await thread_of(on_stage, first)) == 2
            told_once = [one for one in await posted(on_stage) if "kept up to date" in text_of(one)]
            assert len(told_once) == 1


async def replies(on_stage: Stage, first: JsonObject) -> list[str] | None:
    """The thread, once something stands in it."""
    told = await thread_of(on_stage, first)
    return told if len(told) > 1 else None
