"""The record in a terminal: all that matches, as CSV that no spreadsheet runs, and with exit codes for scripts."""

import asyncio
import csv
import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from typer.testing import CliRunner, Result

from deploybot.cli import app
from deploybot.cli.audit import COLUMNS
from deploybot.domain.audit import AuditEvent, AuditKind
from deploybot.settings.model import StoreSettings
from deploybot.store.opening import open_store
from tests.store.making import NOON, event

Ask = Callable[..., Result]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Runs the command over a store in the data directory."""
    monkeypatch.chdir(tmp_path)
    config = tmp_path / "deploybot.toml"
    config.write_text(
        '[foundations.eu]\napi = "https://api.example.com"\nclient_id = "c"\nclient_secret = "s"\n'
        f'[store]\ndata_dir = "{tmp_path}"\n'
    )
    return lambda *arguments: CliRunner().invoke(app, ["audit", *arguments, "--config", str(config)])


def keep(where: Path, *events: AuditEvent) -> None:
    async def noted() -> None:
        async with open_store(StoreSettings(data_dir=where)) as store:
            for one in events:
                await store.actions.note(one)

    asyncio.run(noted())


def told(id_: str, kind: AuditKind = AuditKind.CANCEL, minutes: int = 0, **more: Any) -> AuditEvent:
    given = {"foundation": "eu", "org": "shop", "space": "prod", "app": "checkout", "user": "U7", **more}
    return structs.replace(event(id_, kind, **given), at=NOON + timedelta(minutes=minutes))


def rows(answer: Result) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.stdout)))


def test_csv_has_every_column_of_every_event_oldest_first(ask: Ask, tmp_path: Path) -> None:
    keep(tmp_path, told("b", minutes=1, step=2, told='He said "no",\nthen went.'), told("a"))
    answer = ask("--csv")
    assert answer.exit_code == 0
    assert answer.stdout.splitlines()[0] == ",".join(COLUMNS)
    assert [row["id"] for row in rows(answer)] == ["a", "b"]
    assert rows(answer)[1]["told"] == 'He said "no",\nthen went.'
    assert (rows(answer)[0]["step"], rows(answer)[1]["step"]) == ("", "2")
    assert rows(answer)[0]["at"] == "2026-11-23T12:00:00+00:00"


@pytest.mark.parametrize("name", ['=HYPERLINK("https://e")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(ask: Ask, tmp_path: Path, name: str) -> None:
    keep(tmp_path, told("a", app=name))
    (row,) = rows(ask("--csv"))
    assert row["app"] == f"'{name}"


def test_filters_narrow_it(ask: Ask, tmp_path: Path) -> None:
    keep(
        tmp_path,
        told("kept", minutes=2),
        told("old"),
        told("other", AuditKind.CONTINUE, minutes=3),
        told("app", app="billing", minutes=4),
        told("person", user="U8", account="ada@example.com", minutes=5),
        told("late", minutes=90),
    )
    since, until = "2026-11-23T12:01:00Z", "2026-11-23T13:00:00Z"
    answer = ask("cancel", "--csv", "--since", since, "--until", until, "--app", "check*", "--by", "U7")
    assert [row["id"] for row in rows(answer)] == ["kept"]
    assert [row["id"] for row in rows(ask("--csv", "--by", "ada@example.com"))] == ["person"]
    assert [row["id"] for row in rows(ask("--csv", "--app", "billing", "--app", "nothing"))] == ["app"]


def test_more_than_a_batch_comes_whole(ask: Ask, tmp_path: Path) -> None:
    keep(tmp_path, *(told(f"e{number:04}", minutes=number) for number in range(1201)))
    assert [row["id"] for row in rows(ask("--csv"))] == [f"e{number:04}" for number in range(1201)]


def test_without_csv_it_is_lines_for_people_and_pipes(ask: Ask, tmp_path: Path) -> None:
    keep(tmp_path, told("a", guid="0a1b", account="bob@example.com", told="Not\there\x1b[2J"))
    answer = ask()
    assert answer.exit_code == 0
    names, line = answer.stdout.splitlines()
    assert names.split("\t") == ["at", "kind", "outcome", "by", "what", "told"]
    assert line.split("\t") == [
        "2026-11-23 12:00:00",
        "cancel",
        "done",
        "U7 bob@example.com",
        "shop/prod/checkout on eu 0a1b",
        "Not here [2J",
    ]


def test_nothing_found_is_told_by_the_exit_code(ask: Ask, tmp_path: Path) -> None:
    keep(tmp_path, told("a"))
    answer = ask("continue", "--csv")
    assert answer.exit_code == 1
    assert rows(answer) == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("cancle",), "did you mean cancel"),
        (("--since", "whenever"), "whenever as a time"),
        (("--by", "me"), "Only Slack knows who you are"),
    ],
)
def test_a_bad_question_is_told_in_a_sentence(
    ask: Ask, tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    keep(tmp_path, told("a"))
    answer = ask(*arguments)
    assert answer.exit_code == 2
    assert sentence in answer.output


def test_where_there_is_no_store_none_is_made(ask: Ask, tmp_path: Path) -> None:
    answer = ask("--csv")
    assert answer.exit_code == 2
    assert "there is no deploybot.db" in answer.output
    assert not (tmp_path / "deploybot.db").exists()
