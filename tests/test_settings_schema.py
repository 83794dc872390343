"""The JSON Schema of the configuration file: it takes what the bot takes, and knows every key."""

import json
import re
import tomllib
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from deploybot.cli import app
from deploybot.settings.reference import keys, tables
from deploybot.settings.sample import sample
from deploybot.settings.schema import schema

SCHEMA = schema()


def _wrong(text: str) -> list[str]:
    return [str(error.message) for error in Draft202012Validator(SCHEMA).iter_errors(tomllib.loads(text))]


def test_it_is_a_schema_and_printed_as_such() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    printed = CliRunner().invoke(app, ["config", "schema"])
    assert (printed.exit_code, json.loads(printed.stdout)) == (0, SCHEMA)


def test_every_example_and_every_default_fits() -> None:
    for table in tables():
        heading = table.heading.replace("NAME", "eu")
        needed = [f"{key.name} = {key.example}" for key in table.keys if key.needed]
        for key in table.keys:
            others = [line for line in needed if not line.startswith(f"{key.name} = ")]
            for value in filter(None, (key.example, key.default)):
                assert _wrong("\n".join([heading, *others, f"{key.name} = {value}"])) == []


def test_a_new_file_fits_with_its_examples_and_secrets_in_files_as_well() -> None:
    filled = re.sub(r'^(\w+) = ""', r'\1 = "https://x.example.com"', sample(), flags=re.MULTILINE)
    assert _wrong(filled) == []
    assert _wrong(re.sub(r"^#     ", "", filled, flags=re.MULTILINE)) == []
    assert _wrong('[foundations.eu]\napi_file = "x"\nclient_id_file = "y"') == []


@pytest.mark.parametrize(
    "text",
    [
        "[answers]\ndeadlin = 5",
        '[answers]\ndeadline = "soon"',
        "[answers]\ndeadline = -1",
        "[http]\nport = 65536",
        '[log]\nlevel = "loud"',
        '[[access.rules]]\nwho = "members"\nmay = "fly"',
        '[[access.rules]]\nmay = "read"',
        '[health]\nheartbeat_file_file = "x"',
        '[[guards]]\non = "app=x"\nchannel_file = "x"',
        "[nothing]",
    ],
)
def test_what_the_bot_refuses_is_marked(text: str) -> None:
    assert _wrong(text)


def test_every_key_is_explained() -> None:
    explained: set[Any] = {
        one.get("description")
        for definition in SCHEMA["$defs"].values()
        for one in definition.get("properties", {}).values()
    }
    assert {key.doc for key in keys()} <= explained
