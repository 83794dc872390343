"""Each kind of filter: how its values are read into a Query, and how they are written again."""

import re
from collections.abc import Iterable
from typing import Any, assert_never
from zoneinfo import available_timezones

from deploybot.domain.grammar_keys import GROUPS, Key, Kind
from deploybot.domain.grammar_lexer import Filter, Word, quoted, shortened
from deploybot.domain.grammar_mention import read_mention
from deploybot.domain.grammar_times import parse_when, when_text
from deploybot.domain.label_selector import canonical_selector
from deploybot.domain.ledger import Kind as Event
from deploybot.domain.near import nearest
from deploybot.domain.query import Column, Day, Instant, NamedDay, Op, Sort, TimeFilter, When
from deploybot.domain.quiet import parse_quiet, quiet_text
from deploybot.domain.schedule_text import read_schedule, schedule_text
from deploybot.domain.times import to_zone
from deploybot.errors import UserError

_NUMBER = re.compile(r"0*([0-9]{1,9})")
_FULL_HOURS = re.compile(r"([0-9]{1,2})-([0-9]{1,2})")
_YES_OR_NO = {"yes": True, "true": True, "no": False, "false": False}
_NULL = "null"
_ME = "me"


def read(key: Key, given: Filter, most_rows: int) -> Any:
    """The value of a filter in the shape of its field of Query or SubscribeAsk; a UserError says what to write."""
    op = _op(key, given)
    match key.kind:
        case Kind.NAMES:
            return tuple(_name(key, word) for word in given.values)
        case Kind.RAW:
            return tuple("" if _is_null(key, word) else word.text for word in given.values)
        case Kind.WORDS:
            return tuple(_choice(key, word.text) for word in given.values)
        case Kind.LABEL:
            return canonical_selector(",".join(word.text for word in given.values))
        case Kind.TIMES:
            return (_time_filter(key, op, given.values),)
        case Kind.SORT:
            return _sort(key, _only(key, given))
        case Kind.ROWS:
            return _number(key, _only(key, given), most_rows)
        case Kind.PAGE:
            return _number(key, _only(key, given), None)
        case Kind.ZONE:
            return _zone(_only(key, given))
        case Kind.SCHEDULE:
            return schedule_text(read_schedule(key.name, ",".join(word.text for word in given.values)))
        case Kind.EVENTS:
            return tuple(event for word in given.values for event in _events(key, word.text))
        case Kind.HOURS:
            return _hours(_only(key, given))
        case Kind.MENTION:
            return read_mention(_only(key, given))
        case Kind.YES:
            return _yes(key, _only(key, given))
    assert_never(key.kind)


def write(key: Key, value: Any) -> Iterable[str]:
    """The filters that `read` would read as this value of the key's field."""
    match key.kind:
        case Kind.NAMES:
            return (f"{key.name}={','.join(_name_text(key, name) for name in value)}",)
        case Kind.WORDS:
            return (f"{key.name}={','.join(value)}",)
        case Kind.RAW:
            return (f"{key.name}={','.join(quoted(word) if word else _NULL for word in value)}",)
        case Kind.LABEL:
            return (f'{key.name}="{value}"' if " " in value else f"{key.name}={value}",)
        case Kind.TIMES:
            return [f"{key.name}{one.op}{','.join(map(when_text, one.when))}" for one in value]
        case Kind.SORT:
            return (f"{key.name}={'-' if value.newest_first else ''}{value.column}",)
        case Kind.ROWS | Kind.PAGE:
            return (f"{key.name}={value}",)
        case Kind.ZONE:
            return (f"{key.name}={quoted(value)}",)
        case Kind.SCHEDULE:
            return (value,)
        case Kind.EVENTS:
            return (f"{key.name}={'all' if set(value) == set(Event) else ','.join(value)}",)
        case Kind.HOURS | Kind.MENTION:
            return (f"{key.name}={value}",)
        case Kind.YES:
            return (f"{key.name}=yes",)
    assert_never(key.kind)


def _op(key: Key, given: Filter) -> Op:
    if given.op not in key.ops:
        if len(key.ops) > 1:
            raise UserError(f"{key.name} takes =, <, <=, > or >=: for example {key.example}.")
        raise UserError(f"{key.name} takes = only: for example {key.example}.")
    if given.values[0].text[0] in "=<>" and not given.values[0].quoted:
        raise UserError(f"I can't read {shortened(given.op + given.values[0].text)}: write it like {key.example}.")
    return key.means or Op(given.op)


