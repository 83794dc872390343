"""Two messages with one key: the later one is deleted, at once or as soon as Slack lets us."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from deploybot.domain.outgoing import Claim
from deploybot.domain.ports import Notifier, Unclear
from deploybot.domain.storage import Outbox
from deploybot.service.budget import Budget
from deploybot.service.latest import Latest

log = structlog.get_logger(__name__)

_TRIES = 8
_MOST = 1000


def instant(ts: str) -> tuple[int, ...]:
    """Slack's `ts` as something to compare: `1790000000.000100`."""
    return tuple(int(part) for part in ts.split(".") if part.isdecimal())


@dataclass(frozen=True, slots=True)
class _Double:
    """A message to delete, and what stays in its place where the store has noted the wrong one."""

    message: int
    channel: str
    ts: str
    stays: str = ""
    tries: int = 1


class Doubles:
    """Finds and deletes doubles. Who deletes the later one takes away nothing that another deleter keeps."""

    def __init__(self, outbox: Outbox, notifier: Notifier, looks: Budget, skew: timedelta) -> None:
        self._outbox, self._notifier, self._looks, self._skew = outbox, notifier, looks, skew
        self._left: deque[_Double] = deque(maxlen=_MOST)
        self._unanswered: Latest[int, tuple[int, datetime]] = Latest()

    async def remove(self, claim: Claim, stays: str, doubles: Sequence[str], noted: str = "") -> None:
        """Delete all but the one that stays. `noted` is which one the store has; it learns if that one goes."""
        for ts in doubles:
            await self._remove(_Double(claim.message, claim.draft.channel, ts, stays if ts == noted else ""))

    @property
    def left(self) -> int:
        """How many Slack has not deleted yet."""
        return len(self._left)

    async def remove_left(self) -> None:
        """Try again with those that Slack did not delete."""
        for _ in range(len(self._left)):
            await self._remove(self._left.popleft())

    async def _remove(self, double: _Double) -> None:
        gone = await self._notifier.delete(double.channel, double.ts)
        log.warning("double deleted" if gone else "double not deleted", channel=double.channel, ts=double.ts)
        if gone and double.stays:
            await self._outbox.cleared(double.message, double.stays)
        elif not gone and double.tries < _TRIES:
            self._left.append(replace(double, tries=double.tries + 1))

    async def look(self, before: datetime, now: datetime, most: int) -> None:
        """Look at messages that may be there twice, whose last send began before an instant."""
        resting = {message for message, (_, until) in self._unanswered.items() if until > now}
        for claim in await self._outbox.doubtful(before, most + len(resting)):
            if claim.message not in resting and self._looks.take():
                await self._look_at(claim, now)

    async def _look_at(self, claim: Claim, now: datetime) -> None:
        since = (claim.attempted_at or now) - self._skew
        found = await self._notifier.find(claim.draft.channel, claim.draft.key, since, claim.thread_ts)
        if isinstance(found, Unclear):
            await self._unanswered_look(claim, now)
            return
        first, *later = found or (claim.ts,)
        gone = [await self._notifier.delete(claim.draft.channel, ts) for ts in later]
        if not all(gone):
            await self._unanswered_look(claim, now)
            return
        if later:
            log.warning("doubles deleted", key=claim.draft.key, count=len(later))
        self._unanswered.pop(claim.message, None)
        await self._outbox.cleared(claim.message, first)

    async def _unanswered_look(self, claim: Claim, now: datetime) -> None:
        """Rest longer after each look in vain, and give up in the end."""
        tries = self._unanswered.get(claim.message, (0, now))[0] + 1
        if tries >= _TRIES:
            log.error("doubles not looked for", key=claim.draft.key)
            self._unanswered.pop(claim.message, None)
            await self._outbox.cleared(claim.message, claim.ts)
        else:
            self._unanswered[claim.message] = tries, now + timedelta(seconds=15 * 2**tries)
