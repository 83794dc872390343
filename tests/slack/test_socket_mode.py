"""A socket that died is found out and opened anew, and every envelope that can be acknowledged is."""

import logging
import time
from collections.abc import AsyncIterator, Callable

import pytest
import structlog
from pydantic import SecretStr

from deploybot.domain.telemetry import Acknowledged, How, SocketOpened
from deploybot.errors import ConfigError
from deploybot.slack.socket_mode import SocketModeTransport
from deploybot.slack.webapi import web_client
from tests.slack.conftest import Desktop
from tests.slack.fake_slack import FakeSlack

Connect = Callable[..., SocketModeTransport]
NEVER = 10_000.0


@pytest.fixture
async def connect(desktop: Desktop) -> AsyncIterator[Connect]:
    opened: list[SocketModeTransport] = []

    def build(
        *, interval: float = 0.05, patience: float = 0.3, ping: float = 0.1, now: Callable[[], float] = time.monotonic
    ) -> SocketModeTransport:
        transport = SocketModeTransport(
            desktop.bot.app,
            web_client(desktop.session, None, desktop.slack.api_url),
            SecretStr("xapp-1"),
            ping_interval=ping,
            interval=interval,
            patience=patience,
            now=now,
            telemetry=desktop.telemetry,
        )
        opened.append(transport)
        return transport

    yield build
    for transport in opened:
        await transport.close()


def acked(slack: FakeSlack) -> list[object]:
    return [message.get("envelope_id") for message in slack.received]


async def test_a_command_is_acked_and_answered(desktop: Desktop, connect: Connect) -> None:
    transport = connect()
    await transport.start()
    assert await transport.is_connected()
    await desktop.slack.send(desktop.command(), envelope="e7")
    await desktop.slack.until(lambda: desktop.slack.posts)
    assert desktop.slack.received == [{"envelope_id": "e7"}]
    assert transport.last_seen is not None


async def test_an_envelope_that_comes_twice_is_acked_twice_and_answered_once(
    desktop: Desktop, connect: Connect
) -> None:
    await connect().start()
    body = desktop.command()
    await desktop.slack.send(body, envelope="e1")
    await desktop.slack.send(body, envelope="e1")
    await desktop.slack.until(lambda: len(desktop.slack.received) == 2)
    await desktop.bot.desk.drain(5)
    assert len(desktop.slack.posts) == 1


async def test_the_word_payload_is_no_trouble_here(desktop: Desktop, connect: Connect) -> None:
    await connect().start()
    await desktop.slack.send(desktop.command("app=payload"))
    await desktop.slack.until(lambda: desktop.slack.posts)
    assert desktop.answers.asked[0][1].apps == ("payload",)


@pytest.mark.parametrize("payload", [{}, {"type": "block_actions"}, {"type": "view_submission", "view": {}}])
async def test_what_is_not_ours_is_acked_so_that_it_does_not_come_again(
    desktop: Desktop, connect: Connect, payload: dict[str, object]
) -> None:
    await connect().start()
    await desktop.slack.send(payload, envelope="odd", kind="interactive")
    await desktop.slack.until(lambda: desktop.slack.received)
    assert acked(desktop.slack) == ["odd"]


async def test_a_socket_without_pongs_is_opened_anew(desktop: Desktop, connect: Connect) -> None:
    transport = connect()
    await transport.start()
    desktop.slack.answer_pings = False
    await desktop.slack.until(lambda: len(desktop.slack.sockets) > 1)
    desktop.slack.answer_pings = True
    sockets = len(desktop.slack.sockets)
    await desktop.slack.until(lambda: len(desktop.slack.sockets) >= sockets)
    await desktop.slack.send(desktop.command())
    await desktop.slack.until(lambda: desktop.slack.posts)


async def test_the_sdk_alone_tries_a_burnt_ticket_for_ever(desktop: Desktop, connect: Connect) -> None:
    """Why the watchdog exists."""
    await connect(interval=NEVER).start()
    desktop.slack.burn_next = 1
    await desktop.slack.sockets[0].close()
    await desktop.slack.until(lambda: len(desktop.slack.refused) >= 5)
    assert len(set(desktop.slack.refused)) == 1
    assert len(desktop.slack.sockets) == 1


async def test_a_burnt_ticket_is_replaced(desktop: Desktop, connect: Connect) -> None:
    transport = connect()
    await transport.start()
    desktop.slack.burn_next = 1
    await desktop.slack.sockets[0].close()
    await desktop.slack.until(lambda: len(desktop.slack.sockets) == 2, seconds=10)
    await desktop.slack.send(desktop.command())
    await desktop.slack.until(lambda: desktop.slack.posts)
    assert await transport.is_connected()


