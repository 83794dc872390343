"""What happened to a deployment: what the ledger has and what is seen now become its new entry and transitions."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from deploybot.domain.deployment import App, Deployment, Person
from deploybot.domain.ledger import Entry, Kind, Transition
from deploybot.domain.outcome import Memory, Outcome, OutcomeRules, Verdict, judge

_SAME_MOMENT = timedelta(seconds=5)
"""What supersedes a deployment is created in the same transaction that ends it, so within so much of its end."""

_TROUBLED = frozenset({Outcome.STALLED, Outcome.FAILED})
_WELL = frozenset({Outcome.IN_PROGRESS, Outcome.ERRORING, Outcome.PAUSED})
_ENDS = {
    Outcome.SUCCEEDED: Kind.SUCCEEDED,
    Outcome.CANCELED: Kind.CANCELED,
    Outcome.SUPERSEDED: Kind.SUPERSEDED,
    Outcome.UNKNOWN: Kind.ENDED,
}
_WORDS_OF_ENDS = {"CANCELED": Kind.CANCELED, "SUPERSEDED": Kind.SUPERSEDED}


@dataclass(frozen=True, slots=True)
class Sight:
    """One deployment as it is seen at an instant, with the names around it as far as they are known.

    `late` says that a time before it was not seen; `silent` that it is old: whatever it is, nobody is told.
    """

    foundation: str
    deployment: Deployment
    now: datetime
    app: App | None = None
    by: Person | None = None
    late: bool = False
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Peer:
    """Another deployment of the same app, which may have taken this one's place."""

    guid: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Noticed:
    """The entry as it is now (the very same one where nothing changed), and what is new, oldest first."""

    entry: Entry
    transitions: tuple[Transition, ...] = ()


def notice(before: Entry | None, sight: Sight, rules: OutcomeRules, peers: Collection[Peer] = ()) -> Noticed:
    """What is new about a deployment. Its end is the last that is ever told of it."""
    if before is None:
        return _first(sight, rules, peers)
    if before.ended_at is not None:
        return Noticed(_after_the_end(before, sight, peers))
    after = _brought_up_to_date(before, sight, rules, peers)
    return _noticed(before, after, tuple(_kinds(before, after)), sight)


def lost(entry: Entry, now: datetime) -> Entry:
    """The entry of a deployment that Cloud Foundry knows no more: no failure, and no end either."""
    return msgspec.structs.replace(entry, gone_at=now, changed_at=now)


def _first(sight: Sight, rules: OutcomeRules, peers: Collection[Peer]) -> Noticed:
    """A deployment that the ledger does not know: it started, and became what it is."""
    begun = _begun(sight)
    after = _brought_up_to_date(begun, sight, rules, peers)
    if not sight.silent:
        return _noticed(begun, after, (Kind.STARTED, *_kinds(begun, after)), sight)
    if not sight.deployment.is_active and after.ended_at is None:  # nobody knows these words: then it is history
        after = msgspec.structs.replace(after, ended_at=after.updated_at or after.created_at)
    return Noticed(msgspec.structs.replace(after, stalled=after.stalled or after.failed, failed=False))


def _begun(sight: Sight) -> Entry:
    """The entry of a deployment at its very beginning, before anything was seen of it."""
    seen = sight.deployment
    return Entry(
        foundation=sight.foundation,
        guid=seen.guid,
        created_at=seen.created_at or seen.updated_at or sight.now,
        value="ACTIVE",
        reason="DEPLOYING",
        first_seen_at=sight.now,
        changed_at=sight.now,
    )


def _noticed(before: Entry, after: Entry, kinds: tuple[Kind, ...], sight: Sight) -> Noticed:
    if not kinds and _says_the_same(before, after):
        return Noticed(before)
    first = before.ordinal + 1
    told = tuple(
        _transition(before, after, kind, first + nth, sight, last=nth == len(kinds) - 1)
        for nth, kind in enumerate(kinds)
    )
    return Noticed(msgspec.structs.replace(after, ordinal=before.ordinal + len(kinds), changed_at=sight.now), told)


def _says_the_same(before: Entry, after: Entry) -> bool:
    """`why` tells a length of time, which alone is no change."""
    return msgspec.structs.replace(after, why=before.why) == before


