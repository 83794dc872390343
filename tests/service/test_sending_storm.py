"""The law of sending: whatever goes wrong, in the end every message is there once, and shows how things stand."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from deploybot.domain.ledger import Kind
from deploybot.domain.ports import Unclear
from deploybot.service.sending import Sender
from tests.fake_notifier import CrashedError
from tests.service.post_office import Post, notice, posting

FAULTS = st.sampled_from(
    ["ok", "ok", "lost", "unclear", "late", "late ok", "limited", "declined", "crash", "killed", "frozen"]
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("tick"), st.integers(0, 1)),
        st.tuples(st.just("pass"), st.sampled_from([1, 5, 30, 71, 200])),
        st.tuples(st.just("happens"), st.integers(0, 3)),
        st.tuples(st.just("dies"), st.integers(1, 6)),
        st.tuples(st.just("thaw"), st.just(0)),
    ),
    max_size=30,
)


class DeadError(Exception):
    """A dead process does nothing more; that this is an Exception lets what was under way come to its end."""


@dataclass
class Process:
    """A sender and what it may do: once it is dead, none of its calls begins. `dies_in` counts checkpoints."""

    post: Post
    dies_in: int = 0
    dead: bool = False

    def __post_init__(self) -> None:
        outbox: Any = Mortal(self, self.post.store.outbox)
        notifier: Any = Mortal(self, self.post.slack)
        self.sender = Sender(
            outbox,
            notifier,
            edits=self.post.edits,
            checkpoint=self.checkpoint,
            monotonic=self.post.clock,
            sleep=self.post.clock.sleep,
        )

    def checkpoint(self, name: str) -> None:
        self.dies_in -= 1
        if self.dies_in == 0:
            self.dead = True
            raise DeadError


class Mortal:
    """Whatever a process calls, as long as it lives."""

    def __init__(self, process: Process, real: Any) -> None:
        self._process, self._real = process, real

    def __getattr__(self, name: str) -> Callable[..., Any]:
        async def call(*args: Any, **more: Any) -> Any:
            if self._process.dead:
                raise DeadError
            try:
                return await getattr(self._real, name)(*args, **more)
            except CrashedError:
                self._process.dead = True
                raise DeadError from None

        return call


@settings(max_examples=12)
@given(steps=STEPS, faults=st.lists(FAULTS, max_size=12), looks=st.lists(st.just(Unclear("500")), max_size=3))
async def test_with_two_senders_and_any_faults_every_message_is_there_once_in_the_end(
    steps: list[tuple[str, int]], faults: list[str], looks: list[Unclear]
) -> None:
    with TemporaryDirectory() as directory, capture_logs():
        async with posting(Path(directory)) as post:
            await Storm(post).run(steps, faults, looks)


class Storm:
    """Two processes on one store; each may die at any checkpoint or be halted in the middle of a post."""

    def __init__(self, post: Post) -> None:
        self.post, self.slack = post, post.slack
        self.processes = [Process(post), Process(post)]
        self.halted: dict[int, asyncio.Task[None]] = {}
        self.ordinals = [0, 0, 0, 0]

    async def run(self, steps: list[tuple[str, int]], faults: list[str], looks: list[Unclear]) -> None:
        await self.post.add(notice("n1", "C2"), notice("n2", "C1"))
        self.slack.script.extend(faults)
        self.slack.find_script.extend(looks)
        for step, number in steps:
            await self.do(step, number)
        self.slack.script.clear()
        await self.do("thaw", 0)
        for process in self.processes:
            process.dies_in = 0
        for round_ in range(80):
            await self.do("tick", round_ % 2)
            self.post.clock.pass_by(45)
            if round_ > 6 and self.is_settled():
                break
        self.judge()

    def is_settled(self) -> bool:
        """Does nothing wait any more, to be sent, looked for, shown or told?"""
        waits = "state <> 'sent' OR doubtful_at IS NOT NULL OR outdated_at IS NOT NULL"
        told = self.post.rows("count(*)", "announcements WHERE told_by IS NULL")
        return self.post.rows("count(*)", f"messages WHERE {waits}") + told == [(0,), (0,)]

    async def do(self, step: str, number: int) -> None:
        match step:
            case "pass":
                self.post.clock.pass_by(number)
            case "happens":
                self.ordinals[number] += 1
                kind = Kind.FAILED if self.ordinals[number] % 3 == 0 else Kind.PAUSED
                await self.post.happens(f"d{number}", kind=kind, ordinal=self.ordinals[number])
            case "dies":
                self.processes[number % 2].dies_in = number
            case "thaw":
                await self.thaw()
            case "tick" if number not in self.halted:
                await self.tick(number)

    async def thaw(self) -> None:
        """Let halted processes go on, and live: who is killed on waking leaves a double that nobody knows of."""
        for number in self.halted:
            self.processes[number].dies_in = 0
        self.slack.thaw.set()
        for ticking in self.halted.values():
            await ticking
        self.slack.thaw.clear()
        self.halted.clear()

    async def tick(self, number: int) -> None:
        """A tick, which may end as the tick of a halted process."""
        self.slack.halted.clear()
        ticking = asyncio.create_task(self.processes[number].sender.tick(self.post.clock.at))
        halting = asyncio.create_task(self.slack.halted.wait())
        await asyncio.wait([ticking, halting], return_when=asyncio.FIRST_COMPLETED)
        if self.slack.halted.is_set():
            self.halted[number] = ticking
            return
        halting.cancel()
        await ticking
        if self.processes[number].dead:
            self.processes[number] = Process(self.post)

    def judge(self) -> None:
        assert [row for row in self.post.rows("key, state, reason") if row[1] != "sent"] == []
        assert self.post.rows("count(*)", "announcements WHERE told_by IS NULL") == [(0,)]
        rows = self.post.rows("key, ts")
        assert sorted(self.slack.keys()) == sorted(key for key, _ in rows)
        assert {(one.key, one.ts) for one in self.slack.messages} == set(rows)
        newest = {f"d{number}": ordinal for number, ordinal in enumerate(self.ordinals)}
        alerts = [one for one in self.slack.messages if one.key.startswith("alert:")]
        assert [one.ordinal for one in alerts] == [newest[one.key.split(":")[3]] for one in alerts]
        assert not any(one.repeat for one in self.slack.messages)
