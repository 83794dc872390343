"""The bot as a child process: started with environment variables alone, listened to, and ended for certain."""

import asyncio
import contextlib
import os
import signal
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

KEPT_LINES = 400
LONGEST_LINE = 1 << 20
PATIENCE_SECONDS = 8.0
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV", "SYSTEMROOT")


def bot_environment(environ: Mapping[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    """What the bot is given: `settings`, and of our own environment nothing that could set it up otherwise."""
    kept = {name: environ[name] for name in INHERITED if name in environ}
    return {**kept, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1", **settings}


class BotProcess:
    """One process at a time, in a group of its own. It is never started again unless somebody asks for that.

    `ended` is called with the exit code and the last lines when the process ends without having been asked to.
    """

    def __init__(
        self,
        command: Sequence[str],
        environ: Mapping[str, str],
        cwd: Path,
        ended: Callable[[int, Sequence[str]], None],
    ) -> None:
        self._command, self._environ, self._cwd, self._ended = tuple(command), dict(environ), cwd, ended
        self._log: deque[str] = deque(maxlen=KEPT_LINES)
        self._process: asyncio.subprocess.Process | None = None
        self._listening: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    def to_json(self) -> dict[str, Any]:
        """`state` is starting, running or exited."""
        process = self._process
        state = "starting" if process is None else "running" if process.returncode is None else "exited"
        return {
            "state": state,
            "pid": process.pid if process else None,
            "exit_code": process.returncode if process else None,
            "log": list(self._log),
        }

    async def start(self) -> None:
        """Start it, unless it runs."""
        if self.running:
            return
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=self._environ,
            cwd=self._cwd,
            start_new_session=True,
            limit=LONGEST_LINE,
        )
        self._listening = asyncio.create_task(self._listen(self._process))

    async def stop(self) -> None:
        """End it and everything that it started, by force when it takes too long."""
        self._stopping = True
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), PATIENCE_SECONDS)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        if self._listening:
            await self._listening

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        while True:
            try:
                line = await process.stdout.readline()
            except ValueError:
                line = b"(a line too long to show)\n"
            if not line:
                break
            self._log.append(line.decode(errors="replace").rstrip())
        code = await process.wait()
        if not self._stopping:
            self._ended(code, list(self._log)[-5:])
