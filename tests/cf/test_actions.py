"""Continue and cancel over HTTP: what every answer means, and that nothing is ever sent twice."""

import asyncio
import json
import socket
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from deploybot.cf.actions import CloudFoundryActions
from deploybot.cf.auth import Login
from deploybot.cf.client import CONNECTIONS, Surroundings
from deploybot.cf.departure import LEAVES_WITHIN
from deploybot.domain.acting import Acted, Action, Credential, Done, Refused, Unknown
from deploybot.domain.secret import Secret
from tests.cf.making import INVALID_TOKEN, Api, as_json, client, soon
from tests.cf.replay import TOKEN_OF, read_only, replaying
from tests.cf.serving import Reply, Request, serving
from tests.cf.test_recorded_actions import ACTIONS

CANCEL = "/v3/deployments/d-1/actions/cancel"
ANN = Credential("ann@example.com", "user-ann", Secret("anns-token"))
BOT = Credential("deploybot", "")
OK = Reply(200, {"x-vcap-request-id": "r-1", "content-type": "text/html"})


async def acted(api: Api, as_: Credential = ANN, seconds: float = 20.0) -> Acted:
    async with serving(api) as url, client(url) as asking:
        return await CloudFoundryActions(asking).act(Action.CANCEL, "d-1", as_, soon(seconds))


def error(status: int, code: int, detail: str) -> Reply:
    return as_json({"errors": [{"code": code, "title": "CF-X", "detail": detail}]}, status, x_vcap_request_id="r-2")


async def test_what_was_recorded_for_every_role_ends_as_the_rules_say() -> None:
    roots = [each for each in read_only() if each["path"] == "/"]
    ended: Counter[tuple[str, int]] = Counter()
    async with replaying([*roots, *ACTIONS]) as server, client(server.url) as asking:
        actions = CloudFoundryActions(asking)
        for each in ACTIONS:
            _, _, _, guid, _, action = each["path"].split("/")
            if action not in ("cancel", "continue") or each["as"] == "none":
                continue
            token = "rubbish" if each["as"] == "garbage" else TOKEN_OF + each["as"]
            as_ = Credential(each["as"], "", Secret(token))
            came = await actions.act(Action(action), guid, as_, soon())
            _is_as_recorded(came, each)
            ended[type(came).__name__, each["status"]] += 1
    assert ended["Done", 200] > 10
    assert ended["Refused", 404] > 5
    assert {status for _, status in ended} >= {200, 401, 403, 404, 422}


def _is_as_recorded(came: Acted, exchange: dict[str, Any]) -> None:
    if exchange["status"] == 200:
        assert isinstance(came, Done)
        assert came.request_id
        return
    if exchange["status"] >= 500:
        assert isinstance(came, Unknown)
        return
    assert isinstance(came, Refused), exchange
    assert came.status == exchange["status"]
    assert came.unlinked == (exchange["status"] == 401)
    told = json.loads(exchange["body"])["errors"][0]["detail"]
    if exchange["status"] == 404:
        assert "takes Space Developer or Space Supporter" in came.reason
    if exchange["status"] == 422 and not told.startswith("Unable"):
        assert told.strip() in came.reason


async def test_it_is_done_as_the_person() -> None:
    api = Api().on(CANCEL, OK)
    assert await acted(api) == Done("r-1")
    (sent,) = api.asked
    assert (sent.method, sent.target, sent.headers["authorization"]) == ("POST", CANCEL, "Bearer anns-token")


async def test_without_a_person_it_is_done_as_the_bot_whose_token_is_renewed_once() -> None:
    api = Api().on(CANCEL, INVALID_TOKEN, OK)
    assert await acted(api, BOT) == Done("r-1")
    sent = [request.headers["authorization"] for request in api.asked if request.target == CANCEL]
    assert sent == ["Bearer token1", "Bearer token2"]


async def test_a_persons_token_that_is_refused_is_never_replaced_by_the_bots() -> None:
    api = Api().on(CANCEL, INVALID_TOKEN)
    came = await acted(api)
    assert isinstance(came, Refused)
    assert came.unlinked
    assert "link your account again" in came.reason
    assert [request.target for request in api.asked] == [CANCEL]


async def test_a_token_that_is_none_is_not_sent() -> None:
    api = Api().on(CANCEL, OK)
    came = await acted(api, Credential("ann", "", Secret("two words")))
    assert isinstance(came, Refused)
    assert came.unlinked
    assert api.asked == []


