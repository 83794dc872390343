"""Reads the configuration: `deploybot.toml`, environment variables over it, and any value from a file."""

import os
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from deploybot.errors import ConfigError
from deploybot.settings.environment import ENVIRONMENT
from deploybot.settings.model import Settings
from deploybot.settings.problems import missing_logins, missing_secrets, unknown_foundations, validated
from deploybot.settings.salvage import Loaded, salvaged

DEFAULT_FILE = Path("deploybot.toml")


Transport = Literal["socket", "http"]


def load(config: Path | None, environ: Mapping[str, str], *, transport: Transport | None) -> Settings:
    """The settings from a TOML file and the environment, which wins.

    `transport` says which Slack secrets are needed; None needs none of them. Raises a ConfigError with everything
    that is wrong.
    """
    settings, problems, _ = _read(config, environ, transport)
    if problems or not settings:
        raise ConfigError(problems)
    return settings


def load_what_can_be(config: Path | None, environ: Mapping[str, str], *, transport: Transport | None) -> Loaded:
    """The same without an error: everything that is wrong, and what is left of the settings without it."""
    settings, problems, merged = _read(config, environ, transport)
    return Loaded(settings, tuple(problems)) if settings and not problems else salvaged(merged, problems)


def _read(
    config: Path | None, environ: Mapping[str, str], transport: Transport | None
) -> tuple[Settings | None, list[str], Mapping[str, Any]]:
    """The settings, a sentence for each problem, and the tree that they were read from."""
    problems: list[str] = []
    from_file = _read_toml(config, environ, problems)
    in_file = _with_files(from_file, problems)
    sole = list(in_file.get("foundations") or ()) if isinstance(in_file.get("foundations"), Mapping) else []
    name = _given(environ, "CF_NAME", _read_text, problems) or (sole[0] if len(sole) == 1 else "cf")
    tree = {"file": in_file, "environment": from_environment(environ, name, _read_text, problems)}
    settings = validated(tree, problems)
    merged = _merged(tree["file"], tree["environment"])
    problems += missing_logins(merged)
    problems += missing_secrets(merged.get("slack", {}), transport) if transport else []
    problems += unknown_foundations(settings) if settings else []
    return settings, problems, merged


def from_environment(
    environ: Mapping[str, str], name: str, read: Callable[[str], str], problems: list[str]
) -> dict[str, Any]:
    """What environment variables set; empty ones count as not set. CF_* ones are of the foundation of this name."""
    tree: dict[str, Any] = {}
    for variable, path in ENVIRONMENT.items():
        if value := _given(environ, variable, read, problems):
            _put(tree, [part.format(name=name) for part in path], value)
    return tree


def _given(environ: Mapping[str, str], variable: str, read: Callable[[str], str], problems: list[str]) -> str:
    """The variable's value, or that of the file which `X_FILE` names; "" where neither is set."""
    value, file = environ.get(variable, ""), environ.get(f"{variable}_FILE", "")
    if value and file:
        problems.append(f"{variable} and {variable}_FILE are both set: unset one of them")
    return _value_of(f"{variable}_FILE", file, read, problems) if file else value


def _put(tree: dict[str, Any], path: list[str], value: str) -> None:
    for part in path[:-1]:
        tree = tree.setdefault(part, {})
    tree.setdefault(path[-1], value)


def _value_of(field: str, file: str, read: Callable[[str], str], problems: list[str]) -> str:
    try:
        return read(file).strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        problems.append(f"{field}: {file} cannot be read ({reason}): check the path and its permissions")
        return ""


def _read_text(file: str) -> str:
    return Path(file).read_text()


def _read_toml(config: Path | None, environ: Mapping[str, str], problems: list[str]) -> dict[str, Any]:
    named = config or (Path(environ["DEPLOYBOT_CONFIG"]) if environ.get("DEPLOYBOT_CONFIG") else None)
    file = named or DEFAULT_FILE
    if not named and not file.is_file():
        return {}
    try:
        return tomllib.loads(file.read_text())
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        problems.append(f"{file} cannot be read ({reason}): check --config or DEPLOYBOT_CONFIG")
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{file} is not valid TOML: {error}")
    return {}


def _with_files(tree: Mapping[str, Any], problems: list[str], path: str = "") -> dict[str, Any]:
    """The tree with every `x_file = "path"` replaced by `x` = the file's text."""
    out: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            out[key] = _with_files(value, problems, f"{path}{key}.")
        elif key.endswith("_file") and key != "heartbeat_file" and isinstance(value, str):
            out[key.removesuffix("_file")] = _value_of(path + key, value, _read_text, problems)
        else:
            out[key] = value
    return out


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    both = {
        key: _merged(below[key], value) if isinstance(value, Mapping) and isinstance(below.get(key), Mapping) else value
        for key, value in above.items()
    }
    return {**below, **both}


def environment() -> Mapping[str, str]:
    """The process's environment: read here only."""
    return os.environ
