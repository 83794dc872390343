"""What a digest says: what happened in a window by outcome, failures first, then what waits, the rest folded."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from itertools import chain, islice

from msgspec.structs import replace

from deploybot.domain.ledger import Entry, Gap, Transition
from deploybot.domain.outcome import Outcome, span
from deploybot.domain.outgoing import DigestBody, DigestLine, Listed
from deploybot.domain.subscription import Subscription
from deploybot.domain.times import to_zone

MOST_FAILED, MOST_OPEN, MOST_REST = 8, 6, 6
"""How many deployments are named; the others are counted, and listed by the message's button."""
MOST_LISTED = 10_000
_LONGEST_TEXT = 500
"""Characters of an error or a reason that a message keeps."""

_IMPORTANCE = (
    Outcome.FAILED,
    Outcome.STALLED,
    Outcome.PAUSED,
    Outcome.ERRORING,
    Outcome.CANCELING,
    Outcome.UNKNOWN,
    Outcome.IN_PROGRESS,
    Outcome.CANCELED,
    Outcome.SUPERSEDED,
    Outcome.SUCCEEDED,
)
_WAITING = (Outcome.FAILED, Outcome.PAUSED, Outcome.STALLED)
"""Outcomes of a deployment under way that want a person, in this order."""

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Window:
    """What was noticed in `since` (included) to `until` (excluded); `late` says that the slot was missed."""

    since: datetime
    until: datetime
    late: bool = False

    @property
    def before(self) -> "Window":
        """The period of the same length before it."""
        return Window(self.since - (self.until - self.since), self.since)


@dataclass(slots=True)
class Happened:
    """Gathers what happened to deployments in a window, row by row: of each the last is kept."""

    last: dict[Key, tuple[Transition, Entry]] = field(default_factory=dict)

    def add(self, transition: Transition, entry: Entry) -> None:
        """Rows come in the order in which they were noticed, and so do the deployments by their last one."""
        key = (entry.foundation, entry.guid)
        self.last.pop(key, None)
        self.last[key] = transition, entry

    def counts(self) -> dict[Outcome, int]:
        """How many deployments ended the window with each outcome."""
        return Counter(transition.outcome for transition, _ in self.last.values())


@dataclass(frozen=True, slots=True)
class Seen:
    """All that a digest is made of. `before` is None where the period before was not seen whole.

    `active` are the entries that are under way now, of those that the subscription asks for.
    """

    happened: Happened
    before: dict[Outcome, int] | None = None
    active: Sequence[Entry] = ()
    gaps: Sequence[Gap] = ()


@dataclass(frozen=True, slots=True)
class Digest:
    """A message's body, and the deployments that it stands for."""

    body: DigestBody
    listed: tuple[Listed, ...]


def digest_of(subscription: Subscription, window: Window, seen: Seen) -> Digest | None:
    """The digest of a window; None where nothing happened, unless the subscription wants proof of that."""
    if not seen.happened.last and not subscription.proof:
        return None
    failed, waiting, rest = _sorted_out(seen, window.until)
    zone = to_zone(subscription.tz)
    counts = seen.happened.counts()
    body = DigestBody(
        subscription=subscription.id,
        filters=subscription.filters,
        since=window.since,
        until=window.until,
        tz=subscription.tz,
        counts=_by_importance(counts),
        before=_compared(counts, seen.before),
        failed=tuple(_lines(failed[:MOST_FAILED], window, zone)),
        open=tuple(_lines(waiting[:MOST_OPEN], window, zone)),
        rest=tuple(_lines(rest[:MOST_REST], window, zone)),
        more=sum(
            max(0, len(part) - most) for part, most in ((failed, MOST_FAILED), (waiting, MOST_OPEN), (rest, MOST_REST))
        ),
        gaps=tuple(_in_window(seen.gaps, window)),
        late=window.late,
        mention=subscription.mention if counts.get(Outcome.FAILED) else "",
    )
    return Digest(body, tuple(_listed((*failed, *waiting, *rest))))


def unseen(window: Window, gaps: Iterable[Gap], first_seen: Iterable[tuple[str, datetime | None]]) -> Iterator[Gap]:
    """The times in a window that were not seen: gaps, and all before a foundation's very first poll."""
    yield from gaps
    for foundation, first in first_seen:
        if first is None or first > window.since:
            yield Gap(foundation=foundation, since=window.since, until=first, reason="not watched yet")