def _only(key: Key, given: Filter) -> str:
    if len(given.values) > 1:
        raise UserError(f"{key.name} takes one value: for example {key.example}.")
    return given.values[0].text


def _name(key: Key, word: Word) -> str:
    if word.quoted:
        return word.text
    if word.text.startswith("@"):
        told = "Cloud Foundry does not know Slack's names: write by=ann@example.com, or by=me for yourself."
        raise UserError(told if key.name == "by" else f"{shortened(word.text)} is a Slack name: write {key.example}.")
    if word.text.startswith("#"):
        raise UserError(f"{shortened(word.text)} is a Slack channel: write {key.example}, or put it into quotes.")
    return _ME if key.name == "by" and word.text.lower() == _ME else word.text


def _name_text(key: Key, name: str) -> str:
    """`Me` typed means `me`; somebody who is really called so stays in quotes."""
    return f'"{name}"' if key.name == "by" and name.lower() == _ME != name else quoted(name)


def _is_null(key: Key, word: Word) -> bool:
    return key.name == "reason" and not word.quoted and word.text.lower() == _NULL


def _choice(key: Key, text: str) -> str:
    if form := key.forms().get(text.lower()):
        return form
    near = nearest(text, key.words(), 1)
    meant = f"did you mean {near[0]}? It" if near else "it"
    raise UserError(f"{key.name}={shortened(text)} is unknown: {meant} is one of {', '.join(key.words())}.")


def _events(key: Key, text: str) -> tuple[Event, ...]:
    word = text.lower()
    if word not in key.forms():
        near = nearest(text, key.words(), 1)
        meant = f"did you mean {near[0]}? They are" if near else "they are"
        raise UserError(
            f"{key.name}={shortened(text)} is no event: {meant} {', '.join(key.words())}. "
            f"For a foundation write foundation={shortened(quoted(text))}."
        )
    return GROUPS[word] if word in GROUPS else (Event(word),)


def _hours(text: str) -> str:
    """`22-7` is `22:00-07:00`."""
    found = _FULL_HOURS.fullmatch(text)
    return quiet_text(parse_quiet(f"{found[1]}:00-{found[2]}:00" if found else text))


def _yes(key: Key, text: str) -> bool:
    if text.lower() not in _YES_OR_NO:
        raise UserError(f"{key.name}={shortened(text)} does not work: write {key.name}=yes, or leave it out.")
    return _YES_OR_NO[text.lower()]


def _time_filter(key: Key, op: Op, values: tuple[Word, ...]) -> TimeFilter:
    when = tuple(parse_when(word.text) for word in values)
    if len(when) > 1 and not (op is Op.EQ and all(isinstance(one, Instant) for one in when)):
        raise UserError(f"{key.name} takes one time, or a list of timestamps with =: for example {key.example}.")
    if op is Op.EQ and not _is_span(when[0]):
        text = when_text(when[0])
        raise UserError(
            f"{key.name}={text} is a single second: write {key.name}>{text} for newer or {key.name}<{text} for older."
        )
    return TimeFilter(op, when)


def _is_span(when: When) -> bool:
    return isinstance(when, Instant | Day | NamedDay)


def _sort(key: Key, text: str) -> Sort:
    plain = text.lower().replace("--", "-")
    column = plain.lstrip("+-").removesuffix("_at")
    if column not in set(Column) or plain[1:2] in set("+-"):
        raise UserError(f"sort={shortened(text)} is unknown: it is one of {', '.join(key.words())}.")
    return Sort(Column(column), newest_first=plain.startswith("-"))


def _number(key: Key, text: str, most: int | None) -> int:
    found = _NUMBER.fullmatch(text)
    number = int(found[1]) if found else 0
    if number < 1 or (most is not None and number > most):
        bounds = "from 1 on" if most is None else f"from 1 to {most}"
        raise UserError(f"{key.name}={shortened(text)} does not work: it is a number {bounds}.")
    return number


def _zone(text: str) -> str:
    """The zone's IANA name in its own spelling."""
    try:
        to_zone(text)
    except UserError:
        names = available_timezones()
        same = [name for name in names if name.lower() == text.lower()]
        if same:
            return same[0]
        near = nearest(text, names, 1)
        meant = f"did you mean tz={near[0]}?" if near else "write it like tz=Europe/Berlin or tz=UTC."
        raise UserError(f"I know no time zone {shortened(text)}: {meant}") from None
    return text
