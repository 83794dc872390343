"""Named points at which a test may end or halt the process, as a crash or a frozen machine would.

`DEPLOYBOT_FAILPOINT=send.posted` kills the process where it passes that point the first time, `send.posted@3` the third
time; with `:stop` behind it is halted there until somebody lets it go on. Nothing happens where it is not set.
"""

import os
import re
import signal
from collections import Counter
from collections.abc import Callable, Mapping

from deploybot.domain.ports import Checkpoint
from deploybot.errors import ConfigError

VARIABLE = "DEPLOYBOT_FAILPOINT"
_FORM = re.compile(r"(?P<name>[a-z]+\.[a-z_]+)(?:@(?P<time>[1-9][0-9]{0,5}))?(?P<stop>:stop)?")


def failpoint(environ: Mapping[str, str], send: Callable[[int], None] | None = None) -> Checkpoint:
    """What the bot calls at its checkpoints. `send` sends a signal to this very process. ConfigError for nonsense."""
    wanted = environ.get(VARIABLE, "")
    if not wanted:
        return _pass
    found = _FORM.fullmatch(wanted)
    if not found:
        raise ConfigError([f"{VARIABLE}: {wanted!r} is no failpoint: write it like send.posted, send.posted@3:stop"])
    return _Failpoint(found["name"], int(found["time"] or 1), found["stop"] is not None, send or _to_self)


def _pass(name: str) -> None:
    """Nothing is to fail."""


def _to_self(number: int) -> None:
    os.kill(os.getpid(), number)


class _Failpoint:
    def __init__(self, name: str, time: int, stop: bool, send: Callable[[int], None]) -> None:
        self._name, self._time, self._send = name, time, send
        self._signal = signal.SIGSTOP if stop else signal.SIGKILL
        self._passed: Counter[str] = Counter()

    def __call__(self, name: str) -> None:
        self._passed[name] += 1
        if name == self._name and self._passed[name] == self._time:
            self._send(self._signal)
