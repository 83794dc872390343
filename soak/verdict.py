"""Is it flat? Judges a series of samples: what grew, by how much, and whether everything was given back at the end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from soak.samples import Sample

WARM = 1 / 3
"""This part of a soak is left out: caches fill, code is loaded, the first of everything is made."""
LEAST_HOURS = 2.0
"""A shorter soak says nothing about memory: it is warm-up from its beginning to its end."""
LEAST_POINTS = 5
MEMORY_GROWTH = 0.10
COUNT_GROWTH, COUNT_SLACK = 0.25, 4
"""Of the middle number of files, threads and tasks, and so many in any case: what is in use at a moment goes up and
down with what people do."""
GIVEN_BACK = 8
"""So many more files or tasks than before anybody did anything may be open when all is quiet: kept connections."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A series after its warm-up: the middle of its first and of its last tenth, and the slope between all points.

    `slope` is the median of the slopes between any two points, per simulated hour, which no outlier moves.
    """

    name: str
    early: float
    late: float
    slope: float
    hours: float

    @property
    def growth(self) -> float:
        """By which share it grew: the larger of what the ends and what the slope say."""
        return max(self.late - self.early, self.slope * self.hours) / max(1.0, self.early)

    def line(self) -> str:
        ends = f"{self.early:,.0f} -> {self.late:,.0f}"
        return f"{self.name:<22} {ends:<24} {self.slope:+.2f} an hour, {self.growth:+.1%} in {self.hours:.1f} h"


def trend(name: str, samples: Sequence[Sample], value: Callable[[Sample], float]) -> Trend:
    """The trend of one value; `samples` are at least ten."""
    warm = samples[round(len(samples) * WARM) :]
    tenth = max(min(LEAST_POINTS, len(warm)), len(warm) // 10)
    values = [value(one) for one in warm]
    return Trend(
        name,
        median(values[:tenth]),
        median(values[-tenth:]),
        _slope([one.at for one in warm], values),
        warm[-1].at - warm[0].at,
    )


def _slope(times: Sequence[float], values: Sequence[float]) -> float:
    slopes = [
        (values[later] - values[before]) / (times[later] - times[before])
        for before in range(len(values))
        for later in range(before + 1, len(values))
        if times[later] > times[before]
    ]
    return median(slopes) if slopes else 0.0


def trends(samples: Sequence[Sample]) -> tuple[Trend, ...]:
    """All that is judged, and the database, which grows by what it is there for."""
    told = (
        trend("memory (KiB)", samples, lambda one: one.memory),
        trend("open files", samples, lambda one: one.files),
        trend("sockets", samples, lambda one: one.sockets),
        trend("threads", samples, lambda one: one.threads),
        trend("database (KiB)", samples, lambda one: one.database),
    )
    if any(one.tasks is None for one in samples):
        return told
    return (*told, trend("tasks", samples, lambda one: one.tasks or 0))


def problems(samples: Sequence[Sample], before: Sample, after: Sample) -> tuple[str, ...]:
    """What is not flat, in sentences. `before` and `after` are samples of the bot at rest, at both ends."""
    found = []
    for one in trends(samples):
        if one.name.startswith("memory"):
            found += _grown(one, MEMORY_GROWTH, 0) if one.hours >= LEAST_HOURS * (1 - WARM) else []
        elif not one.name.startswith("database"):
            found += _grown(one, COUNT_GROWTH, COUNT_SLACK)
    found += _kept("files", before.files, after.files)
    found += _kept("sockets", before.sockets, after.sockets)
    if before.tasks is not None and after.tasks is not None:
        found += _kept("tasks", before.tasks, after.tasks)
    return tuple(found)


def _grown(one: Trend, share: float, slack: float) -> list[str]:
    allowed = max(share * one.early, slack)
    if one.growth * max(1.0, one.early) <= allowed:
        return []
    return [f"{one.name} grew: {one.line()}"]


def _kept(name: str, before: int, after: int) -> list[str]:
    if after - before <= GIVEN_BACK:
        return []
    return [f"{name} were not given back: {before} before anybody did anything, {after} when all was quiet again"]
