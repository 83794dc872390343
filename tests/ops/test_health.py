"""What platforms and monitoring are answered, over a real port: by what is known, and to whom."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from pydantic import SecretStr

from deploybot.domain.health import Facts, HealthRules, Seen
from deploybot.ops.health import Health
from deploybot.ops.metrics import Metrics
from deploybot.serving.server import HttpServer

NOW = 1000.0
WELL = Facts(0.0, NOW, {}, Seen(NOW), Seen(NOW))
AWAY = Facts(0.0, NOW, {}, Seen(NOW - 1, "it is locked"), Seen(NOW - 95))
TOKEN = "monitoring-secret"


@asynccontextmanager
async def asking(facts: Facts, token: str = "") -> AsyncIterator[httpx.AsyncClient]:
    given = SecretStr(token) if token else None
    health = Health(lambda: facts, Metrics("1.2.3"), lambda: NOW, HealthRules(), given)
    server = HttpServer(health.routes, "127.0.0.1", 0)
    await server.start()
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as client:
            yield client
    finally:
        await server.close()


async def test_a_bot_that_is_well_says_so() -> None:
    async with asking(WELL) as client:
        alive, ready = await client.get("/livez"), await client.get("/readyz")
    assert (alive.status_code, alive.text) == (200, "alive")
    assert ready.status_code == 200
    assert ready.json() == {
        "ready": True,
        "parts": [
            {"part": "configuration", "ready": True, "reason": ""},
            {"part": "database", "ready": True, "reason": ""},
            {"part": "slack", "ready": True, "reason": ""},
        ],
    }


async def test_what_is_not_ready_is_told_with_its_reason_and_the_bot_lives_on() -> None:
    async with asking(AWAY) as client:
        alive, ready = await client.get("/livez"), await client.get("/readyz")
    assert alive.status_code == 200
    assert ready.status_code == 503
    assert ready.json()["ready"] is False
    assert {part["part"]: part["reason"] for part in ready.json()["parts"]} == {
        "configuration": "",
        "database": "the database can't be used: it is locked",
        "slack": "Slack has been silent for 95 s",
    }


async def test_a_scheduler_that_stands_still_is_not_alive() -> None:
    async with asking(Facts(0.0, NOW - 31, {}, Seen(NOW), Seen(NOW))) as client:
        alive = await client.get("/livez")
    assert (alive.status_code, alive.text) == (503, "the scheduler has begun nothing for 31 s")


async def test_metrics_tell_readiness_too() -> None:
    async with asking(AWAY) as client:
        figures = await client.get("/metrics")
    assert figures.status_code == 200
    assert figures.headers["content-type"].startswith("text/plain; version=")
    assert 'deploybot_ready{part="slack"} 0.0' in figures.text
    assert 'deploybot_ready{part="configuration"} 1.0' in figures.text


@pytest.mark.parametrize("header", ["", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Bearer \xe9"])
async def test_without_the_token_there_are_no_figures_and_no_reasons(header: str) -> None:
    given = {b"Authorization": header.encode("latin-1")} if header else {}
    async with asking(AWAY, TOKEN) as client:
        figures = await client.get("/metrics", headers=given)
        ready = await client.get("/readyz", headers=given)
    assert (figures.status_code, ready.status_code) == (401, 503)
    assert figures.headers["www-authenticate"] == "Bearer"
    assert "deploybot_" not in figures.text
    assert [part["part"] for part in ready.json()["parts"] if not part["ready"]] == ["database", "slack"]
    assert not any(part["reason"] for part in ready.json()["parts"])


@pytest.mark.parametrize("token", [TOKEN, "überwacht"])
async def test_with_the_token_everything_is_told(token: str) -> None:
    given = {b"Authorization": f"Bearer {token}".encode()}
    async with asking(AWAY, token) as client:
        figures, ready = await client.get("/metrics", headers=given), await client.get("/readyz", headers=given)
    assert figures.status_code == 200
    assert any("locked" in part["reason"] for part in ready.json()["parts"])


async def test_a_probe_can_only_look() -> None:
    async with asking(WELL) as client:
        assert (await client.post("/readyz")).status_code == 405
        assert (await client.head("/livez")).status_code == 200
        assert (await client.get("/")).status_code == 404
