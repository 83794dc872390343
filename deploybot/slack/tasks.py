"""Work that goes on after Slack has its acknowledgement: tracked, bounded in all and per person, drained at the end."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Coroutine
from contextvars import Context, copy_context
from functools import partial
from typing import Any

Work = Callable[[], Coroutine[Any, Any, None]]


class Tasks:
    """At most `total` at once and `queue` more that wait; `each` per person in all. Work handles its own errors."""

    def __init__(self, *, total: int = 64, queue: int = 1000, each: int = 4) -> None:
        self._total = total
        self._queue = queue
        self._each = each
        self._running: set[asyncio.Task[None]] = set()
        self._waiting: deque[tuple[str, Work, Context]] = deque()
        self._by_person: Counter[str] = Counter()

    @property
    def running(self) -> int:
        """How many tasks there are at the moment."""
        return len(self._running)

    def start(self, person: str, work: Work) -> bool:
        """Begin the work, at once or in its turn; False, and it never begins, where that would be too much.

        It runs in a copy of the context of this call, never in that of the work which made room for it.
        """
        if self._by_person[person] >= self._each or len(self._waiting) >= self._queue:
            return False
        self._by_person[person] += 1
        self._waiting.append((person, work, copy_context()))
        self._fill()
        return True

    def _fill(self) -> None:
        """Begin what waits, as far as there is room."""
        while self._waiting and len(self._running) < self._total:
            person, work, context = self._waiting.popleft()
            task = asyncio.get_running_loop().create_task(work(), context=context)
            self._running.add(task)
            task.add_done_callback(partial(self._end, person))

    def _end(self, person: str, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._by_person[person] -= 1
        if not self._by_person[person]:
            del self._by_person[person]
        self._fill()

    async def drain(self, seconds: float) -> None:
        """Let what runs and waits come to its end, for at most so long; what is then left is dropped."""
        try:
            async with asyncio.timeout(seconds):
                while self._running:
                    await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            self._waiting.clear()
            late = tuple(self._running)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
