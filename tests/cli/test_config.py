"""`deploybot config`: a file that can be filled in, all problems in lines, and values without any secret."""

import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from deploybot.cli import app
from deploybot.settings.environment import CHOOSING, ENVIRONMENT
from deploybot.settings.loading import load
from deploybot.settings.model import Settings
from deploybot.settings.reference import keys
from deploybot.settings.sample import sample

FILLED = {
    "api": "https://api.example.com",
    "client_id": "deploybot",
    "bot_token_file": "xoxb-1-qqqqqqqqqqqq",
    "app_token_file": "xapp-1-qqqqqqqqqqqq",
    "client_secret_file": "qqqqqqqqqqqq",
}
GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-1-qqqqqqqqqqqq",
    "SLACK_APP_TOKEN": "xapp-1-qqqqqqqqqqqq",
    "CF_API": "https://api.example.com",
    "CF_CLIENT_ID": "deploybot",
    "CF_CLIENT_SECRET": "qqqqqqqqqqqq",
}


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for variable in (*ENVIRONMENT, *CHOOSING, "VCAP_SERVICES"):
        monkeypatch.delenv(variable, raising=False)


def _run(*arguments: str, **environ: str) -> Result:
    return CliRunner().invoke(app, ["config", *arguments], env=environ)


def _filled(path: Path, text: str) -> Path:
    """The file with its empty values filled in; secrets in files of their own, as it says."""
    for name, value in FILLED.items():
        if name.endswith("_file"):
            (path / name).write_text(value)
            value = str(path / name)
        text, times = re.subn(rf'^{name} = ""', f'{name} = "{value}"', text, flags=re.MULTILINE)
        assert times == 1
    file = path / "filled.toml"
    file.write_text(text)
    return file


def test_init_writes_a_file_for_its_owner_alone(tmp_path: Path) -> None:
    result = _run("init", "bot.toml")
    assert result.exit_code == 0
    assert (tmp_path / "bot.toml").read_text() == sample()
    assert stat.S_IMODE((tmp_path / "bot.toml").stat().st_mode) == 0o600


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "deploybot.toml").write_text("mine")
    result = _run("init")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "deploybot.toml is there already: give another path, or move it away.\n"
    assert (tmp_path / "deploybot.toml").read_text() == "mine"


@pytest.mark.parametrize("path", ["nowhere/bot.toml", "."])
def test_init_says_where_it_cannot_write(path: str) -> None:
    result = _run("init", path)
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1


def test_a_new_file_explains_every_key() -> None:
    text = " ".join(line.lstrip("# ") for line in sample().splitlines())
    for key in keys():
        assert key.doc in text
        assert re.search(rf"\b{key.name}(_file)? = ", text)


def test_a_new_file_says_of_each_empty_value_that_it_is_needed(tmp_path: Path) -> None:
    (tmp_path / "bot.toml").write_text(sample())
    result = _run("check", "--config", "bot.toml")
    assert result.exit_code == 2
    for name in FILLED:
        assert f".{name}: " in result.stdout


def test_what_is_empty_in_a_new_file_is_told_once_each(tmp_path: Path) -> None:
    """An empty path of a secret is not told again as a secret that is missing, nor as a login that is."""
    (tmp_path / "bot.toml").write_text(sample())
    result = _run("check", "--config", "bot.toml")
    needed = re.findall(r'^(\w+) = ""  # NEEDED', sample(), flags=re.MULTILINE)
    told = [line.split(": ")[1].rpartition(".")[2] for line in result.output.splitlines() if "problem: " in line]
    assert sorted(told) == sorted(needed)


def test_a_new_file_is_good_once_it_is_filled_in(tmp_path: Path) -> None:
    result = _run("check", "--config", str(_filled(tmp_path, sample())))
    assert (result.exit_code, result.stdout) == (0, f"The configuration is good ({tmp_path / 'filled.toml'}).\n")


def test_what_a_new_file_shows_as_defaults_are_the_defaults(tmp_path: Path) -> None:
    """Uncommented, each of them changes nothing; and each section has all of its keys."""
    text, times = re.subn(r"^#(?=[a-z_]+ = )", "", sample(), flags=re.MULTILINE)
    assert times == len([key for key in keys() if key.default and key.table not in ("access.rules", "guards")])
    given = load(_filled(tmp_path, text), {}, transport="socket")
    bare = load(None, GOOD, transport="socket")
    assert given == bare
    for name, section in given:
        of_default = Settings.model_fields[name].get_default(call_default_factory=True)
        assert name in ("slack", "foundations") or section == of_default


def test_the_examples_of_rules_and_guards_in_a_new_file_load_as_they_stand(tmp_path: Path) -> None:
    text = re.sub(r"^#     ", "", sample(), flags=re.MULTILINE)
    settings = load(_filled(tmp_path, text), {}, transport="socket")
    assert [len(rules) for rules in (settings.access.rules, settings.guards)] == [1, 1]


