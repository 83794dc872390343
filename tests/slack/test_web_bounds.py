"""An answer of Slack's Web API that does not end is given up, and the next one is read."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from deploybot.slack.webapi import MOST_BYTES, WEB_ERRORS, web_client, web_session

PIECE = b'{"ok": true, "padding": "' + b"a" * 1_000_000


@pytest.fixture
async def slack() -> AsyncIterator[tuple[str, list[int]]]:
    sent: list[int] = []

    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"content-type": "application/json"})
        await answer.prepare(request)
        for _ in range(200):
            await answer.write(PIECE)
            sent.append(len(PIECE))
        return answer

    async def short(_: web.Request) -> web.Response:
        return web.json_response({"ok": True, "user": "deploybot"})

    app = web.Application()
    app.add_routes([web.get("/api/users.list", endless), web.post("/api/auth.test", short)])
    async with TestServer(app) as server:
        yield str(server.make_url("/api/")), sent


async def test_an_answer_without_end_is_given_up_and_counts_as_a_failed_call(
    slack: tuple[str, list[int]],
) -> None:
    url, sent = slack
    async with web_session() as session:
        client = web_client(session, SecretStr("xoxb-1"), url)
        with pytest.raises(WEB_ERRORS) as failed:
            await client.users_list()
        assert isinstance(failed.value, aiohttp.ClientPayloadError)
        assert sum(sent) < 4 * MOST_BYTES
        assert (await client.auth_test())["user"] == "deploybot"
