"""Failures on the command line: one sentence on standard error and an exit code, never a traceback."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from deploybot.errors import ConfigError, UpstreamError, UserError

BAD_QUESTION, TROUBLE = 2, 3
READ_NO_FURTHER = 141
"""As a shell has it for a program that wrote to a pipe which nobody reads any more."""


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
    except BrokenPipeError as problem:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the interpreter's last flush is quiet
        raise typer.Exit(READ_NO_FURTHER) from problem
    except OSError as problem:
        _say(problem)
        raise typer.Exit(TROUBLE) from problem


def _say(problem: Exception) -> None:
    Console(stderr=True).print(str(problem), style="red", markup=False, highlight=False, soft_wrap=True)
