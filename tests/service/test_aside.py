"""A call that may hang: its result, its error, and that nobody waits for it at the end."""

import asyncio
import subprocess
import sys

import pytest

from deploybot.service.aside import aside


async def test_what_the_call_returns_or_raises_is_had() -> None:
    assert await aside(lambda: 7) == 7
    with pytest.raises(PermissionError):
        await aside(_refused)


def _refused() -> int:
    raise PermissionError


_HANGING = """
import asyncio, threading
from deploybot.service.aside import aside

async def main():
    try:
        await asyncio.wait_for(aside(threading.Event().wait), 0.05)
    except TimeoutError:
        print("left behind", flush=True)

asyncio.run(main())
"""


async def test_a_call_that_hangs_does_not_hold_up_the_end_of_the_process() -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", _HANGING, stdout=subprocess.PIPE)
    out, _ = await asyncio.wait_for(process.communicate(), 30)
    assert (process.returncode, out) == (0, b"left behind\n")
