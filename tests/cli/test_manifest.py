"""`deploybot manifest` prints what is pasted into Slack, and nothing else."""

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from deploybot.cli import app

ROOT = Path(__file__).parents[2]


def test_without_an_address_it_prints_the_file_at_the_top() -> None:
    printed = CliRunner().invoke(app, ["manifest"])
    assert printed.exit_code == 0
    assert printed.stdout == (ROOT / "manifest.yml").read_text()


def test_with_an_address_it_prints_the_one_for_http() -> None:
    printed = CliRunner().invoke(app, ["manifest", "--http", "https://bot.example.com"])
    settings = yaml.safe_load(printed.stdout)["settings"]
    assert printed.exit_code == 0
    assert settings["socket_mode_enabled"] is False
    assert settings["interactivity"]["request_url"] == "https://bot.example.com/slack/events"


@pytest.mark.parametrize("address", ["", "http://bot.example.com", "bot.example.com", "https://[bot"])
def test_an_address_that_slack_would_not_take_is_one_sentence_and_exit_code_2(address: str) -> None:
    printed = CliRunner().invoke(app, ["manifest", "--http", address])
    assert printed.exit_code == 2
    assert printed.stdout == ""
    assert "https://" in printed.stderr
