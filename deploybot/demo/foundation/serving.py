"""Runs a foundation on a loopback port and tells which."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import uvicorn

from deploybot.demo.foundation.foundation import Foundation
from deploybot.demo.foundation.server import Source, create_foundation

HOST = "127.0.0.1"
STARTING_SECONDS = 30.0
STOPPING_SECONDS = 3


class Served(msgspec.Struct, frozen=True):
    url: str
    foundation: Foundation


class _Server(uvicorn.Server):
    """Leaves signals to the program that it runs in."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serve(source: Source, *, control_token: str, port: int = 0, **options: Any) -> AsyncIterator[Served]:
    """A foundation that answers as long as the block lasts; port 0 takes a free one. `options` as create_foundation.

    TimeoutError when it does not come up, OSError when the port is taken.
    """
    with socket.create_server((HOST, port)) as listening:
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else each answer waits 40 ms for an ACK
        url = f"http://{HOST}:{listening.getsockname()[1]}"
        app = create_foundation(source, base_url=url, control_token=control_token, **options)
        server = _Server(_config(app))
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            await asyncio.wait_for(_started(server, task), STARTING_SECONDS)
            yield Served(url, app.state.foundation)
        finally:
            server.should_exit = True
            await task


def _config(app: Any) -> uvicorn.Config:
    """Quiet: a connection that is cut on purpose is no error to log."""
    return uvicorn.Config(
        app,
        log_level="critical",
        access_log=False,
        server_header=False,
        ws="none",
        lifespan="on",
        timeout_graceful_shutdown=STOPPING_SECONDS,
    )


async def _started(server: uvicorn.Server, task: asyncio.Task[None]) -> None:
    while not server.started:
        if task.done():
            await task
            raise OSError("the server ended before it began")
        await asyncio.sleep(0.01)
