"""The configuration: `deploybot.toml`, environment variables over it, and any value from a file."""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import timedelta
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, FilePath, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.sources import InitSettingsSource

from deploybot.errors import ConfigError

DEFAULT_FILE = Path("deploybot.toml")

ENVIRONMENT: Mapping[str, tuple[str, ...]] = {
    "SLACK_BOT_TOKEN": ("slack", "bot_token"),
    "SLACK_APP_TOKEN": ("slack", "app_token"),
    "SLACK_SIGNING_SECRET": ("slack", "signing_secret"),
    "SLACK_API_URL": ("slack", "api_url"),
    "CF_API": ("foundations", "{name}", "api"),
    "CF_CLIENT_ID": ("foundations", "{name}", "client_id"),
    "CF_CLIENT_SECRET": ("foundations", "{name}", "client_secret"),
    "CF_USERNAME": ("foundations", "{name}", "username"),
    "CF_PASSWORD": ("foundations", "{name}", "password"),
    "CF_CA_BUNDLE": ("foundations", "{name}", "ca_bundle"),
    "CF_SKIP_TLS_VERIFY": ("foundations", "{name}", "skip_tls_verify"),
    "CF_UI_URL": ("foundations", "{name}", "ui_url"),
    "DEPLOYBOT_HTTP_HOST": ("http", "host"),
    "DEPLOYBOT_HTTP_PORT": ("http", "port"),
    "PORT": ("http", "port"),
    "DEPLOYBOT_STALL_AFTER": ("answers", "stall_after"),
    "DEPLOYBOT_UNHEALTHY_AFTER": ("answers", "unhealthy_after"),
    "DEPLOYBOT_DEADLINE": ("answers", "deadline"),
    "DEPLOYBOT_HEARTBEAT_FILE": ("health", "heartbeat_file"),
    "DEPLOYBOT_LOG_FORMAT": ("log", "format"),
    "DEPLOYBOT_LOG_LEVEL": ("log", "level"),
}
"""Which environment variable sets which field.
`{name}` is CF_NAME, else the only one in the file, else `cf`. `X_FILE` names a file with X's value."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def to_duration(value: object) -> object:
    """`30s`, `10m`, `8h` or `1d` as a timedelta; bare numbers are seconds."""
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)\s*([smhd]?)", value.strip())
    if not found:
        raise ValueError(f"{value!r} is no duration: write it like 30s, 10m, 8h or 1d")
    return timedelta(seconds=float(found[1]) * _UNITS[found[2] or "s"])


Duration = Annotated[timedelta, BeforeValidator(to_duration), Field(gt=timedelta(0))]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _of_kind(prefix: str) -> AfterValidator:
    def check(token: SecretStr | None) -> SecretStr | None:
        if token and not token.get_secret_value().startswith(prefix):
            raise ValueError(f"this token is of another kind: it must start with {prefix}")
        return token

    return AfterValidator(check)


def _to_url(url: str) -> str:
    parts = urlsplit(url)
    if not parts.hostname or parts.scheme not in ("http", "https"):
        raise ValueError(f"{url!r} is no address: write it like https://api.example.com")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("must be https, since tokens are sent there")
    return url


Url = Annotated[str, AfterValidator(_to_url)]


class SlackSettings(_Section):
    bot_token: Annotated[SecretStr | None, _of_kind("xoxb-")] = None
    app_token: Annotated[SecretStr | None, _of_kind("xapp-")] = None
    signing_secret: SecretStr | None = None
    api_url: Url = "https://slack.com/api/"


def is_loopback(host: str) -> bool:
    """Is this host the machine itself? Only there are tokens sent without TLS."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class FoundationSettings(_Section):
    """One Cloud Foundry: its API, one way to log in, and how to trust it."""

    api: Url
    client_id: str | None = None
    client_secret: SecretStr | None = None
    username: str | None = None
    password: SecretStr | None = None
    refresh_token: SecretStr | None = None
    ca_bundle: FilePath | None = None
    skip_tls_verify: bool = False
    ui_url: str | None = None
    """Where people look at an app: an address with `{app}`, `{space}`, `{org}`, `{guid}` (the deployment) for guids."""


class AnswerSettings(_Section):
    deadline: Duration = timedelta(seconds=8)
    stall_after: Duration = timedelta(minutes=10)
    unhealthy_after: Duration = timedelta(seconds=30)


class HttpSettings(_Section):
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 3000


class HealthSettings(_Section):
    heartbeat_file: Path | None = None
    """Touched every 10 s while Slack can reach the bot; `deploybot alive` looks at it."""


class LogSettings(_Section):
    format: Literal["console", "json"] = "console"
    level: Literal["debug", "info", "warning", "error"] = "info"


def _to_name(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,30}", name):
        raise ValueError("a foundation's name has lower-case letters, digits and dashes, 31 at most, like eu-prod")
    return name


FoundationName = Annotated[str, AfterValidator(_to_name)]


