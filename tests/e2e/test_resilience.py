"""What goes wrong around the bot, and what people see of it: a sentence, a late answer, never silence or a double."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from deploybot.demo.foundation.faults import Faults
from tests.e2e.stage import Bot, Stage, free_port, stage, start, text_of
from tests.workspace_client import JsonObject


@pytest.fixture
async def set_up(tmp_path: Path) -> AsyncIterator[Stage]:
    async with stage(tmp_path) as ready:
        yield ready


async def _answers(set_up: Stage, person: str = "alice", channel: str = "#checkout") -> list[JsonObject]:
    return [one for one in await set_up.slack.messages(person, channel) if "bot_id" in one]


async def _answer(set_up: Stage, count: int = 1) -> JsonObject:
    async def look() -> JsonObject | None:
        seen = await _answers(set_up)
        return seen[-1] if len(seen) >= count else None

    return await set_up.slack.wait_for(look, f"{count} answers")


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        (Faults(outage=True), "could not answer"),
        (Faults(bad_gateway=1.0), "could not answer"),
        (Faults(rate_limit=1.0), "could not answer"),
        (Faults(proxy_rate_limit=1.0), "could not answer"),
        (Faults(server_error=1.0), "could not answer"),
        (Faults(refused_tokens=1.0), "could not answer"),
        (Faults(cut=1.0), "could not answer"),
    ],
)
async def test_a_foundation_in_trouble_becomes_a_line_and_recovers(set_up: Stage, faults: Faults, said: str) -> None:
    async with set_up.bot_on_socket():
        set_up.foundation.foundation.faults = faults
        await set_up.slack.command("alice", "#checkout", "/deployments")
        assert said in text_of(await _answer(set_up))
        set_up.foundation.foundation.faults = Faults()
        await set_up.slack.command("alice", "#checkout", "/deployments")
        assert said not in text_of(await _answer(set_up, 2))


async def test_an_acknowledgement_does_not_wait_for_a_slow_foundation(set_up: Stage) -> None:
    async with set_up.bot_on_socket(DEPLOYBOT_DEADLINE="2s"):
        set_up.foundation.foundation.faults = Faults(latency_ms=30_000)
        began = time.monotonic()
        await set_up.slack.command("alice", "#checkout", "/deployments")
        acked = time.monotonic() - began
        shown = await _answer(set_up)
        assert acked < 1
        assert "could not answer" in text_of(shown)


async def test_one_foundation_down_does_not_hide_the_other(set_up: Stage) -> None:
    config = set_up.tmp / "deploybot.toml"
    config.write_text(
        f"""
        [foundations.eu]
        api = "{set_up.foundation.url}"
        client_id = "deploybot"
        client_secret = "deploybot-demo-secret"
        [foundations.us]
        api = "http://127.0.0.1:{free_port()}"
        client_id = "deploybot"
        client_secret = "deploybot-demo-secret"
        """
    )
    environment = {key: value for key, value in set_up.environment().items() if not key.startswith("CF_")}
    bot = await start("run", "--config", str(config), environment=environment, log=set_up.tmp / "two.log")
    try:
        await set_up.slack.wait_for_connections(1)
        await set_up.slack.command("alice", "#checkout", "/deployments app=checkout")
        shown = text_of(await _answer(set_up))
        assert "on eu" in shown
        assert "us" in shown
        assert "could not answer" in shown
    finally:
        assert await bot.stop() == 0


async def test_a_payload_that_comes_twice_is_answered_once(set_up: Stage) -> None:
    async with set_up.bot_on_socket():
        said = await set_up.slack.say("alice", "#checkout", "@deploybot app=checkout")
        await set_up.slack.wait_for_message("alice", "#checkout", thread_ts=said["ts"])
        await set_up.slack.post("redeliver")
        await set_up.slack.command("alice", "#checkout", "/deployments help")
        await _answer(set_up)
        thread = await set_up.slack.messages("alice", "#checkout", said["ts"])
        assert len([one for one in thread if "bot_id" in one]) == 1


async def test_a_dead_socket_is_noticed_and_healed(set_up: Stage) -> None:
    async with set_up.bot_on_socket():
        old = (await set_up.slack.wait_for_connections(1))[0]
        await set_up.slack.sockets("cut")

        async def look() -> JsonObject | None:
            connections: list[JsonObject] = (await set_up.slack.get("sockets"))["connections"]
            return next((one for one in connections if one["id"] != old["id"]), None)

        set_up.slack.patience = 60
        await set_up.slack.wait_for(look, "a new connection")
        await set_up.slack.command("alice", "#checkout", "/deployments help")
        assert await _answer(set_up)


async def test_slack_in_trouble_at_the_answer_is_tried_again(set_up: Stage) -> None:
    async with set_up.bot_on_socket():
        await set_up.slack.set_faults({"kind": "internal_error", "where": "response_url", "times": 1})
        await set_up.slack.command("alice", "#checkout", "/deployments app=checkout")
        assert "checkout" in text_of(await _answer(set_up))
        assert len(await _answers(set_up)) == 1


async def test_the_bot_finishes_what_it_began_when_it_is_told_to_stop(set_up: Stage) -> None:
    bot: Bot
    async with set_up.bot_on_socket() as bot:
        set_up.foundation.foundation.faults = Faults(latency_ms=700)
        await set_up.slack.command("alice", "#checkout", "/deployments state=succeeded")
        bot.process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        assert await asyncio.wait_for(bot.process.wait(), 10) == 0
        assert time.monotonic() - began < 10
        assert "succeeded" in text_of(await _answer(set_up))


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
async def test_an_answer_that_takes_longer_than_the_bot_may_is_given_up_in_a_sentence(
    set_up: Stage, told: signal.Signals
) -> None:
    async with set_up.bot_on_socket() as bot:
        set_up.foundation.foundation.faults = Faults(latency_ms=10_000)
        await set_up.slack.command("alice", "#checkout", "/deployments")
        bot.process.send_signal(told)
        assert await asyncio.wait_for(bot.process.wait(), 10) == 0
        assert "being restarted" in text_of(await _answer(set_up))


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, b"command=%2Fdeployments"),
        ({"x-slack-signature": "v0=00", "x-slack-request-timestamp": "0"}, b"command=%2Fdeployments"),
        ({"x-slack-signature": "v0=00", "x-slack-request-timestamp": "soon"}, b"{}"),
        (
            {"x-slack-signature": "v0=\xe9".encode("latin-1").decode("latin-1"), "x-slack-request-timestamp": "1"},
            b"\xff",
        ),
    ],
)
async def test_whatever_is_not_signed_by_slack_is_401(set_up: Stage, headers: dict[str, str], body: bytes) -> None:
    async with set_up.bot_on_http():
        url = (await set_up.slack.get("workspace"))["request_url"]
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(url, content=body, headers=raw)
        assert answer.status_code == 401
        assert not await _answers(set_up)


async def test_a_bot_token_that_slack_refuses_is_a_sentence_at_start(set_up: Stage) -> None:
    environment = set_up.environment(SLACK_BOT_TOKEN="xoxb-wrong")
    bot = await start("run", environment=environment, log=set_up.tmp / "wrong.log")
    assert await asyncio.wait_for(bot.process.wait(), 20) == 2
    assert "SLACK_BOT_TOKEN" in bot.logged()
    assert "Traceback" not in bot.logged()
    assert "xoxb-wrong" not in bot.logged()


async def test_the_heartbeat_says_that_slack_reaches_the_bot(set_up: Stage) -> None:
    file = set_up.tmp / "heartbeat"
    health = {"DEPLOYBOT_HEARTBEAT_FILE": str(file)}
    early = await start("alive", environment=health, log=set_up.tmp / "alive.log")
    assert await early.process.wait() == 1
    async with set_up.bot_on_socket(**health):
        async with asyncio.timeout(20):
            while not file.exists():  # noqa: ASYNC110 - a file tells nobody when it comes
                await asyncio.sleep(0.05)
        asked = await start("alive", environment=health, log=set_up.tmp / "alive.log")
        assert await asked.process.wait() == 0
