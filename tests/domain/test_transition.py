"""What happened to a deployment: one case for each kind, and what is not told."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from deploybot.domain.deployment import (
    App,
    CanaryStatus,
    CanarySteps,
    Deployment,
    Metadata,
    Org,
    Person,
    Reference,
    Relationships,
    Space,
    Status,
    StatusDetails,
    ToOne,
)
from deploybot.domain.ledger import Entry, Kind
from deploybot.domain.outcome import Outcome, OutcomeRules
from deploybot.domain.transition import Noticed, Peer, Sight, lost, notice

RULES = OutcomeRules()
BEGAN = datetime(2026, 11, 23, 10, 0, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def seen(
    reason: str | None = "DEPLOYING",
    *,
    value: str | None = "ACTIVE",
    at: float = 0,
    healthy: float = 0,
    step: int | None = None,
    error: str | None = None,
    strategy: str = "rolling",
    updated: float | None = None,
    labels: dict[str, str | None] | None = None,
) -> Deployment:
    """A deployment that began at BEGAN; `at`, `healthy` and `updated` are seconds after that."""
    details = StatusDetails(BEGAN + healthy * SECOND, BEGAN + at * SECOND, error)
    canary = CanaryStatus(CanarySteps(step, 3)) if step else None
    return Deployment(
        "d-1",
        created_at=BEGAN,
        updated_at=BEGAN + max(at, healthy, updated or 0) * SECOND,
        status=Status(value, reason, details, canary),
        strategy="canary" if step else strategy,
        relationships=Relationships(ToOne(Reference("app-1"))),
        metadata=Metadata(labels=labels),
    )


def ended(reason: str | None, **more: float) -> Deployment:
    return seen(reason, value="FINALIZED", **more)  # type: ignore[arg-type]


def life(*sights: tuple[float, Deployment], before: Entry | None = None, peers: tuple[Peer, ...] = ()) -> list[Noticed]:
    """What is noticed when these are seen so many seconds after the beginning."""
    noticed = []
    for after, deployment in sights:
        sight = Sight("eu", deployment, BEGAN + after * SECOND)
        noticed.append(notice(before, sight, RULES, peers))
        before = noticed[-1].entry
    return noticed


def kinds(noticed: list[Noticed]) -> list[list[str]]:
    return [[transition.kind for transition in one.transitions] for one in noticed]


def test_a_new_deployment_has_started() -> None:
    [one] = life((1, seen()))
    [started] = one.transitions
    assert (started.kind, started.ordinal, started.at) == (Kind.STARTED, 1, BEGAN)
    assert (one.entry.outcome, one.entry.ordinal, one.entry.is_active) == (Outcome.IN_PROGRESS, 1, True)


@pytest.mark.parametrize(
    ("deployment", "after", "then"),
    [
        (seen("PAUSED", step=2, at=30, healthy=30), 40, Kind.PAUSED),
        (seen(), 700, Kind.STALLED),
        (seen(error="no memory"), 700, Kind.FAILED),
        (ended("DEPLOYED", at=50, healthy=40), 60, Kind.SUCCEEDED),
        (ended("CANCELED", at=50, healthy=40), 60, Kind.CANCELED),
        (ended("CANCELED", at=50, healthy=0), 60, Kind.FAILED),
        (ended("SUPERSEDED", at=50, healthy=40), 60, Kind.SUPERSEDED),
    ],
)
def test_what_a_new_deployment_already_is_comes_right_after_its_start(
    deployment: Deployment, after: float, then: Kind
) -> None:
    assert kinds(life((after, deployment))) == [[Kind.STARTED, then]]


def test_seeing_the_same_again_tells_nothing_and_leaves_the_entry_as_it_is() -> None:
    first, again = life((1, seen()), (14, seen()))
    assert again.transitions == ()
    assert again.entry is first.entry


def test_a_canary_pauses_and_is_continued() -> None:
    told = life(
        (0, seen(step=1)),
        (30, seen("PAUSED", step=1, at=25, healthy=25)),
        (40, seen("DEPLOYING", step=2, at=35, healthy=25)),
        (70, seen("PAUSED", step=2, at=65, healthy=65)),
    )
    assert kinds(told) == [["started"], ["paused"], ["continued"], ["paused"]]
    assert [(one.transitions[0].step, one.transitions[0].steps) for one in told[1:]] == [(1, 3), (1, 3), (2, 3)]
    assert told[1].transitions[0].at == BEGAN + 25 * SECOND


def test_a_continue_that_nobody_saw_is_told_with_the_next_pause() -> None:
    told = life((30, seen("PAUSED", step=1, at=25, healthy=25)), (90, seen("PAUSED", step=2, at=65, healthy=65)))
    assert kinds(told)[1] == ["continued", "paused"]
    assert [one.step for one in told[1].transitions] == [1, 2]
    assert [one.ordinal for one in told[1].transitions] == [3, 4]


def test_a_paused_canary_that_is_deployed_must_have_been_continued() -> None:
    told = life((30, seen("PAUSED", step=3, at=25)), (90, ended("DEPLOYED", step=3, at=80, healthy=75)))
    assert kinds(told)[1] == ["continued", "succeeded"]


def test_a_paused_canary_that_is_canceled_was_not_continued() -> None:
    told = life(
        (30, seen("PAUSED", step=1, at=25)), (40, seen("CANCELING", step=1, at=35)), (50, ended("CANCELED", step=1))
    )
    assert kinds(told)[1:] == [[], ["canceled"]]


def test_the_end_is_noticed_even_where_it_shares_its_second_with_what_came_before() -> None:
    told = life((40, seen("CANCELING", at=35, healthy=30)), (41, ended("CANCELED", at=35, healthy=30)))
    assert kinds(told)[1] == ["canceled"]


def test_a_rollout_stalls_and_recovers_and_may_stall_again() -> None:
    told = life((0, seen()), (650, seen()), (700, seen()), (720, seen(healthy=715)), (1400, seen(healthy=715)))
    assert kinds(told) == [["started"], ["stalled"], [], ["recovered"], ["stalled"]]
    assert told[1].transitions[0].outcome is Outcome.STALLED
    assert told[3].transitions[0].at == BEGAN + 715 * SECOND


def test_a_stalled_rollout_that_reaches_its_pause_has_recovered() -> None:
    told = life((650, seen(step=1)), (720, seen("PAUSED", step=1, at=715, healthy=715)))
    assert kinds(told)[1] == ["recovered", "paused"]


def test_a_stall_that_shows_an_error_becomes_a_failure_once() -> None:
    told = life((650, seen()), (700, seen(error="no memory")), (710, seen(error="no memory")))
    assert kinds(told)[1:] == [["failed"], []]
    assert told[1].transitions[0].error == "no memory"


def test_a_recovery_that_nobody_saw_is_told_before_the_next_trouble() -> None:
    troubled = seen(error="no memory"), seen(healthy=700), seen(healthy=700, error="no memory")
    noticed = life((0, seen()), (700, troubled[0]), (1400, troubled[1]), (1400, troubled[2]), (1500, troubled[2]))
    assert kinds(noticed)[1:] == [["failed"], ["recovered", "stalled"], ["failed"], []]


def test_a_failure_that_was_told_is_not_told_again_at_its_end() -> None:
    told = life((650, seen(error="no memory")), (700, seen("CANCELING", at=690)), (710, ended("CANCELED", at=705)))
    [canceled] = told[2].transitions
    assert (canceled.kind, canceled.outcome, canceled.error) == (Kind.CANCELED, Outcome.FAILED, "no memory")


def test_an_end_that_is_a_failure_and_was_never_told_as_one_is_told_as_failed() -> None:
    told = life((0, seen(step=1)), (650, seen(step=1)), (700, ended("CANCELED", step=1, at=690)))
    assert kinds(told) == [["started"], ["stalled"], ["failed"]]
    assert told[2].entry.why == "it had stalled before it was canceled"


def test_the_last_error_is_kept_when_cloud_foundry_clears_it() -> None:
    told = life((10, seen(error="no memory")), (20, seen(healthy=18)))
    assert kinds(told)[1] == []
    assert (told[1].entry.error, told[1].entry.last_error) == ("", "no memory")


def test_after_the_end_there_is_nothing_more_to_tell() -> None:
    done = ended("DEPLOYED", at=50, healthy=40)
    patched = ended("DEPLOYED", at=50, healthy=40, updated=500, labels={"a": "b"})  # type: ignore[arg-type]
    told = life((60, done), (600, patched), (700, seen()), (800, ended("SUPERSEDED", at=790)))
    assert kinds(told)[1:] == [[], [], []]
    assert told[1].entry.updated_at == BEGAN + 500 * SECOND
    assert told[3].entry.ended_at == BEGAN + 50 * SECOND
    assert told[3].entry.outcome is Outcome.SUCCEEDED


def test_the_deployment_created_at_the_end_of_another_superseded_it() -> None:
    peers = (Peer("older", BEGAN - MINUTE), Peer("next", BEGAN + 50 * SECOND), Peer("later", BEGAN + 52 * SECOND))
    [one] = life((60, ended("SUPERSEDED", at=50, healthy=40)), peers=peers)
    assert one.transitions[-1].other == one.entry.superseded_by == "next"


def test_of_two_that_began_in_one_second_the_second_one_superseded_the_first_and_not_the_reverse() -> None:
    twin = (Peer("twin", BEGAN),)
    [first] = life((60, ended("SUPERSEDED", at=0)), peers=twin)
    [second] = life((60, ended("SUPERSEDED", at=50, healthy=40)), peers=twin)
    assert (first.entry.superseded_by, second.entry.superseded_by) == ("twin", "")


def test_who_superseded_may_become_known_later() -> None:
    [one] = life((60, ended("SUPERSEDED", at=50, healthy=40)))
    [late] = life(
        (75, ended("SUPERSEDED", at=50, healthy=40)), before=one.entry, peers=(Peer("next", BEGAN + 50 * SECOND),)
    )
    assert (one.entry.superseded_by, late.entry.superseded_by, late.transitions) == ("", "next", ())


def test_what_is_old_at_the_first_look_is_known_and_not_told() -> None:
    for deployment in (seen(), seen("PAUSED", step=1), ended("DEPLOYED"), seen(error="no memory")):
        one = notice(None, Sight("eu", deployment, BEGAN + 700 * SECOND, silent=True), RULES)
        assert (one.transitions, one.entry.ordinal) == ((), 0)


def test_a_failure_that_was_old_at_the_first_look_is_told_when_it_ends() -> None:
    old = notice(None, Sight("eu", seen(error="no memory"), BEGAN + 700 * SECOND, silent=True), RULES)
    told = life((710, seen(error="no memory")), (800, ended("CANCELED", at=790)), before=old.entry)
    assert kinds(told) == [[], ["failed"]]


def test_words_that_nobody_knows_survive_and_undo_nothing() -> None:
    told = life(
        (30, seen("PAUSED", step=1, at=25)), (40, seen("DREAMING", step=1, at=25)), (50, seen("PAUSED", step=1, at=25))
    )
    assert kinds(told)[1:] == [[], []]
    assert (told[1].entry.reason, told[1].entry.outcome) == ("DREAMING", Outcome.PAUSED)
    [unknown] = life((60, ended(None, at=50)))
    assert (unknown.entry.outcome, unknown.entry.is_active) == (Outcome.UNKNOWN, False)
    assert (unknown.transitions[-1].kind, unknown.transitions[-1].outcome) == (Kind.ENDED, Outcome.UNKNOWN)
    [odd] = life((60, Deployment("d-1")))
    assert odd.entry.created_at == BEGAN + 60 * SECOND


def test_a_deployment_that_is_found_no_more_is_gone_and_not_failed_and_may_come_back() -> None:
    [one] = life((0, seen()))
    gone = lost(one.entry, BEGAN + MINUTE)
    assert (gone.is_active, gone.outcome, gone.ordinal) == (False, Outcome.IN_PROGRESS, 1)
    [back] = life((90, ended("DEPLOYED", at=80, healthy=80)), before=gone)
    assert (back.entry.gone_at, kinds([back])) == (None, [["succeeded"]])


def test_names_follow_a_rename_and_outlive_the_app() -> None:
    app = App("app-1", "checkout", Space("s", "prod", Org("o", "shop")))
    first = notice(None, Sight("eu", seen(), BEGAN, app, Person("u-1", "ann@example.com")), RULES)
    renamed = notice(first.entry, Sight("eu", seen(), BEGAN, App("app-1", "till")), RULES)
    deleted = notice(renamed.entry, Sight("eu", seen(), BEGAN), RULES)
    assert (first.entry.app, first.entry.space, first.entry.org, first.entry.by) == (
        "checkout",
        "prod",
        "shop",
        "ann@example.com",
    )
    assert (renamed.entry.app, renamed.entry.space) == ("till", "prod")
    assert deleted.entry is renamed.entry


def test_what_is_noticed_after_an_outage_is_marked_late() -> None:
    one = notice(None, Sight("eu", ended("DEPLOYED"), BEGAN + MINUTE, late=True), RULES)
    assert [transition.late for transition in one.transitions] == [True, True]


def test_an_entry_survives_its_way_through_json() -> None:
    [one] = life((30, seen("PAUSED", step=1, at=25, labels={"a": None})))
    assert msgspec.json.decode(msgspec.json.encode(one.entry), type=Entry) == one.entry
