"""`deploybot alive`: what a container's health check asks."""

import time
from pathlib import Path
from typing import Annotated

import typer

MOST_SECONDS = 40
"""The bot touches the file every 10 s; three missed in a row are one too many."""


def alive(
    heartbeat_file: Annotated[Path, typer.Option(envvar="DEPLOYBOT_HEARTBEAT_FILE", help="The file that it touches.")],
) -> None:
    """Tell whether Slack can reach a running bot, by the age of its heartbeat. Exits with 0 it can, 1 it can't."""
    try:
        age = time.time() - heartbeat_file.stat().st_mtime
    except OSError as problem:
        typer.echo(f"no heartbeat at {heartbeat_file}: the bot is not running, or Slack cannot reach it", err=True)
        raise typer.Exit(1) from problem
    typer.echo(f"last heartbeat {age:.0f} s ago" if age >= 0 else f"the heartbeat is {-age:.0f} s in the future")
    if abs(age) > MOST_SECONDS:  # after the clock was set back, a file of the future says nothing about now
        raise typer.Exit(1)
