"""Remembers answers for a while: bounded in size and in time, the oldest goes first."""

import time
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Cache(Generic[K, V]):
    """At most `size` values, each for `seconds`; a value may be None, what is not known is `default`."""

    def __init__(self, size: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = size
        self._seconds = seconds
        self._clock = clock
        self._kept: dict[K, tuple[float, V]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: K) -> bool:
        kept = self._kept.get(key)
        return kept is not None and self._clock() < kept[0]

    def __getitem__(self, key: K) -> V:
        """KeyError when it was never known or is too old."""
        if key not in self:
            raise KeyError(key)
        return self._kept[key][1]

    def known(self, keys: Iterable[K]) -> dict[K, V]:
        """Those of many keys that are known, looked up at one instant."""
        now, kept = self._clock(), self._kept
        return {key: found[1] for key in keys if (found := kept.get(key)) and now < found[0]}

    def __setitem__(self, key: K, value: V) -> None:
        self._kept.pop(key, None)
        if len(self._kept) >= self._size:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = (self._clock() + self._seconds, value)
