"""The forgotten canary guard says each thing once, and never cancels what it has not announced for a while."""

from dataclasses import replace as changed
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from deploybot.domain.guard import (
    NOTICE,
    GuardRule,
    Stage,
    cancel_at,
    confirmation_of,
    due,
    key_of,
    rule_for,
    waits_since,
)
from deploybot.domain.ledger import Entry
from deploybot.domain.pattern import Pattern
from tests.domain.making import NOW, entry

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
RULE = GuardRule("guard 1", (Pattern(spaces=("prod",)),), "C1", HOUR, 2 * HOUR, 4 * HOUR)
WAITING = entry(value="ACTIVE", reason="PAUSED", step=2, steps=4, status_changed_at=NOW)


@pytest.mark.parametrize(
    ("after", "said", "stage"),
    [
        (HOUR - MINUTE, {}, None),
        (HOUR, {}, Stage.REMIND),
        (HOUR, {Stage.REMIND: None}, None),
        (2 * HOUR, {Stage.REMIND: NOW}, Stage.TELL),
        (2 * HOUR, {}, Stage.TELL),
        (3 * HOUR, {Stage.REMIND: NOW, Stage.TELL: NOW}, None),
        (4 * HOUR - NOTICE, {Stage.TELL: NOW}, Stage.ANNOUNCE),
        (9 * HOUR, {}, Stage.ANNOUNCE),
        (9 * HOUR, {Stage.ANNOUNCE: None}, None),
        (4 * HOUR - MINUTE, {Stage.ANNOUNCE: NOW + 4 * HOUR - NOTICE}, None),
        (4 * HOUR, {Stage.ANNOUNCE: NOW + 4 * HOUR - NOTICE}, Stage.CANCEL),
        (4 * HOUR, {Stage.ANNOUNCE: NOW + 4 * HOUR - MINUTE}, None),
        (9 * HOUR, {Stage.ANNOUNCE: NOW + 4 * HOUR, Stage.CANCEL: None}, None),
    ],
)
def test_what_is_due(after: timedelta, said: dict[Stage, datetime | None], stage: Stage | None) -> None:
    assert due(RULE, WAITING, NOW + after, said) is stage


def test_only_what_is_set_is_ever_due() -> None:
    assert due(changed(RULE, cancel_after=None), WAITING, NOW + 99 * HOUR, {Stage.TELL: NOW}) is None
    assert due(changed(RULE, remind_after=None), WAITING, NOW + HOUR, {}) is None
    only_cancel = changed(RULE, remind_after=None, tell_after=None)
    assert due(only_cancel, WAITING, NOW + 4 * HOUR - NOTICE, {}) is Stage.ANNOUNCE


def test_a_cancel_soon_after_the_telling_is_announced_with_it_and_late_enough() -> None:
    hasty = changed(RULE, cancel_after=2 * HOUR + MINUTE)
    assert due(hasty, WAITING, NOW + 2 * HOUR - MINUTE, {}) is Stage.REMIND
    assert due(hasty, WAITING, NOW + 2 * HOUR, {}) is Stage.ANNOUNCE
    assert cancel_at(hasty, WAITING, NOW + 2 * HOUR) == NOW + 2 * HOUR + NOTICE


MOVED_ON = [
    {"reason": "DEPLOYING"},
    {"reason": "CANCELING"},
    {"value": "FINALIZED", "reason": "DEPLOYED"},
    {"ended_at": NOW},
    {"gone_at": NOW},
    {"status_changed_at": None},
]


@pytest.mark.parametrize("moved", MOVED_ON)
def test_what_does_not_wait_is_left_alone(moved: dict[str, object]) -> None:
    one = replace(WAITING, **moved)
    assert waits_since(one) is None
    assert cancel_at(RULE, one, NOW) is None
    for said in ({}, {Stage.ANNOUNCE: NOW}):
        assert due(RULE, one, NOW + 99 * HOUR, said) is None


def test_another_step_has_keys_of_its_own() -> None:
    later = replace(WAITING, step=3)
    assert {key_of(WAITING, stage) for stage in Stage}.isdisjoint({key_of(later, stage) for stage in Stage})
    assert confirmation_of(WAITING) == "guard:eu/d-1/2"
    assert confirmation_of(replace(WAITING, step=None)) == "guard:eu/d-1/-"


@pytest.mark.parametrize(
    ("pattern", "is_meant"),
    [
        (Pattern(), True),
        (Pattern(spaces=("prod",)), True),
        (Pattern(spaces=("PROD",)), True),
        (Pattern(spaces=("space-1",)), True),
        (Pattern(spaces=("prod",), orgs=("other",)), False),
        (Pattern(foundations=("us",)), False),
        (Pattern(apps=("check*",)), True),
    ],
)
def test_a_rule_is_about_its_apps(pattern: Pattern, is_meant: bool) -> None:
    rule = changed(RULE, on=(pattern,))
    assert (rule_for([rule], WAITING) is rule) == is_meant


def test_of_several_rules_the_first_counts_and_an_unknown_space_is_nobodys() -> None:
    other = changed(RULE, name="guard 2", on=(Pattern(),))
    assert rule_for([RULE, other], WAITING) is RULE
    assert rule_for([RULE], replace(WAITING, space="", space_guid="")) is None


TIMES = st.none() | st.integers(1, 600).map(lambda minutes: minutes * MINUTE)
RULES = st.builds(GuardRule, st.just("guard"), st.just((Pattern(),)), st.just("C1"), TIMES, TIMES, TIMES)
MOVES = st.lists(
    st.tuples(st.integers(1, 90), st.sampled_from(["", "", "", "", "continued", "paused"]), st.booleans()), max_size=60
)


@given(RULES, MOVES)
def test_it_never_says_a_thing_twice_nor_cancels_what_was_not_announced_in_time(
    rule: GuardRule, moves: list[tuple[int, str, bool]]
) -> None:
    """Minutes pass, the canary goes on and waits again, and messages are sent at once or some time later."""
    one, now = WAITING, NOW
    said: dict[str, datetime | None] = {}
    for minutes, happens, is_sent in moves:
        now += minutes * MINUTE
        one = _after(one, happens, now)
        if is_sent:
            said = {key: at or now for key, at in said.items()}
        of_step = {stage: said[key_of(one, stage)] for stage in Stage if key_of(one, stage) in said}
        stage = due(rule, one, now, of_step)
        if stage is None:
            continue
        since = waits_since(one)
        assert since is not None
        assert key_of(one, stage) not in said
        if stage is Stage.CANCEL:
            announced = of_step[Stage.ANNOUNCE]
            assert rule.cancel_after is not None
            assert announced is not None
            assert announced + NOTICE <= now
            assert since + rule.cancel_after <= now
        said[key_of(one, stage)] = None


def _after(one: Entry, happens: str, now: datetime) -> Entry:
    match happens:
        case "continued" if one.reason == "PAUSED":
            return replace(one, reason="DEPLOYING", step=(one.step or 0) + 1, status_changed_at=now)
        case "paused" if one.reason == "DEPLOYING":
            return replace(one, reason="PAUSED", status_changed_at=now)
        case _:
            return one
