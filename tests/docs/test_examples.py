"""What the pages tell readers to type can be typed: in Slack, in a terminal, to make, and into deploybot.toml."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from deploybot.cli import app
from deploybot.domain.grammar import parse
from deploybot.domain.grammar_verbs import OF_ONE
from deploybot.settings.environment import CHOOSING, ENVIRONMENT
from deploybot.settings.reference import keys
from tests.docs.conftest import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
STANDS_FOR_MANY = re.compile(r"[\[…]|<guid|continue\|cancel|\.\.\.|OPTIONS")
BLOCK = re.compile(r"^ *```(\w*)[^\n]*\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
EVERYWHERE = {"--help"}
OTHER_VARIABLES = {*CHOOSING, "DEPLOYBOT_KILLS"}
"""Where fields are, and how often `make kill` kills."""
KEYS = {key.path for key in keys()} | {f"{key.path}_file" for key in keys()}


def code(page: Path) -> Iterator[str]:
    """Every line of code on a page, and every piece of code within a sentence; without a comment behind it."""
    text = page.read_text()
    lines = [line for _, block in BLOCK.findall(text) for line in block.splitlines()]
    yield from (re.split(r"\s+# ", line)[0].strip().removeprefix("$ ") for line in lines)
    yield from re.findall(r"`([^`\n]+)`", BLOCK.sub("", text))


def typed(start: str) -> list[str]:
    """What the pages show that begins with this word, whole examples only."""
    found = {line for page in PAGES for line in code(page) if re.match(rf"{re.escape(start)}(\s|$)", line)}
    return sorted(line for line in found if not STANDS_FOR_MANY.search(line))


def tables(toml: str) -> Iterator[tuple[str, Any]]:
    """The paths of what an example sets, as the reference names them."""

    def below(path: str, value: Any) -> Iterator[tuple[str, Any]]:
        match value:
            case dict():
                for name, one in value.items():
                    place = "NAME" if path == "foundations" else name
                    yield from below(f"{path}.{place}" if path else place, one)
            case [{}, *_]:
                for one in value:
                    yield from below(path, one)
            case _:
                yield path, value

    yield from below("", tomllib.loads(toml))


@pytest.mark.parametrize("line", sorted(set(typed("/deployments")) - {f"/deployments {verb}" for verb in OF_ONE}))
def test_what_is_typed_in_slack_is_understood(line: str) -> None:
    parse(line.removeprefix("/deployments").strip(), most_rows=50)


@pytest.mark.parametrize("line", typed("@deploybot"))
def test_what_is_typed_after_a_mention_is_understood(line: str) -> None:
    parse(line.removeprefix("@deploybot").strip(), most_rows=50)


@pytest.mark.parametrize("line", typed("deploybot"))
def test_what_is_typed_in_a_terminal_is_a_command_with_these_options(line: str) -> None:
    words = shlex.split(re.split(r" [|>] ", line)[0])[1:]
    command: Any = typer.main.get_command(app)
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    known = {option for param in command.params for option in (*param.opts, *param.secondary_opts)} | EVERYWHERE
    assert {word.split("=")[0] for word in words if word.startswith("--")} <= known
    assert not hasattr(command, "commands") or all(word.startswith("-") for word in words), f"{words} is no command"


@pytest.mark.parametrize("line", typed("make"))
def test_what_make_is_told_is_a_target(line: str) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert [word for word in line.split()[1:] if "=" not in word and word not in targets] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_examples_of_the_configuration_set_what_can_be_set(page: Path) -> None:
    for kind, block in BLOCK.findall(page.read_text()):
        if kind == "toml":
            assert {path for path, _ in tables(re.sub(r"^ {2,4}", "", block, flags=re.MULTILINE))} <= KEYS, page.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_variables_of_the_environment_are_ones_that_are_read(page: Path) -> None:
    named = set(re.findall(r"\b(?:DEPLOYBOT|CF|SLACK)_[A-Z][A-Z_]+\b", page.read_text()))
    known = {*ENVIRONMENT, *(f"{name}_FILE" for name in ENVIRONMENT), *OTHER_VARIABLES}
    assert named - known == set()
