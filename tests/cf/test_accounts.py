"""People's own accounts: only what is needed is asked for, only of the right host, and no secret is quoted."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs

import pytest
from structlog.testing import capture_logs

from deploybot.cf.accounts import LARGEST_ANSWER, AccountServer
from deploybot.cf.auth import Login
from deploybot.cf.client import Surroundings
from deploybot.cf.failures import GarbledError, LoginRefusedError, RateLimitedError, ServerError, TooSlowError
from deploybot.demo.foundation.serving import Served, serve
from deploybot.domain.link import SCOPES
from deploybot.domain.ports import PasscodeRefusedError
from deploybot.domain.secret import Secret
from deploybot.errors import UpstreamError
from tests.cf.making import Api, as_json, client, soon
from tests.cf.serving import Reply, Request, serving
from tests.recordings import world

CODE = Secret("c0de-for-alice")
REFRESH = Secret("the-refresh-token")
TOKEN = "/oauth/token"


def jwt(**claims: Any) -> str:
    known = {"user_id": "guid-alice", "user_name": "alice", "scope": list(SCOPES), "jti": "1a2b"}
    packed = base64.urlsafe_b64encode(json.dumps(known | claims).encode()).decode().rstrip("=")
    return f"e30.{packed}.c2ln"


def granted(**changes: Any) -> Reply:
    told = {"access_token": jwt(), "refresh_token": "r1", "expires_in": 599, "scope": " ".join(SCOPES)}
    return as_json({name: value for name, value in (told | changes).items() if value is not None})


def form(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.body.decode()).items()}


@asynccontextmanager
async def accounts(
    url: str, login: Login | None = None, around: Surroundings | None = None
) -> AsyncIterator[AccountServer]:
    async with client(url, around=around) as asking:
        yield AccountServer("prod", url, login or Login(client_id="cf"), asking.send_plainly)


@pytest.fixture
async def foundation() -> AsyncIterator[Served]:
    async with serve(world(), control_token="t", ticking=False) as served:
        yield served


def code_of(foundation: Served, user_name: str) -> Secret:
    return Secret(foundation.foundation.uaa.passcode_for(user_name) or "")


async def test_a_passcode_becomes_the_account_s_own_narrow_grant(foundation: Served) -> None:
    async with accounts(foundation.url) as server:
        grant = await server.redeem(code_of(foundation, "alice"), soon())

    assert (grant.account, grant.scopes) == ("alice", SCOPES)
    assert grant.account_guid == next(
        each.person.guid for each in foundation.foundation.uaa.accounts.everybody() if each.person.user_name == "alice"
    )
    assert 500 < grant.expires_in < 600


async def test_an_admin_s_grant_is_narrowed_to_what_was_asked_for(foundation: Served) -> None:
    async with accounts(foundation.url) as server:
        grant = await server.redeem(code_of(foundation, "admin"), soon())
        again = await server.renew(grant.refresh, soon())

    assert grant.scopes == again.scopes == SCOPES
    claims = foundation.foundation.minting.read(again.access.reveal())
    assert claims
    assert claims["scope"] == list(SCOPES)


async def test_a_passcode_works_once(foundation: Served) -> None:
    code = code_of(foundation, "alice")
    async with accounts(foundation.url) as server:
        await server.redeem(code, soon())
        with pytest.raises(PasscodeRefusedError, match="works once") as caught:
            await server.redeem(code, soon())
    assert code.reveal() not in str(caught.value)


async def test_a_revoked_token_is_of_no_use_any_more(foundation: Served) -> None:
    async with accounts(foundation.url) as server:
        grant = await server.redeem(code_of(foundation, "alice"), soon())
        assert await server.revoke(grant.refresh, soon())
        with pytest.raises(PasscodeRefusedError, match="revoked"):
            await server.renew(grant.refresh, soon())
        assert await server.revoke(grant.refresh, soon())


async def test_where_people_log_in_is_found_by_the_api_s_root(foundation: Served) -> None:
    async with accounts(foundation.url) as server:
        found = await server.login_server(soon())
    assert found.passcode_url == f"{foundation.url}/login/passcode"
    assert found.host == foundation.url.removeprefix("http://")


@pytest.mark.parametrize(
    ("login", "who"), [(Login(client_id="cf"), "cf:"), (Login(client_id="deploybot-link", client_secret="x"), None)]
)
async def test_the_client_that_links_is_the_one_that_is_set(login: Login, who: str | None) -> None:
    api = Api().on(TOKEN, granted())
    async with serving(api) as url, accounts(url, login) as server:
        await server.redeem(Secret(f" {CODE.reveal()}\n"), soon())

    request = api.asked[-1]
    basic = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
    assert basic == (who or "deploybot-link:x")
    assert form(request) == {"grant_type": "password", "passcode": CODE.reveal(), "scope": " ".join(SCOPES)}


async def test_a_refresh_token_is_kept_unless_another_is_given() -> None:
    api = Api().on(TOKEN, granted(refresh_token=None), granted(refresh_token="rotated"))
    async with serving(api) as url, accounts(url) as server:
        assert (await server.renew(REFRESH, soon())).refresh == REFRESH
        assert (await server.renew(REFRESH, soon())).refresh == Secret("rotated")

    assert form(api.asked[-1]) == {"grant_type": "refresh_token", "refresh_token": REFRESH.reveal()}


async def test_an_admin_scope_is_seen_wherever_the_answer_tells_it() -> None:
    api = Api().on(TOKEN, granted(scope="cloud_controller.admin"), granted(access_token=jwt(scope=["uaa.admin"])))
    async with serving(api) as url, accounts(url) as server:
        assert "cloud_controller.admin" in (await server.redeem(CODE, soon())).scopes
        assert "uaa.admin" in (await server.redeem(CODE, soon())).scopes


GARBLED = [
    Reply(200, {"content-type": "application/json"}, b"<html>" + CODE.reveal().encode()),
    Reply(200, {}, b""),
    as_json([]),
    granted(access_token=None),
    granted(access_token="opaque"),
    granted(access_token="a.b.c"),
    granted(access_token=f"{jwt()}\r\nX-Evil: 1"),
    granted(access_token=jwt() + "x" * 70_000),
    granted(refresh_token=None),
    granted(refresh_token="with a blank"),
    granted(refresh_token="with\nbreak"),
    granted(refresh_token=7),
    granted(expires_in="soon"),
    granted(access_token=jwt(user_id="")),
    granted(access_token=jwt(user_name="", email="")),
    granted(access_token=jwt(user_name="alice\nbob")),
    granted(access_token=jwt(user_name="a" * 1000)),
    granted(access_token=jwt(scope="admin")),
    granted(more="x" * LARGEST_ANSWER),
    Reply(200, {}, b"[" * 200_000),
]


@pytest.mark.parametrize("reply", GARBLED, ids=range(len(GARBLED)))
async def test_what_is_no_grant_is_told_without_a_word_of_it(reply: Reply) -> None:
    api = Api().on(TOKEN, reply)
    async with serving(api) as url, accounts(url) as server:
        with pytest.raises(GarbledError, match="its login server sent") as caught:
            await server.redeem(CODE, soon())
    assert CODE.reveal() not in str(caught.value)
    assert "Evil" not in str(caught.value)


def refused(status: int, error: str, **headers: str) -> Reply:
    told = {"error": error, "error_description": f"no {CODE.reveal()} {REFRESH.reveal()}"}
    return as_json(told, status, **headers)


UNWELL = [
    (refused(429, "too_many", retry_after="30"), RateLimitedError, "Ask again in 30 seconds"),
    (refused(500, "oops"), ServerError, "HTTP 500"),
    (Reply(403, {}, b"<html>proxy</html>"), UpstreamError, "HTTP 403"),
    (refused(401, "invalid_client"), LoginRefusedError, "link_client_id"),
    (refused(401, "unauthorized_client"), LoginRefusedError, "link_client_id"),
    (refused(401, "unauthorized", www_authenticate='Basic realm="UAA/client"'), LoginRefusedError, "link_client_id"),
    (Reply(302, {"location": "https://elsewhere.example"}), UpstreamError, "redirects"),
]


@pytest.mark.parametrize(("reply", "kind", "told"), UNWELL, ids=range(len(UNWELL)))
async def test_trouble_is_no_refusal_and_nothing_secret_is_quoted(
    reply: Reply, kind: type[UpstreamError], told: str
) -> None:
    api = Api().on(TOKEN, reply)
    async with serving(api) as url, accounts(url) as server:
        for asking in (server.redeem(CODE, soon()), server.renew(REFRESH, soon())):
            with pytest.raises(kind, match=told) as caught:
                await asking
            assert CODE.reveal() not in repr(caught.value)
            assert REFRESH.reveal() not in repr(caught.value)
    assert api.count(TOKEN) == 2


REFUSALS = [(401, "unauthorized"), (401, "invalid_token"), (400, "invalid_grant"), (403, "access_denied")]


@pytest.mark.parametrize(("status", "error"), REFUSALS)
async def test_a_refusal_says_what_it_means_and_quotes_nothing(status: int, error: str) -> None:
    api = Api().on(TOKEN, refused(status, error))
    async with serving(api) as url, accounts(url) as server:
        for asking in (server.redeem(CODE, soon()), server.renew(REFRESH, soon())):
            with pytest.raises(PasscodeRefusedError) as caught:
                await asking
            assert CODE.reveal() not in str(caught.value)
            assert REFRESH.reveal() not in str(caught.value)


async def test_a_code_that_can_be_none_is_not_even_sent() -> None:
    api = Api()
    async with serving(api) as url, accounts(url) as server:
        for code in ("", "two words", "x" * 201, "é"):
            with pytest.raises(PasscodeRefusedError):
                await server.redeem(Secret(code), soon())
    assert not api.asked


async def test_a_login_server_that_says_nothing_is_waited_for_until_the_deadline() -> None:
    silent = asyncio.Event()

    async def say_nothing(_: Request) -> None:
        await silent.wait()

    api = Api().on(TOKEN, say_nothing)
    async with serving(api) as url, accounts(url) as server:
        begun = time.monotonic()
        with pytest.raises(TooSlowError, match="did not answer in time"):
            await server.redeem(CODE, soon(0.2))
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("href", ["http://login.example.com", "ftp://127.0.0.1", "//127.0.0.1", "http://[", "https://"])
async def test_a_login_server_without_tls_gets_nothing_unless_it_is_on_loopback(href: str) -> None:
    api = Api().on("/", as_json({"links": {"login": {"href": href}}}))
    async with serving(api) as url, accounts(url) as server:
        with pytest.raises(GarbledError, match="without TLS"):
            await server.redeem(CODE, soon())
    assert api.count(TOKEN) == 0


@pytest.mark.parametrize(("status", "done"), [(200, True), (204, True), (403, False), (404, False), (405, False)])
async def test_whether_a_token_was_revoked_is_what_the_login_server_says(status: int, done: bool) -> None:
    api = Api().on(TOKEN, granted(refresh_token=jwt(jti="1a2b-r")))
    api.on("/oauth/token/revoke/1a2b-r", Reply(status))
    async with serving(api) as url, accounts(url) as server:
        assert await server.revoke(REFRESH, soon()) is done
    assert (api.asked[-1].method, api.asked[-1].headers["authorization"]) == ("DELETE", f"Bearer {jwt()}")


async def test_an_opaque_token_is_named_by_itself_but_not_in_the_log() -> None:
    api = Api().on(TOKEN, granted(refresh_token="0paque/t0ken-r")).on("/oauth/token/revoke/0paque%2Ft0ken-r", Reply())
    with capture_logs() as logs:
        async with serving(api) as url, accounts(url) as server:
            assert await server.revoke(REFRESH, soon())
    assert "/oauth/token/revoke/..." in [entry.get("path") for entry in logs]
    assert "0paque" not in repr(logs)


async def test_revoking_that_fails_is_told_as_trouble() -> None:
    api = Api().on(TOKEN, granted()).on("/oauth/token/revoke/r1", Reply(502))
    async with serving(api) as url, accounts(url) as server:
        with pytest.raises(UpstreamError, match="not available"):
            await server.revoke(REFRESH, soon())


async def test_no_secret_is_in_a_grant_s_repr_or_in_the_log() -> None:
    api = Api().on(TOKEN, granted())
    with capture_logs() as logs:
        async with serving(api) as url, accounts(url) as server:
            grant = await server.redeem(CODE, soon())
    shown = repr((grant, logs))
    assert not [secret for secret in (CODE.reveal(), grant.access.reveal(), "'r1'") if secret in shown]
