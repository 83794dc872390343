"""Logins: one renewal for all who wait, tokens only for the API itself, and secrets nowhere to be read."""

import asyncio
import base64
import json
from urllib.parse import parse_qs

import pytest

from deploybot.cf.answer import Answer
from deploybot.cf.auth import Login, Token, Tokens, find_login_server
from deploybot.cf.client import Surroundings
from deploybot.cf.failures import GarbledError, LoginRefusedError, UnavailableError
from deploybot.cf.wire import DEPLOYMENTS
from tests.cf.making import INVALID_TOKEN, Api, as_json, client, listed, soon
from tests.cf.serving import Reply, Request, serving

CLIENT = Login(client_id="bot", client_secret="s3cret")
USER = Login(username="ann@example.com", password="pa55")
REFRESHED = Login(refresh_token="r3fresh")
REFUSED = as_json({"error": "unauthorized", "error_description": "Bad credentials"}, 401)
LIST = "/v3/deployments"


def at(now: list[float]) -> Surroundings:
    """A clock for the age of tokens; deadlines stay real."""
    return Surroundings(clock=lambda: now[0])


def forms(api: Api) -> list[dict[str, str]]:
    return [
        {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        for request in api.asked
        if request.target == "/oauth/token"
    ]


def basic(api: Api) -> str:
    request = next(request for request in api.asked if request.target == "/oauth/token")
    return base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()


@pytest.mark.parametrize(
    ("login", "form", "who"),
    [
        (CLIENT, {"grant_type": "client_credentials"}, "bot:s3cret"),
        (USER, {"grant_type": "password", "username": "ann@example.com", "password": "pa55"}, "cf:"),
        (REFRESHED, {"grant_type": "refresh_token", "refresh_token": "r3fresh"}, "cf:"),
    ],
)
async def test_each_kind_of_login_asks_uaa_its_way(login: Login, form: dict[str, str], who: str) -> None:
    api = Api().on(LIST, listed())
    async with serving(api) as url, client(url, login) as asking:
        await asking.get(LIST, DEPLOYMENTS.page, soon())

    assert (forms(api), basic(api)) == ([form], who)
    assert api.asked[-1].headers["authorization"] == "Bearer token1"


async def test_a_token_is_kept_until_shortly_before_it_ends() -> None:
    now = [1000.0]
    api = Api().on(LIST, listed())
    api.on("/oauth/token", lambda _: api.token(expires_in=600))
    async with serving(api) as url, client(url, CLIENT, around=at(now)) as asking:
        for now[0] in (1000.0, 1539.0, 1541.0):
            await asking.get(LIST, DEPLOYMENTS.page, soon())

    tokens = [request.headers["authorization"] for request in api.asked if request.target == LIST]
    assert tokens == ["Bearer token1", "Bearer token1", "Bearer token2"]
    assert api.count("/") == 1


async def test_a_short_lived_token_is_still_used() -> None:
    api = Api().on(LIST, listed())
    api.on("/oauth/token", lambda _: api.token(expires_in=10))
    async with serving(api) as url, client(url) as asking:
        await asking.get(LIST, DEPLOYMENTS.page, soon())
        await asking.get(LIST, DEPLOYMENTS.page, soon())

    assert api.tokens_given == 1


async def test_many_waiting_requests_need_one_login() -> None:
    api = Api().on(LIST, listed())
    api.on("/oauth/token", lambda _: _after(0.05, api.token()))
    async with serving(api) as url, client(url) as asking:
        await asyncio.gather(*(asking.get(LIST, DEPLOYMENTS.page, soon()) for _ in range(30)))

    assert (api.tokens_given, api.count("/"), api.count(LIST)) == (1, 1, 30)


async def test_the_one_who_began_the_login_may_give_up_without_harm_to_the_others() -> None:
    asked = asyncio.Event()

    async def slowly(_: Request) -> Reply:
        asked.set()
        await asyncio.sleep(0.1)
        return api.token()

    api = Api().on(LIST, listed()).on("/oauth/token", slowly)
    async with serving(api) as url, client(url) as asking:
        first = asyncio.create_task(asking.get(LIST, DEPLOYMENTS.page, soon()))
        await asked.wait()
        second = asyncio.create_task(asking.get(LIST, DEPLOYMENTS.page, soon()))
        await asyncio.sleep(0)
        first.cancel()
        await second

    assert (api.tokens_given, api.count(LIST)) == (1, 1)


async def test_a_refused_token_is_renewed_once_and_the_request_sent_again() -> None:
    api = Api().on(LIST, INVALID_TOKEN, listed({"guid": "d"}))
    async with serving(api) as url, client(url) as asking:
        page = await asking.get(LIST, DEPLOYMENTS.page, soon())

    assert [row.guid for row in page.rows] == ["d"]
    assert [request.headers["authorization"] for request in api.asked if request.target == LIST] == [
        "Bearer token1",
        "Bearer token2",
    ]


async def test_many_refused_at_once_need_one_new_login() -> None:
    def by_token(request: Request) -> Reply:
        return listed() if request.headers["authorization"] == "Bearer token2" else INVALID_TOKEN

    api = Api().on(LIST, by_token)
    async with serving(api) as url, client(url) as asking:
        await asyncio.gather(*(asking.get(LIST, DEPLOYMENTS.page, soon()) for _ in range(20)))

    assert api.tokens_given == 2


async def test_a_user_s_login_goes_on_by_its_refresh_token() -> None:
    api = Api().on(LIST, INVALID_TOKEN, listed(), INVALID_TOKEN, listed())
    api.on("/oauth/token", lambda _: api.token(refresh_token=f"next{api.tokens_given}"))
    async with serving(api) as url, client(url, USER) as asking:
        await asking.get(LIST, DEPLOYMENTS.page, soon())
        await asking.get(LIST, DEPLOYMENTS.page, soon())

    assert [form.get("refresh_token", form["grant_type"]) for form in forms(api)] == ["password", "next0", "next1"]


async def test_where_the_refresh_token_is_over_the_user_logs_in_again() -> None:
    api = Api().on(LIST, INVALID_TOKEN, listed())
    first = lambda _: api.token(refresh_token="old")  # noqa: E731
    api.on("/oauth/token", first, REFUSED, lambda _: api.token())
    async with serving(api) as url, client(url, USER) as asking:
        await asking.get(LIST, DEPLOYMENTS.page, soon())

    assert [form["grant_type"] for form in forms(api)] == ["password", "refresh_token", "password"]


async def test_a_wrong_password_is_told_and_not_tried_again_at_once() -> None:
    now = [1000.0]
    api = Api().on("/oauth/token", REFUSED).on(LIST, listed())
    async with serving(api) as url, client(url, USER, around=at(now)) as asking:
        for now[0] in (1000.0, 1001.0, 1029.0):
            with pytest.raises(LoginRefusedError, match="refused the bot's login: Bad credentials"):
                await asking.get(LIST, DEPLOYMENTS.page, soon())
        assert len(forms(api)) == 1
        now[0] = 1031.0
        with pytest.raises(LoginRefusedError):
            await asking.get(LIST, DEPLOYMENTS.page, soon())

    assert len(forms(api)) == 2
    assert api.count(LIST) == 0


async def test_a_login_server_in_trouble_is_asked_again_and_told_as_such() -> None:
    api = Api().on("/oauth/token", Reply(503), Reply(503), lambda _: api.token()).on(LIST, listed())
    async with serving(api) as url, client(url) as asking:
        await asking.get(LIST, DEPLOYMENTS.page, soon())
        assert len(forms(api)) == 3

    down = Api().on("/oauth/token", Reply(502))
    async with serving(down) as url, client(url) as asking:
        with pytest.raises(UnavailableError, match="its login server is not available"):
            await asking.get(LIST, DEPLOYMENTS.page, soon())


async def test_the_login_link_comes_first_and_the_uaa_link_will_do() -> None:
    uaa = Api()
    async with serving(uaa) as uaa_url:
        for links in ({"login": {"href": uaa_url}, "uaa": {"href": "http://127.0.0.1:1"}}, {"uaa": {"href": uaa_url}}):
            api = Api().on("/", as_json({"links": links})).on(LIST, listed())
            async with serving(api) as url, client(url) as asking:
                await asking.get(LIST, DEPLOYMENTS.page, soon())
            assert api.count("/oauth/token") == 0

    assert uaa.tokens_given == 2


async def test_the_token_goes_to_no_other_server_than_the_api() -> None:
    other = Api()
    async with serving(other) as elsewhere:
        followed = listed({"guid": "a"}, total=2, following=f"{elsewhere}{LIST}?page=2")
        api = Api().on(LIST, followed, listed({"guid": "b"}))
        async with serving(api) as url, client(url) as asking:
            page = await asking.get(LIST, DEPLOYMENTS.page, soon())
            await asking.get(page.next_path or "", DEPLOYMENTS.page, soon())

    assert other.asked == []
    assert all("authorization" not in request.headers for request in api.asked if request.target == "/")


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'{"links":{}}', b'{"links":{"login":null,"uaa":{"href":null}}}'])
async def test_what_is_no_cloud_foundry_is_told_as_such(body: bytes) -> None:
    async with serving(Api().on("/", Reply(200, {}, body))) as url, client(url) as asking:
        with pytest.raises(GarbledError, match="address"):
            await asking.get(LIST, DEPLOYMENTS.page, soon())


