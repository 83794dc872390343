"""A guard that can't do what it says is a failure with what it needs; what could not be asked is no yes."""

from collections.abc import Sequence

from deploybot.domain.finding import Finding, Level
from deploybot.domain.guard import GuardRule
from deploybot.domain.pattern import Pattern
from deploybot.errors import UpstreamError
from deploybot.service.guard_examining import AREA, CHECKS, GuardExamination
from tests.fake_foundation import FakeFoundation
from tests.fake_rights import FakeRights
from tests.service.test_guard_check import APPS, BANK_PROD, rule


async def examined(
    rules: Sequence[GuardRule], rights: FakeRights | None = None, foundation: FakeFoundation | None = None
) -> tuple[Finding, ...]:
    where = foundation or FakeFoundation(known_apps=APPS)
    found = await GuardExamination(rules, [where], {"eu": rights or FakeRights()}).findings(20.0)
    assert {(one.area, one.check) for one in found} <= {(AREA, check) for check in CHECKS}
    return found


async def test_a_guard_that_can_do_what_it_says_is_well() -> None:
    (found,) = await examined([rule("the guard", Pattern(spaces=("prod",)))])
    assert (found.level, found.says) == (
        Level.OK,
        "the guard can do what it says in eu bank/prod, eu shop/prod",
    )


async def test_where_the_bot_may_not_cancel_is_named_with_what_it_needs() -> None:
    (found,) = await examined([rule("g", Pattern(spaces=("prod",)))], FakeRights(spaces=frozenset({BANK_PROD})))
    assert (found.level, found.says) == (Level.FAILURE, "g is to cancel in eu shop/prod, but the bot may not")
    assert "Space Supporter" in found.fix


async def test_a_guard_that_does_not_cancel_needs_no_right() -> None:
    (found,) = await examined([rule("g", Pattern(), cancels=False)], FakeRights(spaces=frozenset()))
    assert found.level is Level.OK


async def test_a_guard_that_looks_after_nothing_is_a_failure() -> None:
    (found,) = await examined([rule("g", Pattern(orgs=("shoo",)))])
    assert (found.level, found.says) == (
        Level.FAILURE,
        "g looks after nothing: the bot sees no app or space that it is about",
    )
    assert "correct its `on`" in found.fix


async def test_what_a_foundation_did_not_tell_is_a_warning_and_no_verdict() -> None:
    away = FakeFoundation(failure=UpstreamError("eu", "is away"))
    (found,) = await examined([rule("g", Pattern())], foundation=away)
    assert found.level is Level.WARNING
    assert "at eu was not found out: it is away" in found.says
