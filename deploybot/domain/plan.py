"""What of a question the server can answer by itself, and what must be checked here on every row."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from deploybot.domain.outcome import Prefilter, possible
from deploybot.domain.ports import DeploymentsAsk, Times
from deploybot.domain.query import Column, Interval, Query
from deploybot.domain.times import resolve

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Plan:
    """The request without apps and paging, and the filters that are left for `checks` on our side.

    `by_position` is set where the sort column is compared with a list of seconds: the server refuses bounds beside
    such a list, so that pages cannot continue after a row and are counted off instead.
    """

    ask: DeploymentsAsk
    now: datetime
    created: Interval
    updated: Interval
    check_states: bool
    by_position: bool

    def checks(self, query: Query) -> bool:
        """Is there anything that only we can check, so that the server's total is not ours?"""
        return self.check_states or bool(query.strategies or query.by)


def plan(query: Query, now: datetime) -> Plan:
    """Split a question into the server's part and ours. UserErrors come from impossible times."""
    created, updated = (resolve(filters, now, query.tz or "UTC") for filters in (query.created, query.updated))
    wanted = _together([possible(word) for word in query.states])
    ask = DeploymentsAsk(
        created=_times(created),
        updated=_times(updated),
        guids=query.guids or None,
        states=query.raw_states or None,
        status_values=query.status_values or _sorted(wanted.values),
        status_reasons=query.status_reasons or _sorted(wanted.reasons),
        label_selector=query.label,
    )
    crowded_out = (query.status_values and wanted.values) or (query.status_reasons and wanted.reasons)
    sorted_by = created if query.sort.column is Column.CREATED else updated
    return Plan(
        ask=_with_sort_column(ask, query),
        now=now,
        created=created,
        updated=updated,
        check_states=bool(query.states) and bool(crowded_out or not wanted.exact),
        by_position=bool(sorted_by.seconds),
    )


def _together(words: list[Prefilter]) -> Prefilter:
    """The narrowest prefilter that loses no row of any word."""
    if not words:
        return Prefilter(None, None, True)
    values = _union([word.values for word in words])
    reasons = _union([word.reasons for word in words])
    one_dimension = len({(word.values is None, word.reasons is None) for word in words}) == 1
    narrow = len(words) == 1 or values is None or reasons is None
    return Prefilter(values, reasons, one_dimension and narrow and all(word.exact for word in words))


def _union(sets: list[frozenset[str] | None]) -> frozenset[str] | None:
    known = [one for one in sets if one is not None]
    return frozenset().union(*known) if len(known) == len(sets) else None


def _sorted(words: frozenset[str] | None) -> tuple[str, ...] | None:
    return tuple(sorted(words)) if words is not None else None


def _times(interval: Interval) -> Times:
    return Times(equal=interval.seconds, gte=interval.since, lt=interval.until)


def _with_sort_column(ask: DeploymentsAsk, query: Query) -> DeploymentsAsk:
    """Rows that never had an update time have no place in that order: a bound that all others pass leaves them out."""
    if query.sort.column is Column.CREATED or ask.updated != Times():
        return ask
    return replace(ask, updated=Times(gte=_EPOCH))
