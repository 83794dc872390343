"""What is flat and what is not, by made-up samples: a judge that never says no is none."""

import random
from dataclasses import replace

import pytest

from soak.samples import Sample
from soak.verdict import problems, trend

REST = Sample(at=0, memory=90_000, files=20, sockets=5, threads=6, database=2_000, tasks=25)
HOURS = 24


def day(seed: int = 1, hours: float = HOURS) -> list[Sample]:
    """A day at work: quickly up, then up and down, and a database that grows."""
    rng = random.Random(seed)
    count = max(60, round(hours * 12))
    return [
        Sample(
            at=number * hours / count,
            memory=min(100_000, 90_000 + 500 * number) + rng.randint(-800, 1_500),
            files=rng.randint(20, 27),
            sockets=rng.randint(5, 12),
            threads=rng.choice((6, 6, 6, 7)),
            database=2_000 + 200 * number,
            tasks=rng.randint(25, 40),
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("seed", range(5))
def test_a_day_that_goes_up_and_down_is_flat(seed: int) -> None:
    assert problems(day(seed), REST, REST) == ()


def test_memory_that_creeps_is_told_with_its_figures() -> None:
    creeping = [replace(one, memory=one.memory + round(700 * one.at)) for one in day()]
    (told,) = problems(creeping, REST, REST)
    assert told.startswith("memory (KiB) grew")
    assert "an hour" in told


@pytest.mark.parametrize("name", ["files", "sockets", "threads", "tasks"])
def test_what_is_kept_open_more_and_more_is_told(name: str) -> None:
    leaking = [replace(one, **{name: getattr(one, name) + round(one.at)}) for one in day()]
    found = problems(leaking, REST, REST)
    assert len(found) == 1
    assert name in found[0]


@pytest.mark.parametrize("name", ["files", "sockets", "tasks"])
def test_what_is_not_given_back_at_rest_is_told(name: str) -> None:
    after = replace(REST, **{name: getattr(REST, name) + 9})
    (told,) = problems(day(), REST, after)
    assert told.startswith(f"{name} were not given back")


def test_a_few_kept_connections_are_no_leak() -> None:
    assert problems(day(), REST, replace(REST, files=28, sockets=13, tasks=33)) == ()


def test_memory_that_only_grows_at_the_start_is_flat() -> None:
    warming = [replace(one, memory=one.memory + min(40_000, round(8_000 * one.at))) for one in day()]
    assert problems(warming, REST, REST) == ()


def test_an_outlier_at_the_end_is_no_leak() -> None:
    samples = day()
    samples[-1] = replace(samples[-1], memory=400_000)
    assert problems(samples, REST, REST) == ()


def test_a_jump_that_stays_is_told() -> None:
    jumped = [replace(one, memory=one.memory + (30_000 if one.at > 18 else 0)) for one in day()]
    assert "memory (KiB) grew" in problems(jumped, REST, REST)[0]


def test_a_growing_database_is_no_leak() -> None:
    samples = day()
    assert samples[-1].database > 5 * samples[0].database
    assert problems(samples, REST, REST) == ()


def test_a_short_soak_says_nothing_of_memory_but_still_of_the_rest() -> None:
    warming = [replace(one, memory=round(90_000 + 90_000 * one.at)) for one in day(hours=1)]
    assert problems(warming, REST, REST) == ()
    leaking = [replace(one, files=one.files + round(40 * one.at)) for one in warming]
    assert len(problems(leaking, REST, REST)) == 1


def test_tasks_are_left_out_where_the_bot_could_not_be_asked() -> None:
    unasked = [replace(one, tasks=None) for one in day()]
    assert problems(unasked, replace(REST, tasks=None), replace(REST, tasks=None)) == ()


def test_the_slope_is_that_of_a_line() -> None:
    line = [replace(REST, at=float(number), memory=1000 + 10 * number) for number in range(30)]
    assert trend("memory", line, lambda one: one.memory).slope == 10
