"""The examination of the demo's simulated foundation: in order, with each account that lacks something or has too much,
and with faults on.
"""

import contextlib
import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from deploybot.cf.auth import Login
from deploybot.cf.examining import Wanted
from deploybot.cf.scopes import Duties
from deploybot.demo.foundation.faults import merged
from deploybot.demo.foundation.limits import Limits
from deploybot.demo.foundation.scenario import load_clients
from deploybot.demo.foundation.serving import Served, serve
from deploybot.domain.finding import Finding, Level
from deploybot.domain.pacing import PaceRules
from tests.cf.examined import checks, examined, sound_api, the, troubles
from tests.cf.making import listed
from tests.cf.serving import serving
from tests.cf.test_rights import token

GUARDED = Wanted(Duties(("guard 1",)))
LINKED = Wanted(link=Login(client_id="deploybot-login", client_secret="deploybot-login-demo-secret"))


def client(name: str = "deploybot") -> Login:
    return Login(client_id=name, client_secret=load_clients()[name].secret)


def person(name: str, password: str | None = None) -> Login:
    return Login(username=name, password=name if password is None else password)


@asynccontextmanager
async def foundation(**options: Any) -> AsyncIterator[Served]:
    async with serve("calm", control_token="c", ticking=False, **options) as served:
        yield served


async def found_for(login: Login, wanted: Wanted | None = None, **options: Any) -> tuple[Finding, ...]:
    async with foundation(**options) as served:
        return await examined(served.url, wanted, login=login)


async def test_a_foundation_in_order_has_no_trouble() -> None:
    found = await found_for(client(), LINKED)

    assert troubles(found) == []
    assert [each.check for each in found] == [
        *("connect", "root", "api-version", "clock", "read-scope", "login", "roles", "audit-events", "rate-limit"),
        *("latency", "link-client"),
    ]
    assert the(found, "api-version").says.endswith("has version 3.228.0; the bot was tried with 3.228.0")
    assert the(found, "login").says.endswith("logs the bot in as deploybot, for 10 minutes at a time")
    assert the(found, "roles").says == "the bot's account sees 4 spaces and 180 deployments at eu"


async def test_it_asks_and_logs_in_and_does_nothing_else() -> None:
    api = sound_api().on("/v3/roles", listed())
    api.on("/oauth/token", token(("cloud_controller.global_auditor", "cloud_controller.write"), client_id="bot"))
    async with serving(api) as url:
        await examined(url, Wanted(GUARDED.duties, LINKED.link))

    asked = Counter((request.method, request.target.partition("?")[0]) for request in api.asked)
    assert {path for method, path in asked if method != "GET"} == {"/oauth/token"}
    assert asked["POST", "/oauth/token"] == 2, "the bot's login, and the question about the client for linking"
    assert max(asked.values()) <= 2


@pytest.mark.parametrize(
    ("login", "told", "setting"),
    [
        (Login(client_id="nobody", client_secret="x1x"), "does not know the client nobody", "client_id"),
        (Login(client_id="deploybot", client_secret="wr0ng"), "does not know the client deploybot", "client_secret"),
        (person("alice", "wr0ng"), "does not accept the user alice with this password", "password"),
        (
            Login(client_id="deploybot-login", client_secret="deploybot-login-demo-secret"),
            "does not let the client deploybot-login log in this way, by the grant client_credentials",
            "client_id",
        ),
        (Login(refresh_token="ey.old.token"), "does not accept the refresh token", "refresh_token"),
    ],
)
async def test_a_login_that_is_refused_says_why(login: Login, told: str, setting: str) -> None:
    found = await found_for(login)

    assert troubles(found) == ["login"]
    assert told in the(found, "login").says
    assert f"foundations.eu.{setting}" in the(found, "login").fix
    assert the(found, "not-looked-at").says.endswith(": what the account sees and may do")


async def test_an_account_without_roles_sees_nothing_and_is_told_which_it_lacks() -> None:
    async with foundation() as served:
        core = served.foundation.core
        core.employ(msgspec.structs.replace(core.people["user-carol"], space_roles=()))
        found = await examined(served.url, login=person("carol"))

    assert troubles(found) == ["roles"]
    assert the(found, "roles").level is Level.WARNING
    assert "Space Auditor" in the(found, "roles").fix


async def test_a_manager_is_told_that_who_started_deployments_stays_hidden() -> None:
    found = await found_for(person("dave"))

    assert troubles(found) == []
    assert the(found, "audit-events").level is Level.NOTE
    assert "who started a deployment is not shown, and by= finds nothing" in the(found, "audit-events").says


async def test_an_admin_has_more_rights_than_the_bot_needs() -> None:
    found = await found_for(person("admin"))

    assert troubles(found) == ["too-many-rights"]
    assert "--authorities cloud_controller.global_auditor " in the(found, "too-many-rights").fix


async def test_a_scope_to_write_that_nothing_uses_is_a_note() -> None:
    found = await found_for(client("deploybot-guard"))

    assert troubles(found) == []
    assert the(found, "write-scope").level is Level.NOTE
    assert "no setting has the bot use it" in the(found, "write-scope").says


async def test_acting_without_the_scope_is_a_failure_that_names_who_wants_it() -> None:
    found = await found_for(client(), GUARDED)

    assert troubles(found) == ["write-scope"]
    assert the(found, "write-scope").level is Level.FAILURE
    assert "(guard 1)" in the(found, "write-scope").says
    assert "cloud_controller.global_auditor,cloud_controller.write" in the(found, "write-scope").fix


