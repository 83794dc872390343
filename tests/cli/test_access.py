"""`deploybot access explain` says what the rules say, and its exit code says it too."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from deploybot.cli import app

CONFIG = """
[foundations.eu]
api = "https://api.eu.example"
client_id = "bot"
client_secret = "s3cret"

[[access.rules]]
who = "members"
may = "read"

[[access.rules]]
name = "on call"
who = "@oncall"
where = "C0ONCALL"
may = ["continue", "cancel"]
on = "space=production"
approvals = 1

[[access.rules]]
name = "freeze"
who = "everyone"
may = ["cancel"]
on = "org=bank"
effect = "deny"
"""
GUID = "0f3c8f0e-5a0a-4d0b-9c57-0c1b2a3d4e5f"
CANCEL = "--user U0ALICE --action cancel --org shop --space production --app checkout --channel C0ONCALL"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("CF_API", "DEPLOYBOT_CONFIG"):
        monkeypatch.delenv(variable, raising=False)
    path = tmp_path / "bot.toml"
    path.write_text(CONFIG)
    return path


def _explained(config: Path, words: str) -> Result:
    return CliRunner().invoke(app, ["access", "explain", "--config", str(config), *words.split()])


def test_what_a_rule_allows_is_told_with_its_name(config: Path) -> None:
    answer = _explained(config, f"{CANCEL} --group @oncall")
    assert answer.exit_code == 0
    assert answer.output.splitlines() == [
        "cancel: allowed, if a second person agrees",
        'why: the rule "on call" allows it',
        "- rule 1 (allow read) holds",
        '- the rule "on call" (allow cancel, continue) holds',
        '- the rule "freeze" (deny cancel) is about other apps',
        "Slack was not asked: I took U0ALICE for a member of the workspace, in @oncall.",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (CANCEL, '"on call" (allow cancel, continue) is for other people'),
        (CANCEL.replace("C0ONCALL", "C0OTHER") + " --group @oncall", "is for other channels"),
        (CANCEL.replace("production", "staging") + " --group @oncall", "no rule allows it"),
        (CANCEL.replace("shop", "bank") + " --group @oncall", 'the rule "freeze" denies it'),
        (CANCEL.replace("shop", GUID) + " --group @oncall", "Not known: org."),
        ("--user U0ALICE --action cancel --group @oncall", "Not known: org, space, app, channel."),
        ("--user U0CAROL --action read --guest", "no rule allows it"),
        (CANCEL + " --group @oncall --guest", "no rule allows it"),
    ],
)
def test_what_is_denied_is_told_with_the_reason(config: Path, words: str, said: str) -> None:
    answer = _explained(config, words)
    assert said in answer.output
    assert "denied" in answer.output.splitlines()[0]
    assert answer.exit_code == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--user alice --action read", "--user alice: write a user's id"),
        ("--user U0ALICE --action read --channel oncall", "--channel oncall: write a channel's id"),
        ("--user U0ALICE --action read --group oncall", "--group oncall: write a group as rules name it"),
        ("--user U0ALICE --action read --foundation eux", "there is none of this name; write eu"),
        ("--user U0ALICE --action fly", "fly"),
        ("--user U0ALICE --action read --config /nowhere.toml", "cannot be read"),
    ],
)
def test_bad_input_is_told_with_the_fix(config: Path, words: str, said: str) -> None:
    answer = _explained(config, words)
    assert answer.exit_code == 2
    assert said in " ".join(answer.output.split())
