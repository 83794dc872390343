"""`deploybot demo` from start to end: its first line, and that nothing of it is left."""

import os
import signal
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import httpx
import pytest

from tests.demo_process import Demo, running_demo


def bot_of(demo: Demo) -> int:
    """The process id of the bot, from the page's server."""
    with httpx.Client(trust_env=False) as http:
        http.get(demo.address)
        pid: int = http.get(httpx.URL(demo.address).copy_with(path="/bot", query=None)).json()["pid"]
    return pid


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_nothing_is_left_after_the_end(by: signal.Signals) -> None:
    with running_demo("--scenario", "calm") as demo:
        bot = bot_of(demo)

        assert demo.end(by) == 0

        with pytest.raises(ProcessLookupError):
            os.kill(bot, 0)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", urlsplit(demo.address).port or 0), timeout=1).close()


def test_a_port_that_is_taken_is_told_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = (sys.executable, "-m", "deploybot", "demo", "--no-browser", "--port", port)
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert ended.returncode == 3
    assert "in use" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
