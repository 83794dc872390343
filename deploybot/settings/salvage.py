"""The settings as far as they can be read: for who wants to know what else is wrong, beside the configuration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from deploybot.settings.model import Settings
from deploybot.settings.problems import has_one_login

_MOST_TRIES = 10
_WHOLE = frozenset({"access", "guards"})
"""Sections that mean something else without one of their parts."""

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Loaded:
    """`problems` holds a sentence for each thing that is wrong; `lost` the sections of which something is left out.

    `warnings` holds a sentence for each thing that is read all the same, though it should not stay so.
    """

    settings: Settings | None
    problems: tuple[str, ...] = ()
    lost: frozenset[str] = frozenset()
    warnings: tuple[str, ...] = ()


def salvaged(tree: Mapping[str, Any], problems: Sequence[str]) -> Loaded:
    """What is left of a tree of settings without its wrong parts, and without foundations that nobody can log in to."""
    left, lost = _with_logins(tree)
    for _ in range(_MOST_TRIES):
        sources: Mapping[str, Any] = {"file": left, "environment": {}}
        try:
            return Loaded(Settings(**sources), tuple(problems), frozenset(lost))
        except ValidationError as error:
            wrong = {_part(problem["loc"], problem["type"]) for problem in error.errors()}
            lost |= {str(place[0]) for place in wrong}
            left = _without(left, wrong)
    return Loaded(None, tuple(problems), frozenset(lost))


def _with_logins(tree: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
    foundations = tree.get("foundations")
    if not isinstance(foundations, Mapping):
        return dict(tree), set()
    kept = {name: one for name, one in foundations.items() if not isinstance(one, Mapping) or has_one_login(one)}
    return {**tree, "foundations": kept}, set() if len(kept) == len(foundations) else {"foundations"}


def _part(location: Place, kind: str) -> Place:
    """What has to go because of what is wrong there: as little as still makes sense without it."""
    if location[0] in _WHOLE:
        return location[:1]
    return location if kind == "extra_forbidden" else location[:2]


def _without(tree: Mapping[str, Any], places: set[Place]) -> dict[str, Any]:
    here = {place[0] for place in places if len(place) == 1}
    below: dict[str | int, set[Place]] = {}
    for place in places:
        below.setdefault(place[0], set()).add(place[1:])
    return {
        key: _without(value, below[key]) if key in below and isinstance(value, Mapping) else value
        for key, value in tree.items()
        if key not in here
    }
