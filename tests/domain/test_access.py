"""Who may do what where: every dimension of a rule, which rule wins, and the laws that must hold for any rules."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.domain.access import (
    ALL_SEEN,
    Audience,
    Effect,
    Right,
    Rule,
    Someone,
    Target,
    Where,
    decide,
    decide_act,
    fits,
    groups_named,
    sight_of,
)
from deploybot.domain.deployment import App, Org, Space
from deploybot.domain.pattern import Pattern
from tests.domain import access_rules as known
from tests.domain.access_rules import DIRECT_MESSAGE, NOWHERE, ONCALL, SHOP, deny, rule
from tests.domain.making import entry

ALICE = Someone("U0ALICE", frozenset({"@oncall", "S0SHOP"}))
CAROL = Someone("U0CAROL", is_member=False)
US = Audience(only_members=True, known=frozenset({"U0ALICE", "U0BOB", "@oncall"}))
GUID = "0f3c8f0e-5a0a-4d0b-9c57-0c1b2a3d4e5f"


def _may(rules: list[Rule], viewer: Someone | Audience = ALICE, where: Where = ONCALL, target: Target = SHOP) -> bool:
    return decide(rules, viewer, Right.CONTINUE, where, target).allowed


@pytest.mark.parametrize(
    ("who", "viewer", "allowed"),
    [
        ("U0ALICE", ALICE, True),
        ("U0BOB", ALICE, False),
        ("@oncall", ALICE, True),
        ("S0SHOP", ALICE, True),
        ("@operators", ALICE, False),
        ("members", ALICE, True),
        ("members", CAROL, False),
        ("everyone", CAROL, True),
        ("U0CAROL", CAROL, True),
        ("U0ALICE", US, False),
        ("@oncall", US, False),
        ("@oncall", replace(US, shared=frozenset({"@oncall"})), True),
        ("members", US, True),
        ("members", Audience(only_members=False), False),
        ("everyone", Audience(only_members=False), True),
        ("@oncall", replace(CAROL, unsure=frozenset({"@oncall"})), False),
    ],
)
def test_who_is_a_person_a_group_all_members_or_everyone(who: str, viewer: Someone, *, allowed: bool) -> None:
    assert _may([rule(who)], viewer) is allowed


@pytest.mark.parametrize(
    ("who", "viewer", "allowed"),
    [
        ("U0ALICE", ALICE, False),
        ("U0BOB", ALICE, True),
        ("@oncall", ALICE, False),
        ("members", ALICE, False),
        ("members", CAROL, True),
        ("everyone", CAROL, False),
        ("U0BOB", US, False),
        ("@oncall", US, False),
        ("U0DAVE", US, True),
        ("members", US, False),
        ("U0DAVE", Audience(only_members=True, known=None), False),
        ("@oncall", replace(CAROL, unsure=frozenset({"@oncall"})), False),
        ("members", replace(CAROL, unsure=frozenset({"members"})), False),
    ],
)
def test_a_deny_counts_for_all_as_soon_as_it_may_mean_one_of_them(who: str, viewer: Someone, *, allowed: bool) -> None:
    assert _may([rule("everyone"), deny(who)], viewer) is allowed


@pytest.mark.parametrize(
    ("where", "here", "allowed"),
    [
        ((), ONCALL, True),
        ((), NOWHERE, True),
        (("C0ONCALL",), ONCALL, True),
        (("C0ONCALL",), Where("C0OTHER"), False),
        (("C0ONCALL",), NOWHERE, False),
        (("channels",), ONCALL, True),
        (("channels",), DIRECT_MESSAGE, False),
        (("channels",), NOWHERE, False),
        (("direct",), DIRECT_MESSAGE, True),
        (("direct",), ONCALL, False),
        (("D0ALICE",), DIRECT_MESSAGE, True),
        (("direct", "C0ONCALL"), ONCALL, True),
    ],
)
def test_where_is_anywhere_a_channel_any_channel_or_direct(
    where: tuple[str, ...], here: Where, *, allowed: bool
) -> None:
    assert _may([rule(where=where)], where=here) is allowed


def test_a_deny_for_some_channels_holds_where_nobody_knows_the_channel() -> None:
    rules = [rule(), deny(where=("C0ONCALL",))]
    assert not _may(rules, where=NOWHERE)
    assert not _may(rules, where=ONCALL)
    assert _may(rules, where=DIRECT_MESSAGE)


@pytest.mark.parametrize(
    ("on", "allowed"),
    [
        ((), True),
        ((Pattern(),), True),
        ((Pattern(foundations=("EU",)),), True),
        ((Pattern(foundations=("us", "eu")),), True),
        ((Pattern(foundations=("us",)),), False),
        ((Pattern(orgs=("shop",)),), True),
        ((Pattern(orgs=("org-1",)),), True),
        ((Pattern(orgs=("s*p",)),), True),
        ((Pattern(orgs=("bank",)),), False),
        ((Pattern(spaces=("prod*",)),), True),
        ((Pattern(spaces=("space-1",)),), True),
        ((Pattern(spaces=("staging",)),), False),
        ((Pattern(apps=("check*",)),), True),
        ((Pattern(apps=("app-1",)),), True),
        ((Pattern(apps=("*",)),), True),
        ((Pattern(apps=("payments",)),), False),
        ((Pattern(orgs=("shop",), spaces=("staging",)),), False),
        ((Pattern(orgs=("bank",)), Pattern(orgs=("shop",))), True),
    ],
)
def test_on_names_apps_by_name_guid_and_wildcard(on: tuple[Pattern, ...], *, allowed: bool) -> None:
    assert _may([rule(on=on)]) is allowed
    assert _may([rule(), deny(on=on)]) is not allowed


@pytest.mark.parametrize("word", ["shop", "shop*", GUID])
def test_what_is_not_known_of_an_app_fits_a_deny_and_no_allow(word: str) -> None:
    on = (Pattern(orgs=(word,)),)
    nameless = Target("eu", app="checkout")
    assert not _may([rule(on=on)], target=nameless)
    assert not _may([rule(), deny(on=on)], target=nameless)
    assert _may([rule(on=(Pattern(orgs=("*",)),))], target=nameless)


def test_a_guid_that_is_not_known_may_be_the_denied_one_but_no_other_name() -> None:
    named = Target("eu", "shop", "production", "checkout")
    assert not _may([rule(), deny(on=(Pattern(apps=(GUID,)),))], target=named)
    assert _may([rule(), deny(on=(Pattern(apps=("payments",)),))], target=named)


def test_a_rule_gives_the_rights_that_it_names_and_no_other() -> None:
    rules = [rule(may={Right.CONTINUE, Right.WATCH})]
    allowed = {right for right in Right if decide(rules, ALICE, right, ONCALL, SHOP).allowed}
    assert allowed == {Right.CONTINUE, Right.WATCH, Right.READ, Right.SUBSCRIBE}  # no rule speaks of the last two


@pytest.mark.parametrize("right", Right)
@pytest.mark.parametrize(
    ("viewer", "is_us"),
    [(ALICE, True), (US, True), (CAROL, False), (Audience(only_members=False), False)],
)
def test_without_rules_members_look_and_nobody_acts(right: Right, viewer: Someone, *, is_us: bool) -> None:
    usual = right in {Right.READ, Right.SUBSCRIBE, Right.WATCH}
    assert decide([], viewer, right, ONCALL, SHOP).allowed is (is_us and usual)


def test_as_soon_as_one_rule_names_a_right_only_rules_give_it() -> None:
    elsewhere = rule("U0BOB", may=Right.READ, where=("C0OTHER",))
    decision = decide([elsewhere], ALICE, Right.READ, ONCALL, SHOP)
    assert (decision.allowed, decision.rule, decision.why) == (False, "", "no rule allows it")
    assert decide([elsewhere], ALICE, Right.WATCH, ONCALL, SHOP).allowed
    assert not decide([deny("U0BOB", may=Right.READ)], ALICE, Right.READ, ONCALL, SHOP).allowed


def test_a_deny_wins_over_the_most_precise_allow_and_is_named() -> None:
    precise = rule("U0ALICE", where=("C0ONCALL",), on=(Pattern(apps=("checkout",)),))
    decision = decide([precise, deny("everyone", name="the freeze")], ALICE, Right.CONTINUE, ONCALL, SHOP)
    assert (decision.allowed, decision.rule, decision.why) == (False, "the freeze", "the freeze denies it")


def test_of_several_allows_the_one_that_asks_for_most_approvals_counts() -> None:
    rules = [rule(name="any"), rule("@oncall", name="two people", approvals=1), rule("U0BOB", name="bob")]
    decision = decide(rules, ALICE, Right.CONTINUE, ONCALL, SHOP)
    assert (decision.approvals, decision.rule) == (1, "two people")
    assert decide(rules, replace(ALICE, groups=frozenset()), Right.CONTINUE, ONCALL, SHOP).approvals == 0


def test_what_is_not_known_asks_for_an_approval_rather_than_for_none() -> None:
    rules = [rule(), rule(approvals=1, on=(Pattern(orgs=("bank",)),)), rule("@new", approvals=1, name="new")]
    assert decide(rules, ALICE, Right.CONTINUE, ONCALL, SHOP).approvals == 0
    assert decide(rules, ALICE, Right.CONTINUE, ONCALL, replace(SHOP, org="")).approvals == 1
    unsure = replace(ALICE, unsure=frozenset({"@new"}))
    assert decide(rules, unsure, Right.CONTINUE, ONCALL, SHOP).rule == "new"


def test_who_may_not_read_may_do_nothing() -> None:
    rules = [rule(), rule("@operators", may=Right.READ, name="reading")]
    assert decide(rules, ALICE, Right.CONTINUE, ONCALL, SHOP).allowed
    assert not decide_act(rules, ALICE, Right.CONTINUE, ONCALL, SHOP).allowed
    assert decide_act([rule()], ALICE, Right.CONTINUE, ONCALL, SHOP).allowed
    assert not decide_act([rule()], CAROL, Right.CONTINUE, ONCALL, SHOP).allowed


def test_groups_are_asked_for_where_rules_name_them() -> None:
    assert groups_named([rule("@oncall", "U0ALICE"), deny("S0SHOP", "members")]) == {"@oncall", "S0SHOP"}


def test_sight_is_of_apps_and_of_deployments_in_the_ledger() -> None:
    sight = sight_of([rule(may=Right.READ, on=(Pattern(spaces=("prod",)),))], ALICE, ONCALL)
    prod = App("a", "checkout", Space("s", "prod", Org("o", "shop")))
    assert sight.app("eu", prod)
    assert not sight.app("eu", replace(prod, space=Space("s", "staging", Org("o", "shop"))))
    assert not sight.app("eu", App("a", "checkout"))
    assert not sight.app("eu", None)
    assert sight.entry(entry())
    assert not sight.entry(entry(space="staging"))
    assert ALL_SEEN.app("eu", None)


@pytest.mark.parametrize("viewer", [CAROL, Audience(only_members=False)])
def test_who_sees_nothing_is_told_why(viewer: Someone) -> None:
    by_default = sight_of([], viewer, ONCALL)
    by_rule = sight_of([rule("@operators", may=Right.READ)], viewer, ONCALL)
    assert not by_default.everything
    assert not by_default.entry(entry())
    assert by_default.why_nothing
    assert by_rule.why_nothing.endswith("/deployments access says why.")


def test_who_is_not_known_at_the_moment_is_no_guest() -> None:
    unknown = Someone("U0ALICE", is_member=False, unsure=frozenset({"members"}))
    assert "try again in a minute" in sight_of([], unknown, ONCALL).why_nothing


@given(st.lists(known.rules, max_size=4), known.rules, known.viewers, known.rights, known.places, known.targets)
def test_adding_a_deny_never_allows_more(
    rules: list[Rule], more: Rule, viewer: Someone, right: Right, where: Where, target: Target
) -> None:
    denied = [*rules, replace(more, effect=Effect.DENY)]
    for deciding in (decide, decide_act):
        before, after = deciding(rules, viewer, right, where, target), deciding(denied, viewer, right, where, target)
        assert before.allowed or not after.allowed
    before_seen, after_seen = sight_of(rules, viewer, where), sight_of(denied, viewer, where)
    assert before_seen.sees(target) or not after_seen.sees(target)
    assert before_seen.everything or not after_seen.everything


@given(st.lists(known.rules, max_size=4), known.crowds, st.booleans(), known.rights, known.places, known.targets)
def test_what_all_in_a_channel_may_everyone_in_it_may(
    rules: list[Rule], there: list[Someone], public: bool, right: Right, where: Where, target: Target
) -> None:
    all_of_them = known.audience(there, public=public)
    if decide_act(rules, all_of_them, right, where, target).allowed:
        assert all(decide_act(rules, one, right, where, target).allowed for one in there)
    if sight_of(rules, all_of_them, where).sees(target):
        assert all(sight_of(rules, one, where).sees(target) for one in there)


@given(st.lists(known.rules, max_size=4), known.viewers, known.places, known.targets)
def test_sight_agrees_with_the_decision_for_each_app(
    rules: list[Rule], viewer: Someone, where: Where, target: Target
) -> None:
    sight, decision = sight_of(rules, viewer, where), decide(rules, viewer, Right.READ, where, target)
    assert sight.sees(target) is decision.allowed
    assert decision.allowed or not sight.everything
    assert not (decision.allowed and sight.why_nothing)


@given(
    st.lists(known.rules, max_size=4).flatmap(lambda rules: st.tuples(st.just(rules), st.permutations(rules))),
    known.viewers,
    known.rights,
    known.places,
    known.targets,
)
def test_the_order_of_rules_does_not_matter(
    orders: tuple[list[Rule], list[Rule]], viewer: Someone, right: Right, where: Where, target: Target
) -> None:
    one, other = (decide_act(rules, viewer, right, where, target) for rules in orders)
    assert (one.allowed, one.approvals) == (other.allowed, other.approvals)


@given(st.lists(known.rules, max_size=4), known.people, known.rights, known.places, known.targets)
def test_knowing_less_never_allows_more_nor_asks_for_fewer_approvals(
    rules: list[Rule], person: Someone, right: Right, where: Where, target: Target
) -> None:
    vague = Someone(
        person.user, is_member=False, unsure=person.unsure | person.groups | {"members", "@oncall", "S0SHOP"}
    )
    for less_viewer, less_target in ((vague, target), (person, Target(target.foundation)), (vague, Target(""))):
        less = decide(rules, less_viewer, right, where, less_target)
        full = decide(rules, person, right, where, target)
        assert full.allowed or not less.allowed
        assert not less.allowed or less.approvals >= full.approvals


@given(known.patterns, known.targets)
def test_a_pattern_that_is_any_fits_every_app(pattern: Pattern, target: Target) -> None:
    assert fits(pattern, target) or not pattern.is_any
