"""Background work is bounded in all and per person, taken once, and brought to an end."""

import asyncio
from contextvars import ContextVar
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from deploybot.slack.seen import Seen
from deploybot.slack.tasks import Tasks


class Gate:
    """Work that goes on until it is let go."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.done = 0

    async def work(self) -> None:
        await self.open.wait()
        self.done += 1


async def test_one_person_cannot_take_all_the_room() -> None:
    tasks, gate = Tasks(total=10, each=2), Gate()
    assert [tasks.start("ada", gate.work) for _ in range(3)] == [True, True, False]
    assert tasks.start("bob", gate.work)
    gate.open.set()
    await tasks.drain(1)
    assert gate.done == 3


async def test_all_together_cannot_take_more_than_there_is() -> None:
    tasks, gate = Tasks(total=2, queue=1, each=2), Gate()
    assert [tasks.start(name, gate.work) for name in "abcd"] == [True, True, True, False]
    assert tasks.running == 2
    gate.open.set()
    await tasks.drain(1)
    assert gate.done == 3


async def test_what_waits_begins_in_its_turn() -> None:
    order: list[str] = []

    async def work(name: str) -> None:
        order.append(name)

    tasks = Tasks(total=1)
    for name in "abc":
        tasks.start(name, partial(work, name))
    assert order == []
    await tasks.drain(1)
    assert order == ["a", "b", "c"]


async def test_room_comes_back_when_work_ends() -> None:
    tasks, gate = Tasks(total=1, each=1), Gate()
    tasks.start("ada", gate.work)
    gate.open.set()
    await tasks.drain(1)
    assert tasks.running == 0
    assert tasks.start("ada", gate.work)
    await tasks.drain(1)


async def test_what_does_not_end_in_time_is_cancelled() -> None:
    tasks, gate = Tasks(total=1), Gate()
    tasks.start("ada", gate.work)
    tasks.start("bob", gate.work)
    await tasks.drain(0.01)
    assert tasks.running == 0
    assert gate.done == 0


def test_a_key_is_new_once_until_it_is_forgotten() -> None:
    now = [0.0]
    seen = Seen(lambda: now[0], ttl=600)
    assert [seen.is_new("a"), seen.is_new("a"), seen.is_new("b")] == [True, False, True]
    now[0] = 599
    assert not seen.is_new("a")
    now[0] = 601
    assert seen.is_new("a")


def test_what_has_no_key_is_always_new() -> None:
    seen = Seen(lambda: 0.0)
    assert seen.is_new("")
    assert seen.is_new("")


@given(st.lists(st.text(min_size=1), max_size=50))
def test_memory_is_bounded_and_the_newest_are_kept(keys: list[str]) -> None:
    seen = Seen(lambda: 0.0, most=5)
    for key in keys:
        seen.is_new(key)
    assert len(seen._keys) <= 5
    assert not any(seen.is_new(key) for key in keys[-1:])


async def test_what_waited_begins_in_the_context_of_whoever_began_it_not_of_what_made_room() -> None:
    asked: ContextVar[str] = ContextVar("asked", default="nobody")
    seen: list[tuple[str, str]] = []

    async def work(name: str) -> None:
        seen.append((name, asked.get()))
        asked.set("somebody else")

    tasks = Tasks(total=1)
    for name in ("ada", "bob", "cyd"):
        asked.set(name)
        tasks.start(name, partial(work, name))
    asked.set("nobody")
    await tasks.drain(1)
    assert seen == [("ada", "ada"), ("bob", "bob"), ("cyd", "cyd")]
    assert asked.get() == "nobody"
