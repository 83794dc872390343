"""The foundation on a real port: discovery, tokens, faults, and controls that only their holder can use."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from deploybot.demo.foundation.clock import Clock
from deploybot.demo.foundation.instants import SECOND
from deploybot.demo.foundation.serving import Served, serve
from deploybot.demo.foundation.simulation import Simulation

TOKEN = "held by the page"
CONTROL = {"x-control-token": TOKEN}


class Client:
    """Talks to one served foundation as the bot's client, as people, and as the holder of the controls."""

    def __init__(self, served: Served, http: httpx.AsyncClient) -> None:
        self.served, self.http = served, http

    async def token(self, **form: str) -> dict[str, Any]:
        root = (await self.http.get("/")).json()
        auth = ("cf", "") if form else ("deploybot", "deploybot-demo-secret")
        data = form or {"grant_type": "client_credentials"}
        told = await self.http.post(f"{root['links']['login']['href']}/oauth/token", data=data, auth=auth)
        return {"Authorization": f"bearer {told.raise_for_status().json()['access_token']}"}

    async def person(self, name: str) -> dict[str, Any]:
        return await self.token(grant_type="password", username=name, password=name)

    async def control(self, method: str, path: str, **body: Any) -> Any:
        answer = await self.http.request(method, f"/_control{path}", json=body or None, headers=CONTROL)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None


@asynccontextmanager
async def running(scenario: str = "incident", **options: Any) -> AsyncIterator[Client]:
    options = {"ticking": False, **options}
    async with (
        serve(scenario, control_token=TOKEN, **options) as served,
        httpx.AsyncClient(base_url=served.url) as http,
    ):
        yield Client(served, http)


async def test_every_link_leads_back_to_the_port_that_was_bound() -> None:
    async with running() as client:
        headers = await client.token()
        root = (await client.http.get("/")).json()
        page = (await client.http.get("/v3/deployments?per_page=2", headers=headers)).json()
        following = await client.http.get(page["pagination"]["next"]["href"], headers=headers)

        assert root["links"]["self"]["href"] == client.served.url
        assert page["resources"][0]["links"]["self"]["href"].startswith(client.served.url)
        assert following.status_code == 200
        assert following.json()["resources"] != page["resources"]


async def test_people_see_and_do_what_their_roles_allow() -> None:
    async with running() as client:
        alice, bob = await client.person("alice"), await client.person("bob")
        [card] = [
            card
            for card in (await client.control("GET", "/apps"))["apps"]
            if card["name"] == "checkout" and card["organization"] == "acme-retail"
        ]
        url = f"/v3/deployments/{card['rollout']['guid']}"

        assert (await client.http.get(url, headers=bob)).status_code == 200
        assert (await client.http.post(f"{url}/actions/cancel", headers=bob)).status_code == 404
        assert (await client.http.post(f"{url}/actions/cancel", headers=alice)).status_code == 200
        assert (await client.http.get(url, headers=bob)).json()["status"]["reason"] == "CANCELING"


@pytest.mark.parametrize(
    ("fault", "status", "content_type"),
    [
        ("bad_gateway", 502, "text/html"),
        ("proxy_rate_limit", 429, "text/html"),
        ("rate_limit", 429, "text/plain; charset=utf-8"),
        ("server_error", 500, "application/json; charset=utf-8"),
        ("refused_tokens", 401, "application/json; charset=utf-8"),
    ],
)
async def test_a_fault_answers_in_the_shape_of_the_thing_that_fails(fault: str, status: int, content_type: str) -> None:
    async with running() as client:
        headers = await client.token()
        await client.control("PATCH", "/faults", **{fault: 1})
        struck = await client.http.get("/v3/deployments", headers=headers)
        await client.control("DELETE", "/faults")
        healed = await client.http.get("/v3/deployments", headers=headers)

        assert (struck.status_code, struck.headers["content-type"]) == (status, content_type)
        assert healed.status_code == 200


@pytest.mark.parametrize("fault", [{"cut": 1}, {"outage": True}])
async def test_a_cut_connection_is_a_broken_answer_and_controls_still_work(fault: dict[str, Any]) -> None:
    async with running() as client:
        await client.control("PATCH", "/faults", **fault)
        with pytest.raises(httpx.RemoteProtocolError):
            await client.http.get("/v3/info")
        with pytest.raises(httpx.RemoteProtocolError):
            await client.http.post("/uaa/oauth/token")
        await client.control("DELETE", "/faults")

        assert (await client.http.get("/v3/info")).status_code == 200


async def test_expired_tokens_stop_working_and_new_ones_work() -> None:
    async with running() as client:
        old = await client.token()
        await client.control("POST", "/tokens/expire")
        new = await client.token()

        assert (await client.http.get("/v3/apps", headers=old)).json()["errors"][0]["code"] == 1000
        assert (await client.http.get("/v3/apps", headers=new)).status_code == 200


