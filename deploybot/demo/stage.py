"""Sets the stage: a simulated foundation, a simulated workspace, the page, and between them the bot as a process.

The bot is the one that teams run, set as they would set it, but for three times. Since the foundation runs `speed`
times as fast as in life, the bot looks that much more often, and calls a rollout unhealthy that much sooner; and it
calls one stalled after a minute of the foundation's own clock instead of ten, because the people there give up after
about that. The speed can be turned on the page afterwards; these times stay those of the start.
"""

import asyncio
import os
import secrets
import sys
import tempfile
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from starlette.routing import Router

from deploybot.demo.botprocess import BotProcess, bot_environment
from deploybot.demo.foundation.clock import Clock
from deploybot.demo.foundation.control import TOKEN_HEADER, control_routes
from deploybot.demo.foundation.scenario import load_clients
from deploybot.demo.foundation.serving import Served, serve
from deploybot.demo.rules import write_rules
from deploybot.demo.site import Passage, create_site
from deploybot.demo.workspace.server import create_workspace
from deploybot.demo.workspace.serving import listening, served, url_of

BOT_COMMAND = (sys.executable, "-m", "deploybot")
BOT_CLIENT = "deploybot"
MANIFEST_SECONDS = 60.0
POLL_SECONDS, STALL_SECONDS, UNHEALTHY_SECONDS = 15.0, 60.0, 30.0
"""Of the foundation's own clock: how often the bot looks, and after what it calls a rollout stalled, or unhealthy."""
LEAST_SECONDS, LEAST_STALL_SECONDS = 1.0, 5.0
"""Of true time: a bot that looks more often is only busy, and a start at fifty times the speed takes a moment too."""


@dataclass(frozen=True, slots=True)
class Play:
    """What is given: the foundation's scenario, how many times faster than in life it runs, and the page's port."""

    scenario: str = "busy"
    speed: float = 5.0
    port: int = 0
    command: Sequence[str] = BOT_COMMAND
    """How the bot is called; `manifest` and `run` are appended."""


@dataclass(frozen=True, slots=True)
class Stage:
    """`address` opens the page: it carries the token, without which nothing is shown."""

    address: str
    workspace_url: str
    foundation_url: str
    bot: BotProcess


@asynccontextmanager
async def staged(play: Play, ended: Callable[[int, Sequence[str]], None]) -> AsyncIterator[Stage]:
    """Everything, for the time of the block; OSError when a port is taken. `ended` as with BotProcess."""
    token, control_token = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    async with AsyncExitStack() as stack:
        page_listener = stack.enter_context(listening(play.port))
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="deploybot-demo-")))
        manifest = await read_manifest(play.command, home)
        world = await stack.enter_async_context(
            serve(play.scenario, control_token=control_token, clock=Clock(speed=play.speed))
        )
        write_rules(home)
        slack = _SlackSecrets(secrets.token_hex(12), secrets.token_hex(12), secrets.token_hex(16))
        slack_listener = stack.enter_context(listening())
        workspace = create_workspace(
            manifest,
            public_url=url_of(slack_listener),
            bot_token=slack.bot_token,
            app_token=slack.app_token,
            signing_secret=slack.signing_secret,
            control_token=control_token,
        )
        workspace_url = await stack.enter_async_context(served(workspace, slack_listener))
        environ = bot_environment(os.environ, _bot_settings(world, workspace_url, slack, play.speed))
        bot = BotProcess((*play.command, "run"), environ, home, ended)
        page_url = url_of(page_listener)
        site = create_site(
            Passage(
                workspace, "/_control", {"authorization": f"Bearer {control_token}"}, query={"token": control_token}
            ),
            Passage(Router(control_routes(world.foundation, control_token)), "", {TOKEN_HEADER: control_token}),
            bot,
            token=token,
            cookie=f"deploybot-demo-{page_listener.getsockname()[1]}",
        )
        await stack.enter_async_context(served(site, page_listener))
        stack.push_async_callback(bot.stop)
        await bot.start()
        yield Stage(f"{page_url}/?token={token}", workspace_url, world.url, bot)


@dataclass(frozen=True, slots=True, repr=False)
class _SlackSecrets:
    bot: str
    app: str
    signing_secret: str

    @property
    def bot_token(self) -> str:
        return f"xoxb-{self.bot}"

    @property
    def app_token(self) -> str:
        return f"xapp-{self.app}"


def _bot_settings(world: Served, workspace_url: str, slack: _SlackSecrets, speed: float) -> Mapping[str, str]:
    """What somebody sets who runs the bot against the real ones, and the times that the module's docstring tells."""
    client = load_clients()[BOT_CLIENT]
    return {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": f"{workspace_url}/api/",
        "CF_NAME": "demo",
        "CF_API": world.url,
        "CF_CLIENT_ID": client.id,
        "CF_CLIENT_SECRET": client.secret,
        "DEPLOYBOT_LINK_KEYS": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        **bot_times(speed),
    }


def bot_times(speed: float) -> Mapping[str, str]:
    """The bot's own times in a foundation that runs `speed` times as fast as in life, never longer than in life."""
    return {
        "DEPLOYBOT_POLL_INTERVAL": _seconds(POLL_SECONDS, speed, LEAST_SECONDS),
        "DEPLOYBOT_STALL_AFTER": _seconds(STALL_SECONDS, speed, LEAST_STALL_SECONDS),
        "DEPLOYBOT_UNHEALTHY_AFTER": _seconds(UNHEALTHY_SECONDS, speed, LEAST_SECONDS),
    }


def _seconds(lasting: float, speed: float, least: float) -> str:
    return f"{max(least, lasting / max(1.0, speed)):g}s"


async def read_manifest(command: Sequence[str], cwd: Path) -> dict[str, Any]:
    """The app manifest as the bot itself prints it; RuntimeError with its last words when it does not."""
    process = await asyncio.create_subprocess_exec(
        *(*command, "manifest"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=bot_environment(os.environ, {}),
        cwd=cwd,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), MANIFEST_SECONDS)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise RuntimeError(f"the bot prints no manifest: {err.decode(errors='replace').strip()[-400:]}")
    manifest: dict[str, Any] = yaml.safe_load(out)
    return manifest