async def test_where_it_may_act_is_counted() -> None:
    found = await found_for(client("deploybot-guard"), GUARDED)

    assert troubles(found) == []
    assert the(found, "act").says.endswith("may continue and cancel at eu in 2 of 4 spaces looked at")


async def test_acting_without_a_role_anywhere_is_a_failure() -> None:
    async with foundation() as served:
        core = served.foundation.core
        core.employ(msgspec.structs.replace(core.people["deploybot-guard"], space_roles=()))
        found = await examined(served.url, GUARDED, login=client("deploybot-guard"))

    assert troubles(found) == ["act"]
    assert "in 0 of 4 spaces" in the(found, "act").says
    assert "space_supporter" in the(found, "act").fix


@pytest.mark.parametrize(
    ("link", "told"),
    [
        (Login(client_id="deploybot-login", client_secret="wr0ng"), "does not know the client deploybot-login"),
        (client(), "does not let the client deploybot, by which people link their accounts, renew tokens"),
    ],
)
async def test_a_client_for_linking_that_is_of_no_use_is_a_failure(link: Login, told: str) -> None:
    found = await found_for(client(), Wanted(link=link))

    assert troubles(found) == ["link-client"]
    assert told in the(found, "link-client").says
    assert "link_client_id" in the(found, "link-client").fix
    assert "wr0ng" not in str(found)


async def test_a_limit_that_the_polls_would_pass_is_a_warning() -> None:
    limits = Limits(enabled=True, general=300)
    found = await found_for(client(), Wanted(pace=PaceRules(timedelta(seconds=15), share=0.5)), limits=limits)

    assert troubles(found) == ["rate-limit-share"]
    assert (
        "allows 300 requests in 60 min; polling every 15 s would take about 480" in the(found, "rate-limit-share").says
    )
    assert "set polling.interval to 48 s" in the(found, "rate-limit-share").fix


async def test_a_limit_that_leaves_room_is_fine() -> None:
    found = await found_for(client(), limits=Limits(enabled=True))

    assert troubles(found) == []
    assert the(found, "rate-limit-share").says.endswith(
        "allows 2000 requests in 60 min; polling takes about 480 of them"
    )


async def test_a_limit_that_is_nearly_used_up_is_a_warning_with_the_time_of_its_end() -> None:
    found = await found_for(client(), limits=Limits(enabled=True, general=4, window_minutes=1))

    finding = the(found, "rate-limit-left")
    assert "of 4 requests until " in finding.says
    assert finding.says.endswith(" UTC")


async def test_being_refused_for_too_many_requests_says_until_when() -> None:
    async with foundation() as served:
        served.foundation.faults = merged(served.foundation.faults, {"rate_limit": 1.0})
        found = await examined(served.url, login=client())

    assert troubles(found) == ["rate-limit"]
    assert "too many came for another 30 seconds (HTTP 429)" in the(found, "rate-limit").says


@pytest.mark.parametrize(
    ("minutes", "level", "told"),
    [(0, Level.OK, "agree"), (3, Level.WARNING, "ahead of that of"), (-3, Level.WARNING, "behind that of")],
)
async def test_a_clock_that_is_off_is_a_warning(minutes: int, level: Level, told: str) -> None:
    off = timedelta(minutes=minutes)
    async with foundation() as served:
        found = await examined(served.url, login=client(), now=lambda: datetime.now(UTC) + off)

    assert the(found, "clock").level is level
    assert told in the(found, "clock").says
    assert level is Level.OK or "2 minutes" in the(found, "clock").says or "3 minutes" in the(found, "clock").says


async def test_an_outage_is_told_once_and_the_rest_is_not_looked_at() -> None:
    async with foundation() as served:
        served.foundation.faults = merged(served.foundation.faults, {"outage": True})
        found = await examined(served.url, login=client())

    assert troubles(found) == ["root"]
    assert checks(found) == {"connect", "root", "not-looked-at"}


async def test_a_slow_api_is_told_by_the_deadline() -> None:
    async with foundation() as served:
        served.foundation.faults = merged(served.foundation.faults, {"latency_ms": 20_000})
        found = await examined(served.url, login=client(), seconds=1)

    assert troubles(found) == ["root"]
    assert "did not answer in time" in the(found, "root").says


async def test_nobody_listening_is_told_with_the_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    found = await examined(f"http://127.0.0.1:{port}")

    assert troubles(found) == ["connect"]
    assert f"nothing listens at 127.0.0.1, port {port}" in the(found, "connect").says
    assert "foundations.eu.api" in the(found, "connect").fix


async def test_a_connection_that_nobody_answers_ends_in_time() -> None:
    """As behind a firewall that drops packets: here the queue of those who want in is full."""
    with contextlib.ExitStack() as stack:
        full = stack.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        found = await examined("https://{}:{}".format(*full.getsockname()), seconds=1)

    assert troubles(found) == ["connect"]
    assert "takes no connection at 127.0.0.1, port" in the(found, "connect").says
    assert "firewall" in the(found, "connect").fix


async def test_a_name_that_does_not_resolve_is_told_with_it() -> None:
    found = await examined("https://no-such-host.invalid")

    assert troubles(found) == ["dns"]
    assert the(found, "dns").says.startswith("the name no-such-host.invalid of the API can't be resolved (")
    assert checks(found) == {"dns", "not-looked-at"}
