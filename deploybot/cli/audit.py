"""`deploybot audit`: the record in a terminal, as CSV for programs and spreadsheets, from the configured store."""

import asyncio
import csv
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from msgspec import structs
from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploybot.cli.ask import FOUND, NONE
from deploybot.cli.failing import told
from deploybot.cli.terminal import printable
from deploybot.domain.audit import AuditAsk, AuditEvent
from deploybot.domain.audit_question import first_turn, to_ask
from deploybot.domain.grammar import parse, quoted
from deploybot.errors import ConfigError, UserError
from deploybot.ops.logs import set_up_logs
from deploybot.settings.loading import environment, load
from deploybot.settings.model import StoreSettings
from deploybot.settings.secrets import secrets_in

COLUMNS = tuple(AuditEvent.__struct_fields__)
_SHOWN = ("at", "kind", "outcome", "by", "what", "told")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a cell for a formula. https://owasp.org/www-community/attacks/CSV_Injection"""
_Names = Annotated[list[str] | None, typer.Option(metavar="NAME", help="May be given several times; * for anything.")]
_Batches = AsyncIterator[Sequence[AuditEvent]]


def audit(
    kind: Annotated[str | None, typer.Argument(help="continue, cancel, ask, agree, decline, link, audit …")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="All columns as CSV, with a first line of names.")] = False,
    since: Annotated[str | None, typer.Option(help="From then on: 7d, today, 2026-11-22.")] = None,
    until: Annotated[str | None, typer.Option(help="Up to then.")] = None,
    by: Annotated[list[str] | None, typer.Option(help="Slack ids or Cloud Foundry accounts.")] = None,
    app: _Names = None,
    space: _Names = None,
    org: _Names = None,
    foundation: _Names = None,
    guid: Annotated[list[str] | None, typer.Option(help="Of these deployments.")] = None,
    config: Annotated[Path | None, typer.Option(help="Path of deploybot.toml.")] = None,
) -> None:
    """Read the record of who did what, oldest first. Exits with 0 found, 1 none, 2 bad question or configuration."""
    named = {"by": by, "app": app, "space": space, "org": org, "foundation": foundation, "guid": guid}
    with told():
        ask = _ask(kind, since, until, {key: words for key, words in named.items() if words})
        settings = load(config, environment(), transport=None)
        set_up_logs(settings.log.format, "warning", secrets=secrets_in(settings))
        raise typer.Exit(FOUND if asyncio.run(_shown(settings.store, ask, as_csv)) else NONE)


def _ask(kind: str | None, since: str | None, until: str | None, named: dict[str, list[str]]) -> AuditAsk:
    """The same question as in Slack, read by the same grammar; days are those of UTC."""
    if any(word.casefold() == "me" for word in named.get("by", ())):
        raise UserError("Only Slack knows who you are: write --by with your Slack id or Cloud Foundry account.")
    times = [f"{key}={value}" for key, value in (("since", since), ("until", until)) if value]
    filters = [f"{key}={','.join(map(quoted, words))}" for key, words in named.items()]
    command = parse(" ".join(["audit", *([quoted(kind)] if kind else []), *times, *filters]))
    ask = to_ask(first_turn(command, datetime.now(UTC)), "")
    return ask if until else structs.replace(ask, until=None)


async def _shown(settings: StoreSettings, ask: AuditAsk, as_csv: bool) -> int:
    """How many events there were."""
    from deploybot.store.engine import DATABASE_FILE  # here, so that `ask` starts without a database's libraries
    from deploybot.store.opening import open_store

    if not settings.database_url and not (settings.data_dir / DATABASE_FILE).exists():
        raise ConfigError(
            [f"store.data_dir: there is no {DATABASE_FILE} in {settings.data_dir}; start where the bot is."]
        )
    async with open_store(settings) as store:
        batches = store.actions.audit_all(ask)
        if as_csv:
            return await _csv(batches, sys.stdout.write)
        return await _listed(batches, Console())


async def _csv(batches: _Batches, write: Callable[[str], object]) -> int:
    """Batch by batch, so that a record of any length needs little memory. https://www.rfc-editor.org/rfc/rfc4180"""
    rows = csv.writer(_Lines(write))
    rows.writerow(COLUMNS)
    count = 0
    async for batch in batches:
        rows.writerows(list(_cells(event)) for event in batch)
        count += len(batch)
    sys.stdout.flush()
    return count


class _Lines:
    """What `csv` writes to."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self.write = write


def _cells(event: AuditEvent) -> Iterator[str]:
    for name in COLUMNS:
        value = getattr(event, name)
        text = "" if value is None else value.isoformat() if isinstance(value, datetime) else str(value)
        yield f"'{text}" if text.startswith(_FORMULA) else text


async def _listed(batches: _Batches, console: Console) -> int:
    """A table where somebody looks, else tab-separated lines with a first line of names."""
    if console.is_terminal:
        return await _table(batches, console)
    typer.echo("\t".join(_SHOWN))
    count = 0
    async for batch in batches:
        for event in batch:
            typer.echo("\t".join(map(printable, _told(event))))
        count += len(batch)
    return count


async def _table(batches: _Batches, console: Console) -> int:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in _SHOWN:
        table.add_column(name, overflow="fold")
    async for batch in batches:
        for event in batch:
            table.add_row(*(Text(printable(cell)) for cell in _told(event)))
    console.print(table)
    return table.row_count


def _told(event: AuditEvent) -> tuple[str, ...]:
    """The columns that people read."""
    place = "/".join(filter(None, (event.org, event.space, event.app)))
    what = " ".join(filter(None, (place, f"on {event.foundation}" if event.foundation else "", event.guid)))
    who = " ".join(filter(None, (event.user or "deploybot", event.account)))
    return f"{event.at:%Y-%m-%d %H:%M:%S}", event.kind, event.outcome, who, what, event.told or event.decision
