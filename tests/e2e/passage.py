"""The way to a foundation, on which every request is written down as it came by."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
from aiohttp import web

_KEPT = ("content-type", "x-vcap-request-id", "www-authenticate", "x-user-guid", "location")


@dataclass(frozen=True)
class Passed:
    method: str
    path: str
    headers: dict[str, str]


@dataclass
class Passage:
    """`url` is the foundation's address by this way; its login server is on the way, too."""

    url: str
    passed: list[Passed] = field(default_factory=list)


@asynccontextmanager
async def passage(to: str) -> AsyncIterator[Passage]:
    """A foundation's address that leads to the one at `to`."""
    found = Passage("")

    async def handle(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        found.passed.append(Passed(request.method, request.path, headers))
        sent = {name: value for name, value in headers.items() if name not in ("host", "content-length")}
        answer = await client.request(request.method, to + request.raw_path, headers=sent, content=await request.read())
        kept = {name: answer.headers[name] for name in _KEPT if name in answer.headers}
        return web.Response(
            status=answer.status_code, headers=kept, body=answer.content.replace(to.encode(), found.url.encode())
        )

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", handle)
    async with httpx.AsyncClient() as client, served(app) as found.url:
        yield found


@asynccontextmanager
async def served(app: web.Application) -> AsyncIterator[str]:
    """The address of an application on loopback."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
