"""The feed of everything that changes, numbered, so that pages and tests can wait for what they expect."""

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass

from deploybot.demo.workspace.records import JsonObject


@dataclass(frozen=True, slots=True)
class Change:
    """`seq` counts from 1 without gaps, `kind` says what `body` is about; only `person` may see it, if one is named."""

    seq: int
    kind: str
    body: JsonObject
    person: str | None = None

    def to_json(self) -> JsonObject:
        return {"seq": self.seq, "type": self.kind, "person": self.person, **self.body}


class Feed:
    """Remembers the last `keep` changes; whoever was away longer has to read the state anew."""

    def __init__(self, keep: int = 5000) -> None:
        self._kept: deque[Change] = deque(maxlen=keep)
        self._seq = 0
        self._arrived = asyncio.Event()

    @property
    def seq(self) -> int:
        return self._seq

    def add(self, kind: str, body: JsonObject, person: str | None = None) -> None:
        self._seq += 1
        self._kept.append(Change(self._seq, kind, body, person))
        self._arrived.set()
        self._arrived = asyncio.Event()

    def after(self, seq: int) -> tuple[Change, ...]:
        missed = max(0, self._seq - seq)
        return tuple(self._kept)[-missed:] if missed else ()

    async def wait_after(self, seq: int, seconds: float) -> tuple[Change, ...]:
        """The changes after `seq`, as soon as there is one, or none when `seconds` have passed."""
        if self._seq <= seq:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._arrived.wait(), seconds)
        return self.after(seq)
