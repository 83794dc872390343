"""A real `deploybot run` process between a Slack workspace and a foundation with the recorded world, on loopback."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploybot.demo.foundation.serving import Served, serve
from tests.recordings import world
from tests.workspace_client import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, JsonObject, SlackClient, served_workspace

CF_SECRET = "deploybot-demo-secret"
CONTROL = "foundation-control"
STOP_SECONDS = 10
OPEN = """
[[access.rules]]
who = "everyone"
may = ["read", "subscribe", "watch"]
"""
"""Rules that keep nothing from the guest who is in most channels of the workspace."""
SECRETS = (BOT_TOKEN, APP_TOKEN, SIGNING_SECRET, CF_SECRET)


@dataclass
class Bot:
    """The running process and what it has logged."""

    process: asyncio.subprocess.Process
    log: Path

    async def stop(self) -> int:
        """SIGTERM, and the exit code; it must come within 10 s."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), STOP_SECONDS)

    def logged(self) -> str:
        return self.log.read_text()


@dataclass
class Stage:
    slack: SlackClient
    foundation: Served
    tmp: Path
    rules: str = OPEN
    module: str = "deploybot"
    """What is run as the bot: itself, or a module that composes it for a test."""

    def environment(self, **more: str) -> dict[str, str]:
        """All that a bot with one foundation needs."""
        return {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_API_URL": self.slack.api_url,
            "CF_API": self.foundation.url,
            "CF_CLIENT_ID": "deploybot",
            "CF_CLIENT_SECRET": CF_SECRET,
            "DEPLOYBOT_DATA_DIR": str(self.tmp / "data"),
            "DEPLOYBOT_CONFIG": str(configured(self.tmp, self.rules)),
            **more,
        }

    @asynccontextmanager
    async def bot(self, *arguments: str, **more: str) -> AsyncIterator[Bot]:
        """A bot that stops with the block; nothing secret may have reached its log, and no traceback."""
        environment, log = self.environment(**more), self.tmp / "bot.log"
        bot = await start("run", *arguments, environment=environment, log=log, module=self.module)
        try:
            yield bot
            assert await bot.stop() == 0, bot.logged()
        finally:
            if bot.process.returncode is None:
                bot.process.kill()
                await bot.process.wait()
        assert not [secret for secret in SECRETS if secret in bot.logged()]
        assert "Traceback" not in bot.logged(), bot.logged()

    @asynccontextmanager
    async def bot_on_socket(self, **more: str) -> AsyncIterator[Bot]:
        """A bot that Slack reaches over Socket Mode."""
        async with self.bot(**more) as bot:
            await self.slack.wait_for_connections(1)
            yield bot

    @asynccontextmanager
    async def bot_on_http(self) -> AsyncIterator[Bot]:
        """A bot that Slack reaches over signed HTTP."""
        port = free_port()
        more = {"SLACK_SIGNING_SECRET": SIGNING_SECRET, "DEPLOYBOT_HTTP_PORT": str(port)}
        async with self.bot("--http", **more) as bot:
            await listening(port)
            await self.slack.post("delivery", request_url=f"http://127.0.0.1:{port}/slack/events")
            yield bot


def configured(directory: Path, rules: str = OPEN) -> Path:
    """A configuration with these rules; its path."""
    file = directory / "rules.toml"
    file.write_text(rules)
    return file


async def start(*arguments: str, environment: Mapping[str, str], log: Path, module: str = "deploybot") -> Bot:
    """The `deploybot` command with nothing of our environment but what Python needs."""
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    with log.open("w") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, *arguments, env={**kept, **environment}, stdout=out, stderr=out
        )
    return Bot(process, log)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


async def listening(port: int) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


@asynccontextmanager
async def stage(tmp: Path, **workspace: Any) -> AsyncIterator[Stage]:
    """Both stand-ins, at rest: nothing moves in the recorded world."""
    async with (
        serve(world(), control_token=CONTROL, ticking=False) as foundation,
        served_workspace(**workspace) as slack,
    ):
        slack.patience = 20
        yield Stage(slack, foundation, tmp)


def text_of(shown: JsonObject) -> str:
    """All text of a message or view, as one string."""
    parts: list[str] = []
    _collect(shown.get("blocks", []), parts)
    return "\n".join([shown.get("text") or "", *parts])


def _collect(value: object, parts: list[str]) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "text" and isinstance(item, str):
                parts.append(item)
            else:
                _collect(item, parts)
    elif isinstance(value, list):
        for item in value:
            _collect(item, parts)
