"""A budget that several share: nobody gets more than there is, and nobody takes all of it from who waits."""

from deploybot.service.budget import Budget
from tests.fake_notifier import Clock


def spend(budget: Budget, who: str, most: int) -> int:
    return sum(budget.take(who) for _ in range(most))


def test_alone_somebody_may_spend_all_of_a_minute_and_no_more() -> None:
    clock = Clock()
    budget = Budget(40, clock)
    assert spend(budget, "watches", 99) == 40
    assert budget.wait() == 60
    clock.pass_by(60)
    assert spend(budget, "alerts", 99) == 40


def test_who_waits_and_had_less_gets_what_becomes_free() -> None:
    clock = Clock()
    budget = Budget(40, clock)
    for _ in range(40):
        assert budget.take("watches")
        clock.pass_by(1)
    assert not budget.take("alerts")
    got = {"alerts": 0, "watches": 0}
    for _ in range(60):
        clock.pass_by(1)
        for who in ("watches", "alerts"):
            got[who] += budget.take(who)
    assert got["alerts"] >= 20
    assert got["watches"] >= 10


def test_who_has_stopped_waiting_holds_nobody_up() -> None:
    clock = Clock()
    budget = Budget(10, clock)
    assert spend(budget, "watches", 10) == 10
    assert not budget.take("alerts")
    clock.pass_by(61)
    assert spend(budget, "watches", 99) == 10
