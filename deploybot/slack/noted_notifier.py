"""The notifier with somebody who keeps score of its calls."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from deploybot.domain.outgoing import Claim, Edit, Outdated
from deploybot.domain.ports import Declined, Delivery, Notifier, Posted, Unclear
from deploybot.domain.telemetry import Delivered, Telemetry

Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class NotedNotifier:
    """The Notifier port over another one. `monotonic` is in seconds."""

    notifier: Notifier
    telemetry: Telemetry
    monotonic: Callable[[], float] = time.monotonic

    async def post(self, claim: Claim) -> Delivery:
        return await self._noted("post", self.notifier.post(claim), _outcome)

    async def update(self, outdated: Outdated) -> Delivery:
        return await self._noted("update", self.notifier.update(outdated), _edited)

    async def edit(self, edit: Edit) -> Delivery:
        return await self._noted("edit", self.notifier.edit(edit), _edited)

    async def find(self, channel: str, key: str, since: datetime, thread_ts: str) -> tuple[str, ...] | Unclear | None:
        return await self._noted("find", self.notifier.find(channel, key, since, thread_ts), _found)

    async def delete(self, channel: str, ts: str) -> bool:
        return await self._noted("delete", self.notifier.delete(channel, ts), _deleted)

    async def _noted(self, call: str, calling: Awaitable[Told], outcome: Callable[[Told], str]) -> Told:
        begun = self.monotonic()
        with self.telemetry.span("slack delivery", call=call):
            told = await calling
        self.telemetry.note(Delivered(call, outcome(told), self.monotonic() - begun))
        return told


def _outcome(told: Delivery) -> str:
    match told:
        case Posted():
            return "posted"
        case Declined():
            return "declined"
        case Unclear():
            return "unclear"


def _edited(told: Delivery) -> str:
    return "gone" if isinstance(told, Declined) and told.shut else _outcome(told)


def _found(told: tuple[str, ...] | Unclear | None) -> str:
    if told is None:
        return "declined"
    if isinstance(told, Unclear):
        return "unclear"
    return "found" if told else "gone"


def _deleted(gone: bool) -> str:
    return "gone" if gone else "declined"