async def test_what_a_proxy_would_refuse_is_refused_in_html() -> None:
    async with running() as client:
        headers = await client.token()
        long = await client.http.get(f"/v3/deployments?guids={'x' * 8200}", headers=headers)
        big = await client.http.post("/v3/deployments", content=b" " * 1_100_000, headers=headers)

        assert (long.status_code, long.headers["content-type"]) == (414, "text/html")
        assert (big.status_code, big.headers["content-type"]) == (413, "text/html")


async def test_without_the_token_no_control_answers() -> None:
    async with running() as client:
        for headers in ({}, {"x-control-token": "guess"}):
            answer = await client.http.get("/_control/state", headers=headers)
            assert answer.status_code == 401
            assert set(answer.json()) == {"error"}
        foreign = await client.http.get("/v3/info", headers={"Host": "evil.example"})
        assert foreign.status_code == 400


async def test_a_started_canary_is_seen_by_the_api_and_in_the_history() -> None:
    async with running("calm") as client:
        started = await client.control(
            "POST", "/rollouts", app="acme-retail/production/checkout", kind="canary", by="alice"
        )
        shown = await client.http.get(f"/v3/deployments/{started['deployment']}", headers=await client.token())
        entries = (await client.control("GET", "/history"))["entries"]
        events = await client.http.get(
            f"/v3/audit_events?types=audit.app.deployment.create&target_guids={started['app']}&order_by=-created_at",
            headers=await client.token(),
        )

        assert shown.json()["strategy"] == "canary"
        assert [each["reason"] for each in entries if each["deployment"] == started["deployment"]] == ["DEPLOYING"]
        assert events.json()["resources"][0]["actor"]["name"] == "alice@example.com"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/rollouts", {"app": "no/such/app"}, 404),
        ("POST", "/rollouts", {"kind": "sideways"}, 422),
        ("POST", "/rollouts", {"max_in_flight": 0}, 422),
        ("POST", "/rollouts", {"by": "mallory"}, 404),
        ("PUT", "/speed", {"speed": 0}, 422),
        ("PUT", "/speed", {"speed": 1e9}, 422),
        ("PATCH", "/faults", {"cut": 2}, 422),
        ("PATCH", "/faults", {"gremlins": 1}, 422),
        ("POST", "/passcodes", {"user_name": "mallory"}, 404),
        ("POST", "/deployments/nope/actions/cancel", {}, 404),
        ("GET", "/history?after=x", None, 422),
    ],
)
async def test_a_control_that_makes_no_sense_is_refused_with_a_sentence(
    method: str, path: str, body: Any, status: int
) -> None:
    async with running("calm") as client:
        before = await client.control("GET", "/state")
        answer = await client.http.request(method, f"/_control{path}", json=body, headers=CONTROL)
        after = await client.control("GET", "/state")

        assert answer.status_code == status
        assert answer.json()["error"]
        assert before["counts"] == after["counts"]
        assert (before["speed"], before["faults"]) == (after["speed"], after["faults"])


async def test_a_passcode_from_the_controls_logs_that_person_in() -> None:
    async with running("calm") as client:
        passcode = (await client.control("POST", "/passcodes", user_name="bob"))["passcode"]
        headers = await client.token(grant_type="password", passcode=passcode)

        assert (await client.http.get("/v3/apps", headers=headers)).headers["x-user-guid"] == "user-bob"


async def test_a_ticking_foundation_finishes_a_rollout_by_itself_and_sooner_when_sped_up() -> None:
    async with running("calm", ticking=True, clock=Clock(speed=50)) as client:
        await client.control("PUT", "/traffic", on=False)
        started = await client.control("POST", "/rollouts", kind="rolling")
        headers = await client.token()
        async with asyncio.timeout(15):
            while True:
                shown = await client.http.get(f"/v3/deployments/{started['deployment']}", headers=headers)
                if shown.json()["status"]["value"] == "FINALIZED":
                    break

        assert shown.json()["status"]["reason"] == "DEPLOYED"


async def test_the_forgotten_canary_stays_forgotten_while_others_are_looked_after() -> None:
    async with running("incident") as client:
        simulation: Simulation = client.served.foundation.simulation
        forgotten = [each for each in simulation.world.active_deployments() if each.state == "PAUSED"]
        for _ in range(40):
            simulation.step()

        assert len(forgotten) == 2
        assert all(simulation.world.deployments[each.guid] == each for each in forgotten)
        assert max(simulation.core.now() - each.status_updated_at for each in forgotten) > 6 * 3600 * SECOND
