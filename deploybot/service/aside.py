"""Calls that may hang for good, as those of a network file system do: in a thread that nobody waits for at the end."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def aside(call: Callable[[], T]) -> T:
    """What the call returns or raises. Where whoever waits is cancelled it goes on, and may end with the process."""
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[Callable[[], T]] = loop.create_future()

    def run() -> None:
        told = _outcome(call)
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_tell, outcome, told)

    threading.Thread(target=run, daemon=True, name="aside").start()
    return (await outcome)()


def _outcome(call: Callable[[], T]) -> Callable[[], T]:
    """What returns or raises again what the call does."""
    try:
        value = call()
    except Exception as problem:  # raised again where it is waited for
        error = problem

        def fail() -> T:
            raise error

        return fail
    return lambda: value


def _tell(outcome: "asyncio.Future[Callable[[], T]]", told: Callable[[], T]) -> None:
    if not outcome.done():
        outcome.set_result(told)
