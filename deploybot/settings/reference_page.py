"""The reference of everything that can be set, as a page of the documentation."""

from collections.abc import Iterator

from deploybot.settings.environment import CHOOSING
from deploybot.settings.reference import Key, Table, tables

_INTRODUCTION = """\
# Configuration

Every key, as it stands in `deploybot.toml`, and the environment variable that sets it as well. This page is written by
`make reference`, from what the bot itself reads.

- `deploybot config init` writes a file with all of it, `deploybot config check` says what is wrong with yours, and
  `deploybot config show` says what holds and where it came from. No secret is ever shown.
- The file is `deploybot.toml` in the directory that the bot is started in, or that of `--config` or `DEPLOYBOT_CONFIG`.
- The environment wins over services that Cloud Foundry binds, and these win over the file. An empty variable counts as
  not set, and white space at the ends of a variable does not count.
- Any variable `X` may come from a file: `X_FILE=/run/secrets/x`. So may any text in the file, outside of lists:
  `bot_token_file = "/run/secrets/slack-bot"`.
- `CF_...` variables are about one foundation: that of `CF_NAME`, else the only one in the file, else `cf`.
- Durations are seconds, or a number with `s`, `m`, `h` or `d`: `90`, `"90s"`, `"1.5m"`.
- A key that is not known is refused at start, with the one that may have been meant. So is a `DEPLOYBOT_...` variable
  that is none of these, and one that is a slip away from a `SLACK_...` or `CF_...` variable of the bot. What Kubernetes
  sets for a Service is left alone.

## On Cloud Foundry

- A bound PostgreSQL is the database, whatever its broker is: it is known by its label, its tags, or a `postgres://`
  address. Where several are bound, `DEPLOYBOT_DATABASE_SERVICE` names the one that is meant. A `DATABASE_URL` that you
  set yourself wins; the one that the platform sets for a bound database counts as that service.
- A user-provided service whose name begins with `deploybot` gives any variable of this page, by its name:
  `cf create-user-provided-service deploybot-secrets -p '{"SLACK_BOT_TOKEN": "xoxb-..."}'`.

## Variables that choose

"""


def markdown() -> str:
    """The whole page, with a newline at its end."""
    choosing = [f"- `{name}`: {doc}" for name, doc in CHOOSING.items()]
    return "\n".join(
        [_INTRODUCTION + "\n".join(choosing), "", *(line for table in tables() for line in _section(table))]
    )


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
