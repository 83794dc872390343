"""Which spaces a guard looks after, and whether the bot may cancel there; what can't be asked is a trouble."""

from collections.abc import Sequence
from datetime import timedelta

from deploybot.domain.guard import GuardRule
from deploybot.domain.pattern import Pattern
from deploybot.errors import UpstreamError
from deploybot.service.guard_check import Checked, check_guards
from tests.fake_foundation import FakeFoundation, app
from tests.fake_rights import FakeRights

APPS = [app("checkout", "a-1"), app("cart", "a-2"), app("ledger", "a-3", space="dev"), app("pay", "a-4", org="bank")]
SHOP_PROD, BANK_PROD = "space-shop-prod", "space-bank-prod"


def rule(name: str, *on: Pattern, cancels: bool = True) -> GuardRule:
    day = timedelta(days=1)
    return GuardRule(name, on, "C1", tell_after=day, cancel_after=day if cancels else None)


async def checked(
    rules: Sequence[GuardRule], rights: FakeRights | None = None, foundation: FakeFoundation | None = None
) -> Checked:
    where = foundation or FakeFoundation(known_apps=APPS)
    return await check_guards(rules, [where], {"eu": rights or FakeRights()}, 20.0)


def shown(told: Checked) -> list[tuple[str, str, bool | None]]:
    return [
        (one.rule.name, f"{space.org}/{space.space}", space.may_cancel) for one in told.guards for space in one.spaces
    ]


async def test_each_guard_with_its_spaces_and_whether_the_bot_may_cancel_there() -> None:
    told = await checked([rule("g", Pattern(spaces=("prod",)))], FakeRights(spaces=frozenset({SHOP_PROD})))
    assert shown(told) == [("g", "bank/prod", False), ("g", "shop/prod", True)]
    assert not told.guards[0].is_able
    assert (await checked([rule("g", Pattern(orgs=("shop",)))])).guards[0].is_able


async def test_of_several_guards_that_are_about_a_space_the_first_one_counts() -> None:
    first, second = rule("first", Pattern(orgs=("bank",)), cancels=False), rule("second", Pattern(spaces=("prod",)))
    rights = FakeRights(spaces=frozenset({SHOP_PROD}))
    told = await checked([first, second], rights)
    assert shown(told) == [("first", "bank/prod", False), ("second", "shop/prod", True)]
    assert [one.is_able for one in told.guards] == [True, True]
    assert rights.asked == [frozenset({SHOP_PROD})]


async def test_a_guard_of_some_apps_looks_after_their_spaces_only() -> None:
    told = await checked([rule("g", Pattern(apps=("c*",)))])
    assert shown(told) == [("g", "shop/prod", True)]


async def test_a_guard_that_is_about_nothing_that_the_bot_sees_is_not_able() -> None:
    told = await checked([rule("g", Pattern(orgs=("shoo",)), cancels=False)])
    assert shown(told) == []
    assert not told.guards[0].is_able


async def test_what_could_not_be_found_out_is_a_trouble_and_no_yes() -> None:
    told = await checked([rule("g", Pattern(orgs=("bank",)))], FakeRights(tells=False))
    assert shown(told) == [("g", "bank/prod", None)]
    assert not told.guards[0].is_able
    assert [one.foundation for one in told.troubles] == ["eu"]
    away = await checked([rule("g", Pattern())], foundation=FakeFoundation(failure=UpstreamError("eu", "is away")))
    assert [one.reason for one in away.troubles] == ["is away"]
