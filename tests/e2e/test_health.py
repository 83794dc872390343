"""A running bot says truly whether it is ready: with a silent socket, without its database, and when all is well."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.stage import Bot, Stage, free_port, listening, stage, start
from tests.postgres import cluster
from tests.workspace_client import SIGNING_SECRET

PATIENCE = 40
CF = (("foundation", "cf"),)
Figures = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@asynccontextmanager
async def probed(tmp: Path, *, module: str = "tests.e2e.hasty_health", **more: str) -> AsyncIterator[tuple[Stage, Any]]:
    """A bot on Socket Mode whose health is served at a port of its own."""
    port = free_port()
    async with stage(tmp) as scene:
        scene = replace(scene, module=module)
        async with scene.bot_on_socket(DEPLOYBOT_HEALTH_PORT=str(port), **more), _client(port) as client:
            await listening(port)
            yield scene, client


def _client(port: int) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False)


async def until(client: httpx.AsyncClient, status: int) -> dict[str, str]:
    """The reasons of what is not ready, once `/readyz` has this status; the bot is alive all the time."""
    async with asyncio.timeout(PATIENCE):
        while True:
            answer = await client.get("/readyz")
            assert (await client.get("/livez")).status_code == 200
            if answer.status_code == status:
                return {part["part"]: part["reason"] for part in answer.json()["parts"] if not part["ready"]}
            await asyncio.sleep(0.1)


async def figures(client: httpx.AsyncClient) -> Figures:
    answer = await client.get("/metrics")
    samples = (one for family in text_string_to_metric_families(answer.text) for one in family.samples)
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for one in samples}


async def test_a_socket_that_is_open_and_silent_is_not_ready_until_slack_answers_again(tmp_path: Path) -> None:
    async with probed(tmp_path) as (scene, client):
        assert await until(client, 200) == {}
        await scene.slack.set_faults({"kind": "internal_error", "methods": ["apps.connections.open"]})
        await scene.slack.sockets("dead")
        reasons = await until(client, 503)
        assert list(reasons) == ["slack"]
        assert reasons["slack"].startswith("Slack has been silent for 1")
        await scene.slack.set_faults()
        assert await until(client, 200) == {}
        assert (await figures(client))["deploybot_socket_connects_total", (("again", "true"),)] >= 1


async def test_a_token_that_was_revoked_is_not_ready_though_its_socket_lives(tmp_path: Path) -> None:
    async with probed(tmp_path) as (scene, client):
        assert await until(client, 200) == {}
        await scene.slack.post("access", refusal="token_revoked")
        reasons = await until(client, 503)
        assert list(reasons) == ["slack"]
        assert reasons["slack"].endswith("Slack says token_revoked")
        assert len((await scene.slack.get("sockets"))["connections"]) == 1
        await scene.slack.post("access", refusal="")
        assert await until(client, 200) == {}


async def test_a_locked_database_is_not_ready_with_its_reason_until_it_is_free(tmp_path: Path) -> None:
    async with probed(tmp_path) as (_, client):
        assert await until(client, 200) == {}
        holder = sqlite3.connect(tmp_path / "data" / "deploybot.db", isolation_level=None)
        try:
            holder.execute("BEGIN IMMEDIATE")
            reasons = await until(client, 503)
        finally:
            holder.close()
        assert list(reasons) == ["database"]
        assert "database" in reasons["database"]
        assert await until(client, 200) == {}


async def test_a_database_that_is_gone_is_not_ready_and_one_that_is_back_is(tmp_path: Path) -> None:
    """The log has tracebacks then, so this bot is started without the stage's rule that there are none."""
    port = free_port()
    with cluster() as server:
        url = server.database()
        name = url.rpartition("/")[2]
        async with stage(tmp_path) as scene, _client(port) as client:
            more = scene.environment(DEPLOYBOT_HEALTH_PORT=str(port), DATABASE_URL=url)
            bot = await start("run", environment=more, log=tmp_path / "bot.log", module="tests.e2e.hasty_health")
            try:
                await listening(port)
                assert await until(client, 200) == {}
                server.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
                server.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
                reasons = await until(client, 503)
                assert list(reasons) == ["database"]
                assert "the database can't be used" in reasons["database"]
                server.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
                assert await until(client, 200) == {}
            finally:
                assert await bot.stop() == 0, bot.logged()


async def test_over_http_health_stands_beside_slacks_requests_and_what_people_do_is_counted(tmp_path: Path) -> None:
    port = free_port()
    async with stage(tmp_path) as scene:
        more = {"SLACK_SIGNING_SECRET": SIGNING_SECRET, "DEPLOYBOT_HTTP_PORT": str(port)}
        async with scene.bot("--http", **more, DEPLOYBOT_METRICS_TOKEN="figures-please"), _client(port) as client:
            await listening(port)
            client.headers["Authorization"] = "Bearer figures-please"
            assert await until(client, 200) == {}
            await scene.slack.post("delivery", request_url=f"http://127.0.0.1:{port}/slack/events")
            await scene.slack.command("alice", "#checkout", "/deployments help")
            counted = (("how", "command"), ("outcome", "answered"), ("verb", "help"))
            await _once(client, lambda told: told.get(("deploybot_commands_total", counted)) == 1)
            await _once(client, lambda told: told.get(("deploybot_poll_lag_seconds", CF), 1e9) < PATIENCE)
            told = await figures(client)
            assert told["deploybot_ack_seconds_count", (("how", "command"),)] == 1
            assert told["deploybot_polls_total", (*CF, ("outcome", "succeeded"))] >= 1
            assert told["deploybot_ready", (("part", "slack"),)] == 1
            async with _client(port) as stranger:
                assert (await stranger.get("/metrics")).status_code == 401


async def _once(client: httpx.AsyncClient, holds: Callable[[Figures], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds(await figures(client)):  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(0.05)


async def test_a_bot_on_socket_mode_without_a_port_serves_nothing(tmp_path: Path) -> None:
    async with stage(tmp_path) as scene, scene.bot_on_socket() as bot:
        assert _ports(bot) == []


def _ports(bot: Bot) -> list[str]:
    """Where the process listens, as Linux has it."""
    inodes = {link.readlink().name for link in Path(f"/proc/{bot.process.pid}/fd").iterdir() if link.is_symlink()}
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in inodes]