def _sorted_out(seen: Seen, until: datetime) -> tuple[list[Entry], list[Entry], list[Entry]]:
    """Failures, what wants a person, and the rest by importance; what was noticed last comes first, each once.

    There may be ten thousand, and nothing else is done meanwhile: so nothing but what waits is sorted.
    """
    by_outcome: dict[Outcome, list[Entry]] = {outcome: [] for outcome in _IMPORTANCE}
    waiting = {
        (entry.foundation, entry.guid): entry
        for entry in seen.active
        if entry.outcome in _WAITING and _since(entry) < until
    }
    for key, (transition, entry) in seen.happened.last.items():
        if transition.outcome is Outcome.FAILED:
            waiting.pop(key, None)
        if key not in waiting:
            by_outcome[transition.outcome].append(entry)
    failed, *rest = (reversed(by_outcome[outcome]) for outcome in _IMPORTANCE)
    open_ = sorted(waiting.values(), key=lambda entry: (_WAITING.index(entry.outcome), _since(entry)))
    return list(failed), open_, list(chain.from_iterable(rest))


def _since(entry: Entry) -> datetime:
    """Since when it is what it is, as far as Cloud Foundry says."""
    return entry.status_changed_at or entry.created_at


def _lines(entries: Iterable[Entry], window: Window, zone: tzinfo) -> Iterator[DigestLine]:
    for entry in entries:
        yield DigestLine(entry=_shortened(entry), note=_note(entry, window, zone)[:_LONGEST_TEXT])


def _shortened(entry: Entry) -> Entry:
    """What a message shows of it: errors may be pages long, and labels are not shown."""
    return replace(
        entry,
        why=entry.why[:_LONGEST_TEXT],
        error=entry.error[:_LONGEST_TEXT],
        last_error=entry.last_error[:_LONGEST_TEXT],
        labels=(),
    )


def _note(entry: Entry, window: Window, zone: tzinfo) -> str:
    match entry.outcome:
        case Outcome.PAUSED if entry.is_active:
            at = f" at step {entry.step} of {entry.steps}" if entry.step and entry.steps else ""
            return f"waits{at} since {_moment(_since(entry), window, zone)}"
        case Outcome.STALLED | Outcome.FAILED if entry.is_active:
            healthy = entry.last_healthy_at or entry.created_at
            return f"no instance got healthy since {_moment(healthy, window, zone)}"
        case Outcome.FAILED if entry.last_error and entry.last_error not in entry.why:
            return f"its last error: {entry.last_error}"
    return ""


def _moment(at: datetime, window: Window, zone: tzinfo) -> str:
    """`09:12`, with the day where that is not the window's last, and how long ago that is."""
    local, today = at.astimezone(zone), window.until.astimezone(zone).date()
    form = f"{local:%H:%M}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"
    return f"{form}, for {span(window.until - at)}" if window.until - at >= timedelta(minutes=1) else form


def _by_importance(counts: dict[Outcome, int]) -> tuple[tuple[str, int], ...]:
    return tuple((outcome.value, counts[outcome]) for outcome in _IMPORTANCE if counts.get(outcome))


def _compared(counts: dict[Outcome, int], before: dict[Outcome, int] | None) -> tuple[tuple[str, int], ...]:
    """The period before, zeros included for what is compared; empty only where it was not seen."""
    if before is None:
        return ()
    told = {Outcome.FAILED, Outcome.SUCCEEDED, *counts, *before}
    return tuple((outcome.value, before.get(outcome, 0)) for outcome in _IMPORTANCE if outcome in told)


def _in_window(gaps: Iterable[Gap], window: Window) -> Iterator[Gap]:
    """The parts of gaps that lie in the window, in their order; one that lasts still has no end."""
    for gap in sorted(gaps, key=lambda gap: (gap.since, gap.foundation)):
        if gap.since < window.until and (gap.until is None or gap.until > window.since):
            ends = gap.until and min(gap.until, window.until)
            yield replace(gap, since=max(gap.since, window.since), until=ends)


def _listed(entries: Iterable[Entry]) -> Iterator[Listed]:
    return islice((Listed(entry.foundation, entry.guid) for entry in entries), MOST_LISTED)
