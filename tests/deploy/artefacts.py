"""What each way of deploying says of how the bot is started: read from the shipped files, as values."""

import configparser
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.deploy.dockerfile import image_environment

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = DEPLOY / "compose.yml"
SCRAPE = DEPLOY / "prometheus" / "scrape.yml"
UNIT = DEPLOY / "deploybot.service"
CF_MANIFEST = DEPLOY / "cf-manifest.yml"
KUBERNETES = DEPLOY / "kubernetes"
HEALTH_PORT = "8081"


@dataclass(frozen=True)
class Start:
    """How one of them starts the bot: command line, environment (the image's included), seconds to stop."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    stop_seconds: float
    probes: tuple[str, ...] = ()
    """The paths that are asked for its health, at the port of `HEALTH_PORT`, or at PORT on Cloud Foundry."""
    before: tuple[str, ...] = field(default=())
    """What must go well first."""


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load(COMPOSE.read_text()))


def scrape() -> dict[str, Any]:
    return dict(yaml.safe_load(SCRAPE.read_text()))


def cf_app() -> dict[str, Any]:
    (app,) = yaml.safe_load(CF_MANIFEST.read_text())["applications"]
    return dict(app)


def manifests() -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every document for Kubernetes, with its file."""
    for file in sorted(KUBERNETES.glob("*.yaml")):
        for document in yaml.safe_load_all(file.read_text()):
            yield file, document


def manifest(kind: str) -> dict[str, Any]:
    (one,) = [document for _, document in manifests() if document["kind"] == kind]
    return one


def container() -> dict[str, Any]:
    (one,) = manifest("Deployment")["spec"]["template"]["spec"]["containers"]
    return dict(one)


def unit() -> configparser.RawConfigParser:
    """The unit; a key that is given several times has all its values, a line each."""
    parsed = configparser.RawConfigParser(strict=False, dict_type=_Several, delimiters=("=",))
    parsed.optionxform = str  # type: ignore[method-assign, assignment]  # keys keep their case
    parsed.read_string(UNIT.read_text())
    return parsed


class _Several(dict[str, Any]):
    def __setitem__(self, key: str, value: Any) -> None:
        if isinstance(value, list) and isinstance(self.get(key), list):
            value = [*self[key], *value]
        super().__setitem__(key, value)


def starts() -> dict[str, Start]:
    """By the name of the way."""
    return {"compose": _compose(), "kubernetes": _kubernetes(), "systemd": _systemd(), "cloud foundry": _cf()}


def _compose() -> Start:
    service = compose()["services"]["deploybot"]
    environment = {**image_environment(), **service["environment"]}
    return Start(("deploybot", *service["command"]), environment, seconds(service["stop_grace_period"]))


def _kubernetes() -> Start:
    pod, one = manifest("Deployment")["spec"]["template"]["spec"], container()
    environment = {**image_environment(), **{each["name"]: each["value"] for each in one["env"]}}
    probes = tuple(one[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "liveness", "readiness"))
    return Start(("deploybot", *one["args"]), environment, pod["terminationGracePeriodSeconds"], probes)


def _systemd() -> Start:
    service = unit()["Service"]
    environment = dict(line.split("=", 1) for line in service["Environment"].splitlines())
    before = tuple(shlex.split(service["ExecStartPre"]))
    return Start(tuple(shlex.split(service["ExecStart"])), environment, float(service["TimeoutStopSec"]), before=before)


def _cf() -> Start:
    app = cf_app()
    (web,) = app["processes"]
    probes = (web["health-check-http-endpoint"], web["readiness-health-check-http-endpoint"])
    # Ten seconds are Cloud Foundry's own, and not to be set in a manifest.
    return Start(tuple(shlex.split(web["command"])), app["env"], 10, probes)


def seconds(text: str) -> float:
    """Of `15s`."""
    found = re.fullmatch(r"(\d+)s", text)
    assert found, text
    return float(found[1])
