"""The stage: who gets in, who doesn't, and that the page reaches both stand-ins through one door."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from deploybot.demo.stage import Play, Stage, bot_times, read_manifest, staged

STANDIN = (sys.executable, str(Path(__file__).parent / "standin_bot.py"))


@dataclass(frozen=True)
class Visitor:
    stage: Stage
    http: httpx.AsyncClient

    @property
    def host(self) -> str:
        return urlsplit(self.stage.address).netloc

    async def enter(self) -> None:
        (await self.http.get(self.stage.address)).raise_for_status()

    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())


def no_words(code: int, lines: Sequence[str]) -> None:
    raise AssertionError(f"the bot ended with {code}: {lines}")


@asynccontextmanager
async def visiting() -> AsyncIterator[Visitor]:
    async with staged(Play("calm", command=STANDIN), no_words) as stage:
        origin = "http://" + urlsplit(stage.address).netloc
        async with httpx.AsyncClient(base_url=origin, trust_env=False) as http:
            yield Visitor(stage, http)


async def test_who_has_not_the_printed_address_sees_nothing() -> None:
    async with visiting() as visitor:
        for path in ("/", "/?token=guessed", "/icon.svg", "/bot", "/workspace/workspace", "/foundation/state"):
            answer = await visitor.http.get(path)
            assert answer.status_code == 401, path
            assert "set-cookie" not in answer.headers, path
        assert (await visitor.http.post("/foundation/rollouts", json={})).status_code == 401


async def test_the_printed_address_opens_page_and_controls() -> None:
    async with visiting() as visitor:
        page = await visitor.http.get(visitor.stage.address)
        assert page.status_code == 200
        assert '<div id="root">' in page.text
        assert "HttpOnly" in page.headers["set-cookie"]
        assert "SameSite=Strict" in page.headers["set-cookie"]

        workspace = (await visitor.http.get("/workspace/workspace")).json()
        foundation = (await visitor.http.get("/foundation/state")).json()
        assert workspace["app"]["commands"][0]["command"] == "/deployments"
        assert foundation["counts"]["apps"] > 0


async def test_the_page_may_use_nothing_from_elsewhere() -> None:
    async with visiting() as visitor:
        policy = (await visitor.http.get(visitor.stage.address)).headers["content-security-policy"]

        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy


@pytest.mark.parametrize(
    "headers", [{"host": "evil.example"}, {"origin": "http://evil.example"}, {"origin": "http://127.0.0.1:1"}]
)
async def test_another_host_or_origin_is_refused_even_with_the_key(headers: dict[str, str]) -> None:
    async with visiting() as visitor:
        await visitor.enter()
        for path in ("/", "/workspace/workspace", "/foundation/state"):
            assert (await visitor.http.get(path, headers=headers)).status_code == 403, path


async def test_the_stream_of_changes_needs_the_key_and_the_right_origin() -> None:
    async with visiting() as visitor:
        url = f"ws://{visitor.host}/workspace/stream"
        with pytest.raises(InvalidStatus):
            async with connect(url, proxy=None):
                pass
        await visitor.enter()
        key = {"Cookie": visitor.cookie()}
        with pytest.raises(InvalidStatus):
            async with connect(url, proxy=None, additional_headers=key, origin="http://evil.example"):  # type: ignore[arg-type]
                pass

        async with connect(url, proxy=None, additional_headers=key) as socket, asyncio.timeout(10):
            assert '"hello"' in str(await socket.recv())


async def test_the_bot_is_given_the_addresses_of_both_stand_ins_and_only_through_its_environment() -> None:
    async with visiting() as visitor:
        await visitor.enter()
        async with asyncio.timeout(20):
            while "ready" not in (bot := (await visitor.http.get("/bot")).json())["log"]:  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.02)

        given = bot["log"][0].removeprefix("given ").split(",")
        assert bot["state"] == "running"
        assert {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_API_URL", "CF_API", "CF_CLIENT_ID"} <= set(given)
        links = {"DEPLOYBOT_LINK_KEYS"}
        assert {name for name in given if name.startswith("DEPLOYBOT_")} == bot_times(5).keys() | links


async def test_a_bot_without_a_manifest_is_told_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="no manifest: no idea"):
        await read_manifest((sys.executable, "-c", "raise SystemExit('no idea')"), tmp_path)


def test_the_bot_looks_as_often_as_the_foundation_is_fast() -> None:
    assert bot_times(1) == {
        "DEPLOYBOT_POLL_INTERVAL": "15s",
        "DEPLOYBOT_STALL_AFTER": "60s",
        "DEPLOYBOT_UNHEALTHY_AFTER": "30s",
    }
    assert bot_times(0.1) == bot_times(1)
    assert bot_times(5)["DEPLOYBOT_POLL_INTERVAL"] == "3s"
    assert set(bot_times(100).values()) == {"1s", "5s"}
