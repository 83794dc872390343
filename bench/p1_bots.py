"""The bots that P1 compares, each in its own process: `python -m bench.p1_bots <kind> <transport> <Slack's API URL>`.

`default` is Bolt as it comes, with a listener that does nothing but acknowledge; `flag` is the same listener with
`process_before_response=True`; `ours` is deploybot before a foundation that never answers: it begins as much work as
it may at once, and lets the rest wait. Over HTTP `default` runs Bolt's own server, `flag` its Starlette adapter under
uvicorn.
"""

import asyncio
import socket
import sys
from typing import Any, NoReturn

import aiohttp
import uvicorn
from aiohttp import web
from pydantic import SecretStr
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.routing import Route

from deploybot.domain.page import Detail, Page
from deploybot.domain.paging import Turn
from deploybot.domain.query import Query
from deploybot.slack.answers import Asker
from deploybot.slack.bolt import build_bot, who_am_i
from deploybot.slack.http import EventsEndpoint, HttpTransport
from deploybot.slack.socket_mode import SocketModeTransport
from deploybot.slack.tasks import Tasks
from deploybot.slack.webapi import web_client

TOKEN = "xoxb-bench"
SECRET = "bench-signing-secret"
COMMAND = "/deployments"


class SlowFoundation:
    """Answers nobody before the benchmark ends."""

    async def page(self, query: Query, turn: Turn, asker: Asker, *, aloud: bool) -> Page:  # noqa: ARG002
        return await _never(query, turn, asker)

    async def detail(self, subject: str, query: Query, asker: Asker, *, aloud: bool) -> Detail:  # noqa: ARG002
        return await _never(subject, query, asker)


async def _never(*_: object) -> NoReturn:
    await asyncio.get_running_loop().create_future()
    raise AssertionError


async def ours(transport: str, api_url: str) -> None:
    async with aiohttp.ClientSession() as session:
        client = web_client(session, SecretStr(TOKEN), api_url)
        bot = build_bot(
            answers=SlowFoundation(),
            client=client,
            session=session,
            home=await who_am_i(client),
            api_url=api_url,
            tasks=Tasks(queue=1_000_000),
        )
        if transport == "socket":
            await SocketModeTransport(bot.app, client, SecretStr("xapp-bench")).start()
            print(0, flush=True)
        else:
            server = HttpTransport(EventsEndpoint(bot.app, SecretStr(SECRET)), "127.0.0.1", 0)
            await server.start()
            print(server.port, flush=True)
        await asyncio.Event().wait()


async def bare(transport: str, api_url: str, *, flag: bool) -> None:
    client = AsyncWebClient(token=TOKEN, base_url=api_url)
    app = AsyncApp(client=client, signing_secret=SECRET, process_before_response=flag)

    async def acknowledge(ack: AsyncAck) -> None:
        await ack()

    app.command(COMMAND)(acknowledge)
    if transport == "socket":
        await AsyncSocketModeHandler(app, "xapp-bench").connect_async()  # type: ignore[no-untyped-call]
        print(0, flush=True)
    elif flag:
        await _under_uvicorn(app)
    else:
        await _under_bolts_own_server(app)
    await asyncio.Event().wait()


async def _under_uvicorn(app: AsyncApp) -> None:
    handler = AsyncSlackRequestHandler(app)
    starlette = Starlette(routes=[Route("/slack/events", handler.handle, methods=["POST"])])
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(listener.getsockname()[1], flush=True)
    await uvicorn.Server(uvicorn.Config(starlette, log_config=None, access_log=False)).serve(sockets=[listener])


async def _under_bolts_own_server(app: AsyncApp) -> None:
    runner = web.AppRunner(app.web_app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address: Any = runner.addresses[0]
    print(address[1], flush=True)


def main(kind: str, transport: str, api_url: str) -> None:
    """Run until the process is ended."""
    running = ours(transport, api_url) if kind == "ours" else bare(transport, api_url, flag=kind == "flag")
    asyncio.run(running)


if __name__ == "__main__":
    main(*sys.argv[1:])