def _after_the_end(before: Entry, sight: Sight, peers: Collection[Peer]) -> Entry:
    """What may still become known: a change of the metadata, who started it, and what superseded it."""
    after = msgspec.structs.replace(
        before,
        updated_at=sight.deployment.updated_at or before.updated_at,
        labels=_labels(sight.deployment),
        gone_at=None,
        **_names(before, sight.app) if not before.app else {},
        **_person(before, sight.by),
        superseded_by=before.superseded_by or _successor(before, peers),
    )
    return before if after == before else msgspec.structs.replace(after, changed_at=sight.now)


def _brought_up_to_date(before: Entry, sight: Sight, rules: OutcomeRules, peers: Collection[Peer]) -> Entry:
    seen = sight.deployment
    verdict = _verdict(before, sight, rules)
    is_active = not _has_ended(seen)
    fails = is_active and verdict.outcome is Outcome.FAILED and before.outcome is not Outcome.FAILED
    after = msgspec.structs.replace(
        before,
        **_facts(before, seen),
        **_names(before, sight.app),
        **_person(before, sight.by),
        outcome=verdict.outcome,
        why=verdict.why,
        stalled=before.stalled or (is_active and verdict.outcome in _TROUBLED),
        failed=before.failed or fails,
        ended_at=None if is_active else _changed_at(seen) or sight.now,
        gone_at=None,
    )
    return msgspec.structs.replace(after, superseded_by=_successor(after, peers))


def _verdict(before: Entry, sight: Sight, rules: OutcomeRules) -> Verdict:
    """Words that nobody knows say why, but do not undo what it was before: it may be paused or stalled still."""
    memory = Memory(stalled=before.stalled, failed=before.failed)
    verdict = judge(sight.deployment, sight.now, rules, memory)
    if verdict.outcome is Outcome.UNKNOWN and not _has_ended(sight.deployment):
        return Verdict(before.outcome, verdict.why)
    return verdict


def _has_ended(seen: Deployment) -> bool:
    return seen.value == "FINALIZED"


def _changed_at(seen: Deployment) -> datetime | None:
    return seen.details.last_status_change or seen.updated_at


def _facts(before: Entry, seen: Deployment) -> dict[str, object]:
    """The deployment's own fields; what the server leaves out this time stays as it was known."""
    steps = seen.canary_steps
    return {
        "app_guid": seen.app_guid or before.app_guid,
        "strategy": seen.strategy or before.strategy,
        "updated_at": seen.updated_at or before.updated_at,
        "value": seen.value or "",
        "reason": seen.reason or "",
        "step": steps.current if steps else before.step,
        "steps": steps.total if steps else before.steps,
        "last_healthy_at": seen.details.last_successful_healthcheck or before.last_healthy_at,
        "status_changed_at": seen.details.last_status_change or before.status_changed_at,
        "error": seen.error or "",
        "last_error": seen.error or before.last_error,
        "revision": seen.revision.version if seen.revision else before.revision,
        "labels": _labels(seen),
    }


def _labels(seen: Deployment) -> tuple[tuple[str, str], ...]:
    labels = (seen.metadata and seen.metadata.labels) or {}
    return tuple(sorted((key, value or "") for key, value in labels.items()))


def _names(before: Entry, app: App | None) -> dict[str, str]:
    """Names as they are now: apps are renamed, and a deleted one keeps the name that it had."""
    if not app:
        return {}
    space = app.space
    org = space.org if space else None
    return {
        "app": app.name,
        "space_guid": space.guid if space else before.space_guid,
        "space": space.name if space else before.space,
        "org_guid": org.guid if org else before.org_guid,
        "org": org.name if org else before.org,
    }


def _person(before: Entry, by: Person | None) -> dict[str, str]:
    return {"by": by.shown, "by_guid": by.guid} if by and not before.by else {}


