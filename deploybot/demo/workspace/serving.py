"""Serving an app on loopback inside a running event loop: a free port first, then uvicorn on it, then a clean end."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp

from deploybot.demo.workspace.frames import FrameProtocol


class LoopbackServer(uvicorn.Server):
    """Uvicorn without its signal handlers: the process that serves decides about signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listening(port: int = 0) -> socket.socket:
    """A socket that listens on 127.0.0.1; port 0 takes a free one."""
    listener = socket.create_server(("127.0.0.1", port), reuse_port=False)
    listener.setblocking(False)
    return listener


def url_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()
    return f"http://{host}:{port}"


@asynccontextmanager
async def served(app: ASGIApp, listener: socket.socket) -> AsyncIterator[str]:
    """Serve `app` on this socket for the time of the block, whose value is the address."""
    config = uvicorn.Config(
        app,
        ws=FrameProtocol,
        log_config=None,
        log_level="warning",  # at "info" it writes addresses, which hold tickets and tokens
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    server = LoopbackServer(config)
    serving = asyncio.ensure_future(server.serve(sockets=[listener]))
    try:
        while not server.started:
            if serving.done():
                await serving
                raise RuntimeError("the server ended before it started")
            await asyncio.sleep(0.005)
        yield url_of(listener)
    finally:
        server.should_exit = True
        await serving
