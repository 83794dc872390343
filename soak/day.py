"""The day itself: the bot at work, people and troubles around it, samples all the while, and rest at both ends."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from soak.people import Person
from soak.plan import Plan
from soak.samples import Sample
from soak.scene import Scene, staged
from soak.trouble import Trouble
from soak.truth import Truth, cancel_all, done, ends, is_settled, left, truth
from soak.verdict import GIVEN_BACK
from tests.e2e.crashes import rows_of

NAMES = ("alice", "bob", "carol")
SAMPLE_MINUTES, DIGEST_MINUTES = 5.0, 60.0
"""Simulated ones."""
LEAST_SAMPLES = 60
LINES = 24
START_SECONDS = 60.0
STILL_SECONDS = 60.0
"""So long nothing may come of what was left to tell."""
REST_SECONDS = 45.0
"""So long what is kept open for the next request may stay open."""
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Soaked:
    """All that a soak found out."""

    plan: Plan
    samples: tuple[Sample, ...]
    before: Sample
    after: Sample
    did: Counter[str]
    troubles: Counter[str]
    truth: Truth
    exit_code: int


async def soak(plan: Plan, folder: Path, say: Say) -> Soaked:
    """A whole soak; RuntimeError where the bot ended, or settled nothing any more, with its last words."""
    async with staged(plan, folder) as scene:
        await _ready(scene)
        before = await _rested(scene, None)
        old = frozenset(row.guid for row in scene.foundation.world.deployments)
        day = _Day(scene, say)
        await day.pass_by()
        say("the day is over: settling")
        ended = await _settled(scene, old, say)
        after = await _rested(scene, before)
        found = truth(scene, ended)
        code = await scene.bot.stop()
    return Soaked(plan, tuple(day.samples), before, after, day.did(), day.trouble.made, found, code)


class _Day:
    """People and troubles for as long as it lasts."""

    def __init__(self, scene: Scene, say: Say) -> None:
        self._scene, self._say = scene, say
        seed = scene.plan.seed
        self.people = [Person(scene, name, random.Random(f"{seed} {name}")) for name in NAMES]
        self.trouble = Trouble(scene, random.Random(f"{seed} trouble"))
        self.samples: list[Sample] = []
        self._begun = asyncio.get_running_loop().time()

    async def pass_by(self) -> None:
        lives = [person.live() for person in self.people]
        tasks = [asyncio.create_task(one) for one in (*lives, self.trouble.last(), self._sample(), self._digests())]
        try:
            finished, _ = await asyncio.wait(
                tasks, timeout=self._scene.plan.seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in finished:
            task.result()
        await self.trouble.end()

    def did(self) -> Counter[str]:
        total: Counter[str] = Counter()
        for person in self.people:
            total += person.did
        return total

    async def _sample(self) -> None:
        plan = self._scene.plan
        pause = min(plan.true(SAMPLE_MINUTES), plan.seconds / LEAST_SAMPLES)
        every = max(1, round(plan.seconds / pause / LINES))
        while True:
            await asyncio.sleep(pause)
            _assert_runs(self._scene)
            hours = (asyncio.get_running_loop().time() - self._begun) * plan.speed / 3600
            self.samples.append(await self._scene.sample(hours))
            if len(self.samples) % every == 0:
                self._say(_line(self.samples[-1]))

    async def _digests(self) -> None:
        while True:
            await self._scene.digest_due()
            await asyncio.sleep(self._scene.plan.true(DIGEST_MINUTES))


def _line(one: Sample) -> str:
    tasks = "?" if one.tasks is None else one.tasks
    return (
        f"{one.at:5.1f} h  memory {one.memory:,} KiB  files {one.files}  sockets {one.sockets}  "
        f"threads {one.threads}  tasks {tasks}  database {one.database:,} KiB"
    )


async def _ready(scene: Scene) -> None:
    """The socket is open and the foundation was polled once."""

    def is_ready() -> bool:
        with rows_of("", scene.folder) as rows:
            polled = rows.one("SELECT count(*) FROM polls WHERE polled_at IS NOT NULL") == 1
        return polled and "] ready " in scene.bot.logged()

    await _until(scene, is_ready, START_SECONDS, "the bot to be ready")
    await scene.slack.wait_for_connections(1)


async def _settled(scene: Scene, old: frozenset[str], say: Say) -> dict[str, str]:
    """End all that is under way, and wait until it was told, as long as something comes of it; how each ended."""
    loop, simulation = asyncio.get_running_loop(), scene.foundation.simulation
    simulation.traffic_on = False
    while list(simulation.world.active_deployments()):
        cancel_all(simulation)
        await asyncio.sleep(0.2)
    ended, most, until = ends(scene, old), -1, loop.time() + STILL_SECONDS
    while not is_settled(scene, ended):
        _assert_runs(scene)
        if (now := done(scene)) > most:
            most, until = now, loop.time() + STILL_SECONDS
        if loop.time() > until:
            say(f"nothing came of it for {STILL_SECONDS:g} s: {left(scene, ended)}")
            break
        await asyncio.sleep(0.5)
    return ended


async def _rested(scene: Scene, before: Sample | None) -> Sample:
    """A sample once what was kept open is closed: as little as before, or the least in a while."""
    loop = asyncio.get_running_loop()
    until, least = loop.time() + (REST_SECONDS if before else 0.0), await scene.sample(0.0)
    while before and loop.time() < until:
        now = await scene.sample(scene.plan.hours)
        least = min(least, now, key=lambda one: (one.files, one.tasks or 0))
        if now.files <= before.files + GIVEN_BACK and (now.tasks or 0) <= (before.tasks or 0) + GIVEN_BACK:
            return now
        await asyncio.sleep(0.5)
    return least


async def _until(scene: Scene, holds: Callable[[], bool], seconds: float, what: str) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while not holds():
        _assert_runs(scene)
        if loop.time() > until:
            raise RuntimeError(f"waited {seconds:g} s for {what}:\n{scene.bot.logged()[-2000:]}")
        await asyncio.sleep(0.2)


def _assert_runs(scene: Scene) -> None:
    code = scene.bot.process.returncode
    if code is not None:
        raise RuntimeError(f"the bot ended with exit code {code}:\n{scene.bot.logged()[-2000:]}")
