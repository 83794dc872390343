"""Which messages of watches are edited next: what matters first, and nobody starves."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from deploybot.domain.watch import StaleWatch
from deploybot.domain.watch_edits import LEAST_APART, Credit, next_edits, rooms, spacing
from tests.domain.making import NOW
from tests.domain.watched import after, watch

EDITS = 40
CALM, CHANGED, URGENT = range(3)


def stale(number: int, kind: int = CALM, shown: float = 0) -> StaleWatch:
    """A watch whose message was edited so many seconds after the beginning, and which has something new since."""
    new = after(shown + 0.5)
    one = replace(watch(number), worded_at=new if kind else None, urgent_at=new if kind == URGENT else None)
    return StaleWatch(one, f"{number}.1", shown=after(shown), shown_at=after(shown))


def chosen(*ones: StaleWatch, seconds: float, every: float = 5, room: int = 99, calm: int = 99, nth: int = 0) -> str:
    picked = next_edits(ones, after(seconds), every, nth, room, calm)
    return " ".join(one.watch.id.removeprefix("w-") for one in picked)


@pytest.mark.parametrize(("watches", "every"), [(0, 5), (1, 5), (3, 5), (4, 6), (50, 75), (500, 750)])
def test_the_more_are_watched_the_less_often_each_is_edited(watches: int, every: float) -> None:
    assert spacing(watches, EDITS) == every


def test_ends_and_pauses_go_first_then_changes_then_bars_by_who_waited_longest() -> None:
    ones = (stale(1), stale(2, CHANGED, 1), stale(3, URGENT, 2), stale(4, CHANGED), stale(5))
    assert chosen(*ones, seconds=10, every=99) == "3 1 4 5 2"
    assert chosen(*ones, seconds=10, every=10, room=1) == "3"
    assert chosen(*ones[1:4], seconds=10, every=99) == "3 4 2"


def test_a_bar_waits_for_its_time_and_for_its_share() -> None:
    assert chosen(stale(1), seconds=74, every=75) == ""
    assert chosen(stale(1), seconds=75, every=75) == "1"
    assert chosen(stale(1), stale(2), stale(3, URGENT), seconds=75, every=75, calm=1, room=2) == "3 1"
    assert chosen(stale(1), stale(2), seconds=75, every=75, calm=0) == ""


def test_one_message_is_not_edited_twice_within_five_seconds_whatever_happens() -> None:
    assert chosen(stale(1, URGENT), seconds=4.9) == ""
    assert chosen(stale(1, URGENT), seconds=5) == "1"


def test_every_second_edit_goes_to_whoever_has_waited_longest() -> None:
    ones = (*(stale(number, URGENT) for number in range(1, 6)), stale(9, shown=-100))
    assert chosen(*ones, seconds=10, every=200, room=3) == "1 9 2"
    assert chosen(*ones, seconds=10, every=200, room=1, nth=1) == "9"


def lived(watches: int, happens: Callable[[int], int], minutes: int) -> dict[int, list[float]]:
    """When each is edited: a look every 5 s at which something of a kind happens, and every second one for edits."""
    every, spent, nth, credit = spacing(watches, EDITS), list[datetime](), 0, Credit(0, NOW)
    edited: dict[int, list[float]] = {number: [0.0] for number in range(watches)}
    shown = {f"w-{number}": StaleWatch(watch(number), "1.1", NOW, NOW) for number in range(watches)}
    for second in range(1, minutes * 60):
        now = after(second)
        if second % 5 == 0:
            shown |= {key: happened(one, now, happens(int(key[2:]))) for key, one in shown.items()}
        spent = [at for at in spent if now - at < timedelta(minutes=1)]
        credit = credit.at_time(now, EDITS)
        picked = next_edits(tuple(shown.values()), now, every, nth, *rooms(credit, EDITS, EDITS - len(spent)))
        for one in picked:
            shown[one.watch.id] = StaleWatch(one.watch, one.ts, now, now)
            edited[int(one.watch.id[2:])].append(second)
        spent += [now] * len(picked)
        nth, credit = nth + len(picked), credit.spent(len(picked))
    return edited


def happened(one: StaleWatch, now: datetime, kind: int) -> StaleWatch:
    known = one.watch
    worded, urgent = now if kind else known.worded_at, now if kind == URGENT else known.urgent_at
    return StaleWatch(replace(known, worded_at=worded, urgent_at=urgent), one.ts, one.shown, one.shown_at)


@given(st.integers(1, 60), st.floats(0, 1), st.sampled_from((CHANGED, URGENT)))
@example(5, 0.2, URGENT)
@example(60, 1.0, URGENT)
@example(60, 0.5, CHANGED)
@settings(max_examples=10, deadline=None)
def test_whatever_happens_every_watch_is_edited_within_twice_its_time(watches: int, part: float, kind: int) -> None:
    """And the quarter of a minute that news may run ahead, where some of them, or all, have news at every look."""
    edited = lived(watches, lambda number: kind if number < part * watches else CALM, 5)
    every = spacing(watches, EDITS)
    for times in edited.values():
        apart = [later - earlier for earlier, later in pairwise([*times, 300.0])]
        assert max(apart) <= 2 * every + 15 + 5
        assert min(apart[:-1], default=5) >= LEAST_APART.total_seconds()


def test_fifty_calm_watches_are_edited_as_often_as_their_messages_say() -> None:
    edited = lived(50, lambda _: CALM, 6)
    assert spacing(50, EDITS) == 75
    assert {3 <= len(times) - 1 <= 5 for times in edited.values()} == {True}
    assert sum(len(times) - 1 for times in edited.values()) > 0.9 * 40 * 5


def test_news_may_come_at_once_but_leaves_most_of_a_minute_to_others() -> None:
    credit = Credit(0, NOW).at_time(after(60), EDITS)
    assert rooms(credit, EDITS, 40) == (13, 3)
    assert rooms(credit.spent(13), EDITS, 27) == (0, 0)
    assert rooms(credit.spent(13).at_time(after(63), EDITS), EDITS, 27) == (2, 0)
    assert rooms(credit, EDITS, 2) == (2, 2)
