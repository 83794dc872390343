"""A schedule as people write it, and as a value: `every=15m`, `at="mon-fri 09:00"`, `cron="0 9 * * mon-fri"`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from cronsim import CronSim, CronSimError

from deploybot.domain.grammar_lexer import shortened
from deploybot.errors import UserError

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SHORTEST = 5
"""Minutes between two digests, at least; at most a week."""
LONGEST = 7 * 24 * 60
_UNITS = {"m": 1, "h": 60, "d": 24 * 60, "w": 7 * 24 * 60}
_DAY = 24 * 60
_MOST_TIMES = 12
_LAST_DAY_OF_ALL = 28

_EVERY = re.compile(r"([0-9]{1,6}) ?([mhdw])")
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_MONTH_DAY = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)")
_FORM = re.compile(r'(every|at|cron)="?([^"]*)"?')


@dataclass(frozen=True, slots=True)
class Every:
    """Every so many minutes of real time, from 5 to a week's."""

    minutes: int


@dataclass(frozen=True, slots=True)
class At:
    """At times of the day, in minutes since midnight, ascending: on some weekdays (0 is Monday), or days of a month.

    Both empty means every day.
    """

    times: tuple[int, ...]
    weekdays: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()

    def expressions(self) -> tuple[str, ...]:
        """Cron expressions, one a time, which together mean the same."""
        days = ",".join(map(str, self.month_days)) or "*"
        names = ",".join(WEEKDAYS[day] for day in self.weekdays) or "*"
        return tuple(f"{time % 60} {time // 60} {days} * {names}" for time in self.times)


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron expression of five fields, in lower case, with the names of weekdays."""

    expression: str

    def expressions(self) -> tuple[str, ...]:
        return (self.expression,)


Schedule = Every | At | Cron


def parse_schedule(text: str) -> Schedule:
    """The value of `schedule_text`, also of the same written differently; a UserError says what is wrong."""
    found = _FORM.fullmatch(text)
    if not found:
        raise UserError(f'I can\'t read {shortened(text)}: write every=15m, at="mon-fri 09:00" or cron="0 9 * * mon".')
    return read_schedule(found[1], found[2])


def read_schedule(form: str, value: str) -> Schedule:
    """The schedule that the value of `every`, `at` or `cron` means; a UserError says what to write instead."""
    plain = " ".join(value.lower().split())
    match form:
        case "every":
            return _every(plain)
        case "at":
            return _at(plain)
        case _:
            return _cron(plain)


def schedule_text(schedule: Schedule) -> str:
    """The canonical text, quoted where the grammar needs it."""
    match schedule:
        case Every(minutes):
            unit = next(unit for unit in "dhm" if minutes % _UNITS[unit] == 0)
            return f"every={minutes // _UNITS[unit]}{unit}"
        case At(times):
            text = " ".join(filter(None, (_days_text(schedule), ",".join(map(_time_text, times)))))
            return f'at="{text}"' if " " in text or "," in text else f"at={text}"
        case Cron(expression):
            return f'cron="{expression}"'


def _every(text: str) -> Every:
    found = _EVERY.fullmatch(text)
    if not found:
        raise UserError(
            f"I can't read every={shortened(text)}: write a number with m, h or d, like every=15m or every=1d."
        )
    minutes = int(found[1]) * _UNITS[found[2]]
    if not SHORTEST <= minutes <= LONGEST:
        raise UserError(f"every={shortened(text)} does not work: use every=5m up to every=7d.")
    return Every(minutes)


def _at(text: str) -> At:
    """`mon-fri 09:00,16:30`: days where there are any, then times."""
    *days, times = re.sub(r"\s*,\s*", ",", text).split(" ") or [""]
    if len(days) > 1:
        raise UserError(_unreadable_at(text))
    weekdays, month_days = _days(days[0], text) if days else ((), ())
    return At(_times(times, text), weekdays, month_days)


def _unreadable_at(text: str) -> str:
    return (
        f'I can\'t read at="{shortened(text)}": write days and times, like at=09:00, at="mon-fri 09:00", '
        'at="mon,thu 09:00,16:30" or at="1st 09:00".'
    )


def _times(text: str, whole: str) -> tuple[int, ...]:
    found = [_TIME.fullmatch(word) for word in text.split(",")]
    times = sorted({int(time[1]) * 60 + int(time[2]) for time in found if time})
    if not all(found) or not times:
        raise UserError(_unreadable_at(whole))
    if len(times) > _MOST_TIMES:
        raise UserError(f"at takes up to {_MOST_TIMES} times a day: use every=1h, or cron= for more.")
    _check_rhythm(times, _DAY)
    return tuple(times)


def _days(text: str, whole: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    words = text.split(",")
    if all(_MONTH_DAY.fullmatch(word) for word in words):
        return (), _month_days(words)
    weekdays = {day for word in words for day in _weekdays(word, whole)}
    return tuple(sorted(weekdays)) if len(weekdays) < len(WEEKDAYS) else (), ()


def _month_days(words: Iterable[str]) -> tuple[int, ...]:
    days = tuple(sorted({int(word[:-2]) for word in words}))
    if days[0] < 1 or days[-1] > _LAST_DAY_OF_ALL:
        raise UserError(
            'Not every month has that day: use 1st to 28th, or cron="0 9 L * *" for the last day of a month.'
        )
    return days


def _weekdays(word: str, whole: str) -> Iterable[int]:
    """`mon`, `monday`, `mon-fri`, or `fri-mon` over the weekend."""
    first, dash, last = word.partition("-")
    if first in {"daily", "weekdays"} and not dash:
        return range(5 if first == "weekdays" else 7)
    start = _weekday(first, whole)
    if not dash:
        return (start,)
    length = (_weekday(last, whole) - start) % 7 + 1
    return [(start + step) % 7 for step in range(length)]


def _weekday(word: str, whole: str) -> int:
    short = word[:3]
    if short not in WEEKDAYS or not _FULL_NAMES[short].startswith(word):
        raise UserError(_unreadable_at(whole))
    return WEEKDAYS.index(short)


_FULL_NAMES = {
    name[:3]: name for name in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
}


def _check_rhythm(minutes: list[int], cycle: int) -> None:
    """Two digests less than five minutes apart are refused; `minutes` are sorted and come again every `cycle`."""
    around = [*minutes, minutes[0] + cycle]
    if any(later - earlier < SHORTEST for earlier, later in pairwise(around)):
        raise UserError(f"Digests come every {SHORTEST} minutes at most: leave {SHORTEST} minutes between two times.")


def _days_text(at: At) -> str:
    if at.month_days:
        return ",".join(f"{day}{_ordinal(day)}" for day in at.month_days)
    days = at.weekdays
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"{WEEKDAYS[days[0]]}-{WEEKDAYS[days[-1]]}"
    return ",".join(WEEKDAYS[day] for day in days)


def _ordinal(day: int) -> str:
    return "th" if day in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _time_text(time: int) -> str:
    return f"{time // 60:02}:{time % 60:02}"


def _cron(text: str) -> Cron:
    fields = text.split(" ")
    if len(fields) != 5:
        raise UserError(
            f'cron="{shortened(text)}" has {len(fields)} fields: write minute, hour, day, month and weekday, '
            'like cron="0 9 * * mon-fri".'
        )
    if re.search(r"[0-9]", re.sub(r"[/#][0-9]+", "", fields[4])):
        raise UserError(
            f"Name the weekdays in cron=, like mon-fri: the number in {shortened(fields[4])} means different days to "
            "different programs."
        )
    fields[4] = ",".join(_unwrapped(term) for term in fields[4].split(","))
    expression = " ".join(fields)
    _check_cron(expression, text)
    return Cron(expression)


def _unwrapped(term: str) -> str:
    """`sat-mon` as the days it means: cron's own week begins on Sunday, so it takes no range over it."""
    first, _, last = term.partition("-")
    if first not in WEEKDAYS or last not in WEEKDAYS:
        return term
    from_sunday = ("sun", *WEEKDAYS[:-1])
    if from_sunday.index(first) <= from_sunday.index(last):
        return term
    start, end = WEEKDAYS.index(first), WEEKDAYS.index(last)
    return ",".join(WEEKDAYS[(start + step) % 7] for step in range((end - start) % 7 + 1))


def _check_cron(expression: str, text: str) -> None:
    try:
        simulated = CronSim(expression, datetime(2024, 1, 1))  # noqa: DTZ001 - only whether it ever comes
        next(simulated)
    except CronSimError as problem:
        raise UserError(f'cron="{shortened(text)}" does not work: {_reason(problem)}.') from problem
    except StopIteration as problem:
        raise UserError(f'cron="{shortened(text)}" never comes: no year has such a day.') from problem
    _check_rhythm(sorted(simulated.minutes), 60)


def _reason(problem: CronSimError) -> str:
    """`Bad day-of-week` in the words of the sentence."""
    return f"I can't read its {str(problem).removeprefix('Bad ').replace('-', ' ')}"
