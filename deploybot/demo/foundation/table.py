"""Rows of one kind by guid, kept in the orders and buckets that lists ask for, so that 100,000 stay quick."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from typing import Generic, TypeVar

from deploybot.demo.foundation.entities import Entity

E = TypeVar("E", bound=Entity)
NEVER = 1 << 62
"""Sorts after every instant: PostgreSQL puts nulls last when ascending."""

Key = tuple[int, str]


class Table(Generic[E]):
    def __init__(self, buckets: Sequence[str] = ()) -> None:
        self._rows: dict[str, E] = {}
        self._orders: dict[str, list[Key]] = {"position": [], "created_at": [], "updated_at": []}
        self._buckets: dict[str, dict[object, dict[str, None]]] = {name: {} for name in buckets}
        self.next_position = 1
        self.version = 0  # moves with each change: what was found under one version stays true under it

    def __getitem__(self, guid: str) -> E:
        return self._rows[guid]

    def __contains__(self, guid: object) -> bool:
        return guid in self._rows

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[E]:
        return (self._rows[guid] for _, guid in self._orders["position"])

    def get(self, guid: str | None) -> E | None:
        return self._rows.get(guid) if guid is not None else None

    def where(self, field: str, value: object) -> list[E]:
        """The rows of one bucket, in no promised order."""
        return [self._rows[guid] for guid in self._buckets[field].get(value, ())]

    def bucket_size(self, field: str, value: object) -> int | None:
        """How many rows have that value, or None when the field has no buckets."""
        if field not in self._buckets:
            return None
        return len(self._buckets[field].get(value, ()))

    def order(self, field: str) -> Sequence[Key]:
        """(value, guid) of every row, ascending."""
        return self._orders[field]

    def put(self, row: E) -> None:
        old = self._rows.get(row.guid)
        if old is not None:
            self._forget(old)
        self._rows[row.guid] = row
        for field, order in self._orders.items():
            insort(order, _key(row, field))
        for field, buckets in self._buckets.items():
            buckets.setdefault(getattr(row, field), {})[row.guid] = None
        self.next_position = max(self.next_position, row.position + 1)
        self.version += 1

    def load(self, rows: Iterable[E]) -> None:
        """Many new rows at once, which sorts each order only once."""
        for row in rows:
            self._rows[row.guid] = row
            for field, order in self._orders.items():
                order.append(_key(row, field))
            for field, buckets in self._buckets.items():
                buckets.setdefault(getattr(row, field), {})[row.guid] = None
            self.next_position = max(self.next_position, row.position + 1)
        for order in self._orders.values():
            order.sort()
        self.version += 1

    def drop(self, guid: str) -> None:
        row = self._rows.pop(guid, None)
        if row is not None:
            self._forget(row)
            self.version += 1

    def _forget(self, row: E) -> None:
        for field, order in self._orders.items():
            key = _key(row, field)
            del order[bisect_left(order, key)]
        for field, buckets in self._buckets.items():
            del buckets[getattr(row, field)][row.guid]


def _key(row: Entity, field: str) -> Key:
    value = getattr(row, field)
    return (NEVER if value is None else value, row.guid)
