"""What to do next can be done as it is told."""

from dataclasses import replace

import pytest

from deploybot.domain.advice import advice
from deploybot.domain.outcome import Outcome
from tests.slack.factories import APP, row


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_a_sentence(outcome: Outcome) -> None:
    assert advice(row(1, outcome)).endswith(".")


def test_a_command_can_be_pasted_whatever_the_app_is_called() -> None:
    named = row(1, app=replace(APP, name="order intake; reboot"))
    assert "cf logs 'order intake; reboot' --recent" in advice(named)
