"""The figures of a soak as lines for people and as JSON for a file, and whether all is well."""

import json
from collections import Counter
from typing import Any

from soak.day import Soaked
from soak.verdict import problems, trends

LEAST_ANSWERED = 0.5
"""With faults on, so much of what people did must have been answered: else the soak tried nothing."""


def wrong(soaked: Soaked) -> tuple[str, ...]:
    """All that is not well, in sentences."""
    found = [*problems(soaked.samples, soaked.before, soaked.after), *soaked.truth.problems()]
    done = soaked.did.total()
    if answered(soaked.did) < LEAST_ANSWERED * done or not done:
        found.append(f"only {answered(soaked.did)} of {done} things that people did were answered")
    if soaked.exit_code:
        found.append(f"the bot ended with exit code {soaked.exit_code}")
    return tuple(found)


def answered(did: Counter[str]) -> int:
    return sum(count for what, count in did.items() if what.endswith(" answered"))


def lines(soaked: Soaked) -> list[str]:
    plan, truth = soaked.plan, soaked.truth
    did = ", ".join(f"{what} {count}" for what, count in sorted(soaked.did.items()))
    troubles = ", ".join(f"{what} {count}" for what, count in sorted(soaked.troubles.items()))
    counts = f"{len(truth.ends)} rollouts, {len(truth.transitions)} transitions, {len(truth.keys)} messages"
    verdict = wrong(soaked)
    return [
        f"{plan.hours:g} simulated hours in {plan.minutes:g} minutes, {plan.speed:.0f} times as fast, seed {plan.seed}",
        *(one.line() for one in trends(soaked.samples)),
        f"at rest: files {soaked.before.files} -> {soaked.after.files}, sockets {soaked.before.sockets} -> "
        f"{soaked.after.sockets}, tasks {soaked.before.tasks} -> {soaked.after.tasks}",
        f"told: {counts}",
        f"people: {did}",
        f"troubles: {troubles}",
        *(f"WRONG: {one}" for one in verdict),
        "NOT flat and right" if verdict else "flat and right",
    ]


def as_json(soaked: Soaked) -> str:
    told: dict[str, Any] = {
        "hours": soaked.plan.hours,
        "minutes": soaked.plan.minutes,
        "seed": soaked.plan.seed,
        "wrong": wrong(soaked),
        "before": soaked.before.to_json(),
        "after": soaked.after.to_json(),
        "people": soaked.did,
        "troubles": soaked.troubles,
        "rollouts": len(soaked.truth.ends),
        "transitions": len(soaked.truth.transitions),
        "messages": len(soaked.truth.keys),
        "samples": [one.to_json() for one in soaked.samples],
    }
    return json.dumps(told, indent=1)
