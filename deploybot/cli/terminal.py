"""A page or a deployment in a terminal: a table for people, tab-separated lines for pipes, JSON for programs."""

from collections.abc import Iterator
from datetime import datetime
from shlex import quote
from typing import Any

import msgspec
import typer
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from deploybot.domain.grammar import query_text
from deploybot.domain.outcome import Outcome
from deploybot.domain.page import Detail, Page, Row, Trouble
from deploybot.domain.question import counted
from deploybot.domain.words import SIGNS, app_name, asked_of, instances, rollout, step, untold_error, where

_STYLES = {
    Outcome.FAILED: "bold red",
    Outcome.STALLED: "red",
    Outcome.ERRORING: "yellow",
    Outcome.PAUSED: "yellow",
    Outcome.SUCCEEDED: "green",
    Outcome.IN_PROGRESS: "cyan",
}

PLAIN_COLUMNS = ("state", "app", "place", "rollout", "revision", "by", "created", "guid", "error", "why")


def show_page(console: Console, page: Page) -> None:
    """The page as a table where somebody looks, else as tab-separated lines with a first line of names."""
    if console.is_terminal:
        console.print(_page_table(page))
    else:
        _print_plain(page.rows, page.several_foundations)


def show_detail(console: Console, detail: Detail) -> None:
    """One deployment in full: a table of facts, or one tab-separated line."""
    if console.is_terminal:
        console.print(_detail_table(detail))
    else:
        _print_plain((detail.row,), detail.several_foundations)


def remarks(page: Page | Detail) -> Iterator[str]:
    """What was skipped and why, and which foundations could not answer."""
    yield from (trouble_line(trouble) for trouble in page.troubles)
    yield from page.notes


def trouble_line(trouble: Trouble) -> str:
    return f"{trouble.foundation} could not answer: {trouble.reason}"


def _page_table(page: Page) -> RenderableType:
    """Three columns, so that 80 characters are enough: what is long stands in lines below each other."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("state", no_wrap=True)
    table.add_column("deployment", overflow="fold")
    table.add_column("created", no_wrap=True)
    for row in page.rows:
        table.add_row(*_cells(row, page))
    return Group(Text(_heading(page), style="bold"), *([table] if page.rows else []), *_footer(page))


def _cells(row: Row, page: Page) -> list[Text]:
    outcome = row.verdict.outcome
    return [
        Text(f"{SIGNS[outcome]} {outcome}", style=_STYLES.get(outcome, "")),
        Text("\n").join(_deployment(row, several=page.several_foundations)),
        Text(_ago(row.deployment.created_at, page.as_of)),
    ]


def _deployment(row: Row, *, several: bool) -> Iterator[Text]:
    yield Text(printable(app_name(row)), style="bold") + Text(
        printable(f"  {where(row, several_foundations=several)}"), style="not bold"
    )
    revision = f"rev {_revision(row)}" if _revision(row) else ""
    facts = (rollout(row), revision, row.by.shown if row.by else "by somebody unknown")
    yield Text(printable(" · ".join(filter(None, facts))))
    yield Text(printable(row.verdict.why), style="dim")
    if error := untold_error(row):
        yield Text(printable(f"error: {error}"), style="dim")


def _heading(page: Page) -> str:
    place = f", page {page.number} of {page.pages}" if page.number and page.pages else ""
    return printable(f"{counted(page.total, asked_of(page))}{place}")


def _footer(page: Page) -> list[Text]:
    lines = list(remarks(page))
    if page.next:
        number = page.turn.shown // page.query.per_page + 2
        lines.append(f"next page: deploybot ask {quote(f'{query_text(page.query)} page={number}'.strip())}")
    return [Text(printable(line), style="dim") for line in lines]


def _detail_table(detail: Detail) -> RenderableType:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in _facts(detail):
        table.add_row(name, Text(printable(value)))
    return Group(table, *(Text(printable(line), style="dim") for line in remarks(detail)))


def _facts(detail: Detail) -> Iterator[tuple[str, str]]:
    row, deployment = detail.row, detail.row.deployment
    yield "state", f"{SIGNS[row.verdict.outcome]} {row.verdict.outcome}: {row.verdict.why}"
    yield "app", app_name(row)
    yield "where", where(row, several_foundations=True)
    yield "rollout", rollout(row)
    if deployment.error:
        yield "error", deployment.error
    yield "status", f"{deployment.value or 'null'} / {deployment.reason or 'null'}"
    yield "started by", row.by.shown if row.by else "unknown"
    yield "created", _time(deployment.created_at, detail.as_of)
    yield "last status change", _time(deployment.details.last_status_change, detail.as_of)
    yield "last healthy", _time(deployment.details.last_successful_healthcheck, detail.as_of)
    if detail.revision:
        yield "revision", f"{detail.revision.version} {detail.revision.description}".strip()
    for event in detail.events or ():
        yield event.type, f"{_time(event.at, detail.as_of)} by {event.by.shown}"
    yield "guid", deployment.guid
    yield "next", detail.advice


def _print_plain(rows: tuple[Row, ...], several: bool) -> None:
    for cells in (PLAIN_COLUMNS, *(_plain(row, several) for row in rows)):
        typer.echo("\t".join(printable(cell) for cell in cells))


def _plain(row: Row, several: bool) -> tuple[str, ...]:
    created = row.deployment.created_at
    return (
        row.verdict.outcome.value,
        app_name(row),
        where(row, several_foundations=several),
        rollout(row),
        _revision(row),
        row.by.shown if row.by else "",
        created.strftime("%Y-%m-%dT%H:%M:%SZ") if created else "",
        row.deployment.guid,
        row.deployment.error or "",
        row.verdict.why,
    )


def _revision(row: Row) -> str:
    revision = row.deployment.revision
    return str(revision.version) if revision and revision.version is not None else ""


def printable(text: str) -> str:
    """Text without control characters, so that no name can move the cursor or start a line of its own."""
    return "".join(character if character.isprintable() else " " for character in text)


def _time(at: datetime | None, now: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC ({_ago(at, now)})" if at else "unknown"


def _ago(at: datetime | None, now: datetime) -> str:
    """`3 min ago`, in the largest unit that fits."""
    if not at:
        return "unknown"
    seconds = int((now - at).total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{max(seconds, 0)} s ago"


def page_json(page: Page) -> bytes:
    """The page for programs: the question, the total, the rows with everything known, and what went wrong."""
    return _json(
        {
            "question": query_text(page.query),
            "as_of": page.as_of,
            "total": page.total.count,
            "total_is_exact": page.total.exact,
            "page": page.number,
            "pages": page.pages,
            "rows": [_row_json(row) for row in page.rows],
            "notes": page.notes,
            "troubles": page.troubles,
        }
    )


def detail_json(detail: Detail) -> bytes:
    """One deployment in full, for programs."""
    return _json(
        {
            **_row_json(detail.row),
            "as_of": detail.as_of,
            "advice": detail.advice,
            "events": detail.events,
            "revision_description": detail.revision.description if detail.revision else None,
            "notes": detail.notes,
            "troubles": detail.troubles,
        }
    )


def _row_json(row: Row) -> dict[str, Any]:
    return {
        "foundation": row.foundation,
        "outcome": row.verdict.outcome,
        "why": row.verdict.why,
        "app": row.app,
        "step": step(row) or None,
        "instances": instances(row.progress) or None,
        "started_by": row.by,
        "deployment": row.deployment,
    }


def _json(value: dict[str, Any]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2)
