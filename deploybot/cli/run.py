"""`deploybot run`: the bot itself."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from deploybot.cli.failing import told
from deploybot.ops.logs import set_up_logs
from deploybot.settings.loading import environment, load
from deploybot.settings.secrets import secrets_in


def run(
    config: Annotated[Path | None, typer.Option(help="Path of deploybot.toml.")] = None,
    http: Annotated[bool, typer.Option("--http", help="Take Slack's requests over HTTP, not Socket Mode.")] = False,
) -> None:
    """Run the bot until it is told to stop; exits with 2 when the configuration is wrong."""
    from deploybot.app import running  # here, so that `ask` starts without Slack's libraries

    transport: running.TransportName = "http" if http else "socket"
    with told():
        settings = load(config, environment(), transport=transport)
        set_up_logs(settings.log.format, settings.log.level, secrets=secrets_in(settings))
        asyncio.run(running.run(settings, transport))
