"""Each broken set-up of the Slack app has its own words and its own fix; what is well is said to be."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient

from deploybot.demo.workspace.people import a_small_shop
from deploybot.domain.finding import Finding, Level
from deploybot.slack.examining import CHECKS, SlackExamination, clock_finding
from deploybot.slack.examining_scopes import WITHOUT
from deploybot.slack.manifest import SCOPES
from deploybot.slack.webapi import web_client
from tests.e2e.stage import free_port
from tests.slack.fake_slack import fake_slack
from tests.workspace_client import APP_TOKEN, BOT_TOKEN, served_workspace

REMINDERS = [("slash-command", Level.NOTE)]
SECRET = SecretStr("0123456789abcdef" * 2)


@asynccontextmanager
async def clients(bot_url: str, app_url: str = "") -> AsyncIterator[tuple[AsyncWebClient, AsyncWebClient]]:
    async with aiohttp.ClientSession() as session:
        bot = web_client(session, SecretStr(BOT_TOKEN), bot_url)
        yield bot, web_client(session, SecretStr(APP_TOKEN), app_url or bot_url)


async def examined(
    bot_url: str,
    *,
    app_url: str = "",
    http: bool = False,
    secret: SecretStr = SECRET,
    ahead: float = 0,
    patience: float = 10,
) -> tuple[Finding, ...]:
    async with clients(bot_url, app_url) as (bot, app):
        now, session = (lambda: time.time() + ahead), bot.session
        assert session
        examination = SlackExamination(bot, None if http else app, session, http, secret, now)
        found = await examination.findings(time.monotonic() + patience)
    assert {one.check for one in found} <= set(CHECKS)
    assert not [one for one in found if BOT_TOKEN in one.says or APP_TOKEN in one.says]
    return found


def shown(found: Sequence[Finding]) -> list[tuple[str, Level]]:
    return [(one.check, one.level) for one in found]


def ill(found: Sequence[Finding]) -> list[Finding]:
    """All that is not well, but for the reminders that are always there."""
    return [one for one in found if one.level is not Level.OK and one.check not in ("slash-command", "public-address")]


async def test_an_app_as_the_manifest_makes_it_is_well() -> None:
    async with served_workspace() as slack:
        found = await examined(slack.api_url)
    well = ("bot-token", "scopes", "clock", "app-token", "socket-mode", "same-app")
    assert shown(found) == [*((check, Level.OK) for check in well), *REMINDERS]
    assert "@deploybot in Corner Shop (T0SHOP0001)" in found[0].says


async def test_nothing_is_opened_in_the_name_of_the_app_and_nothing_is_posted() -> None:
    """A payload that Slack gave to a connection of the examination would be somebody's command without an answer."""
    async with served_workspace() as slack:
        await examined(slack.api_url)
        changes = (await slack.get("changes", after=0))["changes"]
        assert [change["type"] for change in changes if change["type"] in ("connections", "message_posted")] == []
        methods = [entry["what"] for entry in await slack.inspected("web_api")]
        assert sorted(methods) == ["apps.connections.open", "auth.test", "auth.test", "bots.info"]


@dataclass(frozen=True)
class Broken:
    """A set-up in which one thing is wrong, and what is to be said about it."""

    check: str
    level: Level
    says: str
    fix: str
    access: dict[str, Any] = field(default_factory=dict)
    fault: dict[str, Any] | None = None
    http: bool = False
    more: dict[str, Any] = field(default_factory=dict)


def without(*scopes: str, more: Sequence[str] = ()) -> dict[str, Any]:
    return {"scopes": [scope for scope in SCOPES if scope not in scopes] + list(more)}


