"""A wrong configuration: each problem is a finding with its fix, and what can be examined without it still is."""

from collections.abc import Mapping, Set
from pathlib import Path

import pytest

from deploybot.domain.finding import Finding, Level
from deploybot.settings.examining import CHECKS, ConfigurationExamination, to_finding
from deploybot.settings.loading import load, load_what_can_be
from deploybot.settings.model import Settings
from deploybot.settings.salvage import Loaded
from tests.test_settings import ONE_FOUNDATION, SLACK

GOOD = {**ONE_FOUNDATION, **SLACK}


def loaded(environ: Mapping[str, str] = GOOD, text: str = "", tmp_path: Path | None = None) -> Loaded:
    file = tmp_path / "bot.toml" if tmp_path else None
    if file:
        file.write_text(text)
    return load_what_can_be(file, environ, transport="socket")


async def findings(given: Loaded, transport: str = "socket") -> tuple[Finding, ...]:
    found = await ConfigurationExamination(given, "http" if transport == "http" else "socket").findings(0.0)
    assert {one.check for one in found} <= set(CHECKS)
    return found


async def test_a_configuration_that_is_whole_is_one_line() -> None:
    (found,) = await findings(loaded())
    assert (found.check, found.level) == ("settings", Level.OK)
    assert loaded() == Loaded(load(None, GOOD, transport="socket"))


@pytest.mark.parametrize(
    ("problem", "says", "fix"),
    [
        (
            "foundations.cf.api: 'x' is no address: write it like https://api.example.com",
            "foundations.cf.api: 'x' is no address",
            "write it like https://api.example.com",
        ),
        (
            "slack.bot_token: set SLACK_BOT_TOKEN (xoxb-...)",
            "slack.bot_token is needed, but not set",
            "set SLACK_BOT_TOKEN (xoxb-...)",
        ),
        (
            "bot.toml cannot be read (Is a directory): check --config or DEPLOYBOT_CONFIG",
            "bot.toml cannot be read (Is a directory)",
            "check --config or DEPLOYBOT_CONFIG",
        ),
        (
            "bot.toml is not valid TOML: Expected '=' (at line 1, column 5)",
            "bot.toml is not valid TOML: Expected '=' (at line 1, column 5)",
            "put that right where it is set (the file, the environment, or the file that a *_FILE names)",
        ),
    ],
)
def test_a_problem_is_told_with_its_own_fix_where_it_has_one(problem: str, says: str, fix: str) -> None:
    assert to_finding(problem) == Finding("configuration", "settings", Level.FAILURE, says, fix)


UNSET = Settings.model_fields.keys() - {"slack", "foundations", "store"}


@pytest.mark.parametrize(
    ("text", "lost"), [(None, UNSET), ("[access", UNSET), ("[access]\nrules = []", frozenset[str]())]
)
def test_of_a_file_that_cannot_be_read_nobody_knows_what_it_says(
    tmp_path: Path, text: str | None, lost: Set[str]
) -> None:
    """Else it would be told that there are no rules, and a database be looked at that is not the bot's."""
    file = tmp_path / "bot.toml"
    if text:
        file.write_text(text)
    environ = {**GOOD, "DEPLOYBOT_DATA_DIR": str(tmp_path)}
    assert load_what_can_be(file, environ, transport="socket").lost == lost


def test_a_file_that_cannot_be_read_is_the_only_problem_and_not_what_it_may_set(tmp_path: Path) -> None:
    (problem,) = load_what_can_be(tmp_path / "none.toml", {}, transport="socket").problems
    assert problem.endswith("none.toml cannot be read (No such file or directory): check --config or DEPLOYBOT_CONFIG")


async def test_what_is_read_but_should_not_stay_so_is_a_warning() -> None:
    found = await findings(loaded({**GOOD, "PORT": "8080", "DEPLOYBOT_HTTP_PORT": "3001"}))
    assert [(one.level, one.says, one.fix) for one in found] == [
        (
            Level.WARNING,
            "PORT: does not count, since DEPLOYBOT_HTTP_PORT is set to something else",
            "unset one of them",
        ),
        (Level.OK, "the configuration can be read; foundations: cf", ""),
    ]


async def test_every_problem_is_a_failure_of_its_own() -> None:
    wrong = loaded({**GOOD, "CF_API": "nonsense", "DEPLOYBOT_STALL_AFTER": "soon", "SLACK_APP_TOKEN": "xoxb-1"})
    found = await findings(wrong)
    assert {one.level for one in found} == {Level.FAILURE}
    assert len(found) == len(wrong.problems) == 3


@pytest.mark.parametrize(
    ("field", "variable", "token", "says", "fix"),
    [
        ("bot_token", "SLACK_BOT_TOKEN", "xapp-1-A1", "this is an app-level token", "belongs into SLACK_APP_TOKEN"),
        ("app_token", "SLACK_APP_TOKEN", "xoxb-1", "this is the bot's token", "belongs into SLACK_BOT_TOKEN"),
        ("bot_token", "SLACK_BOT_TOKEN", "xoxp-1", "a person's token, not the bot's", "Bot User OAuth Token"),
        ("bot_token", "SLACK_BOT_TOKEN", "xoxe.xoxb-1", "a token that rotates", "create the app anew"),
        ("bot_token", "SLACK_BOT_TOKEN", "xoxe-1-refresh", "a token that rotates", "create the app anew"),
        ("bot_token", "SLACK_BOT_TOKEN", "xoxs-1", "a token of another kind", "Bot User OAuth Token"),
        ("app_token", "SLACK_APP_TOKEN", "hunter2", "this is no token of Slack", "connections:write"),
    ],
)
async def test_a_token_of_another_kind_is_called_by_its_kind(
    field: str, variable: str, token: str, says: str, fix: str
) -> None:
    (found,) = await findings(loaded({**GOOD, variable: token}))
    assert (found.check, found.level) == ("settings", Level.FAILURE)
    assert found.says.startswith(f"slack.{field}: ")
    assert says in found.says
    assert fix in found.fix
    assert token not in found.says + found.fix


