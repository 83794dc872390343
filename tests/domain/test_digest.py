"""A digest tells failures first, then what waits, folds the rest, counts all, and says what was not seen."""

from datetime import timedelta
from itertools import chain
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from deploybot.domain.digest import (
    MOST_FAILED,
    MOST_LISTED,
    MOST_OPEN,
    MOST_REST,
    Happened,
    Seen,
    Window,
    digest_of,
    unseen,
)
from deploybot.domain.ledger import Entry, Gap, Kind, Transition
from deploybot.domain.outcome import Outcome
from deploybot.domain.outgoing import DigestBody
from deploybot.domain.subscription import Subscription, SubscriptionKind
from tests.domain.making import NOW, entry, transition

HOUR = timedelta(hours=1)
WINDOW = Window(NOW - 24 * HOUR, NOW)
KINDS = {
    Outcome.FAILED: Kind.FAILED,
    Outcome.STALLED: Kind.STALLED,
    Outcome.PAUSED: Kind.PAUSED,
    Outcome.SUCCEEDED: Kind.SUCCEEDED,
    Outcome.CANCELED: Kind.CANCELED,
    Outcome.SUPERSEDED: Kind.SUPERSEDED,
}
ENDED = {Outcome.SUCCEEDED, Outcome.CANCELED, Outcome.SUPERSEDED}

Row = tuple[Transition, Entry]


def daily(**changes: Any) -> Subscription:
    known: dict[str, Any] = {"made_by": "U1", "made_at": NOW, "kind": SubscriptionKind.DIGEST, "schedule": "at=10:00"}
    return Subscription(id="s-1", channel="C1", **{**known, **changes})


def row(guid: str, outcome: Outcome, ordinal: int = 1, hours_ago: float = 2, **changes: Any) -> Row:
    """A deployment with this outcome, and the transition that made it so."""
    at = NOW - hours_ago * HOUR
    known: dict[str, Any] = {"outcome": outcome, "status_changed_at": at, "ended_at": at if outcome in ENDED else None}
    told = transition(KINDS.get(outcome, Kind.STARTED), guid, ordinal, outcome=outcome, at=at, noticed_at=at)
    return told, entry(guid, **{**known, **changes})


def happened(*rows: Row) -> Happened:
    gathered = Happened()
    for told, of in rows:
        gathered.add(told, of)
    return gathered


def body_of(*rows: Row, subscription: Subscription | None = None, window: Window = WINDOW, **seen: Any) -> DigestBody:
    digest = digest_of(subscription or daily(), window, Seen(happened(*rows), **seen))
    assert digest
    return digest.body


def guids(lines: Any) -> list[str]:
    return [line.entry.guid for line in lines]


def test_failures_come_first_then_what_waits_then_the_rest() -> None:
    paused = row("waits", Outcome.PAUSED, step=2, steps=4)
    body = body_of(
        row("older failure", Outcome.FAILED, hours_ago=3),
        row("well", Outcome.SUCCEEDED),
        paused,
        row("goes on", Outcome.IN_PROGRESS),
        row("newer failure", Outcome.FAILED, hours_ago=1),
        active=[paused[1]],
    )
    assert guids(body.failed) == ["newer failure", "older failure"]
    assert guids(body.open) == ["waits"]
    assert guids(body.rest) == ["goes on", "well"]
    assert body.counts == (("failed", 2), ("paused", 1), ("in progress", 1), ("succeeded", 1))
    assert not body.more


def test_a_deployment_counts_once_with_what_became_of_it() -> None:
    started, failed, well = (
        row("d-1", outcome, ordinal)
        for ordinal, outcome in enumerate((Outcome.IN_PROGRESS, Outcome.FAILED, Outcome.SUCCEEDED), 1)
    )
    body = body_of(started, failed, well)
    assert body.counts == (("succeeded", 1),)
    assert not body.failed


def test_nothing_happened_means_no_message_even_while_a_canary_waits() -> None:
    _, waits = row("waits", Outcome.PAUSED)
    assert digest_of(daily(), WINDOW, Seen(Happened(), active=[waits])) is None


def test_whoever_wants_proof_is_told_that_nothing_happened() -> None:
    body = body_of(subscription=daily(proof=True), before={})
    assert body.counts == ()
    assert dict(body.before) == {"failed": 0, "succeeded": 0}


def test_what_waits_since_before_the_window_is_told_again_with_since_when() -> None:
    _, waits = row("waits", Outcome.PAUSED, hours_ago=26, step=2, steps=4)
    _, stuck = row("stuck", Outcome.STALLED, hours_ago=3, last_healthy_at=NOW - 2 * HOUR)
    body = body_of(row("well", Outcome.SUCCEEDED), active=[stuck, waits])
    assert [(line.entry.guid, line.note) for line in body.open] == [
        ("waits", "waits at step 2 of 4 since 2026-11-22 08:00, for 26 h"),
        ("stuck", "no instance got healthy since 08:00, for 2 h"),
    ]
    assert body.counts == (("succeeded", 1),)


