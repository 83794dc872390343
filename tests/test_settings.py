"""The configuration: where values come from, and what is said when they are wrong."""

from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import pytest

from deploybot.errors import ConfigError
from deploybot.settings.environment import ENVIRONMENT, given, to_tree
from deploybot.settings.loading import load
from deploybot.settings.model import Settings
from deploybot.settings.remarks import Remarks

ONE_FOUNDATION = {"CF_API": "https://api.cf.example", "CF_CLIENT_ID": "deploybot", "CF_CLIENT_SECRET": "s3cret-s3cret"}
SLACK = {"SLACK_BOT_TOKEN": "xoxb-1-bot", "SLACK_APP_TOKEN": "xapp-1-app", "SLACK_SIGNING_SECRET": "5igning"}


def _problems(config: Path | None = None, environ: dict[str, str] | None = None, **changes: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        load(config, {**(ONE_FOUNDATION if environ is None else environ), **changes}, transport=None)
    return caught.value.problems


def _written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_a_bot_with_one_foundation_needs_only_environment_variables() -> None:
    settings = load(None, {**ONE_FOUNDATION, **SLACK}, transport="socket")
    assert settings.foundations["cf"].api == "https://api.cf.example"
    assert settings.slack.app_token
    assert settings.slack.app_token.get_secret_value() == "xapp-1-app"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = _written(
        tmp_path / "bot.toml",
        """
        [answers]
        stall_after = "20m"
        deadline = "5s"
        [foundations.eu]
        api = "https://api.eu.example"
        client_id = "from-file"
        client_secret = "from-file"
        """,
    )
    settings = load(file, {"DEPLOYBOT_DEADLINE": "6s", "CF_CLIENT_SECRET": "from-environment"}, transport=None)
    assert settings.answers.deadline.total_seconds() == 6
    assert settings.answers.stall_after.total_seconds() == 1200
    eu = settings.foundations["eu"]
    assert eu.client_secret
    assert eu.client_secret.get_secret_value() == "from-environment"
    assert eu.client_id == "from-file"


def test_the_bot_keeps_its_data_in_a_directory_unless_it_is_given_a_database(tmp_path: Path) -> None:
    settings = load(None, {**ONE_FOUNDATION, "DEPLOYBOT_DATA_DIR": str(tmp_path)}, transport=None)
    assert (settings.store.data_dir, settings.store.database_url) == (tmp_path, None)
    assert settings.store.retention.days == 400
    file = _written(tmp_path / "url", "postgres://bot:pa55word@db.example.com/bot?sslmode=verify-full\n")
    settings = load(None, {**ONE_FOUNDATION, "DATABASE_URL_FILE": str(file)}, transport=None)
    assert settings.store.database_url
    assert settings.store.database_url.get_secret_value().endswith("sslmode=verify-full")


def test_deploybot_config_names_the_file(tmp_path: Path) -> None:
    file = _written(tmp_path / "other.toml", '[log]\nformat = "json"\n')
    assert load(None, {**ONE_FOUNDATION, "DEPLOYBOT_CONFIG": str(file)}, transport=None).log.format == "json"


def test_every_value_may_come_from_a_file(tmp_path: Path) -> None:
    secret = _written(tmp_path / "secret", "from-a-file\n")
    environ = {key: value for key, value in ONE_FOUNDATION.items() if key != "CF_CLIENT_SECRET"}
    by_variable = load(None, {**environ, "CF_CLIENT_SECRET_FILE": str(secret)}, transport=None)
    config = _written(
        tmp_path / "bot.toml",
        f'[foundations.eu]\napi = "https://api.eu.example"\nclient_id = "c"\nclient_secret_file = "{secret}"\n',
    )
    by_config = load(config, {}, transport=None)
    for foundation in (by_variable.foundations["cf"], by_config.foundations["eu"]):
        assert foundation.client_secret
        assert foundation.client_secret.get_secret_value() == "from-a-file"


@pytest.mark.parametrize("variable", sorted(ENVIRONMENT))
def test_each_variable_may_name_a_file_instead(variable: str) -> None:
    path = [part.format(name="eu") for part in ENVIRONMENT[variable]]
    remarks = Remarks()
    one = given({f"{variable}_FILE": "there"}, variable, {"there": "from-a-file\n"}.__getitem__, remarks)
    assert one
    found: Any
    found, origins = to_tree({variable: one}, "eu")
    for part in path:
        found = found[part]
    assert (found, remarks) == ("from-a-file", Remarks())
    assert origins == {tuple(path): f"file there by {variable}_FILE"}


def test_the_foundations_name_may_come_from_a_file_too(tmp_path: Path) -> None:
    file = _written(tmp_path / "name", "eu-prod\n")
    assert list(load(None, {**ONE_FOUNDATION, "CF_NAME_FILE": str(file)}, transport=None).foundations) == ["eu-prod"]


def test_all_problems_are_told_at_once_each_with_its_field(tmp_path: Path) -> None:
    file = _written(
        tmp_path / "bot.toml",
        """
        [slack]
        bot_tokn = "xoxb-1"
        [answers]
        stall_after = "10q"
        [foundations.EU]
        api = "http://api.eu.example"
        clint_id = "c"
        """,
    )
    problems = _problems(file, {"DEPLOYBOT_HTTP_PORT": "99999", "SLACK_APP_TOKEN": "xoxb-wrong-kind"})
    fields = {problem.partition(": ")[0] for problem in problems}
    assert fields == {
        "slack.bot_tokn",
        "slack.app_token",
        "answers.stall_after",
        "foundations.EU",
        "foundations.EU.api",
        "foundations.EU.clint_id",
        "http.port",
    }
    assert any("did you mean client_id" in problem for problem in problems)


def test_no_secret_is_told_by_repr_or_by_a_problem() -> None:
    database = {"DATABASE_URL": "postgres://bot:pa55word@db.example.com/bot?sslmode=require"}
    settings = load(None, {**ONE_FOUNDATION, **SLACK, **database}, transport="http")
    shown = repr(settings) + str(settings.model_dump())
    shown += " ".join(
        _problems(None, None, SLACK_BOT_TOKEN="xoxp-t0ken", CF_API="nonsense", DATABASE_URL="mysql://bot:pa55word@db/b")
    )
    for secret in ("pa55word", "s3cret-s3cret", "xoxb-1-bot", "xapp-1-app", "5igning", "xoxp-t0ken"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"CF_API": ""}, "foundations.cf.api: is needed"),
        ({"CF_API": "http://api.cf.example"}, "must be https"),
        ({"CF_API": "api.cf.example"}, "write it like https://"),
        ({"CF_CLIENT_SECRET": ""}, "give one login"),
        ({"CF_USERNAME": "u", "CF_PASSWORD": "p"}, "give one login"),
        ({"CF_CA_BUNDLE": "/nowhere.pem"}, "foundations.cf.ca_bundle"),
        ({"CF_CLIENT_SECRET_FILE": "/nowhere"}, "are both set"),
        ({"CF_CLIENT_SECRET": "", "CF_CLIENT_SECRET_FILE": "/nowhere"}, "cannot be read"),
        ({"DEPLOYBOT_CONFIG": "/nowhere.toml"}, "/nowhere.toml cannot be read"),
        ({"DEPLOYBOT_STALL_AFTER": "soon"}, "write it like 30s"),
        ({"DEPLOYBOT_STALL_AFTER": "0s"}, "answers.stall_after"),
        ({"DEPLOYBOT_LOG_FORMAT": "xml"}, "log.format"),
        ({"DATABASE_URL": "mysql://u:p@db.example.com/bot"}, "store.database_url: write it like postgresql://"),
        ({"DATABASE_URL": "postgresql://u:p@db.example.com"}, "store.database_url: write it like postgresql://"),
        ({"DEPLOYBOT_RETENTION": "for ever"}, "write it like 30s"),
        ({"CF_UI_URL": "javascript:alert(1)"}, "foundations.cf.ui_url"),
        ({"CF_UI_URL": "https://console.example.com/{application}"}, "foundations.cf.ui_url"),
    ],
)
def test_a_wrong_value_is_told_with_the_fix(change: dict[str, str], said: str) -> None:
    assert any(said in problem for problem in _problems(None, None, **change))


