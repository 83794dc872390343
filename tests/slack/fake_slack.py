"""A small Slack on a loopback port: records what the bot calls and posts, and can be told to refuse."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web

JSON = dict[str, Any]
HOME_TEAM = "T1"
GROUPS = [
    {"id": "S0ONCALL", "handle": "oncall", "name": "Who is on call", "date_delete": 0},
    {"id": "S0CHECKOUT", "handle": "checkout-team", "name": "Checkout team", "date_delete": 0},
    {"id": "S0GONE", "handle": "gone", "name": "Gone", "date_delete": 1},
]


class FakeSlack:
    """`calls` are Web API calls as (method, arguments), `posts` what came to response addresses as (path, payload)."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, JSON]] = []
        self.posts: list[tuple[str, JSON]] = []
        self.connections: set[tuple[str, int]] = set()
        self.answers: dict[str, JSON | Callable[[JSON], JSON]] = {
            "auth.test": {"ok": True, "team_id": HOME_TEAM, "user_id": "UBOT", "bot_id": "B1", "enterprise_id": None},
            "users.info": {"ok": True, "user": {"id": "U1", "tz": "Europe/Berlin"}},
            "views.open": {"ok": True, "view": {"id": "V1"}},
            "views.push": {"ok": True, "view": {"id": "V2"}},
            "conversations.info": {"ok": True, "channel": {"id": "C1", "is_member": True}},
            "usergroups.list": {"ok": True, "usergroups": GROUPS},
        }
        self.hook_statuses: deque[int | JSON] = deque()
        """What response addresses answer next: a status, a body, or 0 for a connection that ends without an answer."""
        self.statuses: dict[str, int] = {}
        """Statuses of Web API methods that answer as a proxy does: without JSON."""
        self.proxy_page = ("text/html", "<html>")
        self.retry_after = "0"
        self.sockets: list[web.WebSocketResponse] = []
        self.tickets: set[str] = set()
        self.burnt: set[str] = set()
        self.burn_next = 0
        self.refused: list[str] = []
        self.answer_pings = True
        self.received: list[JSON] = []
        self.url = ""
        self._changed = asyncio.Event()

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    def hook(self, name: str = "hook") -> str:
        return f"{self.url}/hook/{name}"

    def called(self, method: str) -> list[JSON]:
        """The arguments of each call of one method."""
        return [arguments for name, arguments in self.calls if name == method]

    async def until(self, condition: Callable[[], Any], seconds: float = 5) -> None:
        """Wait until something that the bot does has made a condition true."""
        async with asyncio.timeout(seconds):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    def _note(self) -> None:
        self._changed.set()

    async def api(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        self._count_connection(request)
        arguments = await _arguments(request)
        self.calls.append((method, arguments))
        self._note()
        if method == "apps.connections.open" and method not in self.answers:
            return web.json_response({"ok": True, "url": self._ticket()})
        if status := self.statuses.get(method):
            return web.Response(
                status=status,
                text=self.proxy_page[1],
                content_type=self.proxy_page[0],
                headers={"Retry-After": self.retry_after},
            )
        answer = self.answers.get(method, {"ok": True})
        return web.json_response(answer(arguments) if callable(answer) else answer)

    def _ticket(self) -> str:
        ticket = f"t{len(self.tickets)}"
        self.tickets.add(ticket)
        return f"{self.url.replace('http', 'ws')}/link?ticket={ticket}"

    async def post(self, request: web.Request) -> web.Response:
        self._count_connection(request)
        self.posts.append((request.match_info["name"], await request.json()))
        self._note()
        status = self.hook_statuses.popleft() if self.hook_statuses else 200
        if isinstance(status, dict):
            return web.json_response(status)
        if not status and request.transport:
            request.transport.close()
        return web.Response(status=status, text="ok" if status == 200 else "", headers={"Retry-After": "0"})

    def _count_connection(self, request: web.Request) -> None:
        assert request.transport is not None
        self.connections.add(request.transport.get_extra_info("peername"))

    async def link(self, request: web.Request) -> web.StreamResponse:
        """A Socket Mode connection; a ticket is good for one handshake, and the next `burn_next` fail."""
        ticket = request.query["ticket"]
        fails = ticket in self.burnt or self.burn_next > 0
        self.burnt.add(ticket)
        if fails:
            self.burn_next = max(0, self.burn_next - 1)
            self.refused.append(ticket)
            self._note()
            return web.Response(status=401)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        self.sockets.append(socket)
        self._note()
        await socket.send_json({"type": "hello", "num_connections": 1})
        async for message in socket:
            if message.type is aiohttp.WSMsgType.PING and self.answer_pings:
                await socket.pong(message.data)
            elif message.type is aiohttp.WSMsgType.TEXT:
                self.received.append(json.loads(message.data))
            self._note()
        return socket

    async def send(self, payload: JSON, *, envelope: str = "e1", kind: str = "slash_commands") -> None:
        """Send an envelope over the newest connection."""
        await self.sockets[-1].send_json({"envelope_id": envelope, "type": kind, "payload": payload})


async def _arguments(request: web.Request) -> JSON:
    if request.content_type == "application/json":
        return dict(await request.json())
    if request.method == "GET":
        return dict(request.query)
    form = {key: str(value) for key, value in (await request.post()).items()}
    return {key: json.loads(value) if value[:1] in {"{", "["} else value for key, value in form.items()}


@asynccontextmanager
async def fake_slack() -> AsyncIterator[FakeSlack]:
    """A fake Slack, served until the block ends."""
    slack = FakeSlack()
    app = web.Application()
    app.router.add_route("*", "/api/{method}", slack.api)
    app.router.add_post("/hook/{name}", slack.post)
    app.router.add_get("/link", slack.link)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    slack.url = f"http://127.0.0.1:{port}"
    try:
        yield slack
    finally:
        for socket in slack.sockets:
            await socket.close()
        await runner.cleanup()
