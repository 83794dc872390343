"""Which messages of watches are edited next, and how often: all of a workspace share what Slack allows; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from deploybot.domain.watch import StaleWatch

LEAST_APART = timedelta(seconds=5)
"""Between two edits of one message."""
_CALM = 2
"""The rank of what has nothing new to say in words."""
_TOO_LATE = 1.5
"""Times its usual wait after which a bar takes what room there is."""
_MOST_SAVED = 3.0
"""Edits that may come at once after a rest."""


def spacing(watches: int, edits_per_minute: int) -> float:
    """How often one of so many watches is edited: in seconds from one edit to the next."""
    return max(LEAST_APART.total_seconds(), watches * 60.0 / edits_per_minute)


@dataclass(frozen=True, slots=True)
class Credit:
    """How many edits may be made by an instant so that they come evenly; below zero where more were made."""

    amount: float
    at: datetime

    def at_time(self, now: datetime, edits_per_minute: int) -> "Credit":
        """What it has grown to, at so many a minute."""
        grown = self.amount + max(0.0, (now - self.at).total_seconds()) * edits_per_minute / 60
        return Credit(min(_MOST_SAVED, grown), max(now, self.at))

    def spent(self, edits: int) -> "Credit":
        return Credit(self.amount - edits, self.at)


def rooms(credit: Credit, edits_per_minute: int, left: int) -> tuple[int, int]:
    """How many edits may be made now, and how many of them with nothing new in words, where the budget has `left`.

    News may run into debt for a quarter of a minute's edits, no further: what is spent at once is missed for a minute.
    """
    calm = max(0, int(credit.amount))
    return min(left, max(0, int(credit.amount + edits_per_minute / 4))), min(left, calm)


def next_edits(
    stale: Sequence[StaleWatch], now: datetime, every: float, nth: int, room: int, calm: int
) -> tuple[StaleWatch, ...]:
    """Which messages are edited now: ends and pauses first, then what changed in words, then bars.

    `room` is how many at most, `calm` how many bars that are on time may be among them. `nth` counts all edits: every
    second one goes to whoever waits longest, so that news starves nobody. A bar waits for `every` seconds.
    """
    ready = sorted((one for one in stale if now - _edited_at(one) >= LEAST_APART), key=_edited_at)
    news = sorted((one for one in ready if _rank(one) < _CALM), key=_rank)
    chosen: dict[str, StaleWatch] = {}
    while len(chosen) < room and (longest := _not_in(chosen, ready)):
        first = _not_in(chosen, news)
        if first is None and not _is_due(longest, now, every, calm):
            break
        calm -= first is None
        one = longest if first is None or (nth + len(chosen)) % 2 else first
        chosen[one.watch.id] = one
    return tuple(chosen.values())


def _not_in(chosen: Mapping[str, StaleWatch], ones: Sequence[StaleWatch]) -> StaleWatch | None:
    return next((one for one in ones if one.watch.id not in chosen), None)


def _is_due(bar: StaleWatch, now: datetime, every: float, calm: int) -> bool:
    waited = (now - _edited_at(bar)).total_seconds()
    return waited >= (every if calm > 0 else _TOO_LATE * every)


def _rank(stale: StaleWatch) -> int:
    shown, watch = stale.shown, stale.watch
    if shown is None or (watch.urgent_at and watch.urgent_at > shown):
        return 0
    return 1 if watch.worded_at and watch.worded_at > shown else _CALM


def _edited_at(stale: StaleWatch) -> datetime:
    return stale.shown_at or stale.watch.made_at
