"""A dict for what is only remembered to wait or to ask less: it keeps the latest, however long the process runs."""

from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Latest(dict[K, V]):
    """What was set last, by key, of `most` keys at most; the one that was set longest ago goes first."""

    def __init__(self, most: int = 5_000) -> None:
        super().__init__()
        self._most = most

    def __setitem__(self, key: K, value: V) -> None:
        self.pop(key, None)
        super().__setitem__(key, value)
        if len(self) > self._most:
            del self[next(iter(self))]
