"""Which environment variable sets what, and what each of those that are given says."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from deploybot.settings.remarks import Remarks
from deploybot.settings.text_file import why_unreadable

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
    "CF_ACT_AS": ("foundations", "{name}", "act_as"),
    "CF_LINK_CLIENT_ID": ("foundations", "{name}", "link_client_id"),
    "CF_LINK_CLIENT_SECRET": ("foundations", "{name}", "link_client_secret"),
    "DEPLOYBOT_LINK_KEYS": ("linking", "keys"),
    "DEPLOYBOT_LINK_ALLOW_ADMIN": ("linking", "allow_admin"),
    "DEPLOYBOT_APPROVAL_EXPIRES": ("access", "approval_expires"),
    "DEPLOYBOT_HTTP_HOST": ("http", "host"),
    "DEPLOYBOT_HTTP_PORT": ("http", "port"),
    "PORT": ("http", "port"),
    "DEPLOYBOT_STALL_AFTER": ("answers", "stall_after"),
    "DEPLOYBOT_UNHEALTHY_AFTER": ("answers", "unhealthy_after"),
    "DEPLOYBOT_DEADLINE": ("answers", "deadline"),
    "DEPLOYBOT_POLL_INTERVAL": ("polling", "interval"),
    "DEPLOYBOT_POLL_OVERLAP": ("polling", "overlap"),
    "DEPLOYBOT_BACKFILL": ("polling", "backfill"),
    "DEPLOYBOT_RATE_SHARE": ("polling", "rate_share"),
    "DEPLOYBOT_LEASE": ("polling", "lease"),
    "DEPLOYBOT_SEND_TIMEOUT": ("delivery", "timeout"),
    "DEPLOYBOT_SETTLE_AFTER": ("delivery", "settle_after"),
    "DEPLOYBOT_MESSAGES_PER_MINUTE": ("delivery", "messages_per_minute"),
    "DEPLOYBOT_EDITS_PER_MINUTE": ("delivery", "edits_per_minute"),
    "DEPLOYBOT_ACT_TIMEOUT": ("acting", "timeout"),
    "DEPLOYBOT_ACT_SETTLE_AFTER": ("acting", "settle_after"),
    "DEPLOYBOT_ACT_AGAIN_AFTER": ("acting", "again_after"),
    "DATABASE_URL": ("store", "database_url"),
    "DEPLOYBOT_DATA_DIR": ("store", "data_dir"),
    "DEPLOYBOT_RETENTION": ("store", "retention"),
    "DEPLOYBOT_HEALTH_HOST": ("health", "host"),
    "DEPLOYBOT_HEALTH_PORT": ("health", "port"),
    "DEPLOYBOT_METRICS_TOKEN": ("health", "metrics_token"),
    "DEPLOYBOT_OTLP_ENDPOINT": ("tracing", "endpoint"),
    "DEPLOYBOT_HEARTBEAT_FILE": ("health", "heartbeat_file"),
    "DEPLOYBOT_LOG_FORMAT": ("log", "format"),
    "DEPLOYBOT_LOG_LEVEL": ("log", "level"),
}
"""Which environment variable sets which field.
`{name}` is CF_NAME, else the only one in the file, else `cf`. `X_FILE` names a file with X's value."""

CHOOSING: Mapping[str, str] = {
    "CF_NAME": "The name of the foundation that the other `CF_...` variables are about.",
    "DEPLOYBOT_CONFIG": "The configuration file, instead of `deploybot.toml`.",
    "DEPLOYBOT_DATABASE_SERVICE": "On Cloud Foundry: the bound service that is the database, where several may be.",
}
"""Variables that set no field, but say where fields are."""

GIVEN = (*ENVIRONMENT, *(name for name in CHOOSING if name != "DEPLOYBOT_CONFIG"))
"""What a file or a bound service may give as well."""

_LINES = {"DEPLOYBOT_LINK_KEYS", "keys_file", "VCAP_SERVICES_FILE_PATH"}
"""What may have several lines in its file."""

Place = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """A value, and where it came from: `environment CF_API`, `file /run/secrets/x by CF_API_FILE`."""

    text: str = field(repr=False)
    origin: str


def given(environ: Mapping[str, str], variable: str, read: Callable[[str], str], remarks: Remarks) -> Given | None:
    """The variable's value, or that of the file which `X_FILE` names; None where neither is set, or only to ""."""
    value, file = environ.get(variable, ""), environ.get(f"{variable}_FILE", "")
    if is_of_kubernetes(variable, value):
        value = ""
    if value and file:
        remarks.problems.append(f"{variable} and {variable}_FILE are both set: unset one of them")
    if file:
        text = value_of(f"{variable}_FILE", file, read, remarks)
        return Given(text, f"file {file} by {variable}_FILE") if text else None
    text = _unspaced(variable, value, remarks)
    return Given(text, f"environment {variable}") if text else None


def is_of_kubernetes(variable: str, value: str) -> bool:
    """Whether Kubernetes sets this variable by itself, for a Service in the same namespace, whatever its name is.

    https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
    """
    if variable.endswith("_PORT") and re.match(r"(tcp|udp|sctp)://", value):
        return True
    return bool(re.search(r"_SERVICE_(HOST|PORT(_\w+)?)$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$", variable))


def _unspaced(variable: str, value: str, remarks: Remarks) -> str:
    text = value.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'`":
        remarks.problems.append(f"{variable}: its value is in quotes, which count as part of it: take them away")
    if text != value:
        remarks.warnings.append(f"{variable}: white space at its ends does not count: take it away")
    return text


def value_of(what: str, file: str, read: Callable[[str], str], remarks: Remarks) -> str:
    """The value in the file that `what` names; "", and a problem, where there is none."""
    try:
        raw = read(file)
    except (OSError, ValueError) as error:
        remarks.problems.append(
            f"{what}: {file} cannot be read ({why_unreadable(error)}): check the path and its permissions"
        )
        return ""
    text = raw.strip()
    if not text:
        remarks.problems.append(f"{what}: {file} is empty: write the value into it")
    elif len(text.splitlines()) > 1 and what.removesuffix("_FILE").rpartition(".")[2] not in _LINES:
        remarks.problems.append(f"{what}: {file} has several lines: write the value alone into it")
    elif len(raw.splitlines()) > len(text.splitlines()):
        remarks.warnings.append(f"{what}: {file} has empty lines, which do not count: take them away")
    return text


def to_tree(variables: Mapping[str, Given], name: str) -> tuple[dict[str, Any], dict[Place, str]]:
    """What variables set, and the origin of each value. CF_* ones are of the foundation of this name.

    Of two variables for one field the first in ENVIRONMENT wins.
    """
    tree: dict[str, Any] = {}
    origins: dict[Place, str] = {}
    for variable, path in ENVIRONMENT.items():
        place = tuple(part.format(name=name) for part in path)
        if variable in variables and place not in origins:
            _put(tree, place, variables[variable].text)
            origins[place] = variables[variable].origin
    return tree, origins


def _put(tree: dict[str, Any], place: Place, value: str) -> None:
    for part in place[:-1]:
        tree = tree.setdefault(part, {})
    tree[place[-1]] = value
