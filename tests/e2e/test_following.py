"""One thing that somebody does in Slack is followed to Cloud Foundry, by one id in the log and by one trace."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from deploybot import __version__
from tests.e2e.collector import Collector, Span, collector
from tests.e2e.passage import Passage, Passed, passage, served
from tests.e2e.stage import Bot, Stage, stage, text_of
from tests.workspace_client import JsonObject

QUIET = {"DEPLOYBOT_LOG_FORMAT": "json", "DEPLOYBOT_POLL_INTERVAL": "10m"}


@pytest.fixture
async def on_stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with stage(tmp_path) as set_up:
        yield set_up


@pytest.fixture
async def way(on_stage: Stage) -> AsyncIterator[Passage]:
    async with passage(on_stage.foundation.url) as found:
        yield found


async def _answer(on_stage: Stage, person: str, text: str, channel: str = "#checkout") -> JsonObject:
    before = len(await on_stage.slack.messages(person, channel))
    await on_stage.slack.command(person, channel, text)

    async def look() -> JsonObject | None:
        messages = await on_stage.slack.messages(person, channel)
        return messages[-1] if len(messages) > before and "bot_id" in messages[-1] else None

    return await on_stage.slack.wait_for(look, "an answer")


def _lines(bot: Bot) -> list[dict[str, Any]]:
    return [json.loads(line) for line in bot.logged().splitlines()]


async def _told(bot: Bot, event: str, count: int = 1, **facts: object) -> list[dict[str, Any]]:
    """The lines with this message and these facts, as soon as there are so many."""
    async with asyncio.timeout(20):
        while True:
            found = [line for line in _lines(bot) if line["event"] == event and facts.items() <= line.items()]
            if len(found) >= count:
                return found
            await asyncio.sleep(0.05)


def _of(way: Passage, id_: str) -> list[Passed]:
    return [one for one in way.passed if one.headers.get("x-vcap-request-id") == id_]


async def test_the_id_of_a_command_is_in_its_lines_and_on_its_requests_to_cloud_foundry(
    on_stage: Stage, way: Passage
) -> None:
    async with on_stage.bot_on_socket(**QUIET, CF_API=way.url, DEPLOYBOT_LOG_LEVEL="debug") as bot:
        await asyncio.gather(
            _answer(on_stage, "alice", "/deployments app=checkout state=failed"),
            _answer(on_stage, "bob", "/deployments state=active", "#general"),
        )
        answered = await _told(bot, "request answered", 2)
        ids = {line["request_id"] for line in answered}
        asked = [line for line in _lines(bot) if line["event"] == "cloud foundry was asked"]
    assert len(ids) == 2
    assert {(line["how"], line["verb"], line["outcome"]) for line in answered} == {("command", "list", "answered")}
    for id_ in ids:
        theirs = [line["path"].partition("?")[0] for line in asked if line["request_id"] == id_]
        assert "/v3/deployments" in theirs
        assert sorted(theirs) == sorted(one.path for one in _of(way, id_))
    assert all(one.headers.get("x-vcap-request-id") for one in way.passed)


async def test_what_the_bot_does_by_itself_has_ids_of_its_own(on_stage: Stage, way: Passage) -> None:
    async with on_stage.bot_on_socket(
        **{**QUIET, "DEPLOYBOT_POLL_INTERVAL": "0.5s"}, CF_API=way.url, DEPLOYBOT_LOG_LEVEL="debug"
    ) as bot:
        polled = await _told(bot, "cloud foundry was asked", 20, turn="poll")
        ids = {line["request_id"] for line in polled}
    assert len(ids) > 1
    assert all(_of(way, id_) for id_ in ids)
    assert {line["foundation"] for line in polled} == {"cf"}


async def test_no_payload_and_nothing_that_people_type_or_read_is_in_the_log(on_stage: Stage) -> None:
    """At debug, too, but for names of apps where Cloud Foundry is asked for them, in the addresses of requests."""
    async with on_stage.bot_on_socket(**QUIET, DEPLOYBOT_LOG_LEVEL="debug") as bot:
        page = await _answer(on_stage, "alice", "/deployments app=checkout unmistakable-words-1")
        page = await _answer(on_stage, "alice", "/deployments app=checkout state=succeeded by=carol.unmistakable2")
        page = await _answer(on_stage, "alice", "/deployments app=checkout")
        await on_stage.slack.click("alice", page, "turn_next")
        await on_stage.slack.say("alice", "#checkout", "<@UDEPLOYBOT> unmistakable-words-3")
        await _told(bot, "request answered", 4)
        log = bot.logged()
    assert "unmistakable" not in log
    assert "response_url" not in log
    assert "trigger_id" not in log
    assert "private_metadata" not in log
    assert '"blocks"' not in log
    assert text_of(page).splitlines()[0] not in log
    assert not [line for line in _lines(bot) if line["level"] in ("warning", "error", "critical")]
    named = [line for line in _lines(bot) if "checkout" in str(line)]
    assert {(line["level"], line["event"]) for line in named} <= {("debug", "cloud foundry was asked")}


async def test_a_start_is_told_once_and_an_hour_without_trouble_says_little(on_stage: Stage) -> None:
    async with on_stage.bot_on_socket(
        DEPLOYBOT_LOG_FORMAT="json", DEPLOYBOT_POLL_INTERVAL="0.2s", DEPLOYBOT_HEARTBEAT_FILE=str(on_stage.tmp / "beat")
    ) as bot:
        (started,) = await _told(bot, "starting")
        await _told(bot, "ready")
        before = len(_lines(bot))
        await _answer(on_stage, "alice", "/deployments app=checkout")
        await _told(bot, "request answered")
    lines = _lines(bot)
    assert started["version"] == __version__
    assert started["foundations"] == {"cf": on_stage.foundation.url}
    assert started["store"] == f"SQLite in {on_stage.tmp / 'data'}"
    assert started["transport"] == "socket"
    assert set(started["on"]) == {"access rules", "heartbeat file"}
    assert [line["level"] for line in lines if line["level"] != "info"] == []
    events = [line["event"] for line in lines]
    assert [events.count(once) for once in ("starting", "ready", "stopping")] == [1, 1, 1]
    assert before <= len(events) < 12


async def _trace(traces: Collector, name: str, **facts: str) -> list[Span]:
    """The spans of the trace that has such a root, as soon as that is there: it ends last."""
    async with asyncio.timeout(20):
        while True:
            roots = [one for one in traces.spans if one.name == name and facts.items() <= one.facts.items()]
            if roots:
                return traces.trace_of(roots[0].trace)
            await asyncio.sleep(0.05)


async def test_one_click_is_one_trace_down_to_cloud_foundry_and_back_to_slack(on_stage: Stage, way: Passage) -> None:
    async with collector() as traces:
        async with on_stage.bot_on_socket(
            **QUIET, CF_API=way.url, DEPLOYBOT_LOG_LEVEL="debug", DEPLOYBOT_OTLP_ENDPOINT=traces.url
        ) as bot:
            page = await _answer(on_stage, "alice", "/deployments app=checkout")
            await on_stage.slack.click("alice", page, "turn_next")
            (line,) = await _told(bot, "request answered", how="click")
            spans = await _trace(traces, "slack request", how="click")
        slack_requests = [str(one) for one in await on_stage.slack.inspected()]
    by_name = {one.name: one for one in spans}
    root, listing, delivered = by_name["slack request"], by_name["listing"], by_name["slack delivery"]
    asked = [one for one in spans if one.name == "cloud foundry request"]
    assert root.parent == ""
    assert root.facts["request_id"] == line["request_id"]
    assert (listing.parent, delivered.parent) == (root.id, root.id)
    assert {one.parent for one in asked} == {listing.id}
    theirs = _of(way, line["request_id"])
    assert len(asked) == len(theirs) > 0
    assert {one.headers["traceparent"][:52] for one in theirs} == {f"00-{root.trace}-{one.id}" for one in asked}
    assert {(one.facts["foundation"], one.facts["method"]) for one in asked} == {("cf", "GET")}
    assert "/v3/deployments" in {one.facts["endpoint"] for one in asked}
    assert traces.services == {("deploybot", __version__)}
    assert not any("traceparent" in one for one in slack_requests)
    assert b"checkout" not in traces.raw


async def test_a_foundation_that_fails_is_a_failed_span_without_its_words(on_stage: Stage) -> None:
    async with collector() as traces, on_stage.bot_on_socket(**QUIET, DEPLOYBOT_OTLP_ENDPOINT=traces.url):
        await _answer(on_stage, "alice", "/deployments app=no-such-app-anywhere")
        spans = await _trace(traces, "slack request", how="command")
    failed = [one for one in spans if one.failed]
    assert {one.facts["error.type"] for one in failed} == {"UserError"}
    assert all(one.events == 0 for one in spans)
    assert b"no-such-app" not in traces.raw


@pytest.mark.parametrize("trouble", ["hangs", "is away"])
async def test_a_collector_that_hangs_or_is_away_holds_up_neither_answers_nor_the_end(
    on_stage: Stage, trouble: str
) -> None:
    asked = asyncio.Event()
    never = asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        asked.set()
        await never.wait()
        return web.Response()

    app = web.Application()
    app.router.add_post("/v1/traces", hang)
    async with served(app) as url:
        endpoint = url if trouble == "hangs" else "http://127.0.0.1:1"
        async with on_stage.bot_on_socket(**QUIET, DEPLOYBOT_OTLP_ENDPOINT=endpoint) as bot:
            await _answer(on_stage, "alice", "/deployments app=checkout")
            if trouble == "hangs":
                await asyncio.wait_for(asked.wait(), 20)
            await _answer(on_stage, "alice", "/deployments app=checkout state=failed")
            assert await bot.stop() == 0


async def test_what_is_read_but_should_not_stay_so_is_in_the_log_of_a_running_bot(on_stage: Stage) -> None:
    async with on_stage.bot_on_socket(**QUIET, DEPLOYBOT_RETENTION=" 400d") as bot:
        (said,) = await _told(bot, "configuration")
        await _told(bot, "ready")
    assert said["level"] == "warning"
    assert said["warning"] == "DEPLOYBOT_RETENTION: white space at its ends does not count: take it away"