async def test_every_connection_and_acknowledgement_is_noted(desktop: Desktop, connect: Connect) -> None:
    await connect().start()
    await desktop.slack.send(desktop.command())
    await desktop.slack.until(lambda: desktop.slack.received)
    assert desktop.telemetry.of(SocketOpened) == [SocketOpened(again=False)]
    await desktop.slack.sockets[0].close()
    await desktop.slack.until(lambda: len(desktop.slack.sockets) == 2)
    await desktop.slack.send(desktop.click("turn"), kind="interactive")
    await desktop.slack.until(lambda: len(desktop.slack.received) == 2)
    await desktop.bot.desk.drain(5)
    assert desktop.telemetry.of(SocketOpened) == [SocketOpened(again=False), SocketOpened(again=True)]
    assert [one.how for one in desktop.telemetry.of(Acknowledged)] == [How.COMMAND, How.CLICK]
    assert all(0 < one.seconds < 5 for one in desktop.telemetry.of(Acknowledged))


async def test_a_slack_that_never_answers_a_ping_was_not_seen(desktop: Desktop, connect: Connect) -> None:
    """The SDK itself takes the time of its first ping for that of a pong, and both by a clock that people set."""
    desktop.slack.answer_pings = False
    times = iter((7.0, 8.0))
    transport = connect(interval=NEVER, ping=0.05, now=lambda: next(times))
    seen = []
    for sent in (100.0, 100.0, 50.0, None, 900.0):
        transport._client.last_ping_pong_time = sent
        seen.append(transport.last_seen)
    assert seen == [None, 7.0, 8.0, 8.0, 8.0]


async def test_a_reader_that_died_is_noticed_and_replaced(desktop: Desktop, connect: Connect) -> None:
    """The socket itself looks well then: open, and its pings are sent."""
    transport = connect()
    await transport.start()
    for task in (transport._client.message_receiver, transport._client.message_processor):
        assert task is not None
        task.cancel()
    await desktop.slack.until(lambda: len(desktop.slack.sockets) == 2)
    await desktop.slack.send(desktop.command())
    await desktop.slack.until(lambda: desktop.slack.posts)


async def test_slack_asking_for_a_new_connection_gets_one(desktop: Desktop, connect: Connect) -> None:
    await connect(interval=NEVER).start()
    await desktop.slack.sockets[0].send_json({"type": "disconnect", "reason": "refresh_requested"})
    await desktop.slack.until(lambda: len(desktop.slack.sockets) == 2)


async def test_a_token_that_slack_does_not_take_is_told_with_its_cure(desktop: Desktop, connect: Connect) -> None:
    desktop.slack.answers["apps.connections.open"] = {"ok": False, "error": "invalid_auth"}
    with pytest.raises(ConfigError, match=r"SLACK_APP_TOKEN.*connections:write"):
        await connect().start()


async def test_a_slack_out_of_reach_at_start_is_reached_later(desktop: Desktop, connect: Connect) -> None:
    desktop.slack.answers["apps.connections.open"] = {"ok": False, "error": "internal_error"}
    transport = connect()
    await transport.start()
    assert not await transport.is_connected()
    del desktop.slack.answers["apps.connections.open"]
    await desktop.slack.until(lambda: desktop.slack.sockets)


async def test_tickets_stay_out_of_the_log(
    desktop: Desktop, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await connect().start()
    desktop.slack.burn_next = 1
    await desktop.slack.sockets[0].close()
    await desktop.slack.until(lambda: len(desktop.slack.sockets) == 2, seconds=10)
    told = [record.getMessage() for record in caplog.records if record.name != "aiohttp.access"]
    assert any("Failed to connect" in line for line in told)
    assert not any("ticket=t" in line for line in told)


async def test_why_no_connection_can_be_made_is_told_and_kept(desktop: Desktop, connect: Connect) -> None:
    transport = connect(patience=0.1)
    await transport.start()
    desktop.slack.answers["apps.connections.open"] = {"ok": False, "error": "invalid_auth"}
    with structlog.testing.capture_logs() as logged:
        await desktop.slack.sockets[0].close()
        await desktop.slack.until(lambda: transport.heard()[1] == "it refuses a connection (invalid_auth)", seconds=10)
    refusals = [line for line in logged if line["event"] == "slack refuses a connection"]
    assert [(line["log_level"], line["reason"]) for line in refusals] == [("warning", "invalid_auth")]
    await transport.close()


async def test_an_outage_does_not_fill_the_log(
    desktop: Desktop, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    """Some try is made every few seconds, by the SDK and by the watchdog; each kind of line comes once a minute."""
    caplog.set_level(logging.INFO)
    await connect(patience=0.1).start()
    tries = len(desktop.slack.called("apps.connections.open"))
    desktop.slack.answers["apps.connections.open"] = {"ok": False, "error": "invalid_auth"}
    with structlog.testing.capture_logs() as logged:
        await desktop.slack.sockets[0].close()
        await desktop.slack.until(lambda: len(desktop.slack.called("apps.connections.open")) >= tries + 6, seconds=10)
    own = [line["event"] for line in logged]
    of_sdk = [record.getMessage() for record in caplog.records if record.name == "deploybot.slack.socket"]
    assert own.count("socket is dead, connecting anew") == 1
    assert any("invalid_auth" in line for line in of_sdk)
    assert len(of_sdk) == len(set(of_sdk))
