"""The pages that are written from the code say what the code says, whatever terminal they were written in."""

import os
import subprocess
import sys

import pytest

from deploybot.cli import app
from deploybot.cli.reference import Reference, reference_page
from deploybot.domain.grammar_keys import ACTIONS, KEYS, SUBSCRIBE_KEYS
from tests.docs.conftest import ROOT

COMMANDS = ROOT / "docs" / "reference" / "commands.md"
ODD_TERMINAL = {"COLUMNS": "40", "TERM": "xterm-256color", "FORCE_COLOR": "1", "DEPLOYBOT_HEARTBEAT_FILE": "beat"}


@pytest.mark.parametrize("page", Reference)
def test_a_reference_is_as_the_code_has_it(page: Reference) -> None:
    """Else: make reference."""
    assert (ROOT / "docs" / "reference" / f"{page}.md").read_text() == reference_page(page, app)


def test_make_reference_writes_every_page() -> None:
    written = next(line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith("REFERENCE :="))
    assert set(written.split()[2:]) == set(Reference)


def test_the_page_is_the_same_in_a_narrow_terminal_with_colours() -> None:
    command = [sys.executable, "-m", "deploybot", "reference", "commands"]
    printed = subprocess.run(command, env={**os.environ, **ODD_TERMINAL}, capture_output=True, timeout=60, check=True)
    assert printed.stdout.decode() == COMMANDS.read_text()


def test_every_verb_filter_and_setting_is_there_with_its_example() -> None:
    text = COMMANDS.read_text()
    assert [one.verb for one in ACTIONS if f"/deployments {one.example}" not in text] == []
    assert [key.name for key in (*KEYS, *SUBSCRIBE_KEYS) if f"| `{key.name}`" not in text] == []
    assert [key.example for key in (*KEYS, *SUBSCRIBE_KEYS) if f"`{key.example}` |" not in text] == []
    choices = [choice.word for key in (*KEYS, *SUBSCRIBE_KEYS) for choice in key.choices]
    assert [word for word in choices if f"- `{word}`" not in text] == []


def test_every_command_in_a_terminal_is_there_with_its_exit_codes() -> None:
    text = COMMANDS.read_text()
    for name in ("ask", "run", "doctor", "audit", "alive", "manifest", "demo", "access explain", "guard check"):
        assert f"### deploybot {name}\n" in text
    assert "### deploybot reference" not in text
    assert "Exits with 0 found, 1 none, 2 bad question or configuration, 3 foundation trouble." in text
