"""Whatever is secret in the settings is known to the log, also what is added tomorrow."""

from collections.abc import Mapping

from pydantic import SecretStr

from deploybot.settings.loading import load
from deploybot.settings.secrets import secrets_in
from deploybot.settings.section import Section
from tests.ops.secret_shapes import FERNET

ENVIRONMENT = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "SLACK_SIGNING_SECRET": "signing-1",
    "CF_API": "https://api.example.com",
    "CF_CLIENT_ID": "deploybot",
    "CF_CLIENT_SECRET": "client-1",
    "CF_LINK_CLIENT_SECRET": "link-1",
    "DEPLOYBOT_LINK_KEYS": FERNET,
    "DATABASE_URL": "postgresql://bot:db-1@db.example.com/deploybot",
    "DEPLOYBOT_METRICS_TOKEN": "metrics-1",
}


def test_every_secret_of_the_settings_is_found() -> None:
    found = secrets_in(load(None, ENVIRONMENT, transport="socket"))
    public = {"https://api.example.com", "deploybot"}
    assert set(found) == set(ENVIRONMENT.values()) - public


def test_a_secret_is_found_by_its_type_wherever_it_is() -> None:
    class Deep(Section):
        keys: tuple[SecretStr, ...] = ()
        named: Mapping[str, SecretStr]
        none: SecretStr | None = None

    class Above(Section):
        deep: Mapping[str, Deep]
        word: str = "shown"

    settings = Above(deep={"a": Deep(keys=(SecretStr("k1"), SecretStr("k2")), named={"x": SecretStr("n")})})
    assert secrets_in(settings) == ("k1", "k2", "n")


def test_a_secret_that_is_not_set_is_none_to_mask() -> None:
    assert secrets_in(load(None, {"CF_API": "https://api.example.com", "CF_USERNAME": "u", "CF_PASSWORD": "p-word"},
                           transport=None)) == ("p-word",)  # fmt: skip
