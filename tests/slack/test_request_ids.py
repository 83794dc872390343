"""Everything that is done for one request, and logged meanwhile, has one id; the person gets it with an apology."""

import asyncio
from collections.abc import Iterator, MutableMapping
from itertools import count
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr
from slack_bolt.request.async_request import AsyncBoltRequest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from deploybot.domain.page import Page
from deploybot.domain.paging import Turn
from deploybot.domain.query import Query
from deploybot.service.request_id import request_id
from deploybot.slack.answers import Asker
from deploybot.slack.bolt import Bot, build_bot, who_am_i
from deploybot.slack.tasks import Tasks
from deploybot.slack.webapi import web_client
from tests.slack.conftest import Desktop, FakeAnswers, Times
from tests.slack.fake_slack import FakeSlack

Lines = list[MutableMapping[str, Any]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    with capture_logs(processors=[merge_contextvars]) as found:
        yield found


class MixingAnswers(FakeAnswers):
    """Remembers under which id each app was asked for, before and after it waited."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[str, set[str]] = {}

    async def page(self, query: Query, turn: Turn, asker: Asker, *, aloud: bool) -> Page:
        seen = self.seen.setdefault(query.apps[0], set())
        seen.add(request_id())
        await asyncio.sleep(0)
        seen.add(await asyncio.create_task(self._deep()))
        return await super().page(query, turn, asker, aloud=aloud)

    async def _deep(self) -> str:
        await asyncio.sleep(0)
        return request_id()


async def _bot(slack: FakeSlack, session: aiohttp.ClientSession, answers: FakeAnswers, tasks: Tasks) -> Bot:
    client, times, numbers = web_client(session, SecretStr("xoxb-1"), slack.api_url), Times(), count(1)
    return build_bot(
        answers=answers,
        client=client,
        session=session,
        home=await who_am_i(client),
        api_url=slack.api_url,
        clock=times,
        now=times,
        tasks=tasks,
        new_id=lambda: f"id-{next(numbers)}",
    )


@pytest.mark.parametrize("room", [1, 20])
async def test_requests_at_once_never_mix_ids(slack: FakeSlack, desktop: Desktop, lines: Lines, room: int) -> None:
    """Also where they wait for one another: what waited must not take over the id of what made room for it."""
    answers = MixingAnswers()
    async with aiohttp.ClientSession() as session:
        bot = await _bot(slack, session, answers, Tasks(total=room))
        bodies = [
            desktop.command(f"app=app{number}", user_id=f"U{number}", trigger_id=f"t{number}") for number in range(20)
        ]
        dispatch = bot.app.async_dispatch
        await asyncio.gather(*(dispatch(AsyncBoltRequest(mode="socket_mode", body=body)) for body in bodies))
        await bot.desk.drain(10)

    assert len(answers.seen) == 20
    assert all(len(ids) == 1 for ids in answers.seen.values())
    assert {id_ for ids in answers.seen.values() for id_ in ids} == {f"id-{number}" for number in range(1, 21)}
    answered = [line for line in lines if line["event"] == "request answered"]
    assert {line["user"]: line["request_id"] for line in answered} == {
        f"U{number}": next(iter(answers.seen[f"app{number}"])) for number in range(20)
    }
    assert request_id() == ""


async def test_one_line_tells_that_a_request_was_answered_but_nothing_typed(desktop: Desktop, lines: Lines) -> None:
    await desktop.send(desktop.command("app=top-secret-project"))
    (line,) = [line for line in lines if line["log_level"] == "info"]
    assert line == {
        "event": "request answered",
        "log_level": "info",
        "request_id": "ref-1",
        "how": "command",
        "verb": "list",
        "outcome": "answered",
        "user": "U1",
        "channel": "C1",
        "duration_ms": 0,
    }


async def test_the_reference_of_an_apology_is_the_id_of_the_lines(desktop: Desktop, lines: Lines) -> None:
    desktop.answers.error = RuntimeError("a bug")
    await desktop.send(desktop.command())
    failed, answered = (line for line in lines if line["log_level"] in ("error", "info"))
    assert (failed["event"], failed["request_id"]) == ("answering failed", "ref-1")
    assert (answered["outcome"], answered["request_id"]) == ("bug", "ref-1")
    assert "reference: ref-1" in desktop.posted["text"]
