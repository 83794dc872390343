"""The reference of everything that can be set, as a page of the documentation."""

from collections.abc import Iterator

from deploybot.settings.reference import Key, Table, tables

_INTRODUCTION = """\
# Configuration

Every key, as it stands in `deploybot.toml`, and the environment variable that sets it as well. This page is written by
`deploybot config reference`, from what the bot itself reads.

- The file is `deploybot.toml` in the directory that the bot is started in, or that of `--config` or `DEPLOYBOT_CONFIG`.
- The environment wins over the file. An empty variable counts as not set.
- Any variable `X` may come from a file: `X_FILE=/run/secrets/x`. So may any text in the file: `bot_token_file = "..."`.
- `CF_...` variables are about one foundation: that of `CF_NAME`, else the only one in the file, else `cf`.
- Durations are seconds, or a number with `s`, `m`, `h` or `d`: `90`, `"90s"`, `"1.5m"`.
- A key that is not known is refused at start, with the one that may have been meant.
"""


def markdown() -> str:
    """The whole page, with a newline at its end."""
    return "\n".join([_INTRODUCTION, *(line for table in tables() for line in _section(table))])


def _section(table: Table) -> Iterator[str]:
    yield f"## `{table.heading}`\n"
    yield f"{table.doc}\n"
    for key in table.keys:
        yield f"### `{key.path}`\n"
        yield f"{key.doc}\n"
        yield from (f"- {fact}" for fact in _facts(key))
        yield ""


def _facts(key: Key) -> Iterator[str]:
    yield f"Type: {key.type}{f' ({key.unit})' if key.unit else ''}"
    yield f"Default: {_default(key)}"
    yield f"Example: `{key.name} = {key.example}`"
    if key.secret:
        yield f"A secret: better `{key.name}_file` with the path of a file"
    if key.variables:
        yield f"Environment: {', '.join(f'`{variable}`' for variable in key.variables)}"


def _default(key: Key) -> str:
    if key.needed:
        return "none, it is needed"
    return f"`{key.default}`" if key.default else "not set"
