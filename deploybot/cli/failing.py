"""Failures on the command line: one sentence on standard error and an exit code, never a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from deploybot.errors import ConfigError, UpstreamError, UserError

BAD_QUESTION, TROUBLE = 2, 3


@contextmanager
def told() -> Iterator[None]:
    """Tells what the person or a foundation must put right, and exits with 2 or 3."""
    try:
        yield
    except (UserError, ConfigError) as problem:
        _say(problem)
        raise typer.Exit(BAD_QUESTION) from problem
    except UpstreamError as problem:
        _say(problem)
        raise typer.Exit(TROUBLE) from problem
    except OSError as problem:
        _say(problem)
        raise typer.Exit(TROUBLE) from problem


def _say(problem: Exception) -> None:
    Console(stderr=True).print(str(problem), style="red", markup=False, highlight=False, soft_wrap=True)
