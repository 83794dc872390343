"""Failures that what the bot does by itself survives: told in the log, and counted for the turn that they belong to.

Whoever begins a turn says how they are counted; that is kept in the context, so tasks that a turn begins count for it.
"""

from collections.abc import Callable
from contextvars import ContextVar

from structlog.typing import FilteringBoundLogger

COUNT: ContextVar[Callable[[], None]] = ContextVar("count")
"""What counts one failure."""


def survive(log: FilteringBoundLogger, message: str, **facts: str) -> None:
    """Tell of the exception that is being handled, with its traceback, and count it."""
    log.exception(message, **facts)
    COUNT.get(_uncounted)()


def _uncounted() -> None:
    """Outside of turns nobody counts."""