def test_what_is_wrong_is_left_out_and_the_rest_is_kept() -> None:
    kept = loaded({**GOOD, "DEPLOYBOT_STALL_AFTER": "soon", "SLACK_APP_TOKEN": "xoxb-1"})
    assert kept.lost == {"answers", "slack"}
    assert kept.settings
    assert list(kept.settings.foundations) == ["cf"]
    assert kept.settings.slack.bot_token
    assert kept.settings.slack.app_token is None


def test_a_foundation_with_a_wrong_address_or_no_login_does_not_take_the_others_along(tmp_path: Path) -> None:
    text = """
    [foundations.eu]
    api = "nonsense"
    client_id = "a"
    client_secret = "b"
    [foundations.us]
    api = "https://api.us.example"
    [foundations.ap]
    api = "https://api.ap.example"
    client_id = "a"
    client_secret = "b"
    colour = "blue"
    """
    kept = loaded(SLACK, text, tmp_path)
    assert kept.settings
    assert list(kept.settings.foundations) == ["ap"]
    assert len(kept.problems) == 3
    assert kept.lost == {"foundations"}


def test_rules_of_which_one_is_wrong_are_left_out_whole(tmp_path: Path) -> None:
    """Half of the rules mean something else than all of them."""
    text = '[[access.rules]]\nwho = "members"\nmay = "read"\n[[access.rules]]\nwho = "nobody at all"\nmay = "cancel"\n'
    kept = loaded(GOOD, text, tmp_path)
    assert kept.settings
    assert kept.settings.access.rules == ()
    assert kept.lost == {"access"}


def test_a_file_that_is_no_toml_leaves_what_the_environment_says(tmp_path: Path) -> None:
    kept = loaded(GOOD, "nonsense", tmp_path)
    assert kept.settings
    assert list(kept.settings.foundations) == ["cf"]
    assert len(kept.problems) == 1


OPEN_DOORS = [
    ({"DEPLOYBOT_HTTP_HOST": "0.0.0.0"}, "http", "metrics", "/metrics listens at 0.0.0.0", "DEPLOYBOT_METRICS_TOKEN"),
    ({"DEPLOYBOT_HTTP_HOST": "0.0.0.0", "PORT": "8080"}, "socket", "metrics", "/metrics listens at 0.0.0.0", "TOKEN"),
    ({"DEPLOYBOT_HEALTH_HOST": "::", "PORT": "8080"}, "socket", "metrics", "/metrics listens at ::", "TOKEN"),
    ({"DEPLOYBOT_HEALTH_HOST": "::", "DEPLOYBOT_HEALTH_PORT": "9"}, "socket", "metrics", "/metrics listens at ::", ""),
]


@pytest.mark.parametrize(("more", "transport", "check", "says", "fix"), OPEN_DOORS)
async def test_what_stands_open_is_a_warning(
    more: dict[str, str], transport: str, check: str, says: str, fix: str
) -> None:
    _, found = sorted(await findings(loaded({**GOOD, **more}), transport), key=lambda one: one.level is Level.WARNING)
    assert (found.check, found.level) == (check, Level.WARNING)
    assert says in found.says
    assert fix in found.fix


@pytest.mark.parametrize(
    "more",
    [
        {"DEPLOYBOT_HTTP_HOST": "0.0.0.0"},
        {"DEPLOYBOT_HTTP_HOST": "0.0.0.0", "DEPLOYBOT_HEALTH_HOST": "127.0.0.1", "PORT": "8080"},
        {"DEPLOYBOT_HTTP_HOST": "0.0.0.0", "PORT": "8080", "DEPLOYBOT_METRICS_TOKEN": "m3trics"},
        {"DEPLOYBOT_HTTP_HOST": "0.0.0.0", "DEPLOYBOT_HEALTH_HOST": "127.0.0.1", "DEPLOYBOT_HEALTH_PORT": "9"},
    ],
)
async def test_metrics_that_nobody_else_reads_are_no_trouble(more: dict[str, str]) -> None:
    assert [one.level for one in await findings(loaded({**GOOD, **more}))] == [Level.OK]


async def test_a_heartbeat_that_cannot_be_written_is_a_failure(tmp_path: Path) -> None:
    there, gone = tmp_path / "beat", tmp_path / "none" / "beat"
    well, _ = await findings(loaded({**GOOD, "DEPLOYBOT_HEARTBEAT_FILE": str(there)}))
    assert (well.check, well.level) == ("heartbeat", Level.OK)
    assert not there.exists()
    ill, _ = await findings(loaded({**GOOD, "DEPLOYBOT_HEARTBEAT_FILE": str(gone)}))
    assert (ill.check, ill.level) == ("heartbeat", Level.FAILURE)
    assert "no such directory" in ill.says
    assert "DEPLOYBOT_HEARTBEAT_FILE" in ill.fix
