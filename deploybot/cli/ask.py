"""`deploybot ask`: the answer of `/deployments` in a terminal."""

import asyncio
import sys
import time
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deploybot.app.foundations import listing_of
from deploybot.cli import terminal
from deploybot.cli.failing import TROUBLE, told
from deploybot.domain.grammar import parse
from deploybot.domain.grammar_help import help_text
from deploybot.domain.page import Detail, Page
from deploybot.domain.paging import FIRST
from deploybot.domain.query import Command, Verb
from deploybot.errors import UserError
from deploybot.ops.logs import set_up_logs
from deploybot.service.detail import detail
from deploybot.settings.loading import environment, load
from deploybot.settings.model import Settings
from deploybot.settings.secrets import secrets_in

FOUND, NONE = 0, 1

_MOST_ROWS = 5000


def ask(
    question: Annotated[list[str] | None, typer.Argument(help='For example "app=checkout state=active".')] = None,
    config: Annotated[Path | None, typer.Option(help="Path of deploybot.toml.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
    timeout: Annotated[float, typer.Option(help="Seconds to wait at most.", min=0.1, max=3600)] = 60,
) -> None:
    """Ask about deployments. Exits with 0 found, 1 none, 2 bad question or configuration, 3 foundation trouble."""
    with told():
        raise typer.Exit(_answer(" ".join(question or []), config, as_json, timeout))


def _answer(question: str, config: Path | None, as_json: bool, timeout: float) -> int:
    command = parse(question, most_rows=_MOST_ROWS)
    if command.verb not in {Verb.LIST, Verb.SHOW, Verb.HELP}:
        raise UserError(
            f"{command.verb} works in Slack only: write /deployments {command.verb} in the channel that is meant."
        )
    if command.verb is Verb.HELP:
        typer.echo(help_text(command.subject))
        return FOUND
    settings = load(config, environment(), transport=None)
    set_up_logs(settings.log.format, "warning", secrets=secrets_in(settings))
    err = Console(stderr=True)
    with err.status("asking…") if err.is_terminal else nullcontext():
        answer = asyncio.run(_asked(settings, command, timeout))
    _show(answer, as_json)
    if not sys.stdout.isatty():
        for remark in terminal.remarks(answer):
            err.print(terminal.printable(remark), markup=False, highlight=False, soft_wrap=True)
    return _code(answer)


async def _asked(settings: Settings, command: Command, timeout: float) -> Page | Detail:
    now, until = datetime.now(UTC), time.monotonic() + timeout
    async with listing_of(settings) as listing:
        if command.verb is Verb.SHOW:
            return await detail(listing, command.subject or "", command.query, now, until)
        return await listing.page(command.query, FIRST, now, until)


def _show(answer: Page | Detail, as_json: bool) -> None:
    match answer:
        case Page() if as_json:
            typer.echo(terminal.page_json(answer))
        case Page():
            terminal.show_page(Console(), answer)
        case _ if as_json:
            typer.echo(terminal.detail_json(answer))
        case _:
            terminal.show_detail(Console(), answer)


def _code(answer: Page | Detail) -> int:
    """Trouble counts most: an answer that may lack something must not look whole to a script."""
    if answer.troubles:
        return TROUBLE
    return NONE if isinstance(answer, Page) and not answer.rows else FOUND
