"""`deploybot doctor` as a process, with a bot and without: what it says, its exit code, and that nothing changes."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from deploybot.domain.finding import Level
from deploybot.ops.doctor import BROKEN, SOUND, UNREADABLE
from tests.e2e.stage import CF_SECRET, SECRETS, Stage, free_port, stage
from tests.workspace_client import BOT_TOKEN

CHANNEL = """
[[guards]]
name = "shop"
on = "org=acme-retail space=prod"
channel = "C0RANDOM01"
tell_after = "2h"
"""


async def doctor(set_up: Stage, *arguments: str, **more: str) -> tuple[int, str, str]:
    """Exit code, output and errors; no secret is in either."""
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploybot", "doctor", *arguments),
        env={**kept, **set_up.environment(**more)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    told = out.decode(), err.decode()
    assert not [secret for secret in SECRETS if secret in "".join(told)]
    assert "Traceback" not in told[1], told[1]
    return process.returncode or 0, *told


def findings(out: str) -> list[dict[str, Any]]:
    told = json.loads(out)
    assert set(told) == {"deploybot", "worst", "findings"}
    found: list[dict[str, Any]] = told["findings"]
    assert {one["level"] for one in (*found, {"level": told["worst"]})} <= set(Level)
    assert {frozenset(one) for one in found} == {frozenset({"area", "check", "level", "says", "fix"})}
    return found


def bad(out: str) -> list[tuple[str, str]]:
    return [(one["area"], one["check"]) for one in findings(out) if one["level"] in ("warning", "failure")]


def contents(directory: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in directory.iterdir()}


async def test_beside_a_healthy_bot_all_is_well_and_nothing_changes(tmp_path: Path) -> None:
    async with stage(tmp_path) as set_up, set_up.bot_on_socket():
        code, out, err = await doctor(set_up, "--json")
        assert (code, err, bad(out)) == (SOUND, "", [])
        areas = {one["area"] for one in findings(out)}
        assert areas == {"configuration", "access", "slack", "database", "foundation cf"}
        connections = (await set_up.slack.get("sockets"))["connections"]
        assert len(connections) == 1
        for person, channel in (("alice", "#checkout"), ("alice", "#oncall"), ("carol", "#general")):
            assert await set_up.slack.messages(person, channel) == []
        assert {one for one in set_up.foundation.foundation.asked if one.startswith("POST")} <= {"POST /login/oauth"}
        assert {one.partition(" ")[0] for one in set_up.foundation.foundation.asked} <= {"GET", "POST"}


async def test_without_a_bot_the_database_keeps_every_byte(tmp_path: Path) -> None:
    async with stage(tmp_path) as set_up:
        async with set_up.bot_on_socket():
            pass
        before = contents(tmp_path / "data")
        code, out, _ = await doctor(set_up, "--json")
        assert (code, bad(out)) == (SOUND, [])
        assert contents(tmp_path / "data") == before
        methods = {one["what"] for one in await set_up.slack.inspected("web_api")}
        assert not [method for method in methods if method.startswith(("chat.", "views."))]


async def test_before_the_first_start_nothing_is_made(tmp_path: Path) -> None:
    async with stage(tmp_path) as set_up:
        code, out, _ = await doctor(set_up)
        assert code == SOUND
        assert "there is no database" in out
        assert not (tmp_path / "data").exists()


async def test_for_people_each_thing_is_a_line_and_the_last_says_what_to_do_first(tmp_path: Path) -> None:
    async with stage(tmp_path) as set_up:
        set_up.rules += CHANNEL
        code, out, _ = await doctor(set_up)
    lines = out.splitlines()
    assert code == BROKEN
    assert lines[0] == "configuration"
    at = next(number for number, line in enumerate(lines) if "#random" in line)
    assert lines[at].startswith("  FAILURE  channels: ")
    assert lines[at + 1].startswith("           fix: ")
    assert lines[-1].startswith("1 failure")
    assert "First, for slack: " in lines[-1]
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize(
    ("more", "code", "found"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-not-the-one"}, BROKEN, ("slack", "bot-token")),
        ({"DEPLOYBOT_STALL_AFTER": "soon"}, UNREADABLE, ("configuration", "settings")),
        ({"SLACK_APP_TOKEN": BOT_TOKEN}, UNREADABLE, ("configuration", "settings")),
        ({"DEPLOYBOT_HEARTBEAT_FILE": "/nowhere/at/all"}, BROKEN, ("configuration", "heartbeat")),
    ],
)
async def test_one_thing_that_is_wrong_is_all_that_is_told_to_be(
    tmp_path: Path, more: dict[str, str], code: int, found: tuple[str, str]
) -> None:
    async with stage(tmp_path) as set_up:
        got, out, _ = await doctor(set_up, "--json", **more)
    assert (got, [one for one in bad(out) if one[0] != "foundation cf"]) == (code, [found])
    assert {one["area"] for one in findings(out)} >= {"slack", "database"}


async def test_a_slack_that_hangs_hides_nothing_else_and_ends_in_time(tmp_path: Path) -> None:
    async with stage(tmp_path) as set_up:
        await set_up.slack.set_faults({"kind": "slow", "seconds": 6})
        code, out, _ = await asyncio.wait_for(doctor(set_up, "--json", "--timeout", "2"), 30)
    assert code == BROKEN
    assert {area for area, _ in bad(out)} == {"slack"}
    assert ("database", "form") in [(one["area"], one["check"]) for one in findings(out)]


async def test_all_that_is_away_is_told_at_once(tmp_path: Path) -> None:
    port = free_port()
    async with stage(tmp_path) as set_up:
        wrong = {"CF_CLIENT_SECRET": f"{CF_SECRET}-wrong"}
        away = {"SLACK_API_URL": f"http://127.0.0.1:{port}/api/", "DATABASE_URL": f"postgresql://b@127.0.0.1:{port}/b"}
        code, out, _ = await doctor(set_up, "--json", **away, **wrong)
    assert code == BROKEN
    assert f"{CF_SECRET}-wrong" not in out
    assert {("slack", "reachable"), ("database", "reachable")} <= set(bad(out))
