"""What rules leave impossible or open is said, with what to do."""

import pytest

from deploybot.domain.access import Right, Rule
from deploybot.domain.finding import Finding, Level
from deploybot.domain.pattern import Pattern
from deploybot.service.access_check import AREA, CHECKS, access_findings
from tests.domain.access_rules import deny, rule

PERSON, BOT = {"eu": False}, {"eu": True}
AT_US = (Pattern(foundations=("us",)),)


def bad(rules: list[Rule], as_bot: dict[str, bool], *, linking: bool) -> list[Finding]:
    found = access_findings(rules, as_bot, linking=linking)
    assert {one.check for one in found} <= set(CHECKS)
    assert {one.area for one in found} == {AREA}
    return [one for one in found if one.level is not Level.OK]


@pytest.mark.parametrize(
    ("rules", "as_bot", "check", "level", "says", "fix"),
    [
        ([], PERSON, "rules", Level.NOTE, "nobody continues or cancels", "[[access.rules]]"),
        ([rule(may=Right.READ)], PERSON, "rules", Level.NOTE, "none of the 1 rules lets anybody", "[[access.rules]]"),
        ([deny("everyone")], PERSON, "rules", Level.NOTE, "none of the 1 rules lets anybody", "[[access.rules]]"),
        ([rule()], PERSON, "linking", Level.FAILURE, "at eu with their own accounts", "DEPLOYBOT_LINK_KEYS"),
        ([rule(approvals=1)], BOT, "approvals", Level.FAILURE, "a rule asks for a second person at eu", "LINK_KEYS"),
    ],
)
def test_each_trouble_has_its_own_words(
    rules: list[Rule], as_bot: dict[str, bool], check: str, level: Level, says: str, fix: str
) -> None:
    (found,) = bad(rules, as_bot, linking=False)
    assert (found.check, found.level) == (check, level)
    assert says in found.says
    assert fix in found.fix


def test_with_a_key_people_can_act_and_agree() -> None:
    assert not bad([rule(approvals=1)], {"eu": False, "us": True}, linking=True)


def test_where_the_bot_acts_no_key_is_needed_unless_a_second_person_is() -> None:
    assert not bad([rule()], BOT, linking=False)


def test_a_rule_about_another_foundation_needs_no_accounts_here() -> None:
    assert not bad([rule(on=AT_US)], PERSON, linking=False)
    assert not bad([rule(on=AT_US, approvals=1)], BOT, linking=False)
    (found,) = bad([rule(on=AT_US)], {"eu": False, "us": False}, linking=False)
    assert "at us with" in found.says
