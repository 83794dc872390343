"""A configuration file to begin with: everything that can be set, explained, with only what is needed to fill in."""

from collections.abc import Iterator, Mapping
from textwrap import wrap

from deploybot.settings.reference import PLACE, Key, Table, tables

_FOUNDATION = "cf"
_WIDTH = 98
_HEADER = f"""\
# The configuration of deploybot.
#
# Fill in the empty values, which are marked NEEDED. `deploybot config check` says what is still missing or wrong.
# A line like  #port = 3000  shows a default: take away the # and change it.
# Secrets stand in files of their own, whose paths stand here: whoever reads this file reads none of them.
# Environment variables win over this file. The foundation is named {_FOUNDATION} below: give it your own name.
"""
_NEEDED: Mapping[str, str] = {
    "slack.bot_token": "NEEDED",
    "slack.app_token": "NEEDED for Socket Mode; take the line away for `deploybot run --http`",
    f"foundations.{PLACE}.api": "NEEDED",
    f"foundations.{PLACE}.client_id": "NEEDED, or another way to log in: username and password, or refresh_token",
    f"foundations.{PLACE}.client_secret": "NEEDED with client_id",
}


def sample() -> str:
    """The whole file, with a newline at its end."""
    return "\n".join([_HEADER, *(line for table in tables() for line in _section(table))])


def _section(table: Table) -> Iterator[str]:
    yield from _comment(table.doc)
    if table.is_list:
        yield f"# There may be any number of them. One with every key; take away what stands before {table.heading}:"
        yield f"#     {table.heading}"
        yield from (line for key in table.keys for line in _in_a_list(key))
    else:
        yield table.heading.replace(PLACE, _FOUNDATION)
        yield from (line for key in table.keys for line in _lines(key))
    yield ""


def _lines(key: Key) -> Iterator[str]:
    yield ""
    yield from _comment(key.doc)
    yield from _comment(". ".join(_facts(key)) + ".")
    name, example = (f"{key.name}_file", f'"/run/secrets/{key.name}"') if key.secret else (key.name, key.example)
    if key.path in _NEEDED:
        yield f"# Example: {name} = {example}"
        yield f'{name} = ""  # {_NEEDED[key.path]}'
        return
    if key.secret or not key.default or example != key.default:
        yield f"# Example: {name} = {example}"
    if key.default:
        yield f"#{key.name} = {key.default}"


def _in_a_list(key: Key) -> Iterator[str]:
    default = "Needed" if key.needed else f"Default: {key.default or 'not set'}"
    yield from (f"#     {line}" for line in _comment(f"{key.doc} {default}."))
    yield f"#     {key.name} = {key.example}"


def _facts(key: Key) -> Iterator[str]:
    yield f"Type: {key.type}{f' ({key.unit})' if key.unit else ''}"
    if not key.default and key.path not in _NEEDED:
        yield "Not set"
    if key.variables:
        yield f"Environment: {', '.join(key.variables)}"


def _comment(text: str) -> Iterator[str]:
    return (f"# {line}" for line in wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False))
