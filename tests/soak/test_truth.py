"""What is lost, doubled or wrong is found by the soak's count."""

from dataclasses import replace

import pytest

from soak.truth import Truth

RIGHT = Truth(
    ends={"d-1": "DEPLOYED", "d-2": "CANCELED"},
    kept_ends={"d-1": "DEPLOYED", "d-2": "CANCELED"},
    transitions=(("C1", "d-1", 1, "started"), ("C1", "d-1", 2, "succeeded"), ("C1", "d-2", 1, "canceled")),
    told=(("C1", "d-1", 1, "started"), ("C1", "d-1", 2, "succeeded"), ("C1", "d-2", 1, "canceled")),
    keys=("one", "two"),
    shown=("two", "one"),
)


def test_what_is_told_once_is_right() -> None:
    assert RIGHT.problems() == ()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (replace(RIGHT, kept_ends={"d-1": "DEPLOYED", "d-2": "SUPERSEDED"}), "1 rollouts have another end"),
        (replace(RIGHT, kept_ends={"d-1": "DEPLOYED"}), "1 rollouts have another end in the ledger, or none: ['d-2']"),
        (replace(RIGHT, told=RIGHT.told[1:]), "1 transitions were told nobody"),
        (replace(RIGHT, told=(*RIGHT.told, RIGHT.told[0])), "1 transitions were told twice"),
        (replace(RIGHT, shown=("one",)), "1 messages are missing in Slack: ['two']"),
        (replace(RIGHT, shown=("one", "two", "two")), "1 messages are in Slack that should not be, or twice"),
        (replace(RIGHT, tracebacks=2), "2 tracebacks are in the log"),
    ],
)
def test_whatever_is_not_as_it_must_be_is_told_alone(wrong: Truth, says: str) -> None:
    (told,) = wrong.problems()
    assert told.startswith(says)
