"""A server for some routes: says when it listens, leaves signals to whoever runs it, and ends what it began."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator, Sequence

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from deploybot.serving.bounds import HttpBounds
from deploybot.serving.protocol import bounded

_STOP_SECONDS = 5


class HttpServer:
    """Serves routes at an address within bounds; port 0 takes a free one, and `port` then is the real one."""

    def __init__(self, routes: Sequence[BaseRoute], host: str, port: int, bounds: HttpBounds | None = None) -> None:
        self._bounds = bounds or HttpBounds()
        config = uvicorn.Config(
            Starlette(routes=routes),
            http=bounded(self._bounds),
            log_config=None,
            log_level="error",  # a line for every request that can't be read would let strangers fill the log
            access_log=False,
            lifespan="off",
            ws="none",
            proxy_headers=False,
            server_header=False,
            backlog=self._bounds.backlog,
            timeout_keep_alive=self._bounds.idle,
            timeout_graceful_shutdown=_STOP_SECONDS,
        )
        self._server = _Server(config)
        self._where = (host, port)
        self._serving: asyncio.Task[None] | None = None
        self.port = port

    @property
    def is_serving(self) -> bool:
        """Whether requests can be taken."""
        return self._server.started and self._serving is not None and not self._serving.done()

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._server.server_state.connections)

    async def start(self) -> None:
        """Listen. OSError where the address is taken."""
        listener = socket.create_server(self._where, reuse_port=False, backlog=self._bounds.backlog)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else a form's answer may wait 40 ms for an ACK
        self.port = listener.getsockname()[1]
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        await self._server.ready.wait()

    async def close(self) -> None:
        """Answer what has come, then stop listening."""
        self._server.should_exit = True
        if self._serving:
            await self._serving


class _Server(uvicorn.Server):
    """A server that says when it listens, and leaves the signals to whoever runs it."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
