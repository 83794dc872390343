"""`deploybot doctor`: looks at everything that the bot needs, and says what to do about what is not well."""

import asyncio
import sys
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from deploybot import __version__
from deploybot.cli.failing import told
from deploybot.cli.terminal import printable
from deploybot.domain.finding import Finding, Level
from deploybot.ops import doctor as doctors
from deploybot.ops.logs import set_up_logs
from deploybot.ops.redaction import Redaction
from deploybot.settings.loading import environment, load_what_can_be
from deploybot.settings.secrets import secrets_in

_STYLES = {Level.OK: "green", Level.NOTE: "cyan", Level.WARNING: "yellow", Level.FAILURE: "bold red"}


def doctor(
    config: Annotated[Path | None, typer.Option(help="Path of deploybot.toml.")] = None,
    http: Annotated[bool, typer.Option("--http", help="Examine what the bot needs with --http.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
    timeout: Annotated[float, typer.Option(help="Seconds for all of it.", min=1, max=600)] = 30,
) -> None:
    """Examine the set-up: configuration, access, Slack, the database, each foundation. It changes nothing.

    Exits with 0 nothing is broken, 1 something is, 2 the configuration is wrong.
    """
    from deploybot.app import doctoring  # here, so that `ask` starts without Slack's libraries

    with told():
        transport: doctoring.TransportName = "http" if http else "socket"
        loaded = load_what_can_be(config, environment(), transport=transport)
        secrets = secrets_in(loaded.settings)
        set_up_logs("console", "error", secrets=secrets)
        findings = asyncio.run(_told(doctoring.examined(loaded, transport, timeout), Redaction(secrets), as_json))
        raise typer.Exit(doctors.exit_code(findings, readable=not loaded.problems))


async def _told(examined: Awaitable[Sequence[Finding]], redaction: Redaction, as_json: bool) -> Sequence[Finding]:
    """What was found, shown before the end of the loop: that waits for name servers which do not answer."""
    findings = _printable(doctors.without_secrets(await examined, redaction))
    _show(findings, as_json)
    sys.stdout.flush()
    return findings


def _printable(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """What servers said may hold anything: none of it may move the cursor."""
    return tuple(
        replace(one, area=printable(one.area), says=printable(one.says), fix=printable(one.fix)) for one in findings
    )


def _show(findings: Sequence[Finding], as_json: bool) -> None:
    if as_json:
        typer.echo(doctors.report_json(findings, __version__))
        return
    console = Console()
    for line in doctors.report(findings, console.width if console.is_terminal else None):
        console.print(_styled(line), soft_wrap=True, highlight=False)


def _styled(line: doctors.Line) -> Text:
    if line.level is None:
        return Text(line.text, style="" if line.text.startswith(" ") else "bold")
    return Text.assemble("  ", (line.mark, _STYLES[line.level]), line.text)
