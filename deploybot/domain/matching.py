"""Which subscriptions a deployment concerns, and what is to be announced of what happened to it, and where."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from deploybot.domain.access import Sight
from deploybot.domain.deployment import Deployment, Status
from deploybot.domain.grammar import parse
from deploybot.domain.label_matching import label_test
from deploybot.domain.ledger import Entry, Kind, Transition
from deploybot.domain.outcome import Verdict
from deploybot.domain.outcome import matches as matches_state
from deploybot.domain.outgoing import Announcement
from deploybot.domain.query import Interval, Query, TimeFilter
from deploybot.domain.quiet import quiet_until
from deploybot.domain.subscription import Subscription
from deploybot.domain.times import resolve
from deploybot.domain.wildcard import is_wildcard
from deploybot.domain.wildcard import matches as matches_name
from deploybot.errors import UserError

PINGED = frozenset({Kind.FAILED, Kind.STALLED})
"""What somebody may be mentioned for."""

Test = Callable[[Entry, datetime], bool]
"""Does an entry match at an instant?"""

_LONGEST_FILTERS = 2000
_MOST_ROWS = 5000
"""Filters that were stored are read whatever the surface allows that shows them."""


def matches(query: Query, entry: Entry, now: datetime) -> bool:
    """Does the entry match every filter of a question asked at `now`? Times that cannot be match nothing."""
    return matcher(query)(entry, now)


def matcher(query: Query) -> Test:
    """The same for many entries: the question is read once."""
    tests = tuple(_tests(query))
    return lambda entry, now: all(test(entry, now) for test in tests)


def to_query(subscription: Subscription) -> Query:
    """The question that a subscription asks, its days those of its zone; a UserError where its text is none."""
    query = parse(subscription.filters, most_rows=_MOST_ROWS, most_canonical=_LONGEST_FILTERS).query
    return replace(query, tz=query.tz or subscription.tz)


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of a subscription, read."""

    query: Query
    test: Test


Known = dict[tuple[str, str], Filters]
"""Filters by their text and the time zone."""


def read_filters(subscription: Subscription, known: Known) -> Filters:
    """What a subscription asks for, read once and then known; a UserError where it is no question."""
    key = (subscription.filters, subscription.tz)
    if key not in known:
        query = to_query(subscription)
        known[key] = Filters(query, matcher(query))
    return known[key]


_Words = Callable[[Query], tuple[str, ...]]
_Names = Callable[[Entry], tuple[str, ...]]
_NAMED: tuple[tuple[_Words, _Names], ...] = (
    (lambda query: query.guids, lambda entry: (entry.guid,)),
    (lambda query: query.apps, lambda entry: (entry.app, entry.app_guid)),
    (lambda query: query.spaces, lambda entry: (entry.space, entry.space_guid)),
    (lambda query: query.orgs, lambda entry: (entry.org, entry.org_guid)),
    (lambda query: query.foundations, lambda entry: (entry.foundation,)),
)
"""The filters that most subscriptions have, narrowest first, and what of an entry they are compared with."""


class Index:
    """Alert subscriptions, found by the names that they ask for.

    Reading filters is the dear part: `known` keeps what was read for the next index. `unreadable` are those whose
    filters are no question any more, with the sentence that says why. `sights` are what may be shown to all in each of
    the channels; None where that is not asked here.
    """

    def __init__(
        self,
        subscriptions: Iterable[Subscription],
        known: Known | None = None,
        sights: Mapping[str, Sight] | None = None,
    ) -> None:
        self._sights = sights
        self._by_name: tuple[dict[str, list[tuple[Subscription, Test]]], ...] = tuple(defaultdict(list) for _ in _NAMED)
        self._others: list[tuple[Subscription, Test]] = []
        known = {} if known is None else known
        asking_who: set[str] = set()
        unreadable = []
        for subscription in subscriptions:
            try:
                filters = read_filters(subscription, known)
            except UserError as error:
                unreadable.append((subscription, str(error)))
                continue
            self._add(subscription, filters)
            if filters.query.by:
                asking_who.add(subscription.id)
        self.asking_who = frozenset(asking_who)
        """The ids of those that ask who started it."""
        self.unreadable: tuple[tuple[Subscription, str], ...] = tuple(unreadable)

    def _add(self, subscription: Subscription, filters: Filters) -> None:
        for (words_of, _), by_name in zip(_NAMED, self._by_name, strict=True):
            words = words_of(filters.query)
            if words and not any(map(is_wildcard, words)):
                for word in {word.casefold() for word in words}:
                    by_name[word].append((subscription, filters.test))
                return
        self._others.append((subscription, filters.test))

    @property
    def asks_who(self) -> bool:
        return bool(self.asking_who)

    def matching(self, entry: Entry, now: datetime) -> list[Subscription]:
        """The subscriptions whose filters the entry matches, each once, and whose channels may be shown it."""
        found = {subscription.id: subscription for subscription, test in self._candidates(entry) if test(entry, now)}
        return [one for one in found.values() if self._sights is None or self._sights[one.channel].entry(entry)]

    def _candidates(self, entry: Entry) -> Iterator[tuple[Subscription, Test]]:
        for (_, names), by_name in zip(_NAMED, self._by_name, strict=True):
            if by_name:  # most are empty
                for name in {name.casefold() for name in names(entry)}:
                    yield from by_name.get(name, ())
        yield from self._others


