"""Tests a list puts to each row, as values, so that an answer once worked out can be found again."""

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from deploybot.demo.foundation.labels import Requirement
from deploybot.demo.foundation.timestamps import Range


class Condition(Protocol):
    def met_by(self, row: Any) -> bool: ...


class OneOf(msgspec.Struct, frozen=True):
    """The field has one of the values (None among them is the database's null)."""

    field: str
    values: frozenset[Any]

    def met_by(self, row: Any) -> bool:
        return getattr(row, self.field) in self.values


class NoneOf(msgspec.Struct, frozen=True):
    field: str
    values: frozenset[Any]

    def met_by(self, row: Any) -> bool:
        return getattr(row, self.field) not in self.values


class Named(msgspec.Struct, frozen=True):
    """Names match without regard to case; the values are lower case already."""

    names: frozenset[str]

    def met_by(self, row: Any) -> bool:
        return row.name.lower() in self.names


class Within(msgspec.Struct, frozen=True):
    """The instant lies in one of the ranges; null lies in none."""

    field: str
    ranges: tuple[Range, ...]

    def met_by(self, row: Any) -> bool:
        value = getattr(row, self.field)
        if value is None:
            return False
        return any((low is None or low <= value) and (high is None or value <= high) for low, high in self.ranges)


class Labelled(msgspec.Struct, frozen=True):
    requirements: tuple[Requirement, ...]

    def met_by(self, row: Any) -> bool:
        return all(each.met_by(row.labels) for each in self.requirements)


class Either(msgspec.Struct, frozen=True):
    conditions: tuple[Any, ...]

    def met_by(self, row: Any) -> bool:
        return any(each.met_by(row) for each in self.conditions)


def all_met(conditions: Sequence[Condition], row: Any) -> bool:
    return all(each.met_by(row) for each in conditions)
