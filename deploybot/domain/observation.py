"""What one look at a foundation means: what is new, where the next look begins, and which time was not seen."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from deploybot.domain.deployment import App, Deployment, Person
from deploybot.domain.ledger import Entry, Gap, Observation, PollState, Transition
from deploybot.domain.outcome import OutcomeRules
from deploybot.domain.transition import Peer, Sight, lost, notice

NOT_RUNNING = "deploybot was not running"
TOO_MUCH = "more had changed than could be read at once"

_AGES_AGO = timedelta(minutes=10)
"""What ended so long before everything was seen, and yet is not known, has only now become visible: it is no news."""


_OWED = timedelta(hours=1)
"""So long the same changes are read again for the sake of who started them, while that can't be asked; for ever where
a subscription wants to know."""
_CLOCKS_APART = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Seen:
    """The deployments of a foundation that were looked at, with what is known around them.

    `known` are the ledger's entries of these and of all that is under way; `gone` those found no more.
    """

    foundation: str
    now: datetime
    rows: Sequence[Deployment]
    known: Mapping[str, Entry]
    apps: Mapping[str, App]
    people: Mapping[str, Person]
    gone: Sequence[Entry] = ()


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a look came: before `reached` every change was seen; `newest` is the newest one.

    `whole` is False where it had to stop before the end, and `trouble` says why if the foundation was to blame.
    `who_unknown` says that it could not be asked who started something, `who_asked` that a subscription wants to know.
    """

    reached: datetime
    newest: datetime | None
    whole: bool
    trouble: str = ""
    who_unknown: bool = False
    who_asked: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """What is to be stored, and the entries among it whose starter has become known only now."""

    entries: tuple[Entry, ...]
    transitions: tuple[Transition, ...]
    identified: tuple[Entry, ...] = ()


def decide(
    seen: Seen, rules: OutcomeRules, state: PollState | None, overlap: timedelta, *, late: bool
) -> Iterator[Decided]:
    """What is new about each deployment, oldest first, one by one: thousands take a second, and others want their turn.

    Without a state it is the very first look, of which nobody is told.
    """
    peers = _peers(seen)
    for row in sorted(seen.rows, key=lambda row: (row.created_at or seen.now, row.guid)):
        before, app_guid = seen.known.get(row.guid), row.app_guid or ""
        sight = Sight(
            foundation=seen.foundation,
            deployment=row,
            now=seen.now,
            app=seen.apps.get(app_guid),
            by=seen.people.get(row.guid),
            late=late,
            silent=state is None or _is_old(row, state, overlap),
        )
        noticed = notice(before, sight, rules, peers.get(app_guid, ()))
        is_identified = before is not None and not before.by and bool(noticed.entry.by)
        yield Decided(
            entries=() if noticed.entry is before else (noticed.entry,),
            transitions=noticed.transitions,
            identified=(noticed.entry,) if is_identified else (),
        )
    yield Decided(tuple(lost(entry, seen.now) for entry in seen.gone), ())


def together(parts: Sequence[Decided]) -> Decided:
    """All that was decided, in order."""
    return Decided(
        entries=tuple(entry for part in parts for entry in part.entries),
        transitions=tuple(transition for part in parts for transition in part.transitions),
        identified=tuple(entry for part in parts for entry in part.identified),
    )


def _is_old(row: Deployment, state: PollState, overlap: timedelta) -> bool:
    """Did it end before all was seen? Only its metadata changed since, or the bot may see it only now."""
    ended = row.details.last_status_change or row.updated_at
    return row.value == "FINALIZED" and ended is not None and ended < state.cursor - overlap - _AGES_AGO


def _peers(seen: Seen) -> dict[str, tuple[Peer, ...]]:
    """All deployments that are known of the apps of which one was superseded."""
    apps = {row.app_guid for row in seen.rows if row.reason == "SUPERSEDED" and row.app_guid}
    if not apps:
        return {}
    found: dict[str, dict[str, Peer]] = {app: {} for app in apps}
    for app, guid, at in _all_known(seen):
        if app in found and at:
            found[app][guid] = Peer(guid, at)
    return {app: tuple(peers.values()) for app, peers in found.items()}


def _all_known(seen: Seen) -> Iterable[tuple[str, str, datetime | None]]:
    yield from ((entry.app_guid, entry.guid, entry.created_at) for entry in seen.known.values())
    yield from ((row.app_guid or "", row.guid, row.created_at) for row in seen.rows)


def noticed_at(state: PollState | None, now: datetime) -> datetime:
    """When a poll notices what it notices: later than the last one, whose bot's clock may have been a little ahead.

    Whoever reads what was noticed up to a poll must never find that something was noticed there afterwards.
    """
    if state is None or state.polled_at > now + _CLOCKS_APART:
        return now
    return max(now, state.polled_at + timedelta(microseconds=1))


def next_state(
    foundation: str, now: datetime, state: PollState | None, came: Reached, overlap: timedelta, *, late: bool
) -> PollState:
    """Where the next look begins: at `cursor - overlap`, since rows become visible later than their time says.

    A look that was cut short begins again where it ended, and counts as no poll: `polled_at` stays. The cursor is
    never later than `now`, so that a row from the future hides nothing.
    """
    if state is None:
        return PollState(foundation=foundation, cursor=min(came.newest or now - _AGES_AGO, now), polled_at=now)
    before = min(state.cursor, now)
    is_owed = came.who_unknown and (came.who_asked or now - before < _OWED)
    if came.whole:
        newest = before if is_owed else min(came.newest or before, now)
        return PollState(foundation=foundation, cursor=max(before, newest), polled_at=now)
    return PollState(
        foundation=foundation,
        cursor=before if is_owed else max(before, min(came.reached + overlap, now)),
        polled_at=state.polled_at,
        failing_since=state.failing_since or state.polled_at,
        failure=(not_reachable(came.trouble) if came.trouble else state.failure) or (NOT_RUNNING if late else TOO_MUCH),
    )


def gap_before(state: PollState | None, now: datetime, usual: timedelta) -> Gap | None:
    """The time before a good poll that was not seen: none where it came no later than four polls do.

    `usual` is the interval between polls.
    """
    if state is None or now - state.polled_at <= max(4 * usual, timedelta(seconds=90)):
        return None
    return Gap(foundation=state.foundation, since=state.polled_at, until=now, reason=state.failure or NOT_RUNNING)


def not_reachable(reason: str) -> str:
    """Why a time was not seen, in words, where the foundation was to blame."""
    return f"not reachable: {reason}"


def observation(decided: Decided, state: PollState, gap: Gap | None) -> Observation:
    """What is to be stored of a poll. The gap is told once all that happened in it has been read."""
    is_over = gap is not None and state.polled_at == gap.until
    return Observation(
        state=state, entries=decided.entries, transitions=decided.transitions, gap=gap if is_over else None
    )