def test_check_tells_every_problem_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "deploybot.toml").write_text('[answers]\ndeadline = "soon"\nstall = "1m"\n')
    result = _run("check", SLACK_SIGNIN_SECRET="s3cret", **{**GOOD, "CF_API": "http://api.example.com"})
    assert result.exit_code == 2
    assert result.stdout.splitlines() == [
        "problem: SLACK_SIGNIN_SECRET: there is no such variable: did you mean SLACK_SIGNING_SECRET?",
        "problem: foundations.cf.api: must be https, since tokens are sent there",
        "problem: answers.deadline: 'soon' is no duration: write it like 30s, 10m, 8h or 1d",
        "problem: answers.stall: there is no such setting: did you mean stall_after?",
        "The configuration is wrong (deploybot.toml): 4 problems.",
    ]


def test_check_asks_for_the_secrets_of_the_transport() -> None:
    assert _run("check", **GOOD).stdout == "The configuration is good (no file, environment variables only).\n"
    result = _run("check", "--http", **GOOD)
    assert result.exit_code == 2
    assert result.stdout.startswith("problem: slack.signing_secret: set SLACK_SIGNING_SECRET")


def test_secrets_in_a_file_that_everybody_may_read_are_warned_of(tmp_path: Path) -> None:
    file = tmp_path / "deploybot.toml"
    file.write_text('[slack]\nsigning_secret = "s3cret"\n[log]\nlevel = "info"\n')
    file.chmod(0o644)
    result = _run("check", **GOOD)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "warning: deploybot.toml can be read by everybody here, and holds slack.signing_secret: "
        "chmod 600 deploybot.toml, or use slack.signing_secret_file",
        "The configuration is good (deploybot.toml), with 1 warning.",
    ]
    file.chmod(0o640)
    assert "warning" not in _run("check", **GOOD).stdout


def _shown(*arguments: str, **environ: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(_run("show", "--json", *arguments, **environ).stdout)
    return {one["key"]: one for one in told["values"]} | {"problems": told["problems"]}


def test_show_says_what_holds_and_where_it_came_from(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("xoxb-1-qqqqqqqqqqqq\n")
    (tmp_path / "deploybot.toml").write_text(
        '[answers]\ndeadline = 90\nstall_after = "20m"\n[linking]\nkeys_file = "keys"\n'
        '[[access.rules]]\nwho = "members"\nmay = ["read"]\n'
    )
    (tmp_path / "keys").write_text("q" * 43 + "=\n" + "z" * 43 + "=\n")
    services = {"user-provided": [{"name": "deploybot-x", "label": "user-provided", "credentials": {"CF_NAME": "eu"}}]}
    services["user-provided"][0]["credentials"] = {"CF_CLIENT_SECRET": "qqqqqqqqqqqqqqqqqqqq"}
    environ = {name: value for name, value in GOOD.items() if name not in ("SLACK_BOT_TOKEN", "CF_CLIENT_SECRET")}
    shown = _shown(SLACK_BOT_TOKEN_FILE="token", VCAP_SERVICES=json.dumps(services), **environ)
    facts = {key: (one["shown"], one["source"]) for key, one in shown.items() if key != "problems"}
    assert shown["problems"] == []
    assert facts["slack.bot_token"] == ("(a bot token, 16 to 63 characters)", "file token by SLACK_BOT_TOKEN_FILE")
    assert facts["slack.signing_secret"] == ("", "default")
    assert facts["foundations.cf.api"] == ('"https://api.example.com"', "environment CF_API")
    assert facts["foundations.cf.client_secret"] == ("(set, 16 to 63 characters)", "VCAP_SERVICES service deploybot-x")
    assert facts["answers.deadline"] == ('"90s"', "deploybot.toml")
    assert facts["answers.stall_after"] == ('"20m"', "deploybot.toml")
    assert facts["answers.unhealthy_after"] == ('"30s"', "default")
    assert facts["linking.keys"] == ("(set, 64 characters or more)", "file keys by keys_file in deploybot.toml")
    assert facts["access.rules.1.may"] == ('["read"]', "deploybot.toml")
    assert facts["access.rules.1.approvals"] == ("0", "default")


def test_show_works_on_what_is_wrong_and_says_so_below() -> None:
    result = _run("show", **{**GOOD, "CF_API": "nonsense", "DEPLOYBOT_DEADLINE": "soon", "SLACK_APP_TOKEN": ""})
    lines = result.stdout.splitlines()
    assert result.exit_code == 2
    assert 'foundations.cf.api = "nonsense"  # environment CF_API' in lines
    assert 'answers.deadline = "soon"  # environment DEPLOYBOT_DEADLINE' in lines
    assert "slack.app_token = (not set)  # default" in lines
    assert 'answers.stall_after = "10m"  # default' in lines
    assert lines[-1] == "The configuration is wrong (no file, environment variables only): 3 problems."


def test_show_hides_a_login_in_an_address() -> None:
    result = _run("show", **{**GOOD, "CF_UI_URL": "https://me:pa55@console.example.com/{app}"})
    assert "pa55" not in result.stdout
    assert 'ui_url = "https://(a login)@console.example.com/{app}"' in result.stdout
