"""The sender: composes what waits, posts what is composed, and cares for what was posted, one short turn at a time."""

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from deploybot.domain.composing import ComposingRules, compose_seen
from deploybot.domain.ports import Checkpoint, Notifier
from deploybot.domain.storage import Outbox
from deploybot.service.budget import Budget
from deploybot.service.delivering import Delivering, DeliveryRules, Held
from deploybot.service.doubles import Doubles
from deploybot.service.failures import survive
from deploybot.service.moment import Moment
from deploybot.service.reading import Sights, all_seen, patient
from deploybot.service.updating import Updating

EVERY = timedelta(seconds=0.5)
"""How often `Sender.tick` is to be called."""
_LOOK = 1.0
"""Seconds after which channels are looked at again while some post takes long."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SenderRules:
    """`at_once` messages are on their way at a time, one per channel. No message begins after `turn` of a tick.

    `posts` and `looks` are the bounds per minute for the whole workspace: of posts, and of reads of its history.
    """

    at_once: int = 8
    turn: timedelta = timedelta(seconds=5)
    posts: int = 240
    looks: int = 40
    doubtful_at_once: int = 5


def _passed(name: str) -> None:
    """Nobody waits at a checkpoint."""


class Sender:
    """Sends the outbox. Any number may run on one store: each message is claimed by one of them at a time.

    `edits` is the workspace's budget of edits, shared with whoever else edits; `monotonic` is in seconds and must go on
    while the process is halted, and `sleep` goes by it.
    """

    def __init__(
        self,
        outbox: Outbox,
        notifier: Notifier,
        *,
        edits: Budget,
        composing: ComposingRules | None = None,
        delivery: DeliveryRules | None = None,
        rules: SenderRules | None = None,
        checkpoint: Checkpoint = _passed,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        new_token: Callable[[], str] = lambda: secrets.token_hex(8),
        sights: Sights = all_seen,
    ) -> None:
        self._outbox, self._monotonic, self._sleep, self._new_token = outbox, monotonic, sleep, new_token
        self._paces_end: deque[float] = deque()
        self._composing, self._rules = composing or ComposingRules(), rules or SenderRules()
        self._delivery, self._checkpoint = delivery or DeliveryRules(), checkpoint
        self._posts = Budget(self._rules.posts, monotonic)
        looks = Budget(self._rules.looks, monotonic)
        self._doubles = Doubles(outbox, notifier, looks, self._delivery.skew)
        self._sights = patient(sights, monotonic)
        self._updating = Updating(outbox, notifier, edits, self._sights)
        self._delivering = Delivering(
            outbox, notifier, self._delivery, self._doubles, looks, checkpoint, monotonic, self._sights
        )

    async def tick(self, now: datetime) -> None:
        """One turn, and one more as soon as a channel may be posted to again, where the next tick would be late for it.

        It ends some seconds after `turn` at most: when the last post that began in it has ended. What fails is logged
        and done again at a later tick; a tick raises nothing but what ends the process.
        """
        moment = Moment(now, self._monotonic)
        await self._guarded("look", partial(self._turn, moment))
        while (rest := self._rest(moment)) is not None:
            await self._sleep(rest)
            await self._guarded("look", partial(self._turn, moment))

    def _rest(self, moment: Moment) -> float | None:
        """In how many seconds a channel that was posted to may be posted to again; None where the next tick will do."""
        now = self._monotonic()
        while self._paces_end and self._paces_end[0] <= now:
            self._paces_end.popleft()
        if not self._paces_end or moment.passed() + self._paces_end[0] - now >= EVERY.total_seconds():
            return None
        return self._paces_end.popleft() - now

    async def _turn(self, moment: Moment) -> None:
        """Only what there is to do: most turns find nothing, and then they must cost nothing."""
        waits = await self._outbox.waits(moment.now(), self._doubtful_before(moment))
        if waits.announcements:
            await self._guarded("compose", partial(self._compose, moment))
        async with asyncio.TaskGroup() as group:
            if waits.announcements or waits.messages:
                group.create_task(self._guarded("send", partial(self._send, moment)))
            if waits.edits:
                group.create_task(self._guarded("update", partial(self._update, moment)))
            if waits.doubts or self._doubles.left:
                group.create_task(self._guarded("doubles", partial(self._look_at_doubles, moment)))

    async def _guarded(self, part: str, work: Callable[[], Awaitable[None]]) -> None:
        """One part's failure must not break off the others: a post that is broken off is unclear."""
        try:
            await work()
        except Exception:  # a bug, or a database that is away: told in the log, and tried again
            survive(log, "tick failed", part=part)

    async def _compose(self, moment: Moment) -> None:
        for channel in await self._outbox.channels_waiting(moment.now()):
            await self._guarded("compose", partial(self._compose_in, channel, moment.now()))

    async def _compose_in(self, channel: str, now: datetime) -> None:
        """Where nobody can tell what all in the channel may read, everything waits."""
        if (sight := await self._sights(channel)) is None:
            return
        if await self._outbox.compose(channel, now, partial(compose_seen, now=now, rules=self._composing, sight=sight)):
            self._checkpoint("compose.done")

    async def _send(self, moment: Moment) -> None:
        """Claim and deliver until nothing may be sent, or the turn is over; then wait for what is on its way."""
        running: set[asyncio.Task[None]] = set()
        async with asyncio.TaskGroup() as group:
            while not self._is_over(moment):
                claims = await self._claim(moment, self._rules.at_once - len(running))
                running |= {group.create_task(self._deliver(held, moment)) for held in claims}
                if not running:
                    return
                _, running = await asyncio.wait(running, timeout=_LOOK, return_when=asyncio.FIRST_COMPLETED)

    def _is_over(self, moment: Moment) -> bool:
        return moment.passed() >= self._rules.turn.total_seconds()

    async def _claim(self, moment: Moment, room: int) -> list[Held]:
        most = min(room, self._posts.left())
        if most <= 0:
            return []
        since, now = self._monotonic(), moment.now()
        claims = await self._outbox.claim(now, now + self._delivery.hold, self._new_token(), most)
        if claims:
            self._checkpoint("send.claimed")
        for _ in claims:
            self._posts.take()
        return [Held(claim, since) for claim in claims]

    async def _deliver(self, held: Held, moment: Moment) -> None:
        await self._guarded("deliver", partial(self._delivering.deliver, held, moment))
        self._paces_end.append(self._monotonic() + self._delivery.pace.total_seconds())

    async def _update(self, moment: Moment) -> None:
        await self._updating.update(moment.now, moment.now() + self._rules.turn)

    async def _look_at_doubles(self, moment: Moment) -> None:
        await self._doubles.remove_left()
        await self._doubles.look(self._doubtful_before(moment), moment.now(), self._rules.doubtful_at_once)

    def _doubtful_before(self, moment: Moment) -> datetime:
        return moment.now() - self._delivery.unclear_for
