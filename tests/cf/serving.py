"""A small HTTP server on loopback that answers with exactly the bytes a test wants, well-behaved or not."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus


@dataclass(frozen=True, slots=True)
class Request:
    """`target` is the raw path and query; header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """`cut` sends only so many bytes of the promised body and hangs up; 0 hangs up after the headers."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: int | None = None


Handler = Callable[[Request], Awaitable[Reply | None]]
"""None hangs up without a word."""


@asynccontextmanager
async def serving(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Serves until the block ends; yields the address, like `http://127.0.0.1:40001`."""
    connections: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        connections.add(task)
        try:
            await _converse(reader, writer, handler)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            connections.discard(task)
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, limit=1 << 20, ssl=tls)
    try:
        yield "{}://{}:{}".format("https" if tls else "http", *server.sockets[0].getsockname())
    finally:
        server.close()
        for task in tuple(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        await server.wait_closed()


async def _converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handler: Handler) -> None:
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").rstrip().split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        reply = await handler(Request(method, target, headers, body))
        if reply is None:
            return
        writer.write(_written(reply, bodiless=method == "HEAD"))
        await writer.drain()
        if reply.cut is not None:
            return


def _written(reply: Reply, bodiless: bool) -> bytes:
    headers = {"content-length": str(len(reply.body))} | {name.lower(): value for name, value in reply.headers.items()}
    try:
        phrase = HTTPStatus(reply.status).phrase
    except ValueError:
        phrase = "Unknown"
    head = [f"HTTP/1.1 {reply.status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    body = b"" if bodiless else reply.body[: reply.cut]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body
