"""`deploybot doctor` as it is called: its exit codes, its JSON, and that nothing in it moves the cursor."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from deploybot.cli import app
from deploybot.settings.environment import ENVIRONMENT
from tests.slack.fake_slack import fake_slack

WRONG = """
[foundations.eu]
api = "https://api.eu.example"

[answers]
deadline = "soon"
"""


@pytest.fixture
def diagnosed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Result:
    """Of a wrong configuration in which there is nothing to be reached."""
    for variable in (*ENVIRONMENT, "DEPLOYBOT_CONFIG"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("DEPLOYBOT_DATA_DIR", str(tmp_path / "data"))
    return _called(tmp_path, WRONG)


def _called(tmp_path: Path, text: str, *more: str) -> Result:
    path = tmp_path / "bot.toml"
    path.write_text(text)
    return CliRunner().invoke(app, ["doctor", "--config", str(path), *more])


def test_a_wrong_configuration_is_exit_code_2_and_each_problem_a_line(diagnosed: Result) -> None:
    assert diagnosed.exit_code == 2
    assert "  FAILURE  settings: answers.deadline: 'soon' is no duration" in diagnosed.output
    assert "           fix: write it like 30s, 10m, 8h or 1d" in diagnosed.output
    assert "settings: foundations.eu: give one login" in diagnosed.output
    assert "settings: slack.bot_token is needed, but not set" in diagnosed.output
    assert diagnosed.output.splitlines()[-1].startswith("4 failures")


def test_what_it_prints_in_a_pipe_is_plain_text(diagnosed: Result) -> None:
    assert "\x1b" not in diagnosed.output
    assert all(line.isprintable() for line in diagnosed.output.splitlines())


def test_json_holds_the_same(diagnosed: Result, tmp_path: Path) -> None:
    answered = _called(tmp_path, WRONG, "--json")
    told = json.loads(answered.output)
    assert answered.exit_code == 2
    assert told["worst"] == "failure"
    assert [one["fix"] for one in told["findings"] if "deadline" in one["says"]] == ["write it like 30s, 10m, 8h or 1d"]
    assert {frozenset(one) for one in told["findings"]} == {frozenset({"area", "check", "level", "says", "fix"})}
    for finding in [one for one in told["findings"] if one["area"] == "configuration"]:
        assert f"{finding['check']}: {finding['says']}" in diagnosed.output


def test_names_that_hold_control_characters_do_not_move_the_cursor(diagnosed: Result, tmp_path: Path) -> None:
    answered = _called(tmp_path, '[store]\n"\\u001b[2Jevil\\r" = 1\n')
    assert "evil" in answered.output
    assert "\x1b" not in answered.output
    assert "\r" not in answered.output


@pytest.mark.parametrize("more", [(), ("--json",)])
async def test_a_server_that_repeats_a_secret_is_quoted_without_it(
    more: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = "xoxb-11-22-abcdef"
    async with fake_slack() as slack:
        slack.answers["auth.test"] = {"ok": False, "error": f"no_such_token {token}"}
        settings = {"SLACK_API_URL": slack.api_url, "SLACK_BOT_TOKEN": token, "DEPLOYBOT_DATA_DIR": str(tmp_path / "d")}
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        answered = await asyncio.to_thread(_called, tmp_path, "", *more)
    assert "Slack says no_such_token [hidden]" in answered.output
    assert "abcdef" not in answered.output
