"""The terminal asks only: what tells a channel by itself is made in Slack."""

import pytest
from typer.testing import CliRunner

from deploybot.cli import app


@pytest.mark.parametrize("text", ["subscribe every=1h", "subscriptions"])
def test_subscriptions_are_made_and_listed_in_slack(text: str) -> None:
    answer = CliRunner().invoke(app, ["ask", text])
    assert answer.exit_code == 2
    assert f"{text.split()[0]} works in Slack only" in answer.output
