"""Failpoints hit the named point at the named time and no other."""

import signal

import pytest

from deploybot.errors import ConfigError
from deploybot.ops.failpoints import failpoint


def passed(wanted: str, *names: str) -> list[int]:
    sent: list[int] = []
    reach = failpoint({"DEPLOYBOT_FAILPOINT": wanted} if wanted else {}, sent.append)
    for name in names:
        reach(name)
    return sent


def test_without_the_variable_nothing_fails() -> None:
    assert passed("", "poll.stored", "send.posted") == []


def test_the_process_is_killed_at_the_first_passing_and_not_again() -> None:
    assert passed("send.posted", "poll.stored") == []
    assert passed("send.posted", "send.begun", "send.posted", "send.posted") == [signal.SIGKILL]


def test_a_number_says_at_which_passing() -> None:
    assert passed("send.posted@3", "send.posted", "send.posted") == []
    assert passed("send.posted@3", *["send.posted"] * 4) == [signal.SIGKILL]


def test_stop_halts_instead() -> None:
    assert passed("send.checked:stop", "send.checked") == [signal.SIGSTOP]


@pytest.mark.parametrize("wanted", ["posted", "send.posted@0", "send.posted:go", "SEND.posted", "send.posted@x"])
def test_nonsense_is_refused_at_start(wanted: str) -> None:
    with pytest.raises(ConfigError, match="DEPLOYBOT_FAILPOINT"):
        passed(wanted)
