"""Transactions that are not broken off: whoever is cancelled amid one is cancelled when it has ended.

A statement goes on in its thread when its caller is cancelled, and SQLite's connection, closed around it, would keep
the write lock until somebody collects the remains: all others would wait for seconds, the end of the process included.
"""

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

C = TypeVar("C")
T = TypeVar("T")


def unbroken(store: type[C]) -> type[C]:
    """The class with each public coroutine method run to its end, which the database's own time-outs bound."""
    for name, method in list(vars(store).items()):
        if inspect.iscoroutinefunction(method) and not name.startswith("_"):
            setattr(store, name, _to_its_end(method))
    return store


def _to_its_end(method: Callable[..., Coroutine[Any, Any, T]]) -> Callable[..., Awaitable[T]]:
    @functools.wraps(method)
    async def finished(*args: Any, **more: Any) -> T:
        work = asyncio.ensure_future(method(*args, **more))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            await asyncio.wait({work})
            raise

    return finished
