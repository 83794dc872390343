"""Over HTTP nothing is believed that Slack has not signed, and nothing that Slack has signed is lost."""

import json
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import httpx
import pytest
from pydantic import SecretStr
from slack_bolt.request.internals import parse_body
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from deploybot.domain.telemetry import Acknowledged, How
from deploybot.slack.http import MOST_BYTES, PATH, EventsEndpoint, HttpTransport, decode
from deploybot.slack.signature import sign
from tests.slack.conftest import Desktop
from tests.slack.fake_slack import JSON
from tests.slack.test_subscribe_forms import typing

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


class Caller:
    """Slack, calling over HTTP."""

    def __init__(self, client: httpx.AsyncClient, transport: HttpTransport, desktop: Desktop) -> None:
        self.client = client
        self.transport = transport
        self.desktop = desktop

    async def post(self, raw: bytes, kind: str = "application/x-www-form-urlencoded", **headers: str) -> httpx.Response:
        timestamp = str(int(self.desktop.times.now))
        signed = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": sign(SECRET, timestamp, raw)}
        given = {
            key.replace("_", "-"): value.encode() for key, value in {**signed, "Content-Type": kind, **headers}.items()
        }
        answer = await self.client.post(PATH, content=raw, headers={k.encode(): v for k, v in given.items()})
        await self.desktop.bot.desk.drain(5)
        return answer


def form(body: JSON) -> bytes:
    return urlencode(body).encode()


def clicked(body: JSON) -> bytes:
    return urlencode({"payload": json.dumps(body)}).encode()


async def test_an_acknowledgement_is_noted_and_what_nobody_asked_is_not(caller: Caller) -> None:
    await caller.post(form(caller.desktop.command()))
    await caller.post(clicked(caller.desktop.click("turn")))
    await caller.post(b'{"type": "url_verification", "challenge": "c"}', "application/json")
    await caller.post(b'{"type": "event_callback", "event": {"type": "team_join"}}', "application/json")
    noted = caller.desktop.telemetry.of(Acknowledged)
    assert noted == [Acknowledged(How.COMMAND, 0.0), Acknowledged(How.CLICK, 0.0)]


@pytest.fixture
async def caller(desktop: Desktop) -> AsyncIterator[Caller]:
    endpoint = EventsEndpoint(desktop.bot.app, SecretStr(SECRET), desktop.times, desktop.telemetry, desktop.times)
    health = Route("/healthz", lambda request: PlainTextResponse("fine"))
    transport = HttpTransport(endpoint, "127.0.0.1", 0, [health])
    await transport.start()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{transport.port}", trust_env=False) as client:
        yield Caller(client, transport, desktop)
    await transport.close()


async def test_a_command_is_answered(caller: Caller) -> None:
    answer = await caller.post(form(caller.desktop.command("app=checkout")))
    assert (answer.status_code, answer.text) == (200, "")
    assert caller.desktop.posted["response_type"] == "ephemeral"
    assert caller.transport.last_seen == caller.desktop.times.now


async def test_a_click_is_answered(caller: Caller) -> None:
    answer = await caller.post(clicked(caller.desktop.click("refresh")))
    assert answer.status_code == 200
    assert caller.desktop.posted["replace_original"] is True


async def test_a_menu_gets_its_entries_in_the_answer_itself(caller: Caller) -> None:
    answer = await caller.post(clicked(typing("@on")))
    assert [option["value"] for option in answer.json()["options"]] == ["group:S0ONCALL"]


async def test_a_mention_is_answered(caller: Caller) -> None:
    answer = await caller.post(json.dumps(caller.desktop.mention()).encode(), "application/json")
    assert answer.status_code == 200
    assert len(caller.desktop.slack.called("chat.postMessage")) == 1


@pytest.mark.parametrize("more", [{"text": "app=payload-service"}, {"channel_name": "payload-team"}])
async def test_the_word_payload_in_a_command_loses_nothing(caller: Caller, more: JSON) -> None:
    raw = form(caller.desktop.command(**{"text": "app=x", **more}))
    assert parse_body(raw.decode(), "application/x-www-form-urlencoded") == {}, "Bolt's own reading would lose it"
    answer = await caller.post(raw)
    assert answer.status_code == 200
    assert len(caller.desktop.slack.posts) == 1


async def test_slack_finds_out_that_the_address_is_ours(caller: Caller) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "c-123"}).encode()
    answer = await caller.post(body, "application/json")
    assert answer.status_code == 200
    assert answer.json() == {"challenge": "c-123"}


