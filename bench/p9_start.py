"""P9: start to "ready" and resident memory when idle, beside importing the same libraries alone."""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.measure import ROUNDS, Ratio, middle
from tests.e2e.stage import Stage, stage

LIBRARIES = (
    "aiohttp, apscheduler.schedulers.asyncio, httpx, msgspec, pydantic_settings, rich.console, slack_bolt.async_app, "
    "slack_bolt.adapter.socket_mode.aiohttp, starlette.applications, structlog, typer, uvicorn, yaml"
)
_ALONE = f"import {LIBRARIES}\nprint('ready', flush=True)\nimport sys; sys.stdin.read()"
_IDLE_SECONDS = 1.0


def run() -> list[Ratio]:
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_run(Path(folder)))


async def _run(folder: Path) -> list[Ratio]:
    async with stage(folder) as set_up:
        rounds = [(await _bot(set_up), await asyncio.to_thread(_alone)) for _ in range(ROUNDS)]
    return [
        Ratio(
            "P9 start to ready / importing the libraries",
            middle([bot[0] for bot, _ in rounds]),
            middle([alone[0] for _, alone in rounds]),
            "s",
            1.3,
        ),
        Ratio(
            "P9 resident memory when idle / of the libraries",
            middle([bot[1] for bot, _ in rounds]),
            middle([alone[1] for _, alone in rounds]),
            "MB",
            1.3,
        ),
    ]


async def _bot(set_up: Stage) -> tuple[float, float]:
    """Seconds until Slack reaches the bot, and its memory in MB a moment later."""
    began = time.perf_counter()
    async with set_up.bot_on_socket() as bot:
        ready = time.perf_counter() - began
        await asyncio.sleep(_IDLE_SECONDS)
        memory = _resident(bot.process.pid)
    await set_up.slack.wait_for_connections(0)
    return ready, memory


def _alone() -> tuple[float, float]:
    began = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", _ALONE], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        ready = time.perf_counter() - began
        memory = _resident(process.pid)
        assert process.stdin is not None
        process.stdin.close()
    return ready, memory


def _resident(pid: int) -> float:
    """Resident memory in MB, from the kernel's own count of pages."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
