"""`deploybot config`: everything about the configuration, without asking Slack or a foundation."""

import typer

config = typer.Typer(no_args_is_help=True, help="Write, check and show the configuration.")


@config.callback()
def _config() -> None:
    """Write, check and show the configuration."""


@config.command(hidden=True)
def reference() -> None:
    """Print the reference of everything that can be set, as Markdown."""
    from deploybot.settings.reference_page import markdown  # here, so that no other command reads sources

    typer.echo(markdown(), nl=False)