BROKEN = {
    "revoked": Broken(
        "bot-token", Level.FAILURE, "token_revoked", "Bot User OAuth Token", {"refusal": "token_revoked"}
    ),
    "removed": Broken(
        "bot-token", Level.FAILURE, "account_inactive", "install it again", {"refusal": "account_inactive"}
    ),
    "app revoked": Broken(
        "app-token", Level.FAILURE, "token_revoked", "connections:write", {"app_refusal": "token_revoked"}
    ),
    "scope": Broken(
        "scopes", Level.FAILURE, "lacks im:write: nobody can be told directly", "reinstall", without("im:write")
    ),
    "optional": Broken(
        "optional-scopes",
        Level.NOTE,
        "lacks groups:history: a message of which",
        "reinstall",
        without("groups:history"),
    ),
    "extra": Broken(
        "extra-scopes", Level.NOTE, "does not need: files:write", "remove them", without(more=["files:write"])
    ),
    "wait": Broken(
        "rate-limit",
        Level.WARNING,
        "asks to wait 30 s",
        "run it again later",
        fault={"kind": "rate_limited", "methods": ["apps.connections.open"], "retry_after": 30},
    ),
    "trouble": Broken(
        "reachable",
        Level.WARNING,
        "in trouble (internal_error)",
        "slack-status.com",
        fault={"kind": "internal_error", "methods": ["apps.connections.open"]},
    ),
    "ahead": Broken("clock", Level.WARNING, " s ahead of Slack's", "NTP", more={"ahead": 100}),
    "too far": Broken("clock", Level.FAILURE, "no request is taken", "NTP", http=True, more={"ahead": -290}),
    "secret": Broken(
        "signing-secret",
        Level.WARNING,
        "does not look like one",
        "Basic Information",
        http=True,
        more={"secret": SecretStr("something-else")},
    ),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=list(BROKEN))
async def test_each_broken_set_up_has_its_own_words(broken: Broken) -> None:
    async with served_workspace() as slack:
        await slack.post("access", **broken.access)
        await slack.set_faults(*([broken.fault] if broken.fault else []))
        (found,) = ill(await examined(slack.api_url, http=broken.http, **broken.more))
    assert (found.check, found.level) == (broken.check, broken.level)
    assert broken.says in found.says
    assert broken.fix in found.fix


async def test_every_scope_of_the_manifest_is_said_to_be_good_for_something() -> None:
    assert set(WITHOUT) == set(SCOPES)


async def test_tokens_of_two_apps_are_told_apart() -> None:
    cast = a_small_shop("deploybot")
    other = replace(cast, bot=replace(cast.bot, app_id="A0OTHER001"))
    async with served_workspace() as slack, served_workspace(cast=other) as elsewhere:
        (found,) = ill(await examined(slack.api_url, app_url=elsewhere.api_url))
    assert (found.check, found.level) == ("same-app", Level.FAILURE)
    assert "A0DEPLOY01" in found.says
    assert "A0OTHER001" in found.says


async def test_with_http_no_app_level_token_is_needed_and_what_nobody_can_see_is_a_note() -> None:
    async with served_workspace() as slack:
        found = await examined(slack.api_url, http=True)
        assert [entry["what"] for entry in await slack.inspected("web_api")] == ["auth.test", "bots.info"]
    assert shown(found)[3:] == [("signing-secret", Level.OK), ("public-address", Level.NOTE), *REMINDERS]


async def test_a_slack_that_is_not_there_is_told_once_for_each_token() -> None:
    found = ill(await examined(f"http://127.0.0.1:{free_port()}/api/"))
    assert shown(found) == [("reachable", Level.FAILURE)] * 2
    assert "no connection: ClientConnectorError" in found[0].says
    assert "SLACK_API_URL" in found[0].fix


async def test_a_slack_that_does_not_answer_is_told_within_the_time() -> None:
    async with served_workspace() as slack:
        await slack.set_faults({"kind": "slow", "seconds": 20})
        began = time.monotonic()
        found = ill(await examined(slack.api_url, patience=0.3))
        assert time.monotonic() - began < 5
    assert shown(found) == [("reachable", Level.FAILURE)] * 2
    assert "does not answer in time" in found[0].says


async def test_a_proxy_that_answers_in_the_place_of_slack_is_called_one() -> None:
    async with fake_slack() as slack:
        slack.statuses = {"auth.test": 403}
        found = ill(await examined(slack.api_url))
    assert shown(found) == [("reachable", Level.FAILURE)] * 2
    assert "something else than Slack answers at its address (status 403" in found[0].says


async def test_a_websocket_that_does_not_get_through_is_told_with_its_host() -> None:
    async with fake_slack() as slack:
        slack.answers["apps.connections.open"] = {"ok": True, "url": f"ws://127.0.0.1:{free_port()}/link?ticket=t1"}
        (found,) = [one for one in await examined(slack.api_url) if one.check == "socket-mode"]
    assert found.level is Level.FAILURE
    assert found.says.startswith("Slack gives connections, but at 127.0.0.1: Slack can't be reached")
    assert "let WebSockets to 127.0.0.1 pass" in found.fix


def test_a_clock_that_is_a_little_off_is_no_trouble() -> None:
    assert clock_finding(5, signed=True).level is Level.OK
    assert clock_finding(-200, signed=True).level is Level.WARNING
    assert clock_finding(-3000, signed=False).level is Level.WARNING