def announcements(
    happened: Iterable[tuple[Transition, Entry]], index: Index, now: datetime
) -> tuple[Announcement, ...]:
    """Which channels are to be told of what: each of each transition once, however many subscriptions ask for it."""
    told: list[Announcement] = []
    held: dict[str, datetime | None] = {}
    matching: dict[tuple[str, str], list[Subscription]] = {}
    for transition, entry in happened:
        key = (entry.foundation, entry.guid)
        if key not in matching:
            matching[key] = index.matching(entry, now)
        channels: dict[str, list[Subscription]] = {}
        for subscription in matching[key]:
            if transition.kind in subscription.on:
                if subscription.id not in held:
                    held[subscription.id] = held_until(subscription, now)
                channels.setdefault(subscription.channel, []).append(subscription)
        told += (_announcement(transition, channel, wanted, held) for channel, wanted in channels.items())
    return tuple(told)


def _announcement(
    transition: Transition, channel: str, wanted: Sequence[Subscription], held: Mapping[str, datetime | None]
) -> Announcement:
    """One message for all: as soon as the first of them wants it, pinging whom those mention that want it by then."""
    ends = [until for one in wanted if (until := held[one.id])]
    not_before = min(ends) if len(ends) == len(wanted) else None
    speaking = [one for one in wanted if held[one.id] in {None, not_before}]
    mentions = [one.mention for one in speaking if one.mention] if transition.kind in PINGED else []
    return Announcement(
        channel=channel,
        foundation=transition.foundation,
        guid=transition.guid,
        ordinal=transition.ordinal,
        subscriptions=tuple(subscription.id for subscription in wanted),
        mentions=tuple(dict.fromkeys(mentions)),
        not_before=not_before,
    )


def held_until(subscription: Subscription, now: datetime) -> datetime | None:
    """When the snooze or the quiet hours end that a subscription is in; None where it may speak.

    A snooze that ends in quiet hours lasts as long as they do.
    """
    snoozed = subscription.snoozed_until
    until = snoozed if snoozed and snoozed > now else None
    try:
        quiet = quiet_until(subscription.quiet, subscription.tz, until or now)
    except UserError:  # hours that nobody can read hold nothing back
        quiet = None
    return quiet or until


def _tests(query: Query) -> Iterator[Test]:
    """A test for each filter that there is, the cheapest first."""
    for words_of, names_of in _NAMED:
        if words := words_of(query):
            yield _name_test(words, names_of)
    if query.states or query.status_values or query.status_reasons or query.raw_states:
        yield lambda entry, _: _status_matches(query, entry)
    if query.strategies:
        yield lambda entry, _: entry.strategy in query.strategies
    if query.by:
        yield _name_test(query.by, lambda entry: (entry.by, entry.by_guid))
    if query.label:
        labels = label_test(query.label)
        yield lambda entry, _: labels(dict(entry.labels))
    if query.created:
        yield lambda entry, now: _within(entry.created_at, query.created, query, now)
    if query.updated:
        yield lambda entry, now: _within(entry.updated_at, query.updated, query, now)


def _name_test(words: Sequence[str], names_of: _Names) -> Test:
    """Is one of the names one of the words? What has no name is called nothing."""
    exact = frozenset(word.casefold() for word in words if not is_wildcard(word))
    patterns = tuple(word for word in words if is_wildcard(word))

    def test(entry: Entry, _: datetime) -> bool:
        names = [name for name in names_of(entry) if name]
        return any(name.casefold() in exact for name in names) or any(
            matches_name(pattern, name) for pattern in patterns for name in names
        )

    return test


def _status_matches(query: Query, entry: Entry) -> bool:
    return (
        (not query.states or _state_matches(query.states, entry))
        and (not query.status_values or entry.value in query.status_values)
        and (not query.status_reasons or entry.reason in query.status_reasons)
        and (not query.raw_states or not _internal_states(entry).isdisjoint(query.raw_states))
    )


def _state_matches(words: tuple[str, ...], entry: Entry) -> bool:
    shown = Deployment(entry.guid, status=Status(entry.value or None, entry.reason or None))
    return matches_state(words, shown, Verdict(entry.outcome, entry.why))


def _internal_states(entry: Entry) -> frozenset[str]:
    """The states that the server may have inside, where its answers do not say: `states=` asks it for them."""
    match entry.value, entry.reason:
        case "ACTIVE", "DEPLOYING" if entry.strategy == "canary":
            return frozenset({"DEPLOYING", "PREPAUSED"})
        case "FINALIZED", "SUPERSEDED":
            return frozenset({"DEPLOYED", "CANCELED"})
        case _, reason:
            return frozenset({reason})


def _within(at: datetime | None, filters: tuple[TimeFilter, ...], query: Query, now: datetime) -> bool:
    if not filters:
        return True
    try:
        return at is not None and _contains(resolve(filters, now, query.tz or "UTC"), at)
    except UserError:
        return False


def _contains(interval: Interval, at: datetime) -> bool:
    if interval.seconds:
        return at.replace(microsecond=0) in interval.seconds
    return (not interval.since or at >= interval.since) and (not interval.until or at < interval.until)
