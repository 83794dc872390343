"""The demo's rules show what rules can do, in the channels that its workspace has."""

import tomllib

import pytest

from deploybot.demo.rules import RULES
from deploybot.domain.access import Audience, Right, Someone, Target, Where, decide_act, sight_of
from deploybot.settings.access import AccessSettings

KNOWN = AccessSettings.model_validate(tomllib.loads(RULES)["access"]).to_rules()
ALICE, BOB = Someone("U0ALICE001"), Someone("U0BOB00001")
CAROL = Someone("U0CAROL001", is_member=False)
WITH_CAROL = Audience(only_members=False, known=None)
SHOP, BANK = Target("demo", "acme-retail", "production", "cart"), Target("demo", "payments-eu", "production", "cart")
CHECKOUT, ONCALL, PARTNER = Where("C0CHECKOUT"), Where("C0ONCALL01"), Where("C0PARTNER1")


def test_guests_and_all_in_a_channel_with_guests_see_the_shop_only() -> None:
    for viewer in (CAROL, WITH_CAROL):
        sight = sight_of(KNOWN, viewer, CHECKOUT)
        assert (sight.sees(SHOP), sight.sees(BANK)) == (True, False)
    assert sight_of(KNOWN, CAROL, Where("D1", direct=True)).why_nothing
    assert sight_of(KNOWN, ALICE, CHECKOUT).everything
    assert sight_of(KNOWN, ALICE, PARTNER).why_nothing


@pytest.mark.parametrize(
    ("who", "where", "target", "allowed", "approvals"),
    [
        (BOB, CHECKOUT, SHOP, True, 0),
        (BOB, ONCALL, SHOP, True, 1),
        (BOB, ONCALL, Target("demo", "acme-retail", "staging", "cart"), True, 0),
        (BOB, PARTNER, SHOP, False, 0),
        (CAROL, CHECKOUT, SHOP, False, 0),
    ],
)
def test_one_person_acts_in_checkout_and_production_needs_two_in_oncall(
    who: Someone, where: Where, target: Target, allowed: bool, approvals: int
) -> None:
    decision = decide_act(KNOWN, who, Right.CONTINUE, where, target)
    assert (decision.allowed, decision.approvals) == (allowed, approvals)


def test_only_the_admin_looks_back() -> None:
    assert [decide_act(KNOWN, one, Right.AUDIT, CHECKOUT, SHOP).allowed for one in (ALICE, BOB)] == [True, False]
