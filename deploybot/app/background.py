"""What the bot does by itself, as short turns in its own loop: it polls, sends, makes digests, and forgets."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from deploybot.domain.lateness import lateness
from deploybot.domain.storage import Ledger
from deploybot.domain.telemetry import SILENT, PartFailed, Telemetry, TurnRan
from deploybot.service.digests import Digests
from deploybot.service.failures import COUNT
from deploybot.service.polling import Polling
from deploybot.service.request_id import new_request_id, request
from deploybot.service.sending import EVERY, Sender

log = structlog.get_logger(__name__)

PRUNED_AT_ONCE = 500
MOST_PRUNINGS = 200
"""Batches of one turn: what is left waits for the next."""
_LOOK = timedelta(seconds=1)
_LOOK_FOR_DIGESTS = timedelta(seconds=5)
_PRUNE = timedelta(hours=1)
_LET_GO = 1.5
"""Seconds for giving the leases back, of the ten that platforms leave a process to end."""


@dataclass
class Turn:
    """One thing that is done again and again: `work` is given the time, and never runs twice at once.

    The scheduler only begins it: were it the scheduler's own, a turn would be broken off when that stops, and a message
    that is on its way just then would be unclear.
    """

    name: str
    every: timedelta
    work: Callable[[datetime], Awaitable[object]]
    telemetry: Telemetry = SILENT
    monotonic: Callable[[], float] = time.monotonic
    new_id: Callable[[], str] = new_request_id
    _running: asyncio.Task[None] | None = field(default=None, repr=False)
    _due: float | None = field(default=None, repr=False)
    begun_at: float | None = field(default=None, repr=False)
    """When it was last to begin, whether or not it was going on still."""
    running_since: float | None = field(default=None, repr=False)

    async def begin(self) -> None:
        """Begin the work, unless it is still going on."""
        self.begun_at = self.monotonic()
        late, self._due = lateness(self._due, self.begun_at, self.every.total_seconds())
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run(late), name=self.name)

    async def end(self, seconds: float) -> None:
        """Wait for what is going on, and break it off where that takes too long."""
        if self._running and not self._running.done():
            await asyncio.wait({self._running}, timeout=seconds)
            self._running.cancel()

    async def _run(self, late: float) -> None:
        self.running_since = begun = self.monotonic()
        failed = False
        COUNT.set(partial(self.telemetry.note, PartFailed(self.name)))  # this is a task of its own, with its context
        with request(self.new_id(), turn=self.name):
            try:
                await self.work(datetime.now(UTC))
            except Exception:  # nobody else would hear of it, and the next turn may well succeed
                failed = True
                log.exception("turn failed")
            finally:
                self.running_since = None
        self.telemetry.note(TurnRan(self.name, late, self.monotonic() - begun, failed))


class Background:
    """Everything that goes on without being asked for."""

    def __init__(
        self,
        polling: Polling,
        sender: Sender,
        digests: Digests,
        ledger: Ledger,
        retention: timedelta,
        turns: Sequence[Turn] = (),
        closing: Sequence[Callable[[], Awaitable[None]]] = (),
        telemetry: Telemetry = SILENT,
    ) -> None:
        """`closing` lets other replicas take over what the turns hold; all turns tell `telemetry` how they went."""
        self._closing = (polling.close, *closing)
        self._turns: Sequence[Turn] = (
            Turn("poll", _LOOK, polling.tick),
            Turn("send", EVERY, sender.tick),
            Turn("digests", _LOOK_FOR_DIGESTS, digests.tick),
            Turn("prune", _PRUNE, lambda now: _prune(ledger, now - retention)),
            *turns,
        )
        for turn in self._turns:
            turn.telemetry = telemetry

    def add_to(self, scheduler: AsyncIOScheduler) -> None:
        """Have the turns begun in their intervals, all of them for the first time at once."""
        for turn in self._turns:
            scheduler.add_job(
                turn.begin,
                "interval",
                seconds=turn.every.total_seconds(),
                name=turn.name,
                next_run_time=datetime.now(UTC),
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )

    def pulse(self) -> tuple[float | None, Mapping[str, float]]:
        """When a turn was last begun, None before the first; and since when each that goes on does (monotonic)."""
        begun = max((turn.begun_at for turn in self._turns if turn.begun_at is not None), default=None)
        return begun, {turn.name: turn.running_since for turn in self._turns if turn.running_since is not None}

    async def close(self, seconds: float) -> None:
        """End what goes on, within so many seconds, and let other replicas take over."""
        await asyncio.gather(*(turn.end(seconds) for turn in self._turns))
        with suppress(TimeoutError):  # then the leases run out by themselves
            await asyncio.wait_for(asyncio.gather(*(close() for close in self._closing)), _LET_GO)


async def _prune(ledger: Ledger, before: datetime) -> None:
    """Forget what is older, in small batches, so that nobody waits for it."""
    for _ in range(MOST_PRUNINGS):
        if not await ledger.prune(before, PRUNED_AT_ONCE):
            return
        await asyncio.sleep(0)
