"""A question in words: `failed canary deployments of checkout in space prod, created since 2h ago, oldest first`."""

from collections.abc import Iterator, Sequence
from datetime import UTC

from deploybot.domain.page import Total
from deploybot.domain.query import Ago, Column, Day, Instant, NamedDay, Op, Query, Sort, TimeFilter, When

ELLIPSIS = "…"

_UNITS = {"m": "minute", "h": "hour", "d": "day", "w": "week"}
_BOUNDS = {Op.EQ: "at", Op.LT: "before", Op.LE: "until", Op.GT: "after", Op.GE: "since"}
_NAMED = 3


def counted(total: Total, query: Query) -> str:
    """The total and the question: `12 failed deployments of checkout`, `at least 40 deployments`."""
    words = in_words(query, single=total.count == 1)
    if not total.count:
        return f"no {words}" if total.exact else f"no {words} found so far"
    return f"{total.count:,} {words}" if total.exact else f"at least {total.count:,} {words}"


def in_words(query: Query, *, single: bool = False) -> str:
    """What is asked, in words; plain text that still has to be escaped."""
    noun = "deployment" if single else "deployments"
    kinds = [_either(query.states), _either(query.strategies), noun]
    return ", ".join([" ".join(filter(None, [*kinds, *_places(query)])), *_times(query), *_raw(query), *_order(query)])


def _places(query: Query) -> Iterator[str]:
    named = {
        "of": query.apps,
        "in space": query.spaces,
        "in org": query.orgs,
        "on": query.foundations,
        "by": query.by,
        "with guid": query.guids,
    }
    return (f"{word} {_either(names)}" for word, names in named.items() if names)


def _either(names: Sequence[str]) -> str:
    """`a`, `a or b`, `a, b or 7 more`"""
    if len(names) > _NAMED + 1:
        names = [*names[:_NAMED], f"{len(names) - _NAMED} more"]
    return " or ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _times(query: Query) -> Iterator[str]:
    for column, filters in ((Column.CREATED, query.created), (Column.UPDATED, query.updated)):
        if filters:
            yield f"{column} " + " and ".join(map(_bound, filters))


def _bound(limit: TimeFilter) -> str:
    day = limit.op is Op.EQ and not any(isinstance(when, Instant) for when in limit.when)
    return f"{'on' if day else _BOUNDS[limit.op]} {_either([_when(when) for when in limit.when])}"


def _when(when: When) -> str:
    match when:
        case Instant(at):
            return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        case Day(day):
            return day.isoformat()
        case Ago(amount, unit):
            return f"{amount} {_UNITS.get(unit, unit)}{'' if amount == 1 else 's'} ago"
        case NamedDay():
            return when.value


def _raw(query: Query) -> Iterator[str]:
    named = {"status": query.status_values, "reason": query.status_reasons, "state": query.raw_states}
    for word, values in named.items():
        if values:
            yield f"{word} {_either([value or 'null' for value in values])}"
    if query.label:
        yield f"labelled {query.label[:200] + ELLIPSIS if len(query.label) > 200 else query.label}"


def _order(query: Query) -> Iterator[str]:
    match query.sort:
        case Sort(Column.CREATED, True):
            return
        case Sort(Column.CREATED, False):
            yield "oldest first"
        case Sort(_, True):
            yield "last updated first"
        case _:
            yield "last updated last"
