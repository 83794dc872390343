"""The first line of the log tells what an operator asks first, and nothing secret."""

from pathlib import Path

from pydantic import SecretStr

from deploybot import __version__
from deploybot.app.starting import facts_of, place_of
from deploybot.settings.loading import load
from deploybot.settings.model import StoreSettings

SECRETS = {"SLACK_BOT_TOKEN": "xoxb-1-x", "SLACK_APP_TOKEN": "xapp-1-x", "CF_USERNAME": "joe", "CF_PASSWORD": "hunter2"}


def test_a_database_is_named_without_its_user_and_password() -> None:
    url = SecretStr("postgresql://bot:hunter2@db.example.com:5433/deploybot?sslmode=require")
    assert place_of(StoreSettings(database_url=url)) == "PostgreSQL at db.example.com:5433/deploybot"


def test_a_file_is_named_with_its_whole_path(tmp_path: Path) -> None:
    assert place_of(StoreSettings(data_dir=tmp_path / "a" / ".." / "b")) == f"SQLite in {tmp_path / 'b'}"


def test_what_is_on_is_told_and_what_is_secret_is_not() -> None:
    environment = {**SECRETS, "CF_API": "https://api.example.com", "DEPLOYBOT_OTLP_ENDPOINT": "http://127.0.0.1:4318"}
    facts = facts_of(load(None, environment, transport="socket"), "socket")
    assert facts["version"] == __version__
    assert facts["transport"] == "socket"
    assert facts["foundations"] == {"cf": "https://api.example.com"}
    assert facts["on"] == ["traces"]
    assert not [secret for secret in SECRETS.values() if secret in str(facts)]
