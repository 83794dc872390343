"""What is said of how far a right reaches is what is decided for each app."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.domain.access import Audience, Right, Rule, Someone, Target, Where, decide
from deploybot.domain.pattern import Pattern
from deploybot.domain.reach import reach_of
from tests.domain import access_rules as known
from tests.domain.access_rules import ONCALL, deny, rule

ALICE = Someone("U0ALICE")
PROD = (Pattern(spaces=("prod",)),)


@given(st.lists(known.rules, max_size=4), known.viewers, known.rights, known.places, known.targets)
def test_everything_and_nothing_are_meant_literally(
    rules: list[Rule], viewer: Someone | Audience, right: Right, where: Where, target: Target
) -> None:
    reach, decision = reach_of(rules, viewer, right, where), decide(rules, viewer, right, where, target)
    if reach.is_everything or reach.is_nothing:
        assert decision.allowed is reach.is_everything
    assert not (reach.is_everything and reach.is_nothing)
    if decision.rule and not decision.allowed:
        assert decision.rule in {one.name for one in reach.denying}


@pytest.mark.parametrize(
    ("rules", "why_not"),
    [
        ([], "no rule allows it"),
        ([rule("U0BOB")], "no rule allows it"),
        ([rule(), deny(name="the freeze")], "the freeze denies it"),
        ([rule(), deny(on=PROD)], ""),
    ],
)
def test_why_nothing_is_allowed_is_said(rules: list[Rule], why_not: str) -> None:
    assert reach_of(rules, ALICE, Right.CONTINUE, ONCALL).why_not == why_not


def test_only_rules_for_this_person_here_are_named() -> None:
    here, there = rule("U0ALICE", name="here", on=PROD), rule("U0ALICE", name="there", where=("C0OTHER",))
    reach = reach_of([there, here, rule("U0BOB"), deny("U0BOB")], ALICE, Right.CONTINUE, ONCALL)
    assert (reach.allowing, reach.denying, reach.is_everything) == ((here,), (), False)


def test_without_rules_members_read_everything_by_default() -> None:
    assert reach_of([], ALICE, Right.READ, ONCALL).by_default
    assert reach_of([], Audience(only_members=False), Right.READ, ONCALL).why_not == "without a rule only members may"
