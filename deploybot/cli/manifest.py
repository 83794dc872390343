"""`deploybot manifest`: the Slack app manifest to paste when the app is created."""

from typing import Annotated

import typer

from deploybot.cli.failing import told


def manifest(
    http: Annotated[
        str | None, typer.Option(metavar="URL", help="The bot's own address, like https://bot.example.com, for HTTP.")
    ] = None,
) -> None:
    """Print the Slack app manifest: for Socket Mode, or with --http for HTTP.

    Exits with 2 for an address that Slack would refuse.
    """
    from deploybot.slack.manifest import manifest_yaml  # here, so that `ask` starts without Slack's libraries

    with told():
        typer.echo(manifest_yaml(http), nl=False)
