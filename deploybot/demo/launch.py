"""`deploybot demo`: sets the stage, says where to look, and clears everything away at the end."""

import asyncio
import os
import signal
import sys
import threading
import webbrowser
from collections.abc import Mapping, Sequence

from deploybot.demo.stage import Play, staged

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(scenario: str, port: int, browser: bool, speed: float) -> None:
    """Run the demo until Ctrl-C or SIGTERM. Its address is the first line on standard output.

    `scenario` is busy, calm, incident or huge; port 0 takes a free one; `speed` is how many times faster than in life
    things happen. ValueError for a scenario or speed that there isn't, OSError when the port is taken.
    """
    asyncio.run(run(Play(scenario, speed, port), browser=browser))


async def run(play: Play, *, browser: bool) -> None:
    """The same for any play, in a loop of the caller's."""
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for ending in ENDINGS:
        loop.add_signal_handler(ending, over.set)
    async with staged(play, _lament) as stage:
        _say(sys.stdout.fileno(), stage.address)
        _say(sys.stderr.fileno(), "Ctrl-C ends the demo.")
        if browser and _has_screen(os.environ, sys.platform):
            threading.Thread(target=webbrowser.open, args=(stage.address,), daemon=True).start()
        await over.wait()
        _say(sys.stderr.fileno(), "Clearing away…")


def _lament(code: int, lines: Sequence[str]) -> None:
    words = "\n  ".join(lines) or "(nothing)"
    _say(sys.stderr.fileno(), f"The bot ended with exit code {code}. Its last words:\n  {words}")


def _say(stream: int, text: str) -> None:
    """At once, past all buffers: whoever started us waits for the first line."""
    os.write(stream, f"{text}\n".encode())


def _has_screen(environ: Mapping[str, str], platform: str) -> bool:
    """Without one, a browser would take over the terminal."""
    return not platform.startswith("linux") or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))
