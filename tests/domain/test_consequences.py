"""What an action will do, and what happened since: in sentences, with the server's own arithmetic."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.domain.acting import Action, Bound, Stand, stand_of
from deploybot.domain.consequences import NO_UNDO, OUTAGE, consequences, moved, state_words, target, why_not
from deploybot.domain.deployment import (
    CanaryOptions,
    CanaryStatus,
    CanaryStep,
    CanarySteps,
    Deployment,
    Event,
    Instances,
    Options,
    Person,
    Progress,
    Reference,
    Status,
)
from tests.domain.making import NOW
from tests.recordings import exchanges

ANN, BOB = Person("user-ann", "ann@example.com"), Person("user-bob", "bob@example.com")


def canary(
    step: int | None = 1, weights: tuple[int, ...] = (20, 60, 80, 100), reason: str = "PAUSED", value: str = "ACTIVE"
) -> Deployment:
    """One that waits at a step; without weights it has just the one step that every canary has."""
    options = Options(canary=CanaryOptions(tuple(map(CanaryStep, weights)))) if weights else Options()
    return Deployment(
        "d-1",
        status=Status(value, reason, canary=CanaryStatus(CanarySteps(step, len(weights) or 1))),
        strategy="canary",
        options=options,
        previous_droplet=Reference("droplet-0"),
    )


def running(new: int, old: int, goal: int | None, crashed: int = 0) -> Progress:
    return Progress(Instances(new, crashed=crashed), Instances(old), goal)


def test_continue_goes_on_by_one_step() -> None:
    assert consequences(Action.CONTINUE, canary(1), running(2, 9, 10)) == (
        "It goes on by one step, to step 2 of 4: 20 % -> 60 %, 2 -> 6 of 10 instances.",
        "There it waits for a person again.",
    )


def test_where_instances_are_not_known_only_percents_are_told() -> None:
    told = "It goes on by one step, to step 2 of 4: 20 % -> 60 %."
    assert consequences(Action.CONTINUE, canary(1), None)[0] == told
    assert consequences(Action.CONTINUE, canary(1), running(2, 9, None))[0] == told


def test_the_last_continue_goes_to_all_instances() -> None:
    assert consequences(Action.CONTINUE, canary(4), running(8, 3, 10)) == (
        "It goes on after step 4 of 4 to all instances, 8 -> 10, without another pause.",
    )


def test_a_canary_without_steps_goes_on_to_all_instances() -> None:
    assert consequences(Action.CONTINUE, canary(1, ()), running(1, 10, 10)) == (
        "It goes on to all instances, 1 -> 10, without another pause.",
    )


def test_crashed_instances_are_told_before_somebody_goes_on() -> None:
    told = consequences(Action.CONTINUE, canary(1), running(2, 9, 10, crashed=1))
    assert told[-1] == "1 instance of the new version is crashed at the moment."


def test_cancel_says_what_it_does_not_undo() -> None:
    told = consequences(Action.CANCEL, canary(2), running(6, 5, 10))
    assert told == (
        "The previous version (its droplet) is put back, and the instances of the new one go away: 6 of the new and 5 "
        "of the previous one run now.",
        NO_UNDO,
        OUTAGE,
    )
    assert consequences(Action.CANCEL, canary(2), None)[1:] == (NO_UNDO, OUTAGE)


def test_without_a_previous_droplet_cancel_cannot_work() -> None:
    first = Deployment("d-1", status=Status("ACTIVE", "DEPLOYING"), previous_droplet=Reference(None))
    assert "no previous version to put back" in why_not(Action.CANCEL, first)
    assert "no previous version to put back" in why_not(
        Action.CANCEL, Deployment("d", status=Status("ACTIVE", "PAUSED"))
    )


@pytest.mark.parametrize(
    ("weight", "instances", "new"), [(20, 10, 2), (25, 10, 3), (1, 10, 1), (100, 7, 7), (50, 3, 2)]
)
def test_a_steps_instances_are_rounded_as_the_server_does(weight: int, instances: int, new: int) -> None:
    assert target(instances, weight) == new


@given(st.integers(1, 500), st.integers(1, 100))
def test_a_step_has_one_instance_at_least_and_never_more_than_all(instances: int, weight: int) -> None:
    assert 1 <= target(instances, weight) <= instances


@given(
    st.sampled_from(Action),
    st.builds(
        canary,
        st.none() | st.integers(0, 9),
        st.tuples() | st.tuples(st.integers(1, 100), st.integers(1, 100)),
        st.sampled_from(["PAUSED", "DEPLOYING", "NEWS"]),
    ),
    st.none() | st.builds(running, st.integers(0, 9), st.integers(0, 9), st.none() | st.integers(0, 9)),
)
def test_whatever_the_server_says_there_are_sentences(
    action: Action, deployment: Deployment, progress: Progress | None
) -> None:
    for sentence in (*consequences(action, deployment, progress), state_words(deployment)):
        assert sentence.endswith(".")
        assert "None" not in sentence


def test_the_recorded_refusals_are_foreseen() -> None:
    """What Cloud Foundry said no to for its state alone is what `why_not` says no to."""
    refused = [one for one in exchanges() if "/actions/" in one["path"] and one["status"] == 422]
    told = [one["body"] for one in refused if "Cannot" in one["body"]]
    assert told
    for body in told:
        words = body.split("status: ")[1].split('"')[0]
        value, _, reason = words.partition(" and reason: ")
        action = Action.CANCEL if "Cannot cancel" in body else Action.CONTINUE
        deployment = Deployment("d", status=Status(value, reason or None), previous_droplet=Reference("x"))
        assert why_not(action, deployment)


@pytest.mark.parametrize(
    ("action", "value", "reason", "works"),
    [
        (Action.CONTINUE, "ACTIVE", "PAUSED", True),
        (Action.CANCEL, "ACTIVE", "PAUSED", True),
        (Action.CANCEL, "ACTIVE", "DEPLOYING", True),
        (Action.CONTINUE, "ACTIVE", "DEPLOYING", False),
        (Action.CANCEL, "ACTIVE", "CANCELING", False),
        (Action.CONTINUE, "ACTIVE", "CANCELING", False),
        (Action.CANCEL, "FINALIZED", "DEPLOYED", False),
        (Action.CANCEL, "FINALIZED", "CANCELED", False),
        (Action.CANCEL, "ACTIVE", "NEWS", False),
    ],
)
def test_what_can_be_done_follows_from_the_status(action: Action, value: str, reason: str, works: bool) -> None:
    assert (why_not(action, canary(1, reason=reason, value=value)) == "") is works


def bound(stand: Stand | None) -> Bound:
    return Bound(action=Action.CONTINUE, foundation="eu", guid="d-1", stand=stand)


def did(kind: str, by: Person, minutes: int = 0, **more: Any) -> Event:
    return Event(f"e-{kind}-{minutes}", kind, NOW + timedelta(minutes=minutes), by, "d-1", "app-1", **more)


PAUSED_AT_1 = stand_of(canary(1))


def test_nothing_moved_while_status_and_step_are_the_same() -> None:
    assert moved(bound(PAUSED_AT_1), canary(1), (did("continue", ANN),)) == ""
    assert moved(bound(None), canary(3), ()) == ""


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (canary(2), "It is now paused at step 2 of 4."),
        (canary(2, reason="DEPLOYING"), "It is now rolling out, step 2 of 4."),
        (canary(1, reason="CANCELING"), "It is now being canceled."),
        (canary(4, reason="DEPLOYED", value="FINALIZED"), "It has ended: succeeded."),
        (canary(1, reason="SUPERSEDED", value="FINALIZED"), "It has ended: a newer deployment of the app replaced it."),
        (Deployment("d-1", status=Status("ACTIVE", "NEWS")), "Its status is now ACTIVE, reason NEWS."),
    ],
)
def test_what_changed_is_told_with_the_last_one_who_did_something(now: Deployment, told: str) -> None:
    events = (did("create", ANN), did("continue", ANN, 1), did("continue", BOB, 2))
    by = "bob@example.com continued it at 10:02:00 UTC."
    assert moved(bound(PAUSED_AT_1), now, events) == f"It has moved on. {told} {by}"
    assert moved(bound(PAUSED_AT_1), now, None) == f"It has moved on. {told}"


def test_what_a_rollout_reaches_by_itself_is_nobodys_doing() -> None:
    before = stand_of(canary(2, reason="DEPLOYING"))
    assert moved(bound(before), canary(2), (did("continue", ANN),)) == (
        "It has moved on. It is now paused at step 2 of 4."
    )


def test_what_is_gone_is_told() -> None:
    assert moved(bound(PAUSED_AT_1), None, ()) == "It is not there any more."
