"""The examination before servers that are no foundation, or one that is broken: each has a sentence of its own."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from deploybot.cf.auth import Login
from deploybot.cf.examining import Wanted
from deploybot.cf.scopes import Duties
from deploybot.domain.finding import Finding, Level
from tests.cf.examined import AUDITOR, SECRET, checks, examined, root_of, sound_api, the, troubles
from tests.cf.making import INVALID_TOKEN, Api, as_json, listed
from tests.cf.serving import Reply, Request, serving
from tests.cf.test_rights import token

HTML = {"content-type": "text/html; charset=utf-8"}


async def found_at(api: Api, **more: Any) -> tuple[Finding, ...]:
    async with serving(api) as url:
        return await examined(url, **more)


async def _never(_: Request) -> Reply:
    await asyncio.Event().wait()
    raise AssertionError


async def test_the_made_up_foundation_is_sound() -> None:
    """Else nothing below would show anything."""
    assert troubles(await found_at(sound_api())) == []


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (Reply(200, HTML, b"<!doctype html><title>Console</title>"), "answers with a web page"),
        (Reply(200, {}, b"\n  <html>"), "answers with a web page"),
        (as_json({"name": "something"}), "answers with something that is not what a Cloud Foundry API says of itself"),
        (as_json({"links": {}}), "answers with something that is not what a Cloud Foundry API says of itself"),
        (as_json([1]), "answers with something that is not what a Cloud Foundry API says of itself"),
        (
            Reply(404, {"x-cf-routererror": "unknown_route"}),
            "HTTP 404 (the router there knows no such route)",
        ),
        (Reply(404), "has nothing at /: HTTP 404"),
        (
            Reply(301, {"location": "https://api.new.example.com/v3?x=s3cret"}),
            "redirects to https://api.new.example.com inst",
        ),
        (Reply(302, {"location": "https://[broken"}), "redirects instead of answering"),
        (Reply(302, {"location": "/login"}), "redirects instead of answering"),
        (Reply(503), "is not available at the moment (HTTP 503)"),
        (Reply(500), "had an internal error (HTTP 500)"),
    ],
)
async def test_what_is_no_api_is_told_by_what_it_answers(reply: Reply, told: str) -> None:
    found = await found_at(sound_api().on("/", reply))

    assert troubles(found) == ["root"]
    assert told in the(found, "root").says
    assert "foundations.eu.api" in the(found, "root").fix
    assert "s3cret" not in str(found)
    assert checks(found) == {"connect", "root", "not-looked-at"}


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("/v3", "the path /v3"),
        ("/v3/", "the path /v3"),
        ("?x=1", "a question mark"),
        ("/v2#top", "the path /v2 and a fragment"),
    ],
)
async def test_an_address_with_more_than_a_host_is_told_before_anything_is_asked(written: str, told: str) -> None:
    async with serving(api := sound_api()) as url:
        found = await examined(url + written)

    assert troubles(found) == ["api-address"]
    assert f"is written with {told}, which" in the(found, "api-address").says
    assert the(found, "api-address").fix == f'write foundations.eu.api = "{url}"'
    assert api.asked == []


async def test_a_password_in_the_address_is_not_repeated() -> None:
    found = await examined("http://ann:h1dden@127.0.0.1:1")
    assert troubles(found) == ["api-address"]
    assert "h1dden" not in str(found)


async def test_a_port_that_is_none_is_told() -> None:
    assert "has a port that is none" in the(await examined("http://127.0.0.1:99999"), "api-address").says


@pytest.mark.parametrize(
    ("login", "told"),
    [
        ("http://login.example.com", "names a login server without TLS, which gets no password from the bot"),
        ("https://login.example.com@evil.example", "names a login server by an address that is none"),
        ("https://login.example.com:99999", "names a login server by an address with a port that is none"),
    ],
)
async def test_a_login_server_that_gets_no_secret_is_told(login: str, told: str) -> None:
    found = await found_at(sound_api().on("/", as_json(root_of(login))))
    assert troubles(found) == ["login-server"]
    assert told in the(found, "login-server").says


async def test_a_foundation_that_names_no_login_server_is_told() -> None:
    found = await found_at(sound_api().on("/", as_json({"links": {"self": {"href": "x"}, "login": None}})))
    assert "does not say where its login server is" in the(found, "login-server").says


@pytest.mark.parametrize(
    ("version", "level", "told"),
    [
        ("3.100.0", Level.NOTE, "has version 3.100.0, older than 3.228.0, with which the bot was tried"),
        ("3.300.1", Level.OK, "has version 3.300.1; the bot was tried with 3.228.0"),
        ("three", Level.NOTE, "does not say its version"),
        (None, Level.NOTE, "does not say its version"),
    ],
)
async def test_the_version_is_noted(version: str | None, level: Level, told: str) -> None:
    api = sound_api().on("/", lambda request: as_json(root_of(f"http://{request.headers['host']}", version)))
    found = await found_at(api)

    assert troubles(found) == []
    assert the(found, "api-version").level is level
    assert told in the(found, "api-version").says


@pytest.mark.parametrize(
    ("status", "error", "description", "told"),
    [
        (
            401,
            "unauthorized",
            "Your account has been locked because of too many failed attempts",
            "bot is locked, after",
        ),
        (401, "unauthorized", "Bad credentials", "does not know the client bot, or not with this secret"),
        (401, "invalid_client", f"Bad credentials {SECRET}", "does not know the client bot, or not with this secret"),
        (401, "unauthorized_client", "Unauthorized grant type", "does not let the client bot log in this way"),
        (400, "invalid_scope", "[] is invalid", "gives the client bot no rights at all"),
        (500, "server_error", "?", "had an internal error"),
    ],
)
async def test_a_refused_login_has_a_sentence_of_its_own(status: int, error: str, description: str, told: str) -> None:
    refusal = as_json({"error": error, "error_description": description}, status)
    found = await found_at(api := sound_api().on("/oauth/token", refusal))

    assert troubles(found) == ["login"]
    assert told in the(found, "login").says
    assert api.count("/oauth/token") == 1, "a wrong login is not tried again: that locks accounts"
    assert SECRET not in str(found)


@pytest.mark.parametrize("granted", [as_json({"access_token": "opaque"}), Reply(200, HTML, b"<html>"), as_json({})])
async def test_a_token_that_says_nothing_is_told(granted: Reply) -> None:
    found = await found_at(sound_api().on("/oauth/token", granted))
    assert troubles(found) == ["token"]
    assert "opaque" not in str(found)


async def test_a_login_that_may_read_nothing_is_told_and_nothing_is_asked_with_it() -> None:
    found = await found_at(api := sound_api().on("/oauth/token", token(("uaa.none",), client_id="bot")))
    assert troubles(found) == ["read-scope"]
    assert "`uaac client update bot --authorities cloud_controller.global_auditor`" in the(found, "read-scope").fix
    assert api.count("/v3/deployments") == 0


async def test_a_client_that_reads_secrets_too_is_a_note() -> None:
    api = sound_api().on("/oauth/token", token(("cloud_controller.admin_read_only",), client_id="bot"))
    finding = the(await found_at(api), "too-many-rights")
    assert finding.level is Level.NOTE
    assert "cloud_controller.global_auditor is enough" in finding.says


async def test_names_that_move_the_cursor_are_not_printed() -> None:
    api = sound_api().on("/oauth/token", token(AUDITOR, client_id="\x1b[2Jbot\r\n"))
    assert "\x1b" not in str([each.says for each in await found_at(api)])


async def test_a_token_that_its_own_api_refuses_is_told_once() -> None:
    api = sound_api()
    for path in ("/v3/deployments", "/v3/spaces", "/v3/audit_events", "/v3/info"):
        api.on(path, INVALID_TOKEN)
    found = await found_at(api)
    assert troubles(found) == ["token"]
    assert "does not accept the token that its own login server has just given" in the(found, "token").says


@pytest.mark.parametrize("reply", [as_json({"errors": [{"code": 10005}]}, 400), as_json({}, 404)])
async def test_an_api_that_does_not_know_the_question_is_too_old(reply: Reply) -> None:
    found = await found_at(sound_api().on("/v3/deployments", reply))
    assert troubles(found) == ["deployments"]
    assert "does not know deployments, or not the filters" in the(found, "deployments").says


async def test_deployments_that_cannot_be_read_are_told() -> None:
    found = await found_at(sound_api().on("/v3/deployments", Reply(200, HTML, b"<html>")))
    assert troubles(found) == ["deployments"]


async def test_one_question_that_fails_hides_no_other() -> None:
    found = await found_at(sound_api().on("/v3/audit_events", Reply(500)))
    assert troubles(found) == ["audit-events"]
    assert the(found, "audit-events").level is Level.WARNING
    assert "sees 2 spaces and 3 deployments" in the(found, "roles").says


async def test_a_question_that_hangs_is_named_and_hides_no_other() -> None:
    found = await found_at(sound_api().on("/v3/audit_events", _never), seconds=2)
    assert troubles(found) == ["slow"]
    assert the(found, "slow").says.endswith("did not answer in time when asked for audit events")
    assert "sees 2 spaces and 3 deployments" in the(found, "roles").says


async def test_a_login_server_that_hangs_ends_by_the_deadline() -> None:
    found = await found_at(sound_api().on("/oauth/token", _never).on("/login", _never), seconds=2)
    assert troubles(found) == ["login"]


async def test_who_may_act_nowhere_else_than_it_can_be_asked_is_a_note() -> None:
    scopes = ("cloud_controller.read", "cloud_controller.write")
    api = sound_api().on("/oauth/token", token(scopes, client_id="bot")).on("/v3/roles", Reply(500))
    found = await found_at(api, wanted=Wanted(Duties(("guard 1",))))
    assert the(found, "act").level is Level.NOTE


@pytest.mark.parametrize(
    ("answer", "level"),
    [
        (as_json({"error": "invalid_token"}, 401), Level.OK),
        (as_json({"error": "unauthorized"}, 401), Level.FAILURE),
        (Reply(503), Level.NOTE),
        (as_json([1], 200), Level.NOTE),
    ],
)
async def test_the_client_for_linking_is_judged_by_what_it_is_told(answer: Reply, level: Level) -> None:
    """Asked with a token that is none, so that nobody's wrong logins are counted."""

    def answered(request: Request) -> Reply:
        assert b"password" not in request.body
        return answer if b"refresh_token" in request.body else token(AUDITOR, client_id="bot")

    link = Login(client_id="linker", client_secret="s3cret-of-linker")
    found = await found_at(sound_api().on("/oauth/token", answered), wanted=Wanted(link=link))
    assert the(found, "link-client").level is level
    assert "s3cret-of-linker" not in str(found)


