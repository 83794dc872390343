"""The reference of the configuration: complete, and in plain sentences."""

import re
import tomllib

import pytest

from deploybot.settings.environment import ENVIRONMENT
from deploybot.settings.examples import EXAMPLES, UNITS
from deploybot.settings.reference import Key, keys, tables

KEYS = {key.path: key for key in keys()}


@pytest.mark.parametrize("key", KEYS.values(), ids=list(KEYS))
def test_every_key_is_explained_in_a_sentence_with_an_example(key: Key) -> None:
    """Where this fails, write a docstring beneath the field, and an example or unit into settings/examples.py."""
    assert re.fullmatch(r"[A-Z`].*[.]", key.doc)
    assert set(tomllib.loads(f"{key.name} = {key.example}")) == {key.name}


@pytest.mark.parametrize("key", [key for key in KEYS.values() if "number" in key.type or key.type == "duration"])
def test_every_quantity_has_a_unit(key: Key) -> None:
    assert key.unit


def test_every_section_is_explained() -> None:
    assert [table.heading for table in tables() if not table.doc.endswith(".")] == []


def test_sections_come_in_the_order_of_the_file_lists_and_named_ones_included() -> None:
    headings = [table.heading for table in tables()]
    assert headings[:6] == ["[slack]", "[foundations.NAME]", "[access]", "[[access.rules]]", "[linking]", "[[guards]]"]
    assert len(headings) == len(set(headings))


def test_no_example_or_unit_is_left_of_a_key_that_is_gone() -> None:
    assert (EXAMPLES.keys() | UNITS.keys()) - KEYS.keys() == set()


def test_every_environment_variable_sets_a_key_that_there_is() -> None:
    assert {variable for key in KEYS.values() for variable in key.variables} == set(ENVIRONMENT)


def test_a_key_is_described_by_what_pydantic_makes_of_it() -> None:
    port = KEYS["http.port"]
    assert (port.type, port.default, port.unit) == ("whole number from 0 to 65535", "3000", "TCP port")
    assert port.variables == ("DEPLOYBOT_HTTP_PORT", "PORT")
    assert KEYS["health.port"].type == "whole number from 0 to 65535"
    assert KEYS["polling.rate_share"].type == "number above 0 to 1"
    assert KEYS["log.format"].type == '"console" or "json"'
    assert KEYS["access.rules.effect"].type == '"allow" or "deny"'
    assert (KEYS["answers.stall_after"].type, KEYS["answers.stall_after"].default) == ("duration", '"10m"')
    assert KEYS["foundations.NAME.api"].needed
    assert not KEYS["slack.app_token"].needed


def test_tokens_passwords_and_keys_are_known_as_secrets() -> None:
    assert {path for path, key in KEYS.items() if key.secret} == {
        "slack.bot_token",
        "slack.app_token",
        "slack.signing_secret",
        "foundations.NAME.client_secret",
        "foundations.NAME.password",
        "foundations.NAME.refresh_token",
        "foundations.NAME.link_client_secret",
        "linking.keys",
        "store.database_url",
        "health.metrics_token",
    }
