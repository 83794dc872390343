"""The page on adding a verb is true: its changes, made to a copy of the sources, are what its test wants."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.conftest import ROOT

PAGE = ROOT / "docs" / "develop" / "adding-a-verb.md"
STEP = re.compile(r'^```(diff|python) title="([^"]+)"\n(.*?)^```', re.MULTILINE | re.DOTALL)
LONGEST = 300


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources with every change of the page in it."""
    copy = tmp_path_factory.mktemp("changed")
    for part in ("deploybot", "tests"):
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__", "*.xz", "recordings"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    for kind, name, block in STEP.findall(PAGE.read_text()):
        file = copy / name
        file.write_text(block if kind == "python" else after(file.read_text(), block, name))
    return copy


def after(text: str, diff: str, name: str) -> str:
    """The text with the lines of a diff put in, whose other lines are there exactly once."""
    before = "".join(f"{line[1:]}\n" for line in diff.splitlines() if not line.startswith("+"))
    added = "".join(f"{line[1:]}\n" for line in diff.splitlines())
    assert text.count(before) == 1, f"{name} has no longer, or more than once:\n{before}"
    return text.replace(before, added)


def ran(where: Path, *command: str) -> subprocess.CompletedProcess[str]:
    paths = {**os.environ, "PYTHONPATH": str(where)}
    return subprocess.run(
        [sys.executable, *command], cwd=where, env=paths, capture_output=True, text=True, timeout=LONGEST, check=False
    )


def test_its_test_and_those_of_the_grammar_pass_after_its_changes(changed: Path) -> None:
    grammar = (f"tests/domain/test_grammar{part}.py" for part in ("", "_laws", "_help"))
    tests = ("tests/slack/test_totals.py", *grammar)
    done = ran(changed, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *tests)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout


def test_help_and_the_reference_tell_of_it_without_another_line(changed: Path) -> None:
    done = ran(changed, "-m", "deploybot", "reference", "commands")
    assert "### total\n\nHow many deployments match.\n" in done.stdout, done.stderr
    assert "total [filters]" in ran(changed, "-m", "deploybot", "ask", "help").stdout


def test_what_it_adds_keeps_to_the_style_of_the_sources(changed: Path) -> None:
    added = [name for kind, name, _ in STEP.findall(PAGE.read_text()) if kind == "python"]
    assert len(added) == 2
    for how in (("format", "--check"), ("check", "--no-cache")):
        done = ran(changed, "-m", "ruff", *how, *added, "deploybot/app/features.py", "deploybot/domain/grammar_keys.py")
        assert done.returncode == 0, done.stdout + done.stderr