@pytest.mark.parametrize(
    ("behind", "level", "life"), [(300, Level.WARNING, 600), (700, Level.FAILURE, 600), (10, None, 600)]
)
async def test_two_servers_whose_clocks_differ_are_told(behind: int, level: Level | None, life: int) -> None:
    """The API's clock says when a token is over, which the login server's clock has dated."""
    date = format_datetime(datetime.now(UTC) - timedelta(seconds=behind), usegmt=True)
    api = sound_api().on("/login", Reply(200, {"date": date})).on("/oauth/token", _lasting(life))
    api.on("/", lambda request: _dated(as_json(root_of(f"http://{request.headers['host']}")), datetime.now(UTC)))
    found = await found_at(api)

    assert [each.level for each in found if each.check == "clock-servers"] == ([] if level is None else [level])
    assert the(found, "clock").level is Level.OK


def _dated(reply: Reply, at: datetime) -> Reply:
    return Reply(reply.status, {**reply.headers, "date": format_datetime(at, usegmt=True)}, reply.body)


def _lasting(seconds: int) -> Reply:
    given = json.loads(token(AUDITOR, client_id="bot", iat=1000, exp=1000 + seconds).body)  # type: ignore[arg-type]
    return as_json(given)


async def test_a_token_of_a_short_life_is_noted() -> None:
    finding = the(await found_at(sound_api().on("/oauth/token", _lasting(60))), "login")
    assert finding.level is Level.NOTE
    assert "for 60 seconds at a time" in finding.says


async def test_an_empty_foundation_that_may_be_seen_is_no_trouble() -> None:
    found = await found_at(sound_api().on("/v3/deployments", listed()).on("/v3/spaces", listed()))
    assert troubles(found) == []
    assert the(found, "roles").says.startswith("there is no space at eu yet")