def test_http_without_tls_is_for_loopback_only() -> None:
    settings = load(None, {**ONE_FOUNDATION, "CF_API": "http://127.0.0.1:8080"}, transport=None)
    assert settings.foundations["cf"].api == "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("transport", "missing", "said"),
    [
        ("socket", "SLACK_BOT_TOKEN", "slack.bot_token"),
        ("socket", "SLACK_APP_TOKEN", "slack.app_token"),
        ("http", "SLACK_SIGNING_SECRET", "slack.signing_secret"),
    ],
)
def test_each_transport_names_the_secret_that_it_lacks(transport: str, missing: str, said: str) -> None:
    environ = {key: value for key, value in {**ONE_FOUNDATION, **SLACK}.items() if key != missing}
    with pytest.raises(ConfigError, match=said):
        load(None, environ, transport="http" if transport == "http" else "socket")


def test_a_bot_without_a_foundation_says_how_to_give_one() -> None:
    assert any("set CF_API" in problem for problem in _problems(None, {}))


def test_settings_do_not_change_once_loaded() -> None:
    settings = load(None, ONE_FOUNDATION, transport=None)
    assert isinstance(settings, Settings)
    with pytest.raises(ValueError, match="frozen"):
        settings.slack.api_url = "https://elsewhere.example"


def test_links_are_encrypted_with_the_keys_that_are_given(tmp_path: Path) -> None:
    old, new = (urlsafe_b64encode(bytes([number]) * 32).decode() for number in (1, 2))
    keys = load(None, {**ONE_FOUNDATION, "DEPLOYBOT_LINK_KEYS": f"{new} {old}"}, transport=None).linking.to_keys()
    assert [key.reveal() for key in keys] == [new, old]
    assert new not in repr(keys)
    assert load(None, ONE_FOUNDATION, transport=None).linking.to_keys() == ()


@pytest.mark.parametrize("key", ["s3cret", "é" * 44, "A" * 43, urlsafe_b64encode(b"x" * 31).decode()])
def test_a_key_for_links_that_is_none_is_told_with_a_way_to_make_one(key: str) -> None:
    (problem,) = _problems(DEPLOYBOT_LINK_KEYS=key)
    assert problem.startswith("linking.keys.1: this is no Fernet key: make one with python3 -c")
    assert key not in problem