class Settings(BaseSettings):
    """Everything that can be set. Frozen; secrets do not show in `repr`."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    slack: SlackSettings = SlackSettings()
    foundations: dict[FoundationName, FoundationSettings] = Field(default_factory=dict)
    answers: AnswerSettings = AnswerSettings()
    http: HttpSettings = HttpSettings()
    health: HealthSettings = HealthSettings()
    log: LogSettings = LogSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the table above is the environment
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        tree = init_settings()
        return (
            InitSettingsSource(settings_cls, tree["environment"]),
            InitSettingsSource(settings_cls, tree["file"]),
        )


def load(config: Path | None, environ: Mapping[str, str], *, transport: Literal["socket", "http"] | None) -> Settings:
    """The settings from a TOML file and the environment, which wins.

    `transport` says which Slack secrets are needed; None needs none of them. Raises a ConfigError with everything
    that is wrong.
    """
    problems: list[str] = []
    from_file = _read_toml(config, environ, problems)
    in_file = _with_files(from_file, problems)
    sole = list(in_file.get("foundations") or ()) if isinstance(in_file.get("foundations"), Mapping) else []
    name = environ.get("CF_NAME") or (sole[0] if len(sole) == 1 else "cf")
    tree = {"file": in_file, "environment": from_environment(environ, name, _read_text, problems)}
    settings = _validated(tree, problems)
    merged = _merged(tree["file"], tree["environment"])
    problems += _missing_logins(merged)
    problems += _missing_secrets(merged.get("slack", {}), transport) if transport else []
    if problems or not settings:
        raise ConfigError(problems)
    return settings


def from_environment(
    environ: Mapping[str, str], name: str, read: Callable[[str], str], problems: list[str]
) -> dict[str, Any]:
    """What environment variables set; empty ones count as not set. CF_* ones are of the foundation of this name."""
    tree: dict[str, Any] = {}
    for variable, path in ENVIRONMENT.items():
        value = environ.get(variable, "")
        if file := environ.get(f"{variable}_FILE", ""):
            if value:
                problems.append(f"{variable} and {variable}_FILE are both set: unset one of them")
            value = _value_of(f"{variable}_FILE", file, read, problems)
        if value:
            _put(tree, [part.format(name=name) for part in path], value)
    return tree


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


def _validated(tree: Mapping[str, Any], problems: list[str]) -> Settings | None:
    try:
        return Settings(**tree)
    except ValidationError as error:
        problems += [_sentence(problem["loc"], problem["type"], problem["msg"]) for problem in error.errors()]
        return None


def _sentence(location: tuple[int | str, ...], kind: str, message: str) -> str:
    path = ".".join(str(part) for part in location if part != "[key]")
    if kind == "extra_forbidden":
        return f"{path}: there is no such setting{_did_you_mean(location)}"
    if kind == "missing":
        return f"{path}: is needed, but not set"
    return ": ".join(part for part in (path, message.removeprefix("Value error, ")) if part)


def _did_you_mean(location: tuple[int | str, ...]) -> str:
    near = get_close_matches(str(location[-1]), _known_fields(location), n=1)
    return f": did you mean {near[0]}?" if near else ": remove it"


def _known_fields(location: tuple[int | str, ...]) -> list[str]:
    if len(location) == 1:
        return list(Settings.model_fields)
    if location[0] == "foundations":
        return list(FoundationSettings.model_fields)
    section = Settings.model_fields.get(str(location[0]))
    kind = section.annotation if section else None
    return list(kind.model_fields) if isinstance(kind, type) and issubclass(kind, BaseModel) else []


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    both = {
        key: _merged(below[key], value) if isinstance(value, Mapping) and isinstance(below.get(key), Mapping) else value
        for key, value in above.items()
    }
    return {**below, **both}


_LOGINS = (("client_id", "client_secret"), ("username", "password"), ("refresh_token",))


def _missing_logins(tree: Mapping[str, Any]) -> list[str]:
    foundations = tree.get("foundations") or {}
    if not foundations:
        return ["foundations: there is none: set CF_API, or add a [foundations.NAME] section with its api"]
    if not isinstance(foundations, Mapping):
        return []
    return [
        f"foundations.{name}: give one login: client_id and client_secret, or username and password, or refresh_token"
        for name, foundation in foundations.items()
        if isinstance(foundation, Mapping)
        and sum(all(foundation.get(field) for field in login) for login in _LOGINS) != 1
    ]


def _missing_secrets(slack: object, transport: Literal["socket", "http"]) -> list[str]:
    given = slack if isinstance(slack, Mapping) else {}
    problems = []
    if not given.get("bot_token"):
        problems.append("slack.bot_token: set SLACK_BOT_TOKEN (xoxb-..., from OAuth & Permissions of the Slack app)")
    if transport == "socket" and not given.get("app_token"):
        problems.append(
            "slack.app_token: set SLACK_APP_TOKEN (xapp-..., an app-level token with connections:write), "
            "or run with --http and SLACK_SIGNING_SECRET"
        )
    if transport == "http" and not given.get("signing_secret"):
        problems.append("slack.signing_secret: set SLACK_SIGNING_SECRET (from Basic Information of the Slack app)")
    return problems


def environment() -> Mapping[str, str]:
    """The process's environment: read here only."""
    return os.environ
