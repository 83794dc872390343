"""Work that goes on after Slack has its acknowledgement: tracked, bounded in all and per person, drained at the end."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any


class Tasks:
    """At most `total` tasks at once, `each` per person. The work must handle its own errors."""

    def __init__(self, *, total: int = 64, each: int = 4) -> None:
        self._total = total
        self._each = each
        self._running: set[asyncio.Task[None]] = set()
        self._by_person: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._running)

    def start(self, person: str, work: Callable[[], Coroutine[Any, Any, None]]) -> bool:
        """Begin the work; False, and nothing is begun, where that would be too much at once."""
        if len(self._running) >= self._total or self._by_person[person] >= self._each:
            return False
        task = asyncio.get_running_loop().create_task(work())
        self._running.add(task)
        self._by_person[person] += 1
        task.add_done_callback(lambda done: self._end(person, done))
        return True

    def _end(self, person: str, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._by_person[person] -= 1
        if not self._by_person[person]:
            del self._by_person[person]

    async def drain(self, seconds: float) -> None:
        """Let what runs come to its end, for at most so long; what then still runs is cancelled."""
        if not self._running:
            return
        _, late = await asyncio.wait(self._running, timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
