"""Finds, orders and pages the rows of a list; what it found is remembered until the table changes."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar
from urllib.parse import quote_plus

from deploybot.demo.foundation.conditions import Condition, Labelled, OneOf, Within, all_met
from deploybot.demo.foundation.entities import Entity
from deploybot.demo.foundation.query import Query
from deploybot.demo.foundation.table import NEVER, Key, Table

E = TypeVar("E", bound=Entity)
Order = tuple[str, bool]

WORTH_SORTING = 8
"""Fewer candidates than the table divided by this are sorted; more are picked out of the kept order."""
MOST_REMEMBERED = 64
KEPT = ("position", "created_at", "updated_at")
"""The orders that every table keeps."""


class Guids(Protocol):
    """Guids in order, of which a page can be cut."""

    def __len__(self) -> int: ...

    def __getitem__(self, wanted: slice, /) -> Sequence[str]: ...


class Listing:
    """One per server: remembers what a question found."""

    def __init__(self) -> None:
        self._found: dict[Any, tuple[int, Guids]] = {}

    def find(self, table: Table[E], conditions: tuple[Condition, ...], order: Order | None) -> Guids:
        """Guids of all rows that meet the conditions, in order."""
        question = (id(table), conditions, order)
        remembered = self._found.get(question)
        if remembered is not None and remembered[0] == table.version:
            return remembered[1]
        found = matching_guids(table, conditions, order or ("position", False))
        if len(self._found) >= MOST_REMEMBERED:
            self._found.clear()
        self._found[question] = (table.version, found)
        return found


def conditions_of(query: Query, fields: dict[str, Callable[[frozenset[Any]], Condition]]) -> tuple[Condition, ...]:
    """The query's filters as conditions; `fields` says what each list parameter filters."""
    conditions: list[Condition] = [fields[key](frozenset(values or ())) for key, values in query.lists.items()]
    for field, times in query.times.items():
        column = field.removesuffix("s")
        groups = [(each,) for each in times.ranges] if times.all_must_hold else [times.ranges]
        conditions.extend(Within(column, group) for group in groups)
    if query.selector is not None:
        conditions.append(Labelled(query.selector))
    return tuple(conditions)


class InOrder:
    """All rows of a table in one of its kept orders, without a copy: good until the table changes."""

    def __init__(self, keys: Sequence[Key], descending: bool) -> None:
        self._keys, self._descending = keys, descending

    def __len__(self) -> int:
        return len(self._keys)

    def __getitem__(self, wanted: slice) -> list[str]:
        start, stop, _ = wanted.indices(len(self._keys))
        if not self._descending:
            return [guid for _, guid in self._keys[start:stop]]
        part = self._keys[len(self._keys) - stop : len(self._keys) - start] if start < stop else ()
        return [guid for _, guid in reversed(part)]


def matching_guids(table: Table[E], conditions: tuple[Condition, ...], order: Order) -> Guids:
    field, descending = order
    if not conditions and field in KEPT:
        return InOrder(table.order(field), descending)
    candidates = _fewest(table, conditions)
    if candidates is not None and len(candidates) * WORTH_SORTING < len(table):
        rows = [row for guid in candidates if (row := table.get(guid)) and all_met(conditions, row)]
        rows.sort(key=lambda row: _sort_key(row, field), reverse=descending)
        return [row.guid for row in rows]
    return [row.guid for row in _ordered(table, field, descending) if all_met(conditions, row)]


def _ordered(table: Table[E], field: str, descending: bool) -> Iterable[E]:
    if field in KEPT:
        keys = table.order(field)
        return (table[guid] for _, guid in (reversed(keys) if descending else keys))
    return sorted(table, key=lambda row: _sort_key(row, field), reverse=descending)


def _sort_key(row: Entity, field: str) -> tuple[Any, str]:
    value = getattr(row, field)
    if isinstance(value, str):
        return value.lower(), row.guid
    return (NEVER if value is None else value), row.guid


def _fewest(table: Table[E], conditions: tuple[Condition, ...]) -> Sequence[str] | None:
    """The smallest set of rows that one of the conditions narrows the table to, if any does."""
    offers = [offer for each in conditions if (offer := _offer(table, each)) is not None]
    return min(offers, key=len, default=None)


def _offer(table: Table[E], condition: Condition) -> Sequence[str] | None:
    match condition:
        case OneOf(field="guid", values=values):
            return tuple(values)
        case OneOf(field=field, values=values) if table.bucket_size(field, None) is not None:
            if sum(table.bucket_size(field, value) or 0 for value in values) * WORTH_SORTING >= len(table):
                return None
            return [row.guid for value in values for row in table.where(field, value)]
        case Within(field=field, ranges=((low, high),)):
            keys = table.order(field)
            start = 0 if low is None else bisect_left(keys, (low, ""))
            end = len(keys) if high is None else bisect_right(keys, (high, "\U0010ffff"))
            if (end - start) * WORTH_SORTING >= len(table):
                return None
            return [guid for _, guid in keys[start:end]]
        case _:
            return None


def page_of(found: Guids, query: Query) -> Sequence[str]:
    start = (query.page - 1) * query.per_page
    return found[start : start + query.per_page]


def pagination(url: str, query: Query, total: int, *, counts_past_end: bool = False) -> dict[str, Any]:
    """Totals and links. Past the end most lists have lost count: they say 0 rows and 1 page."""
    if not counts_past_end and (query.page - 1) * query.per_page >= total:
        total = 0
    pages = max(1, -(-total // query.per_page))

    def link(page: int) -> dict[str, str]:
        shown = [*query.shown, ("page", str(page)), ("per_page", str(query.per_page))]
        return {"href": f"{url}?{'&'.join(_encoded(key, value) for key, value in sorted(shown, key=_name))}"}

    return {
        "total_results": total,
        "total_pages": pages,
        "first": link(1),
        "last": link(pages),
        "next": link(query.page + 1) if query.page < pages else None,
        "previous": link(query.page - 1) if query.page > 1 else None,
    }


def _name(pair: tuple[str, str | None]) -> str:
    return pair[0]


def _encoded(key: str, value: str | None) -> str:
    name = quote_plus(key)
    return name if value is None else f"{name}={quote_plus(value)}"
