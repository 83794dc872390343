"""The bot's process: what it is given, that its end is told, and that nothing of it is left."""

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from deploybot.demo import botprocess
from deploybot.demo.botprocess import BotProcess, bot_environment

STANDIN = (sys.executable, str(Path(__file__).parent / "standin_bot.py"))


def a_bot(
    *switches: str, cwd: Path, ended: Callable[[int, Sequence[str]], None] = lambda code, lines: None
) -> BotProcess:
    environ = bot_environment(os.environ, {"SLACK_BOT_TOKEN": "xoxb-test"})
    return BotProcess((*STANDIN, *switches, "run"), environ, cwd, ended)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - another process sets no event of ours
            await asyncio.sleep(0.01)


async def said(bot: BotProcess, word: str) -> None:
    await until(lambda: any(word in line for line in bot.to_json()["log"]))


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_bot_inherits_nothing_that_could_set_it_up_otherwise() -> None:
    ours = {"PATH": "/bin", "CF_API": "https://real", "SLACK_APP_TOKEN": "xapp-real", "DEPLOYBOT_LOG_FORMAT": "json"}

    given = bot_environment(ours, {"CF_API": "http://127.0.0.1:1"})

    assert given["PATH"] == "/bin"
    assert given["CF_API"] == "http://127.0.0.1:1"
    assert "SLACK_APP_TOKEN" not in given
    assert "DEPLOYBOT_LOG_FORMAT" not in given


async def test_it_runs_until_it_is_stopped_and_that_is_no_death_to_tell(tmp_path: Path) -> None:
    deaths: list[int] = []
    bot = a_bot(cwd=tmp_path, ended=lambda code, lines: deaths.append(code))
    assert bot.to_json()["state"] == "starting"

    await bot.start()
    await said(bot, "ready")
    pid = bot.to_json()["pid"]
    assert bot.to_json()["state"] == "running"
    await bot.stop()

    assert bot.to_json()["state"] == "exited"
    assert not alive(pid)
    assert deaths == []


async def test_its_death_is_told_with_its_last_words_and_nobody_starts_it_again(tmp_path: Path) -> None:
    told: asyncio.Queue[tuple[int, Sequence[str]]] = asyncio.Queue()
    bot = a_bot("--die", cwd=tmp_path, ended=lambda code, lines: told.put_nowait((code, lines)))

    await bot.start()
    async with asyncio.timeout(20):
        code, lines = await told.get()

    assert (code, lines[-1]) == (1, "I can't go on.")
    assert not bot.running
    assert bot.to_json()["exit_code"] == 1
    await bot.stop()


async def test_somebody_can_start_it_again(tmp_path: Path) -> None:
    bot = a_bot(cwd=tmp_path)
    await bot.start()
    await said(bot, "ready")
    first = bot.to_json()["pid"]

    await bot.start()
    assert bot.to_json()["pid"] == first, "one that runs is left alone"
    os.kill(first, 9)
    await until(lambda: bot.to_json()["state"] == "exited")
    await bot.start()

    assert bot.to_json()["state"] == "running"
    assert bot.to_json()["pid"] != first
    await bot.stop()


async def test_one_that_does_not_listen_is_ended_by_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(botprocess, "PATIENCE_SECONDS", 0.2)
    bot = a_bot("--deaf", cwd=tmp_path)
    await bot.start()
    await said(bot, "ready")

    await bot.stop()

    assert bot.to_json()["exit_code"] == -9
