"""The command line: `deploybot ask`, `run`, `doctor`, `audit`, `config`, `guard`, `manifest`, `alive`."""

import typer

from deploybot import __version__
from deploybot.cli.access import access
from deploybot.cli.alive import alive
from deploybot.cli.ask import ask
from deploybot.cli.audit import audit
from deploybot.cli.config import config
from deploybot.cli.demo import demo
from deploybot.cli.doctor import doctor
from deploybot.cli.guard import guard
from deploybot.cli.manifest import manifest
from deploybot.cli.reference import Reference, reference_page
from deploybot.cli.run import run

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Slack chat-ops for Cloud Foundry deployments.",
    pretty_exceptions_enable=False,
)
for command in (ask, run, doctor, audit, alive, manifest, demo):
    app.command()(command)
app.add_typer(access, name="access")
app.add_typer(config, name="config")
app.add_typer(guard, name="guard")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"deploybot {__version__}")
        raise typer.Exit


@app.callback()
def deploybot(
    _: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Show the version and exit."),
) -> None:
    """Slack chat-ops for Cloud Foundry deployments."""


@app.command(hidden=True)
def reference(page: Reference) -> None:
    """Print a page of the reference as Markdown."""
    typer.echo(reference_page(page, app), nl=False)


def main() -> None:
    """The entry point of the `deploybot` command."""
    app()