def _successor(entry: Entry, peers: Collection[Peer]) -> str:
    """The deployment that was created when this one ended, else the next newer one of its app; "" if none is known."""
    if entry.reason != "SUPERSEDED":
        return ""
    began, ended = entry.created_at, entry.ended_at or entry.created_at
    newer = [peer for peer in peers if peer.created_at > began or peer.created_at == began == ended]
    others = [peer for peer in newer if peer.guid != entry.guid]
    then = [peer for peer in others if abs(peer.created_at - ended) <= _SAME_MOMENT]
    if then:
        return min(then, key=lambda peer: (abs(peer.created_at - ended), peer.guid)).guid
    return min(others, key=lambda peer: (peer.created_at, peer.guid)).guid if others else ""


def _kinds(before: Entry, after: Entry) -> Iterator[Kind]:
    """What must have happened between the two, in order; what may have happened and left no trace is not told."""
    went_on = before.outcome is Outcome.PAUSED and _went_on(before, after)
    if went_on:
        yield Kind.CONTINUED
    recovered = before.outcome in _TROUBLED and (after.outcome in _WELL or _got_healthier(before, after))
    if recovered:
        yield Kind.RECOVERED
    if after.outcome is Outcome.PAUSED and (went_on or before.outcome is not Outcome.PAUSED):
        yield Kind.PAUSED
    if after.ended_at is not None:
        yield from _ends(before, after)
    elif after.outcome is Outcome.FAILED and (recovered or before.outcome is not Outcome.FAILED):
        yield Kind.FAILED
    elif after.outcome is Outcome.STALLED and (recovered or before.outcome not in _TROUBLED):
        yield Kind.STALLED


def _got_healthier(before: Entry, after: Entry) -> bool:
    """Did it go on unseen, to get into trouble once more? Then that is told anew, and not as the old trouble."""
    is_troubled = after.ended_at is None and after.outcome in _TROUBLED
    then, now = before.last_healthy_at, after.last_healthy_at
    return is_troubled and then is not None and now is not None and now > then


def _went_on(before: Entry, after: Entry) -> bool:
    """Did somebody continue a paused canary? Cancelled or superseded, only a further step proves that."""
    if before.step is not None and after.step is not None and after.step > before.step:
        return True
    if after.outcome is Outcome.PAUSED:
        return after.status_changed_at != before.status_changed_at
    return (after.value, after.reason) in {("ACTIVE", "DEPLOYING"), ("FINALIZED", "DEPLOYED")}


def _ends(before: Entry, after: Entry) -> Iterator[Kind]:
    """A failure that was told while it was under way is not told again: then its end is told by the server's word."""
    if after.outcome is Outcome.FAILED:
        told = _WORDS_OF_ENDS.get(after.reason) if before.failed else Kind.FAILED
        if told:
            yield told
    elif after.outcome in _ENDS:
        yield _ENDS[after.outcome]


def _transition(before: Entry, after: Entry, kind: Kind, ordinal: int, sight: Sight, *, last: bool) -> Transition:
    """Only the last one is about the deployment as it is now; those before it were passed unseen."""
    is_superseded = kind in {Kind.SUPERSEDED, Kind.FAILED} and after.reason == "SUPERSEDED"
    is_start = kind is Kind.STARTED
    return Transition(
        foundation=after.foundation,
        guid=after.guid,
        ordinal=ordinal,
        kind=kind,
        outcome=after.outcome if last else Outcome.IN_PROGRESS,
        at=after.created_at if is_start else _happened_at(after, kind, sight.now),
        noticed_at=sight.now,
        step=None if is_start else before.step if kind is Kind.CONTINUED else after.step,
        steps=after.steps,
        why=after.why if last else "",
        error=_error(after, kind),
        other=after.superseded_by if is_superseded else "",
        late=sight.late,
    )


def _happened_at(after: Entry, kind: Kind, now: datetime) -> datetime:
    """As far as Cloud Foundry tells; when a rollout stalled is known only from when it was noticed."""
    if kind in {Kind.PAUSED, Kind.CONTINUED} or after.ended_at:
        return after.status_changed_at or after.updated_at or now
    if kind is Kind.RECOVERED:
        return max(filter(None, (after.last_healthy_at, after.status_changed_at)), default=now)
    return now


def _error(after: Entry, kind: Kind) -> str:
    is_failure = kind in _WORDS_OF_ENDS.values() and after.outcome is Outcome.FAILED
    return after.error or after.last_error if is_failure or kind in {Kind.FAILED, Kind.STALLED} else ""
