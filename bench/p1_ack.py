"""P1: how soon a slash command is acknowledged, and how many at once, beside bare Bolt apps, over both transports."""

import asyncio
import itertools
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

from aiohttp import web

from bench.measure import ROUNDS, Ratio, middle
from bench.p1_bots import COMMAND, SECRET
from deploybot.slack.signature import sign

ALONE = 150
TOGETHER = 1_500
IN_FLIGHT = 32
PAUSE = 0.002
KINDS = ("default", "flag", "ours")

_numbers = itertools.count()

Send = Callable[[], Awaitable[None]]


def run() -> list[Ratio]:
    return asyncio.run(_run())


async def _run() -> list[Ratio]:
    async with slack_stand_in() as slack:
        return [*await _compared("Socket Mode", slack, over_socket), *await _compared("HTTP", slack, _over_http)]


async def _compared(name: str, slack: "Slack", over: Callable[["Slack", str], "AsyncIterator[Send]"]) -> list[Ratio]:
    """Rounds of all three bots in turn, so that a busy moment of the machine meets each of them."""
    alone: dict[str, list[float]] = {kind: [] for kind in KINDS}
    together: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for _ in range(ROUNDS):
        for kind in KINDS:
            async with asynccontextmanager(over)(slack, kind) as send:
                alone[kind].append(await _p50(send))
                together[kind].append(await _throughput(send))
    p50 = {kind: middle(values) * 1000 for kind, values in alone.items()}
    rate = {kind: middle(values) for kind, values in together.items()}
    return [
        Ratio(f"P1 {name}: ack p50 / bare default Bolt app", p50["ours"], p50["default"], "ms", 0.1),
        Ratio(f"P1 {name}: ack p50 / no-op listener with the flag", p50["ours"], p50["flag"], "ms", 1.5),
        Ratio(
            f"P1 {name}: acks/s, 32 in flight / bare default", rate["ours"], rate["default"], "per s", 2, at_most=False
        ),
    ]


async def _p50(send: Send) -> float:
    for _ in range(ALONE // 5):
        await send()
    return middle([await timed(send) for _ in range(ALONE)])


async def timed(send: Send) -> float:
    """Seconds of one acknowledgement by a bot that is done with the work behind the one before."""
    await asyncio.sleep(PAUSE)
    began = time.perf_counter()
    await send()
    return time.perf_counter() - began


async def _throughput(send: Send) -> float:
    async def keep_sending(count: int) -> None:
        for _ in range(count):
            await send()

    began = time.perf_counter()
    await asyncio.gather(*(keep_sending(TOGETHER // IN_FLIGHT) for _ in range(IN_FLIGHT)))
    return TOGETHER // IN_FLIGHT * IN_FLIGHT / (time.perf_counter() - began)


def _command() -> dict[str, str]:
    """A slash command, each by somebody else."""
    number = next(_numbers)
    return {
        "token": "t",
        "team_id": "T1",
        "team_domain": "acme",
        "channel_id": "C1",
        "channel_name": "general",
        "user_id": f"U{number}",
        "user_name": "ada",
        "command": COMMAND,
        "text": "app=checkout state=failed",
        "api_app_id": "A1",
        "is_enterprise_install": "false",
        "response_url": "https://hooks.slack.com/commands/T1/1/x",
        "trigger_id": f"{number}.1.x",
    }


@dataclass
class Slack:
    """Just enough of Slack: who the bot is, a ticket, and a socket."""

    url: str = ""
    socket: web.WebSocketResponse | None = None
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: dict[str, asyncio.Future[None]] = field(default_factory=dict)

    async def api(self, _: web.Request) -> web.Response:
        link = {"url": f"{self.url.replace('http', 'ws')}/link"}
        return web.json_response({"ok": True, "team_id": "T1", "user_id": "UB", "bot_id": "B1", **link})

    async def link(self, request: web.Request) -> web.WebSocketResponse:
        self.socket = socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.connected.set()
        async for message in socket:
            waiting = self.waiting.pop(json.loads(message.data)["envelope_id"], None)
            if waiting:
                waiting.set_result(None)
        return socket

    async def send(self) -> None:
        """Send a command and wait for its acknowledgement."""
        command = _command()
        envelope = command["trigger_id"]
        self.waiting[envelope] = acknowledged = asyncio.get_running_loop().create_future()
        assert self.socket is not None
        await self.socket.send_json({"envelope_id": envelope, "type": "slash_commands", "payload": command})
        await acknowledged


@asynccontextmanager
async def slack_stand_in() -> AsyncIterator[Slack]:
    slack, app = Slack(), web.Application()
    app.router.add_route("*", "/api/{method}", slack.api)
    app.router.add_get("/link", slack.link)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield slack
    await runner.cleanup()


async def over_socket(slack: Slack, kind: str) -> AsyncIterator[Send]:
    slack.connected.clear()
    async with bot("-m", "bench.p1_bots", kind, "socket", f"{slack.url}/api/"):
        await slack.connected.wait()
        yield slack.send


async def _over_http(slack: Slack, kind: str) -> AsyncIterator[Send]:
    async with bot("-m", "bench.p1_bots", kind, "http", f"{slack.url}/api/") as port:
        connections: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

        async def send() -> None:
            reader, writer = connections.pop() if connections else await asyncio.open_connection("127.0.0.1", port)
            writer.write(_request())
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            await reader.readexactly(_length(head))
            connections.append((reader, writer))

        yield send
        for _, writer in connections:
            writer.close()


def _request() -> bytes:
    """A signed request as Slack sends it; keep-alive, so that only the acknowledgement is measured."""
    body = urlencode(_command()).encode()
    timestamp = str(int(time.time()))
    lines = (
        "POST /slack/events HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        f"X-Slack-Request-Timestamp: {timestamp}",
        f"X-Slack-Signature: {sign(SECRET, timestamp, body)}",
    )
    return "\r\n".join((*lines, "", "")).encode() + body


def _length(head: bytes) -> int:
    field = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
    return int(field or 0)


@asynccontextmanager
async def bot(*arguments: str) -> AsyncIterator[int]:
    """A bot in its own process; its port over HTTP, else 0."""
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield int(await process.stdout.readline())
    finally:
        process.kill()
        await process.wait()


if __name__ == "__main__":
    print(*(ratio.line() for ratio in run()), sep="\n")
