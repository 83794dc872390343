"""`deploybot config`: everything about the configuration, without asking Slack or a foundation."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from deploybot import __version__
from deploybot.cli.failing import BAD_QUESTION, told
from deploybot.errors import UserError
from deploybot.settings.loading import DEFAULT_FILE, Reading, environment, read

GOOD = 0

config = typer.Typer(no_args_is_help=True, help="Write, check and show the configuration.")

_Config = Annotated[Path | None, typer.Option(help="Path of deploybot.toml.")]
_Http = Annotated[bool, typer.Option("--http", help="For HTTP, not Socket Mode.")]


@config.callback()
def _config() -> None:
    """Write, check and show the configuration."""


@config.command()
def init(
    path: Annotated[Path, typer.Argument(help="Where to write it; nothing is overwritten.")] = DEFAULT_FILE,
) -> None:
    """Write a configuration file with every key explained, for you to fill in. Exits with 2 if it can't."""
    from deploybot.settings.sample import sample  # here, so that no other command reads sources

    with told():
        _write_new(path, sample())
        typer.echo(f"Wrote {path}. Fill in what is marked NEEDED, then: deploybot config check --config {path}")


def _write_new(path: Path, text: str) -> None:
    """Readable by its owner alone."""
    try:
        with open(path, "x", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(text)
    except FileExistsError as error:
        raise UserError(f"{path} is there already: give another path, or move it away.") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no path"
        raise UserError(f"{path} cannot be written ({reason}): give another path.") from error


@config.command()
def check(config: _Config = None, http: _Http = False) -> None:
    """Say what is wrong with the file and the environment, a line each. Exits with 0 good, 2 wrong."""
    with told():
        reading = read(config, environment(), transport="http" if http else "socket")
        typer.echo("\n".join(_remarks(reading)))
        raise typer.Exit(_code(reading))


def _code(reading: Reading) -> int:
    return BAD_QUESTION if reading.problems else GOOD


def _remarks(reading: Reading) -> Iterator[str]:
    """A line for each problem and warning, and a last one that sums up."""
    from deploybot.settings.effective import warnings_of

    warnings = warnings_of(reading)
    yield from (f"problem: {one}" for one in reading.problems)
    yield from (f"warning: {one}" for one in warnings)
    source = reading.file or "no file, environment variables only"
    if reading.problems:
        yield f"The configuration is wrong ({source}): {_counted(len(reading.problems), 'problem')}."
    else:
        aside = f", with {_counted(len(warnings), 'warning')}" if warnings else ""
        yield f"The configuration is good ({source}){aside}."


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


@config.command()
def show(
    config: _Config = None,
    http: _Http = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show every value that holds and where it came from, and below what is wrong. Secrets are never shown.

    Exits with 0 the configuration is good, 2 it is wrong.
    """
    with told():
        reading = read(config, environment(), transport="http" if http else "socket")
        typer.echo(_json(reading) if as_json else "\n".join([*_values(reading), "", *_remarks(reading)]))
        raise typer.Exit(_code(reading))


def _values(reading: Reading) -> Iterator[str]:
    from deploybot.settings.effective import effective

    for one in effective(reading):
        yield f"{one.path} = {one.shown or '(not set)'}  # {one.source}"


def _json(reading: Reading) -> str:
    from deploybot.settings.effective import effective, warnings_of

    values = [
        {"key": one.path, "shown": one.shown, "set": one.is_set, "secret": one.is_secret, "source": one.source}
        for one in effective(reading)
    ]
    told_ = {"problems": reading.problems, "warnings": warnings_of(reading)}
    file = str(reading.file) if reading.file else None
    return json.dumps({"deploybot": __version__, "file": file, "values": values, **told_}, indent=2)


@config.command()
def schema() -> None:
    """Print a JSON Schema of deploybot.toml, by which editors complete and check it."""
    from deploybot.settings import schema as of_file  # here, so that no other command reads sources

    typer.echo(json.dumps(of_file.schema(), indent=2))
