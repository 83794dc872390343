"""`deploybot run`: the bot itself."""

import asyncio
from pathlib import Path
from typing import Annotated

import structlog
import typer

from deploybot.cli.failing import told
from deploybot.ops.logs import set_up_logs
from deploybot.settings.loading import Reading, environment, read, settings_of
from deploybot.settings.secrets import secrets_in

log = structlog.get_logger(__name__)


def run(
    config: Annotated[Path | None, typer.Option(help="Path of deploybot.toml.")] = None,
    http: Annotated[bool, typer.Option("--http", help="Take Slack's requests over HTTP, not Socket Mode.")] = False,
) -> None:
    """Run the bot until it is told to stop. Exits with 0 told to stop, 2 the configuration is wrong."""
    from deploybot.app import running  # here, so that `ask` starts without Slack's libraries

    transport: running.TransportName = "http" if http else "socket"
    with told():
        reading = read(config, environment(), transport=transport)
        settings = settings_of(reading)
        set_up_logs(settings.log.format, settings.log.level, secrets=secrets_in(settings))
        _warn(reading)
        asyncio.run(running.run(settings, transport))


def _warn(reading: Reading) -> None:
    """Whoever reads the log hears of what should not stay so, as `deploybot config check` would tell."""
    from deploybot.settings.effective import warnings_of

    for warning in warnings_of(reading):
        log.warning("configuration", warning=warning)
