"""Strangers at the port: raw connections that send what they like, and a server with bounds small enough to reach."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import chain, repeat

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from deploybot.serving.bounds import HttpBounds
from deploybot.serving.server import HttpServer

PATIENCE = 20
SMALL = HttpBounds(seconds=0.6, idle=1, head=2_000, message=400_000, connections=6, held=500_000, backlog=20)
ASKED = b"GET /name HTTP/1.1\r\nhost: x\r\n\r\n"
LONG = 20_000_000


@dataclass
class Stranger:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, raw: bytes) -> bool:
        """Send; False where the connection is gone."""
        try:
            self.writer.write(raw)
            await self.writer.drain()
        except ConnectionError:
            return False
        return True

    async def heard(self) -> bytes:
        """Everything up to the end of the connection, which must come."""
        told = bytearray()
        with contextlib.suppress(ConnectionError):
            while piece := await asyncio.wait_for(self.reader.read(65536), PATIENCE):
                told += piece
        return bytes(told)

    async def answer(self) -> bytes:
        """The status line, headers and (short) body of one answer."""
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), PATIENCE)
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        return head + await self.reader.readexactly(int(length.partition(b":")[2]))

    async def drips(self, raw: bytes, pause: float = 0.02) -> bytes:
        """Send byte by byte, and then the last one for ever, until the other side ends it; what it said."""

        async def drip() -> None:
            for byte in chain(raw, repeat(raw[-1])):
                if not await self.send(bytes([byte])):
                    return
                await asyncio.sleep(pause)

        dripping = asyncio.create_task(drip())
        try:
            return await self.heard()
        finally:
            dripping.cancel()


@dataclass
class Door:
    """A server and who is at it."""

    server: HttpServer
    asked: list[str]

    @asynccontextmanager
    async def stranger(self) -> AsyncIterator[Stranger]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        try:
            yield Stranger(reader, writer)
        finally:
            writer.close()

    async def answers(self) -> bool:
        """Whether a plain request is answered now."""
        async with self.stranger() as one:
            await one.send(ASKED)
            return (await one.answer()).endswith(b"deploybot")

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while True:
                if holds():
                    return
                await asyncio.sleep(0.01)


@asynccontextmanager
async def door(bounds: HttpBounds = SMALL) -> AsyncIterator[Door]:
    """`/name` answers, `/body` reads a body of 200,000 bytes at most, `/long` answers at length."""
    asked: list[str] = []

    async def name(request: Request) -> Response:
        asked.append(request.url.path)
        return PlainTextResponse("deploybot")

    async def body(request: Request) -> Response:
        size = 0
        try:
            async for piece in request.stream():
                size += len(piece)
                if size > 200_000:
                    return PlainTextResponse("too long", 413)
        except ClientDisconnect:
            asked.append("broken off")
            return Response(status_code=400)
        asked.append(f"body of {size}")
        return PlainTextResponse(str(size))

    async def long(_: Request) -> Response:
        return Response(b"x" * LONG)

    routes = [Route("/name", name), Route("/body", body, methods=["POST"]), Route("/long", long)]
    server = HttpServer(routes, "127.0.0.1", 0, bounds)
    await server.start()
    try:
        yield Door(server, asked)
    finally:
        await server.close()