async def test_a_challenge_that_is_not_signed_is_not_answered(caller: Caller) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "c-123"}).encode()
    answer = await caller.post(body, "application/json", X_Slack_Signature="v0=0")
    assert answer.status_code == 401
    assert "c-123" not in answer.text


async def test_slacks_test_of_the_certificate_is_answered_unsigned(caller: Caller) -> None:
    answer = await caller.client.post(PATH, content=b"ssl_check=1&token=x")
    assert (answer.status_code, answer.content) == (200, b"")
    assert caller.desktop.answers.asked == []


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Slack_Signature": ""},
        {"X_Slack_Signature": "v0=" + "0" * 64},
        {"X_Slack_Signature": "v0=ünïcödé"},
        {"X_Slack_Request_Timestamp": ""},
        {"X_Slack_Request_Timestamp": "yesterday"},
        {"X_Slack_Request_Timestamp": "1e6"},
        {"X_Slack_Request_Timestamp": "9" * 100},
    ],
)
async def test_what_is_not_signed_properly_is_refused_with_401(caller: Caller, headers: dict[str, str]) -> None:
    """Slack's SDK answers some of these with 500."""
    answer = await caller.post(form(caller.desktop.command()), **headers)
    assert answer.status_code == 401
    assert caller.desktop.answers.asked == []
    assert caller.transport.last_seen is None


async def test_a_replay_is_answered_once_in_the_window_and_refused_after_it(caller: Caller) -> None:
    raw, timestamp = form(caller.desktop.command()), str(int(caller.desktop.times.now))
    signed = {"X_Slack_Request_Timestamp": timestamp, "X_Slack_Signature": sign(SECRET, timestamp, raw)}
    first, again = await caller.post(raw, **signed), await caller.post(raw, **signed)
    caller.desktop.times.now += 301
    late = await caller.post(raw, **signed)
    assert [first.status_code, again.status_code, late.status_code] == [200, 200, 401]
    assert len(caller.desktop.slack.posts) == 1


async def test_a_body_that_is_too_long_is_not_read_to_its_end(caller: Caller) -> None:
    answer = await caller.client.post(PATH, content=b"x" * (MOST_BYTES + 1))
    assert answer.status_code == 413


async def test_a_signed_payload_that_bolt_cannot_look_into_is_refused_with_400(caller: Caller) -> None:
    click = {"action_id": "refresh", "block_id": "b", "type": "button"}
    body = {"type": "block_actions", "actions": [click], "user": 5, "channel": 7}
    assert (await caller.post(clicked(body))).status_code == 400


@pytest.mark.parametrize("raw", [b"{", b"payload=%7B", b"payload=[]", b"{" * 100_000, b"\xff\xfe", b"{1}"])
async def test_a_signed_body_that_cannot_be_read_is_refused_with_400(caller: Caller, raw: bytes) -> None:
    assert (await caller.post(raw)).status_code == 400
    assert caller.desktop.answers.asked == []


@pytest.mark.parametrize(
    "body",
    [
        {"type": "block_actions"},
        {"type": "block_actions", "actions": []},
        {"type": "view_submission", "view": {}},
        {"type": "view_submission"},
        {"type": "event_callback"},
        {"type": "event_callback", "event": {"type": "reaction_added"}},
        {"type": "shortcut"},
        {},
    ],
)
async def test_a_payload_that_is_not_ours_is_acked_and_left_alone(caller: Caller, body: JSON) -> None:
    """Bolt stumbles over some of these; and without a 200 Slack would send them again."""
    assert (await caller.post(clicked(body))).status_code == 200
    assert (caller.desktop.slack.calls, caller.desktop.slack.posts) == ([], [])


async def test_only_post_is_served_there(caller: Caller) -> None:
    assert (await caller.client.get(PATH)).status_code == 405


async def test_other_routes_live_beside_it(caller: Caller) -> None:
    assert (await caller.client.get("/healthz")).text == "fine"
    assert await caller.transport.is_connected()


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        (b"a=1&b=&c=payload", {"a": "1", "b": "", "c": "payload"}),
        (b"payload=%7B%22a%22%3A1%7D", {"a": 1}),
        (b'{"a": 1}', {"a": 1}),
        (b"payload=3", None),
        (b"", None),
    ],
)
def test_bodies_are_decoded(raw: bytes, body: JSON | None) -> None:
    assert decode(raw) == body
