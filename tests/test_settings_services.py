"""Bound services on Cloud Foundry: settings by user-provided ones, the database by any kind of PostgreSQL."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.errors import ConfigError
from deploybot.settings.credentials import to_database_url
from deploybot.settings.loading import Reading, load, read

ENVIRON = {"CF_API": "https://api.cf.example", "CF_CLIENT_ID": "deploybot", "CF_CLIENT_SECRET": "s3cret"}
URI = "postgres://bot:pa55@db.example.com:5432/bot"
OTHER = "postgres://bot:pa55@other.example.com:5432/bot"
Bound = dict[str, Any]


def _service(name: str, credentials: Bound, label: str = "user-provided", tags: tuple[str, ...] = ()) -> Bound:
    return {"name": name, "instance_name": name, "label": label, "tags": tags, "credentials": credentials}


def _environ(*services: Bound, **more: str) -> dict[str, str]:
    by_label: dict[str, list[Bound]] = {}
    for service in services:
        by_label.setdefault(service["label"], []).append(service)
    return {**ENVIRON, "VCAP_SERVICES": json.dumps(by_label), **more}


def _read(*services: Bound, **more: str) -> Reading:
    return read(None, _environ(*services, **more), transport=None)


def _database(*services: Bound, **more: str) -> str:
    url = load(None, _environ(*services, **more), transport=None).store.database_url
    return url.get_secret_value() if url else ""


def _problem(*services: Bound, **more: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(None, _environ(*services, **more), transport=None)
    (problem,) = caught.value.problems
    assert "pa55" not in problem
    return problem


@pytest.mark.parametrize(
    ("credentials", "label", "tags", "url"),
    [
        ({"uri": URI}, "elephantsql", (), URI),
        ({"url": URI}, "db", (), URI),
        ({"uri": URI, "sslmode": "verify-full"}, "a9s-postgresql", (), f"{URI}?sslmode=verify-full"),
        ({"uri": f"{URI}?sslmode=require", "sslmode": "prefer"}, "postgres", (), f"{URI}?sslmode=require"),
        (
            {"jdbcUrl": "jdbc:postgresql://db.example.com:5432/bot?user=bot&password=pa55&sslfactory=x"},
            "p.postgres",
            (),
            "postgresql://bot:pa55@db.example.com:5432/bot",
        ),
        (
            {"jdbc_url": "jdbc:postgresql://db.example.com/bot?ssl=true", "username": "bot", "password": "pa/55"},
            "db",
            (),
            "postgresql://bot:pa%2F55@db.example.com/bot?sslmode=require",
        ),
        (
            {"db_host": "db.example.com", "db_port": 5432, "db_name": "bot", "username": "bot", "password": "pa55"},
            "crunchy-postgresql",
            (),
            "postgresql://bot:pa55@db.example.com:5432/bot",
        ),
        (
            {"host": "db.example.com", "port": "5432", "name": "bot", "username": "bot", "password": "p@:55"},
            "aws-rds",
            ("database", "RDS", "postgresql"),
            "postgresql://bot:p%40%3A55@db.example.com:5432/bot",
        ),
        (
            {"hostname": "::1", "dbname": "bot", "user": "bot", "password": "pa55"},
            "PostgreSQL",
            (),
            "postgresql://bot:pa55@[::1]/bot",
        ),
    ],
)
def test_a_postgresql_of_any_broker_is_the_database(
    credentials: Bound, label: str, tags: tuple[str, ...], url: str
) -> None:
    service = _service("bot-db", credentials, label, tags)
    assert _database(service) == url
    reading = _read(service)
    assert reading.origins["store", "database_url"] == "VCAP_SERVICES service bot-db"
    assert "pa55" not in repr(reading)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(TEXTS, TEXTS, TEXTS)
def test_no_character_of_a_login_changes_where_it_is_sent(user: str, password: str, name: str) -> None:
    url = to_database_url({"host": "db.example.com", "username": user, "password": password, "dbname": name})
    parts = urlsplit(url)
    assert (parts.hostname, parts.port) == ("db.example.com", None)
    assert (unquote(parts.username or ""), unquote(parts.password or "")) == (user, password)
    assert unquote(parts.path) == f"/{name}"


def test_other_services_are_none_of_ours() -> None:
    others = [
        _service("cache", {"uri": "redis://:pa55@cache.example.com"}, "redis"),
        _service("logs", {}, "user-provided"),
        _service("mail", {"SLACK_BOT_TOKEN": "xoxb-not-mine", "SMTP": "x"}),
    ]
    reading = _read(*others)
    assert (reading.problems, reading.warnings) == ((), ())
    assert reading.settings
    assert (reading.settings.store.database_url, reading.settings.slack.bot_token) == (None, None)


def test_of_several_databases_one_must_be_chosen() -> None:
    two = _service("bot-db", {"uri": URI}, "postgres"), _service("other-db", {"uri": OTHER}, "postgres")
    assert _problem(*two) == (
        "DATABASE_URL: several bound services are PostgreSQL: set DEPLOYBOT_DATABASE_SERVICE to one of bot-db, other-db"
    )
    assert _database(*two, DEPLOYBOT_DATABASE_SERVICE="other-db") == OTHER
    assert _problem(*two, DEPLOYBOT_DATABASE_SERVICE="mine") == (
        "DEPLOYBOT_DATABASE_SERVICE: no PostgreSQL is bound as mine: write bot-db, other-db"
    )


def test_the_platforms_own_database_url_does_not_hide_the_choice() -> None:
    """Cloud Foundry sets DATABASE_URL to the first bound database, with postgres: for postgresql:."""
    uri = URI.replace("postgres:", "postgresql:")
    two = _service("first", {"uri": uri}, "postgres"), _service("second", {"uri": OTHER}, "postgres")
    assert _problem(*two, DATABASE_URL=URI).startswith("DATABASE_URL: several bound services")
    assert _database(*two, DATABASE_URL=URI, DEPLOYBOT_DATABASE_SERVICE="second") == OTHER
    assert _read(two[0], DATABASE_URL=URI).origins["store", "database_url"] == "VCAP_SERVICES service first"


def test_a_database_that_somebody_set_wins_over_a_bound_one() -> None:
    bound, own = _service("db", {"uri": URI}, "postgres"), "postgres://bot:pa55@own.example.com/bot"
    assert _database(bound, DATABASE_URL=own) == own
    assert _problem(bound, DATABASE_URL=own, DEPLOYBOT_DATABASE_SERVICE="db") == (
        "DEPLOYBOT_DATABASE_SERVICE and DATABASE_URL are both set: unset one of them"
    )


def test_a_bound_database_of_another_kind_is_refused_and_not_replaced_by_a_file_that_is_lost_at_the_next_start() -> (
    None
):
    mysql = _service("db", {"uri": "mysql://bot:pa55@db.example.com/bot"}, "mysql")
    assert _problem(mysql, DATABASE_URL="mysql2://bot:pa55@db.example.com/bot").startswith(
        "store.database_url: write it"
    )


def test_certificates_of_a_broker_are_not_used_and_that_is_told() -> None:
    """libpq takes a certificate authority from a file only, and nothing is written while the configuration is read."""
    reading = _read(_service("db", {"uri": URI, "cacert": "-----BEGIN CERTIFICATE-----\npa55"}, "postgres"))
    assert reading.problems == ()
    (warning,) = reading.warnings
    assert warning.startswith("VCAP_SERVICES service db: its certificates are not used")
    assert "pa55" not in warning


def test_a_postgresql_that_does_not_say_where_it_is_is_told() -> None:
    assert _problem(_service("db", {"password": "pa55"}, "postgres")) == (
        "VCAP_SERVICES service db: it seems to be PostgreSQL, but does not say where: set DATABASE_URL"
    )


def test_a_user_provided_service_gives_settings_by_the_names_of_their_variables() -> None:
    given_ = {"SLACK_BOT_TOKEN": "xoxb-1", "DEPLOYBOT_HTTP_PORT": 3001, "CF_SKIP_TLS_VERIFY": True, "CF_NAME": "eu"}
    reading = _read(_service("deploybot-secrets", given_))
    assert reading.settings
    assert reading.settings.slack.bot_token
    assert reading.settings.slack.bot_token.get_secret_value() == "xoxb-1"
    assert reading.settings.http.port == 3001
    assert reading.settings.foundations["eu"].skip_tls_verify
    assert reading.origins["slack", "bot_token"] == "VCAP_SERVICES service deploybot-secrets"
    assert reading.origins["foundations", "eu", "api"] == "environment CF_API"


def test_the_environment_wins_over_a_service_and_a_service_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "bot.toml"
    file.write_text('[answers]\ndeadline = "1s"\nstall_after = "1m"\nunhealthy_after = "1s"\n')
    service = _service("deploybot", {"DEPLOYBOT_DEADLINE": "2s", "DEPLOYBOT_STALL_AFTER": "2m"})
    answers = load(file, _environ(service, DEPLOYBOT_DEADLINE="3s"), transport=None).answers
    seconds = [one.total_seconds() for one in (answers.deadline, answers.stall_after, answers.unhealthy_after)]
    assert seconds == [3, 120, 1]


def test_a_variable_in_a_file_wins_over_a_service(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("xoxb-file\n")
    reading = _read(_service("deploybot", {"SLACK_BOT_TOKEN": "xoxb-service"}), SLACK_BOT_TOKEN_FILE=str(file))
    assert reading.settings
    assert reading.settings.slack.bot_token
    assert reading.settings.slack.bot_token.get_secret_value() == "xoxb-file"


@pytest.mark.parametrize(
    ("credentials", "said"),
    [
        ({"SLACK_BOT_TOKN": "pa55"}, "there is no variable SLACK_BOT_TOKN: did you mean SLACK_BOT_TOKEN?"),
        ({"zzz": "pa55"}, "there is no variable zzz: write the names of environment variables"),
        ({"DEPLOYBOT_CONFIG": "pa55"}, "there is no variable DEPLOYBOT_CONFIG: "),
        ({"SLACK_BOT_TOKEN": ["pa55"]}, "SLACK_BOT_TOKEN must be a text: write it in quotes"),
    ],
)
def test_a_mistyped_name_in_a_service_is_told(credentials: Bound, said: str) -> None:
    assert _problem(_service("deploybot-x", credentials)).startswith(f"VCAP_SERVICES service deploybot-x: {said}")


def test_two_services_that_do_not_agree_are_told() -> None:
    one, other = _service("deploybot-a", {"CF_NAME": "eu"}), _service("deploybot-b", {"CF_NAME": "pa55"})
    assert _problem(one, other) == (
        "VCAP_SERVICES service deploybot-a and service deploybot-b: both give CF_NAME, and differ: "
        "take it out of one of them"
    )
    assert _read(one, {**one, "name": "deploybot-b"}).problems == ()


def test_a_database_may_be_a_user_provided_service_of_our_name() -> None:
    assert _database(_service("deploybot-db", {"uri": URI, "note": "by hand"})) == URI
    assert _database(_service("deploybot-postgres", {"DATABASE_URL": URI})) == URI


@pytest.mark.parametrize(
    "text",
    ["pa55", "{pa55", "[]", '["pa55"]', "5", '{"x": 5}', '{"x": ["pa55"]}', '{"x": [{"credentials": 5}]}', "[" * 9999],
)
def test_services_that_are_no_services_are_told_in_one_sentence_that_shows_nothing_of_them(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(None, {**ENVIRON, "VCAP_SERVICES": text}, transport=None)
    assert caught.value.problems == (
        "VCAP_SERVICES: is not what Cloud Foundry writes, JSON of services by their label: leave it to the platform",
    )


@pytest.mark.parametrize("text", ["", "{}", " ", '{"user-provided": []}'])
def test_no_services_are_no_problem(text: str) -> None:
    assert load(None, {**ENVIRON, "VCAP_SERVICES": text}, transport=None).store.database_url is None


def test_services_may_be_told_by_a_file(tmp_path: Path) -> None:
    file = tmp_path / "vcap"
    file.write_text(json.dumps({"postgres": [_service("db", {"uri": URI}, "postgres")]}, indent=1))
    reading = read(None, {**ENVIRON, "VCAP_SERVICES_FILE_PATH": str(file)}, transport=None)
    assert reading.problems == ()
    assert reading.origins["store", "database_url"] == "VCAP_SERVICES service db"
