"""What Slack said is asked for once, waited for a while only, and kept no longer than it may be."""

import asyncio
from collections.abc import Awaitable, Callable

from deploybot.slack.memory import Memory, Terms
from tests.slack.conftest import Times

TERMS = Terms(fresh=10, stale=100, rest=5, wait=0.05, most=2)


class Asked:
    """Answers with how often it was asked, once `ready`; or raises `error`."""

    def __init__(self) -> None:
        self.count = 0
        self.error: Exception | None = None
        self.ready = asyncio.Event()
        self.ready.set()

    async def __call__(self, key: str) -> str:
        self.count += 1
        await self.ready.wait()
        if self.error:
            raise self.error
        return f"{key}{self.count}"


def _memory(ask: Callable[[str], Awaitable[str]], times: Times) -> Memory[str, str]:
    return Memory(ask, times, TERMS)


async def test_however_many_want_to_know_it_is_asked_once() -> None:
    asked = Asked()
    memory = _memory(asked, Times())
    assert await asyncio.gather(*(memory.of("a") for _ in range(5))) == ["a1"] * 5
    assert asked.count == 1


async def test_who_waits_too_long_goes_without_and_the_answer_is_there_for_the_next() -> None:
    asked, times = Asked(), Times()
    asked.ready.clear()
    memory = _memory(asked, times)
    assert await memory.of("a") is None
    asked.ready.set()
    assert await memory.of("a") == "a1"
    assert asked.count == 1


async def test_what_is_old_is_asked_for_again_and_holds_for_so_long_where_that_fails() -> None:
    asked, times = Asked(), Times()
    memory = _memory(asked, times)
    assert await memory.of("a") == "a1"
    asked.error = TimeoutError()
    times.now += 11
    assert await memory.of("a") == "a1"
    times.now += 88
    assert memory.remembered("a") == "a1"
    times.now += 1
    assert await memory.of("a") is None


async def test_a_failure_rests_before_it_is_tried_again() -> None:
    asked, times = Asked(), Times()
    asked.error = TimeoutError()
    memory = _memory(asked, times)
    assert [await memory.of("a") for _ in range(3)] == [None] * 3
    assert asked.count == 1
    asked.error = None
    times.now += 5
    assert await memory.of("a") == "a2"


async def test_a_bug_is_a_failure_to_whoever_asks() -> None:
    asked = Asked()
    asked.error = KeyError("members")
    assert await _memory(asked, Times()).of("a") is None


async def test_no_more_is_kept_than_said() -> None:
    memory = _memory(Asked(), Times())
    for key in "abc":
        await memory.of(key)
    assert [memory.remembered(key) for key in "abc"] == [None, "b2", "c3"]
