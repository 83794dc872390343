"""The reference of commands as a Markdown page: what can be typed in Slack, from the grammar, and in a terminal."""

import re
from collections.abc import Iterator
from html import escape

import typer

from deploybot.domain.grammar_help import help_remarks
from deploybot.domain.grammar_keys import (
    ACTIONS,
    KEYS,
    PUBLIC,
    PUBLIC_EXAMPLE,
    PUBLIC_MEANING,
    SUBSCRIBE_KEYS,
    Action,
    Choice,
    Key,
)

_FIRST = """\
# Commands

Everything that can be typed, in Slack after `/deployments` and in a terminal after `deploybot`. This page is written
from the code by `make reference`.
"""
_SLACK = """\
## In Slack

Each example works as it is. Most of them work after a mention of the bot, too: `@deploybot app=checkout`.
"""
_FILTERS = """\
### Filters

They narrow any question and any subscription; `sort`, `per_page`, `page` and the times are for questions only.
"""
_SETTINGS = """\
### Settings of subscribe

They stand after `subscribe`, beside filters. `on` means events there; foundations are `foundation=`.
"""
_TERMINAL = """\
## In a terminal

`--help` after any of them says the same.
"""


def commands_page(cli: typer.Typer) -> str:
    """The page for this command line, the same in whatever terminal and environment."""
    root = typer.Context(typer.main.get_command(cli), info_name="deploybot")
    return "\n".join([_FIRST, *_slack(), _TERMINAL, *_commands(root)]).rstrip() + "\n"


def _slack() -> Iterator[str]:
    yield _SLACK
    for action in ACTIONS:
        yield from _verb(action)
    yield _FILTERS
    yield from (f"{_prose(remark)}\n" for remark in help_remarks("filters"))
    yield from _table(KEYS, "filter")
    yield f"| `{PUBLIC}` | | {_prose(PUBLIC_MEANING)} | `{PUBLIC_EXAMPLE}` |\n"
    yield from _words(KEYS)
    yield _SETTINGS
    yield from _table(SUBSCRIBE_KEYS, "setting")
    yield ""
    yield from _words(SUBSCRIBE_KEYS)


def _verb(action: Action) -> Iterator[str]:
    yield f"### {action.verb}\n"
    yield f"{_prose(action.meaning)}\n"
    yield f"```text\n/deployments {action.usage}\n```\n"
    if action.example != action.usage:
        yield f"For example `/deployments {action.example}`.\n"
    if action.aliases:
        yield f"Also written {', '.join(f'`{alias}`' for alias in action.aliases)}.\n"


def _table(keys: tuple[Key, ...], what: str) -> Iterator[str]:
    yield f"| {what} | compares with | what it means | for example |"
    yield "|---|---|---|---|"
    for key in keys:
        names = ", ".join(f"`{name}`" for name in (key.name, *key.aliases))
        compared = " ".join(f"`{op}`" for op in key.ops)
        yield f"| {names} | {compared} | {_prose(key.meaning)} | `{key.example}` |"


def _words(keys: tuple[Key, ...]) -> Iterator[str]:
    """The words of each key that takes no others."""
    for key in keys:
        if key.choices:
            yield f"#### What {key.name} can be\n"
            yield from map(_word, key.choices)
            yield ""


def _word(choice: Choice) -> str:
    also = f" (also {', '.join(f'`{word}`' for word in choice.also)})" if choice.also else ""
    return f"- `{choice.word}`{also}: {_prose(choice.meaning)}"


def _commands(context: typer.Context) -> Iterator[str]:
    """The command and, in its place, every one below it that is not hidden."""
    yield from _command(context)
    below = getattr(context.command, "commands", {})
    for name, command in below.items():
        if not command.hidden:
            yield from _commands(typer.Context(command, info_name=name, parent=context))


def _command(context: typer.Context) -> Iterator[str]:
    command = context.command
    yield f"### {context.command_path}\n"
    yield f"{_prose(command.help or '')}\n"
    yield f"```text\n{' '.join([context.command_path, *command.collect_usage_pieces(context)])}\n```\n"
    records = [record for param in command.get_params(context) if (record := param.get_help_record(context))]
    if options := [_option(*record) for record in records if record[0] != "--help"]:
        yield from (*options, "")


def _option(written: str, meaning: str) -> str:
    """A line for an option; what is in brackets (its default, its bounds) as the terminal shows it."""
    said = re.fullmatch(r"(.*?)(?:  \[(.*)\])?", meaning, re.DOTALL)
    words, facts = said.groups() if said else (meaning, None)
    return f"- `{written}`: {_prose(words)}" + (f" ({_prose(facts)})" if facts else "")


def _prose(text: str) -> str:
    """Plain text as Markdown that shows it letter by letter."""
    return re.sub(r"([*_|`])", r"\\\1", escape(text, quote=False))
