"""While strangers do their worst at the port, what Slack has signed is answered, and so are probes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from urllib.parse import urlencode

import httpx
import pytest
from pydantic import SecretStr
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from deploybot.serving.bounds import HttpBounds
from deploybot.slack.http import PATH, EventsEndpoint, HttpTransport
from deploybot.slack.signature import sign
from tests.serving.stranger import Stranger
from tests.slack.conftest import Desktop

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
BOUNDS = HttpBounds(seconds=30, connections=12, held=3_000_000)
STRANGERS = 30

Attack = Callable[[Stranger], Awaitable[object]]


async def _says_nothing(_: Stranger) -> None:
    return


async def _stops_in_its_headers(one: Stranger) -> None:
    await one.send(b"POST /slack/events HTTP/1.1\r\nx-slow: a")


async def _stops_in_its_body(one: Stranger) -> None:
    await one.send(b"POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-length: 900000\r\n\r\n" + b"a" * 800_000)


async def _sends_what_is_not_signed(one: Stranger) -> None:
    await one.send(b"POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\ncommand=x")


@pytest.fixture
async def transport(desktop: Desktop) -> AsyncIterator[HttpTransport]:
    endpoint = EventsEndpoint(desktop.bot.app, SecretStr(SECRET), desktop.times)
    live = Route("/livez", lambda _: PlainTextResponse("fine"))
    transport = HttpTransport(endpoint, "127.0.0.1", 0, [live], BOUNDS)
    await transport.start()
    yield transport
    await transport.close()


@pytest.mark.parametrize(
    "attack", [_says_nothing, _stops_in_its_headers, _stops_in_its_body, _sends_what_is_not_signed]
)
async def test_slack_and_the_probe_are_answered_meanwhile(
    desktop: Desktop, transport: HttpTransport, attack: Attack
) -> None:
    async with AsyncExitStack() as held:
        for number in range(STRANGERS):
            reader, writer = await asyncio.open_connection("127.0.0.1", transport.port)
            held.callback(writer.close)
            await attack(Stranger(reader, writer))
            if number % 6 == 5:
                assert await _signed(desktop, transport.port, f"app=checkout page={number}") == 200
                assert await _probed(transport.port) == "fine"
    assert len(desktop.answers.asked) == STRANGERS // 6


async def _signed(desktop: Desktop, port: int, text: str) -> int:
    raw = urlencode(desktop.command(text, trigger_id=text)).encode()
    timestamp = str(int(desktop.times.now))
    headers = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": sign(SECRET, timestamp, raw)}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"http://127.0.0.1:{port}{PATH}", content=raw, headers={**headers, **form})
    await desktop.bot.desk.drain(5)
    return answer.status_code


async def _probed(port: int) -> str:
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.get(f"http://127.0.0.1:{port}/livez")).text
