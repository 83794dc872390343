"""Which subscriptions a deployment concerns, and what is to be announced of what happened to it, and where."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from deploybot.domain.deployment import Deployment, Status
from deploybot.domain.grammar import parse
from deploybot.domain.label_matching import LabelTest, label_test
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

_LONGEST_FILTERS = 2000
_MOST_ROWS = 5000
"""Filters that were stored are read whatever the surface allows that shows them."""


def matches(query: Query, entry: Entry, now: datetime) -> bool:
    """Does the entry match every filter of a question asked at `now`? Times that cannot be match nothing."""
    return _matches(query, label_test(query.label) if query.label else None, entry, now)


def to_query(subscription: Subscription) -> Query:
    """The question that a subscription asks, its days those of its zone; a UserError where its text is none."""
    query = parse(subscription.filters, most_rows=_MOST_ROWS, most_canonical=_LONGEST_FILTERS).query
    return replace(query, tz=query.tz or subscription.tz)


@dataclass(frozen=True, slots=True)
class _Wish:
    """A subscription whose filters have been read."""

    subscription: Subscription
    query: Query
    label: LabelTest | None


_Keys = tuple[str, ...]
_INDEXED: tuple[tuple[Callable[[Query], _Keys], Callable[[Entry], _Keys]], ...] = (
    (lambda query: query.guids, lambda entry: (entry.guid,)),
    (lambda query: query.apps, lambda entry: (entry.app, entry.app_guid)),
    (lambda query: query.spaces, lambda entry: (entry.space, entry.space_guid)),
    (lambda query: query.orgs, lambda entry: (entry.org, entry.org_guid)),
    (lambda query: query.foundations, lambda entry: (entry.foundation,)),
)
"""The filters that most subscriptions have, narrowest first, and what of an entry they are compared with."""


class Index:
    """Alert subscriptions, found by the names that they ask for: reading them is the dear part, so keep the index.

    `unreadable` are those whose filters are no question any more, with the sentence that says why.
    """

    def __init__(self, subscriptions: Iterable[Subscription]) -> None:
        self._by_name: tuple[dict[str, list[_Wish]], ...] = tuple(defaultdict(list) for _ in _INDEXED)
        self._others: list[_Wish] = []
        asking_who: set[str] = set()
        unreadable = []
        for subscription in subscriptions:
            try:
                wish = _wish(subscription)
                self._add(wish)
                if wish.query.by:
                    asking_who.add(subscription.id)
            except UserError as error:
                unreadable.append((subscription, str(error)))
        self.asking_who = frozenset(asking_who)
        """The ids of those that ask who started it."""
        self.unreadable: tuple[tuple[Subscription, str], ...] = tuple(unreadable)

    def _add(self, wish: _Wish) -> None:
        for (wanted, _), known in zip(_INDEXED, self._by_name, strict=True):
            words = wanted(wish.query)
            if words and not any(map(is_wildcard, words)):
                for word in {word.casefold() for word in words}:
                    known[word].append(wish)
                return
        self._others.append(wish)

    @property
    def asks_who(self) -> bool:
        return bool(self.asking_who)

    def matching(self, entry: Entry, now: datetime) -> list[Subscription]:
        """The subscriptions whose filters the entry matches, each once."""
        return [wish.subscription for wish in self._candidates(entry) if _matches(wish.query, wish.label, entry, now)]

    def _candidates(self, entry: Entry) -> Iterator[_Wish]:
        for (_, names), known in zip(_INDEXED, self._by_name, strict=True):
            found = [wish for name in {name.casefold() for name in names(entry)} for wish in known.get(name, ())]
            yield from {wish.subscription.id: wish for wish in found}.values()
        yield from self._others


def announcements(
    happened: Iterable[tuple[Transition, Entry]], index: Index, now: datetime
) -> tuple[Announcement, ...]:
    """Which channels are to be told of what: each of each transition once, however many subscriptions ask for it."""
    told: list[Announcement] = []
    matching: dict[tuple[str, str], list[Subscription]] = {}
    for transition, entry in happened:
        key = (entry.foundation, entry.guid)
        if key not in matching:
            matching[key] = index.matching(entry, now)
        channels: dict[str, list[Subscription]] = {}
        for subscription in matching[key]:
            if transition.kind in subscription.on:
                channels.setdefault(subscription.channel, []).append(subscription)
        told += (_announcement(transition, channel, wanted, now) for channel, wanted in channels.items())
    return tuple(told)


def _announcement(transition: Transition, channel: str, wanted: Sequence[Subscription], now: datetime) -> Announcement:
    """One message for all: as soon as the first of them wants it, pinging whom those mention that want it by then."""
    free = [(held_until(subscription, now), subscription) for subscription in wanted]
    not_before = None if any(until is None for until, _ in free) else min(until for until, _ in free if until)
    speaking = [subscription for until, subscription in free if until is None or until == not_before]
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


def _wish(subscription: Subscription) -> _Wish:
    query = to_query(subscription)
    return _Wish(subscription, query, label_test(query.label) if query.label else None)


def _matches(query: Query, label: LabelTest | None, entry: Entry, now: datetime) -> bool:
    return (
        _any_name(query.foundations, (entry.foundation,))
        and _any_name(query.guids, (entry.guid,))
        and _any_name(query.apps, (entry.app, entry.app_guid))
        and _any_name(query.spaces, (entry.space, entry.space_guid))
        and _any_name(query.orgs, (entry.org, entry.org_guid))
        and _status_matches(query, entry)
        and (not query.strategies or entry.strategy in query.strategies)
        and _any_name(query.by, (entry.by, entry.by_guid))
        and (label is None or label(dict(entry.labels)))
        and _within(entry.created_at, query.created, query, now)
        and _within(entry.updated_at, query.updated, query, now)
    )


def _any_name(words: Sequence[str], names: Sequence[str]) -> bool:
    """Is nothing asked for, or one of the names by one of the words? What has no name is called nothing."""
    return not words or any(matches_name(word, name) for word in words for name in names if name)


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