async def test_a_refused_bot_is_no_persons_matter() -> None:
    came = await acted(Api().on(CANCEL, INVALID_TOKEN), BOT)
    assert isinstance(came, Refused)
    assert not came.unlinked


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (error(404, 10010, "Deployment not found"), "The account ann@example.com has no role that may do this"),
        (error(403, 10003, "You are not authorized"), "lacks the scope cloud_controller.write"),
        (error(403, 10019, "The space is suspended"), "The space is suspended."),
        (error(422, 10008, "Unable to assign current droplet. Ensure the droplet exists."), "its droplet is gone"),
        (error(422, 10008, "Cannot cancel a deployment with status: FINALIZED"), "status: FINALIZED"),
        (error(429, 10013, "Rate Limit Exceeded"), "limits how often"),
        (Reply(429, {"content-type": "text/html"}, b"<html>"), "limits how often"),
        (Reply(404, {"content-type": "text/plain"}, b"404 Not Found: Requested route"), "HTTP 404"),
        (Reply(302, {"location": "https://elsewhere.example/x"}), "redirects to elsewhere.example"),
    ],
)
async def test_what_certainly_did_nothing_is_refused_in_words(reply: Reply, words: str) -> None:
    api = Api().on(CANCEL, reply)
    came = await acted(api)
    assert isinstance(came, Refused)
    assert words in came.reason
    assert came.reason.endswith(".")
    assert "<" not in came.reason
    assert not came.unlinked
    assert api.count(CANCEL) == 1


async def _no_word(_: Request) -> None:
    return None


async def _never(_: Request) -> Reply:
    await asyncio.Event().wait()
    raise AssertionError


@pytest.mark.parametrize("as_", [ANN, BOT], ids=["ann", "bot"])
@pytest.mark.parametrize(
    "reply",
    [
        error(500, 10001, "An unknown error occurred."),
        error(503, 10015, "Database connection failure"),
        Reply(502, {"content-type": "text/html"}, b"<html>"),
        Reply(504, {"content-type": "text/html"}, b"<html>"),
        Reply(500),
        Reply(408),
        Reply(200, {}, b"x" * 9, cut=3),
        Reply(200, {"content-type": "text/html"}, b"<html>please log in to this network</html>"),
        _no_word,
        _never,
    ],
)
async def test_what_may_have_been_done_is_unknown_and_not_sent_again(
    reply: Reply | Callable[[Request], Awaitable[Any]], as_: Credential
) -> None:
    api = Api().on(CANCEL, reply)
    came = await acted(api, as_, seconds=1.0)
    assert isinstance(came, Unknown)
    assert came.reason
    assert "<" not in came.reason
    assert api.count(CANCEL) == 1


async def test_a_server_that_is_not_there_got_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with client(f"http://127.0.0.1:{port}") as asking:
        came = await CloudFoundryActions(asking).act(Action.CANCEL, "d-1", ANN, soon())
    assert came == Refused("Nothing was sent, since prod could not be reached: nothing listens there.")


async def test_a_deadline_that_has_passed_sends_nothing() -> None:
    api = Api().on(CANCEL, OK)
    assert isinstance(await acted(api, seconds=-1), Refused)
    assert api.count(CANCEL) == 0


@pytest.mark.parametrize("reply", [_never, _no_word, Reply(500), Reply(401)])
async def test_where_the_bot_gets_no_token_nothing_is_sent(reply: Reply | Callable[[Request], Awaitable[Any]]) -> None:
    api = Api().on("/oauth/token", reply).on(CANCEL, OK)
    came = await acted(api, BOT, seconds=1.0)
    assert isinstance(came, Refused)
    assert came.reason.startswith("Nothing was sent, since prod ")
    assert api.count(CANCEL) == 0


async def test_a_connection_that_ends_with_half_a_request_is_unknown() -> None:
    """The server reads a few bytes and hangs up: nobody can tell what it made of them."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(8)
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server, client(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as asking:
        assert isinstance(await CloudFoundryActions(asking).act(Action.CANCEL, "d-1", ANN, soon()), Unknown)


async def test_a_guid_cannot_lead_elsewhere() -> None:
    api = Api()
    async with serving(api) as url, client(url, Login(client_id="bot")) as asking:
        await CloudFoundryActions(asking).act(Action.CANCEL, "../apps/x", ANN, soon())
    assert [request.target for request in api.asked] == ["/v3/deployments/..%2Fapps%2Fx/actions/cancel"]


async def test_what_had_to_wait_too_long_for_its_turn_does_not_leave_any_more() -> None:
    """What it is based on was seen right before: in a queue that would grow old."""
    passed, held, waiting = [0.0], asyncio.Event(), asyncio.Semaphore(0)

    async def slow(_: Request) -> Reply:
        waiting.release()
        await held.wait()
        return as_json({})

    api = Api().on("/v3/info", slow).on(CANCEL, OK)
    around = Surroundings(clock=lambda: time.monotonic() + passed[0])
    async with serving(api) as url, client(url, around=around) as asking:
        others = [asyncio.create_task(asking.get("/v3/info", bytes, around.clock() + 60)) for _ in range(CONNECTIONS)]
        for _ in others:
            await waiting.acquire()
        acting = asyncio.create_task(CloudFoundryActions(asking).act(Action.CANCEL, "d-1", ANN, around.clock() + 60))
        await asyncio.sleep(0)  # it is in the queue from its first step on
        passed[0] = LEAVES_WITHIN
        held.set()
        came = await acting
        assert came == Refused("Nothing was sent, since prod could not be reached: too much else is being asked of it.")
        assert [one for one in api.asked if one.target == CANCEL] == []
        await asyncio.gather(*others)
        assert await CloudFoundryActions(asking).act(Action.CANCEL, "d-1", ANN, around.clock() + 60) == Done("r-1")