@pytest.mark.parametrize("told", [{}, {"access_token": ""}, {"access_token": "a\r\nX: y"}, {"access_token": 7}, []])
async def test_what_is_no_token_is_never_sent(told: object) -> None:
    api = Api().on("/oauth/token", as_json(told)).on(LIST, listed())
    async with serving(api) as url, client(url) as asking:
        with pytest.raises(GarbledError, match="its login server sent something that is no token"):
            await asking.get(LIST, DEPLOYMENTS.page, soon())

    assert api.count(LIST) == 0


async def test_no_secret_is_ever_readable() -> None:
    leaky = as_json({"error": "invalid_token", "error_description": f"Invalid refresh token: {'r3fresh' * 9}"}, 401)
    async with serving(Api().on("/oauth/token", leaky)) as url, client(url, REFRESHED) as asking:
        with pytest.raises(LoginRefusedError) as refused:
            await asking.get(LIST, DEPLOYMENTS.page, soon())

    shown = [repr(CLIENT), repr(USER), repr(REFRESHED), repr(Token("t0ken", 1.0, "r3fresh")), repr(refused.value)]
    for secret in ("s3cret", "pa55", "r3fresh", "t0ken"):
        assert not any(secret in text for text in shown)


async def test_a_login_server_without_tls_gets_no_secret_of_an_api_that_has_it() -> None:
    async def send(method: str, url: str, **_: object) -> Answer:
        assert method == "GET"
        return Answer(200, {}, b'{"links":{"login":{"href":"http://login.cf.example"}}}')

    with pytest.raises(LoginRefusedError, match="without TLS"):
        await Tokens("prod", "https://api.cf.example", CLIENT, send).current()


async def _after(seconds: float, reply: Reply) -> Reply:
    await asyncio.sleep(seconds)
    return reply


@pytest.mark.parametrize(
    "address",
    [
        "https://login.cf.example@evil.example",
        "https://evil.example\\@login.cf.example",
        "https://login.cf.example/?to=evil.example",
        "https://login.cf.example/#x",
        "https://l\u043egin.cf.example",
        "https://login.cf.example/a b",
    ],
)
async def test_a_login_server_whose_address_seems_another_gets_nothing(address: str) -> None:
    async def send(method: str, url: str, **_: object) -> Answer:
        assert method == "GET"
        return Answer(200, {}, json.dumps({"links": {"login": {"href": address}}}).encode())

    with pytest.raises(GarbledError, match="an address that is none"):
        await find_login_server("eu", "https://api.cf.example", send)
