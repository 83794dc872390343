"""The simulated foundation answers as the real one did: every recorded exchange, asked again in order."""

from collections.abc import Sequence
from typing import Any

from deploybot.demo.foundation.limits import Limits
from tests.demo.replaying import Stage, differences
from tests.recordings import exchanges
from tests.recordings import world as recorded_world

NOT_AGREEING = {
    "o-url-limits-002": "the recording cuts the Ruby backtrace that follows the first line; ours has none",
}
RECORDED_LIMITS = Limits(enabled=True, general=12, unauthenticated=4)


def test_824_recorded_exchanges_are_answered_as_the_real_server_answered_them() -> None:
    told = replayed(Stage(), exchanges())

    assert {name: problems for name, problems in told.items() if name not in NOT_AGREEING} == {}
    assert set(told) == set(NOT_AGREEING), "an exchange that agrees must not be excused"
    print(f"{len(exchanges()) - len(told)} of {len(exchanges())} exchanges agree")  # noqa: T201 - the report


def test_an_excused_exchange_still_agrees_in_status_headers_and_first_line() -> None:
    [excused] = [each for each in exchanges() if each["id"] in NOT_AGREEING]
    answer = Stage().ask(excused)

    [only_the_body] = differences(answer, excused, recorded_world()["now"])
    assert only_the_body.startswith("$")
    assert answer.body.decode() == excused["body"].splitlines()[0]


def test_both_kinds_of_429_come_when_and_as_the_real_limiter_sent_them() -> None:
    assert replayed(Stage(RECORDED_LIMITS), exchanges("rate_limited")) == {}


def replayed(stage: Stage, recorded: Sequence[dict[str, Any]]) -> dict[str, list[str]]:
    """What differs, by exchange."""
    begun = recorded_world()["now"]
    told = {each["id"]: differences(stage.ask(each), each, begun) for each in recorded}
    return {name: problems for name, problems in told.items() if problems}