def test_times_in_notes_are_those_of_the_subscriptions_zone() -> None:
    told = row("waits", Outcome.PAUSED, hours_ago=2)
    body = body_of(told, subscription=daily(tz="Asia/Kolkata"), active=[told[1]])
    assert body.open[0].note == "waits since 13:30, for 2 h"
    assert body.tz == "Asia/Kolkata"


def test_a_failure_whose_error_cloud_foundry_cleared_keeps_it() -> None:
    body = body_of(row("d-1", Outcome.FAILED, ended_at=NOW, last_error="no route to host", why="it had stalled"))
    assert body.failed[0].note == "its last error: no route to host"


def test_what_waits_only_since_after_the_window_is_the_next_digests() -> None:
    _, later = row("later", Outcome.PAUSED, hours_ago=-1)
    assert not body_of(row("well", Outcome.SUCCEEDED), active=[later]).open


def test_the_period_before_is_told_with_zeros_and_left_out_where_it_was_not_seen() -> None:
    rows = row("a", Outcome.SUCCEEDED), row("b", Outcome.CANCELED)
    assert dict(body_of(*rows, before={Outcome.FAILED: 3}).before) == {"failed": 3, "canceled": 0, "succeeded": 0}
    assert body_of(*rows, before=None).before == ()


def test_only_a_failure_pings() -> None:
    pinging = daily(mention="<!subteam^S1>")
    assert body_of(row("a", Outcome.FAILED), subscription=pinging).mention == "<!subteam^S1>"
    assert body_of(row("a", Outcome.STALLED), subscription=pinging).mention == ""


def test_gaps_are_cut_to_the_window_and_one_that_lasts_has_no_end() -> None:
    gaps = [
        Gap(foundation="eu", since=NOW - 2 * HOUR, until=None, reason="not reachable"),
        Gap(foundation="eu", since=NOW - 30 * HOUR, until=NOW - 20 * HOUR, reason="not reachable"),
        Gap(foundation="us", since=NOW - 3 * HOUR, until=NOW + HOUR, reason="not reachable"),
        Gap(foundation="us", since=NOW - 40 * HOUR, until=NOW - 30 * HOUR, reason="not reachable"),
    ]
    told = body_of(row("a", Outcome.SUCCEEDED), gaps=gaps).gaps
    assert [(gap.foundation, gap.since, gap.until) for gap in told] == [
        ("eu", NOW - 24 * HOUR, NOW - 20 * HOUR),
        ("us", NOW - 3 * HOUR, NOW),
        ("eu", NOW - 2 * HOUR, None),
    ]


def test_the_time_before_a_foundations_first_poll_counts_as_not_seen() -> None:
    first = {"eu": NOW - 30 * HOUR, "us": NOW - 5 * HOUR, "ap": None}
    assert [(gap.foundation, gap.since, gap.until) for gap in unseen(WINDOW, [], first.items())] == [
        ("us", NOW - 24 * HOUR, NOW - 5 * HOUR),
        ("ap", NOW - 24 * HOUR, None),
    ]


@given(st.lists(st.sampled_from(Outcome), max_size=60), st.integers(0, 60))
def test_every_deployment_is_named_or_counted_and_all_are_listed(outcomes: list[Outcome], still: int) -> None:
    rows = [row(str(number), outcome) for number, outcome in enumerate(outcomes)]
    active = [of for _, of in rows[:still] if of.is_active]
    digest = digest_of(daily(proof=True), WINDOW, Seen(happened(*rows), active=active))
    assert digest
    body = digest.body
    named = guids(chain(body.failed, body.open, body.rest))
    assert len(body.failed) <= MOST_FAILED
    assert len(body.open) <= MOST_OPEN
    assert len(body.rest) <= MOST_REST
    assert len(named) == len(set(named))
    assert len(named) + body.more == len(rows) == sum(count for _, count in body.counts)
    assert {one.guid for one in digest.listed} == {of.guid for _, of in rows}
    assert [one.guid for one in digest.listed][: len(body.failed)] == guids(body.failed)


def test_a_huge_window_lists_ten_thousand_and_counts_all() -> None:
    digest = digest_of(
        daily(), WINDOW, Seen(happened(*(row(str(number), Outcome.FAILED) for number in range(MOST_LISTED + 7))))
    )
    assert digest
    assert len(digest.listed) == MOST_LISTED
    assert digest.body.counts == (("failed", MOST_LISTED + 7),)
    assert digest.body.more == MOST_LISTED + 7 - MOST_FAILED


def test_a_message_keeps_only_the_beginning_of_long_texts() -> None:
    body = body_of(row("d-1", Outcome.FAILED, error="x" * 9999, last_error="y" * 9999, why="z" * 9999))
    line = body.failed[0]
    assert max(map(len, (line.entry.error, line.entry.last_error, line.entry.why, line.note))) <= 500
