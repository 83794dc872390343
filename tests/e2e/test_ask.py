"""`deploybot ask` in a real process: what it prints, and the exit code that scripts rely on."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploybot.demo.foundation.serving import serve
from tests.e2e.stage import CF_SECRET, CONTROL, free_port, start
from tests.recordings import world


@dataclass(frozen=True)
class Terminal:
    environment: Mapping[str, str]
    tmp: Path

    async def ask(self, *arguments: str, **more: str) -> tuple[int, str]:
        """The exit code and everything printed."""
        asked = await start("ask", *arguments, environment={**self.environment, **more}, log=self.tmp / "ask.log")
        code = await asyncio.wait_for(asked.process.wait(), 30)
        printed = asked.logged()
        assert "Traceback" not in printed
        assert CF_SECRET not in printed
        return code, printed


@pytest.fixture
async def terminal(tmp_path: Path) -> AsyncIterator[Terminal]:
    async with serve(world(), control_token=CONTROL, ticking=False) as foundation:
        login = {"CF_CLIENT_ID": "deploybot", "CF_CLIENT_SECRET": CF_SECRET}
        yield Terminal({"CF_API": foundation.url, **login}, tmp_path)


async def test_a_piped_answer_is_one_line_a_row_with_names(terminal: Terminal) -> None:
    code, printed = await terminal.ask("app=checkout state=succeeded per_page=5")
    head, *rows = [line.split("\t") for line in printed.splitlines() if "\t" in line]
    assert code == 0
    assert head[:3] == ["state", "app", "place"]
    assert len(rows) == 5
    assert {row[1] for row in rows} == {"checkout"}
    assert {len(row) for row in rows} == {len(head)}


async def test_json_tells_the_question_the_total_and_every_field(terminal: Terminal) -> None:
    code, printed = await terminal.ask("--json", "app=checkout per_page=3")
    answer = json.loads(printed[printed.index("{") : printed.rindex("}") + 1])
    known = world()["deployments"]
    apps = {row["guid"] for row in world()["apps"] if row["name"].lower() == "checkout"}
    expected = sum(row["relationships"]["app"]["data"]["guid"] in apps for row in known)
    assert code == 0
    assert answer["total"] == expected
    assert len(answer["rows"]) == 3
    assert answer["rows"][0]["deployment"]["status"]["value"] in ("ACTIVE", "FINALIZED")


async def test_the_terminal_takes_pages_of_thousands(terminal: Terminal) -> None:
    code, printed = await terminal.ask("per_page=5000")
    assert code == 0
    rows = [line for line in printed.splitlines() if "\t" in line][1:]
    assert len(rows) == len(world()["deployments"])


@pytest.mark.parametrize(
    ("question", "code", "said"),
    [
        ("app=checkout reason=NOSUCH", 1, ""),
        ("sate=failed", 2, "state"),
        ("app=chekout", 2, "checkout"),
        ("show checkout", 0, "checkout"),
        ("help", 0, "app"),
    ],
)
async def test_exit_codes_are_for_scripts(terminal: Terminal, question: str, code: int, said: str) -> None:
    got, printed = await terminal.ask(question)
    assert (got, said in printed) == (code, True), printed


async def test_a_foundation_that_is_down_is_exit_code_3_with_a_sentence(terminal: Terminal) -> None:
    code, printed = await terminal.ask("--timeout", "3", CF_API=f"http://127.0.0.1:{free_port()}")
    assert code == 3
    assert "cf could not answer" in printed


async def test_a_wrong_secret_is_told_without_showing_it(terminal: Terminal) -> None:
    code, printed = await terminal.ask(CF_CLIENT_SECRET="not-the-secret-at-all")
    assert code == 3
    assert "not-the-secret-at-all" not in printed


async def test_a_wrong_configuration_is_told_whole(terminal: Terminal) -> None:
    code, printed = await terminal.ask(CF_API="nonsense", DEPLOYBOT_STALL_AFTER="soon")
    assert code == 2
    assert "foundations.cf.api" in printed
    assert "answers.stall_after" in printed


async def test_a_pipe_that_nobody_reads_any_more_is_no_trouble_of_a_foundation(terminal: Terminal) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = (sys.executable, "-m", "deploybot", "ask", "per_page=5000")
    asked = await asyncio.create_subprocess_exec(
        *command, env={**os.environ, **terminal.environment}, stdout=writing, stderr=asyncio.subprocess.PIPE
    )
    os.close(writing)
    _, said = await asyncio.wait_for(asked.communicate(), 30)
    assert (asked.returncode, said) == (141, b"")
