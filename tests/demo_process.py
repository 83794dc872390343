"""The demo as its user starts it: a process whose first line is the address to open."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

STARTING_SECONDS = 60
ENDING_SECONDS = 20
NOBODY_ELSES = ("SLACK_", "CF_", "DEPLOYBOT_")


@dataclass(frozen=True)
class Demo:
    address: str
    process: subprocess.Popen[str]

    def end(self, by: signal.Signals = signal.SIGINT) -> int:
        """Its exit code, once it has ended of itself."""
        self.process.send_signal(by)
        return self.process.wait(ENDING_SECONDS)


@contextmanager
def running_demo(*options: str) -> Iterator[Demo]:
    """`deploybot demo --no-browser --port 0` for the time of the block; an AssertionError when it does not start."""
    command = (sys.executable, "-m", "deploybot", "demo", "--no-browser", "--port", "0", *options)
    with running(command) as demo:
        yield demo


@contextmanager
def running(command: Sequence[str]) -> Iterator[Demo]:
    """Any process whose first line is the address of a page."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(NOBODY_ELSES)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        words: list[str] = []
        listening = threading.Thread(target=words.extend, args=(process.stderr,), daemon=True)
        listening.start()
        giving_up = threading.Timer(STARTING_SECONDS, process.kill)
        giving_up.start()
        try:
            address = process.stdout.readline().strip()
            giving_up.cancel()
            if not address.startswith("http://127.0.0.1:"):
                listening.join(ENDING_SECONDS)
            assert address.startswith("http://127.0.0.1:"), f"the demo did not start: {address}{''.join(words)}"
            yield Demo(address, process)
        finally:
            giving_up.cancel()
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(ENDING_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
            process.wait()
            listening.join()
