"""Reads the configuration: `deploybot.toml`, bound services over it, environment variables over both."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from deploybot.errors import ConfigError
from deploybot.settings.environment import ENVIRONMENT, GIVEN, Given, Place, given, to_tree, value_of
from deploybot.settings.in_file import from_file
from deploybot.settings.model import Settings
from deploybot.settings.problems import missing_logins, missing_secrets, unknown_foundations, validated
from deploybot.settings.remarks import Remarks, in_one_line
from deploybot.settings.salvage import Loaded, salvaged
from deploybot.settings.services import to_services, with_services
from deploybot.settings.strangers import note_strangers
from deploybot.settings.text_file import read_text, read_toml

DEFAULT_FILE = Path("deploybot.toml")
Transport = Literal["socket", "http"]


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was read: the tree of values as they were written, and the origin of each; and what is wrong with it.

    `unread` holds the sections of which nobody knows what they say, since their file could not be read.
    """

    file: Path | None
    tree: Mapping[str, Any] = field(repr=False)
    origins: Mapping[Place, str]
    settings: Settings | None
    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    unread: frozenset[str] = frozenset()


def load(config: Path | None, environ: Mapping[str, str], *, transport: Transport | None) -> Settings:
    """The settings from a TOML file, bound services and the environment, which wins.

    `transport` says which Slack secrets are needed; None needs none of them. Raises a ConfigError with everything
    that is wrong.
    """
    return settings_of(read(config, environ, transport=transport))


def settings_of(reading: Reading) -> Settings:
    """The settings that were read; a ConfigError with everything that is wrong."""
    if reading.problems or not reading.settings:
        raise ConfigError(reading.problems)
    return reading.settings


def load_what_can_be(config: Path | None, environ: Mapping[str, str], *, transport: Transport | None) -> Loaded:
    """The same without an error: everything that is wrong, and what is left of the settings without it."""
    reading = read(config, environ, transport=transport)
    is_good = reading.settings and not reading.problems
    loaded = Loaded(reading.settings) if is_good else salvaged(reading.tree, reading.problems)
    return replace(loaded, lost=loaded.lost | reading.unread, warnings=reading.warnings)


def read(config: Path | None, environ: Mapping[str, str], *, transport: Transport | None) -> Reading:
    """Everything that is set, right or wrong, and a sentence for each problem."""
    remarks = Remarks()
    file = _file(config, environ)
    told = read_toml(file, remarks) if file else {}
    in_file, origins = from_file(told, file, read_text, remarks) if file and told else ({}, {})
    variables = _variables(environ, remarks)
    above, origins_above = to_tree(variables, _foundation(variables, in_file, remarks))
    tree = _merged(in_file, above)
    settings = validated({"file": tree, "environment": {}}, remarks.problems)
    if told is not None:  # else nobody knows what is missing
        remarks.problems += missing_logins(tree, remarks.problems)
        slack = tree.get("slack", {})
        remarks.problems += missing_secrets(slack, transport, remarks.problems) if transport else []
    remarks.problems += unknown_foundations(settings) if settings else []
    remarks.warnings += _told_twice(variables)
    every = {**origins, **origins_above}
    problems, warnings = tuple(map(in_one_line, remarks.problems)), tuple(map(in_one_line, remarks.warnings))
    unread = Settings.model_fields.keys() - {place[0] for place in every} if told is None else ()
    return Reading(file, tree, every, settings, problems, warnings, frozenset(unread))


def _file(config: Path | None, environ: Mapping[str, str]) -> Path | None:
    """The file that is named, else the one that is there."""
    if config or environ.get("DEPLOYBOT_CONFIG"):
        return config or Path(environ["DEPLOYBOT_CONFIG"])
    return DEFAULT_FILE if DEFAULT_FILE.exists() else None


def _variables(environ: Mapping[str, str], remarks: Remarks) -> Mapping[str, Given]:
    """Every variable of ours, from the environment or a bound service."""
    note_strangers(environ, remarks)
    mine = {name: given(environ, name, read_text, remarks) for name in GIVEN}
    text, file = environ.get("VCAP_SERVICES", ""), environ.get("VCAP_SERVICES_FILE_PATH", "")
    if file and not text:
        text = value_of("VCAP_SERVICES_FILE_PATH", file, read_text, remarks)
    set_ = {name: one for name, one in mine.items() if one}
    return with_services(set_, to_services(text, remarks), remarks)


def _foundation(variables: Mapping[str, Given], in_file: Mapping[str, Any], remarks: Remarks) -> str:
    """The name of the foundation that CF_* variables are about."""
    foundations = in_file.get("foundations")
    known = list(foundations) if isinstance(foundations, Mapping) else []
    name = variables["CF_NAME"].text if "CF_NAME" in variables else ""
    same = [one for one in known if one != name and one.casefold() == name.casefold()]
    if same:
        remarks.problems.append(f"CF_NAME: there is no foundation {name} in the file: write {same[0]}, or another name")
    about = [variable for variable, path in ENVIRONMENT.items() if path[0] == "foundations" and variable in variables]
    if not name and len(known) > 1 and about and "CF_API" not in about:
        remarks.problems.append(f"{about[0]}: nobody knows of which foundation: set CF_NAME to {' or '.join(known)}")
    return name or (known[0] if len(known) == 1 else "cf")


def _told_twice(variables: Mapping[str, Given]) -> list[str]:
    """A sentence where two variables for one field differ, as PORT and DEPLOYBOT_HTTP_PORT may."""
    first: dict[Place, str] = {}
    pairs = [(first.setdefault(path, name), name) for name, path in ENVIRONMENT.items() if name in variables]
    return [
        f"{second}: does not count, since {winner} is set to something else: unset one of them"
        for winner, second in pairs
        if variables[winner].text != variables[second].text
    ]


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    both = {
        key: _merged(below[key], value) if isinstance(value, Mapping) and isinstance(below.get(key), Mapping) else value
        for key, value in above.items()
    }
    return {**below, **both}


def environment() -> Mapping[str, str]:
    """The process's environment: read here only."""
    return os.environ
