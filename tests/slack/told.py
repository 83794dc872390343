"""What the bot tells by itself, to be drawn: one of each, and strategies for any that a store could hold."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from deploybot.domain.acting import Action, Bound, Stand
from deploybot.domain.approval import Approval, ApprovalState
from deploybot.domain.ledger import Entry, Gap, Kind, Transition
from deploybot.domain.outcome import Outcome
from deploybot.domain.outgoing import (
    AlertBody,
    ApprovalBody,
    Body,
    Claim,
    DigestBody,
    DigestLine,
    Draft,
    GuardBody,
    Listed,
    NoticeBody,
    Outdated,
    ReplyBody,
    SummaryBody,
)
from tests.slack.factories import GUID, NAMES, NASTY, NOW, NUMBERS, TIMES

MENTION = "<!subteam^S0CHECKOUT>"


def entry(number: int = 1, **more: Any) -> Entry:
    """A canary that failed at step 2 of 4."""
    given: dict[str, Any] = {
        "foundation": "eu",
        "guid": GUID.format(number % 10),
        "app_guid": "app-guid-1",
        "app": "checkout",
        "space": "prod",
        "org": "shop",
        "strategy": "canary",
        "created_at": NOW - timedelta(hours=1),
        "updated_at": NOW - timedelta(minutes=5),
        "value": "ACTIVE",
        "reason": "DEPLOYING",
        "step": 2,
        "steps": 4,
        "last_healthy_at": NOW - timedelta(minutes=30),
        "status_changed_at": NOW - timedelta(minutes=20),
        "error": "instance is crashing",
        "revision": 12,
        "by": "ada@example.com",
        "outcome": Outcome.FAILED,
        "why": "no instance got healthy for 20 min",
        "first_seen_at": NOW - timedelta(hours=1),
        "changed_at": NOW,
    }
    return Entry(**{**given, **more})


def change(kind: Kind = Kind.FAILED, number: int = 1, **more: Any) -> Transition:
    given: dict[str, Any] = {
        "foundation": "eu",
        "guid": GUID.format(number % 10),
        "ordinal": 3,
        "kind": kind,
        "outcome": Outcome.FAILED,
        "at": NOW,
        "noticed_at": NOW + timedelta(seconds=15),
        "why": "no instance got healthy for 20 min",
        "error": "instance is crashing",
    }
    return Transition(**{**given, **more})


def digest(**more: Any) -> DigestBody:
    """A day with one failure, one canary that waits, and one success."""
    given: dict[str, Any] = {
        "subscription": "s1",
        "filters": "org=shop",
        "since": datetime(2026, 11, 22, 8, 0, tzinfo=UTC),
        "until": datetime(2026, 11, 23, 8, 0, tzinfo=UTC),
        "tz": "Europe/Berlin",
        "counts": (("failed", 1), ("paused", 1), ("succeeded", 12)),
        "before": (("failed", 3), ("succeeded", 12)),
        "failed": (DigestLine(entry=entry(1)),),
        "open": (DigestLine(entry=entry(2, outcome=Outcome.PAUSED), note="waits at step 2 of 4 since 09:12"),),
        "rest": (DigestLine(entry=entry(3, outcome=Outcome.SUCCEEDED, error="", why="")),),
        "mention": MENTION,
    }
    return DigestBody(**{**given, **more})


def claim(body: Body, **more: Any) -> Claim:
    listed = more.pop("listed", ())
    draft = Draft(key="k1", channel="C1", body=body, listed=listed)
    return Claim(**{"message": 7, "draft": draft, "token": "t", "until": NOW, "entry": entry(), **more})


ENTRIES = st.builds(
    Entry,
    foundation=NAMES,
    guid=st.uuids().map(str) | NASTY,
    app_guid=NASTY,
    app=NASTY,
    space=NASTY,
    org=NASTY,
    strategy=NASTY,
    created_at=TIMES,
    value=NASTY,
    reason=NASTY,
    step=st.none() | NUMBERS,
    steps=st.none() | NUMBERS,
    last_healthy_at=st.none() | TIMES,
    status_changed_at=st.none() | TIMES,
    error=NASTY,
    revision=st.none() | NUMBERS,
    labels=st.lists(st.tuples(NASTY, NASTY), max_size=3).map(tuple),
    by=NASTY,
    by_guid=NASTY,
    outcome=st.sampled_from(Outcome),
    why=NASTY,
    ended_at=st.none() | TIMES,
    gone_at=st.none() | TIMES,
    first_seen_at=TIMES,
    changed_at=TIMES,
)
CHANGES = st.builds(
    Transition,
    foundation=NAMES,
    guid=NASTY,
    ordinal=st.integers(1, 99),
    kind=st.sampled_from(Kind),
    outcome=st.sampled_from(Outcome),
    at=TIMES,
    noticed_at=TIMES,
    step=st.none() | NUMBERS,
    steps=st.none() | NUMBERS,
    why=NASTY,
    error=NASTY,
    other=NASTY,
    late=st.booleans(),
)
MENTIONS = st.lists(NASTY | st.sampled_from([MENTION, "<@U1>", "<!here>"]), max_size=5).map(tuple)
COUNTS = st.lists(st.tuples(st.sampled_from(Outcome).map(str) | NASTY, st.integers(0, 10**7)), max_size=10).map(tuple)
_LINES = st.builds(DigestLine, entry=ENTRIES, note=NASTY)
_MANY = st.integers(0, 60)


def _repeated(line: DigestLine, many: int) -> tuple[DigestLine, ...]:
    """Sixty lines drawn one by one would take hypothesis too long; the same one is as heavy."""
    return (line,) * many


LINES = st.builds(_repeated, _LINES, _MANY)
GAPS = st.lists(
    st.builds(Gap, foundation=NAMES, since=TIMES, until=st.none() | TIMES, reason=NASTY | st.just("not reachable")),
    max_size=9,
).map(tuple)
DIGESTS = st.builds(
    DigestBody,
    subscription=NAMES,
    filters=NASTY,
    since=TIMES,
    until=TIMES,
    tz=st.sampled_from(["Europe/Berlin", "UTC", "Nowhere/Land", ""]),
    counts=COUNTS,
    before=COUNTS,
    failed=LINES,
    open=LINES,
    rest=LINES,
    more=st.integers(0, 10**6),
    gaps=GAPS,
    late=st.booleans(),
    mention=NASTY | st.just(MENTION),
)
SUMMARIES = st.builds(
    SummaryBody,
    counts=COUNTS,
    deployments=st.integers(0, 10**6),
    lines=st.builds(lambda pair, many: (pair,) * many, st.tuples(CHANGES, ENTRIES), st.integers(0, 40)),
    why=NASTY,
    mentions=MENTIONS,
)
ALERTS = st.builds(AlertBody, foundation=NAMES, guid=NASTY)
REPLIES = st.builds(ReplyBody, transition=CHANGES, mentions=MENTIONS)
NOTICES = st.builds(NoticeBody, text=NASTY, resume=st.sampled_from(["", "s1"]), mentions=MENTIONS)
BOUNDS = st.builds(
    Bound,
    action=st.sampled_from(Action),
    foundation=NAMES,
    guid=NASTY,
    stand=st.builds(Stand, NASTY, NASTY, st.none() | NUMBERS),
)
REQUESTS = st.builds(
    Approval,
    id=st.sampled_from(["a1", "x" * 3000]),
    bound=BOUNDS,
    app=NASTY,
    space=NASTY,
    org=NASTY,
    asked_by=NASTY | st.just("U1"),
    asked_account=NASTY,
    asked_account_guid=NASTY,
    channel=st.just("C1"),
    asked_at=TIMES,
    expires_at=TIMES,
    consequences=st.lists(NASTY, max_size=4).map(tuple),
    steps=st.none() | NUMBERS,
    starter=NASTY,
    starter_is_person=st.booleans(),
    state=st.sampled_from(ApprovalState),
    decided_by=NASTY | st.just("U2"),
    decided_at=st.none() | TIMES,
    told=NASTY,
)
GUARDS = st.builds(GuardBody, entry=ENTRIES, text=NASTY, mentions=MENTIONS, moved_on=st.booleans())
BODIES = DIGESTS | SUMMARIES | ALERTS | REPLIES | NOTICES | st.builds(ApprovalBody, approval=REQUESTS) | GUARDS
CLAIMS = st.builds(
    Claim,
    message=st.integers(1, 10**12),
    draft=st.builds(
        Draft,
        key=NAMES,
        channel=st.just("C1"),
        body=BODIES,
        listed=st.integers(0, 300).map(lambda many: (Listed("eu", "g"),) * many),
    ),
    token=NAMES,
    until=TIMES,
    repeat=st.booleans(),
    entry=st.none() | ENTRIES,
)
OUTDATED = st.builds(Outdated, message=st.integers(1, 9), channel=st.just("C1"), ts=st.just("1.1"), entry=ENTRIES)
