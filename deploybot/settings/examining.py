"""Looks at the configuration itself: what is wrong with it, and what it leaves open that should not be."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from deploybot.domain.finding import Finding, Level
from deploybot.service.aside import aside
from deploybot.settings.addresses import is_loopback
from deploybot.settings.model import Settings
from deploybot.settings.salvage import Loaded

AREA = "configuration"
CHECKS: Mapping[str, tuple[str, str]] = {
    "settings": (
        "Every problem of the configuration file and the environment. The bot does not start with one; what can be "
        "examined all the same is. A warning tells what is read, but should not stay so.",
        "As each says.",
    ),
    "metrics": (
        "Whether everybody who reaches the port reads the metrics, which tell how the bot is used.",
        "Set `DEPLOYBOT_METRICS_TOKEN`, or listen at an address that only monitoring reaches.",
    ),
    "heartbeat": (
        "Whether the heartbeat file can be written, by which `deploybot alive` knows that Slack reaches the bot.",
        "Make its directory writable for the bot.",
    ),
}
"""What each check looks at, and what to do where it is not well."""

_GENERAL_FIX = "put that right where it is set (the file, the environment, or the file that a *_FILE names)"


@dataclass(frozen=True, slots=True)
class ConfigurationExamination:
    """The port `Examination` over what was loaded; `transport` says which of Slack's ways will be used."""

    loaded: Loaded
    transport: Literal["socket", "http"]

    @property
    def area(self) -> str:
        return AREA

    async def findings(self, until: float) -> tuple[Finding, ...]:  # noqa: ARG002 - a look at a directory at most
        problems = tuple(map(to_finding, self.loaded.problems))
        doubts = tuple(to_finding(one, Level.WARNING) for one in self.loaded.warnings)
        settings = self.loaded.settings
        if settings is None:
            return (*problems, *doubts)
        found = (*problems, *doubts, *open_doors(settings, self.transport, self.loaded.lost))
        return (*found, *await _of_heartbeat(settings.health.heartbeat_file), *_whole(problems, settings))


def to_finding(problem: str, level: Level = Level.FAILURE) -> Finding:
    """A problem as settings tell it: `where: what is wrong: what to do`, or only the first two."""
    match problem.split(": "):
        case [where, fix] if fix.startswith("set "):
            says = f"{where} is needed, but not set"
        case [*parts, fix] if len(parts) > 1 or fix.startswith("check "):
            says = ": ".join(parts)
        case _:
            says, fix = problem, _GENERAL_FIX
    return Finding(AREA, "settings", level, says, fix)


def _whole(problems: tuple[Finding, ...], settings: Settings) -> Iterator[Finding]:
    if not problems:
        names = ", ".join(settings.foundations)
        yield Finding(AREA, "settings", Level.OK, f"the configuration can be read; foundations: {names}")


def open_doors(settings: Settings, transport: Literal["socket", "http"], lost: frozenset[str]) -> Iterator[Finding]:
    """What is set, but should not be; nothing is said about sections of which something could not be read."""
    host = "" if lost & {"http", "health"} else exposed_at(settings, transport)
    if host:
        says = f"/metrics listens at {host} and needs no token: whoever reaches it reads how the bot is used"
        fix = "set DEPLOYBOT_METRICS_TOKEN, or listen at an address that only monitoring reaches"
        yield Finding(AREA, "metrics", Level.WARNING, says, fix)


def exposed_at(settings: Settings, transport: Literal["socket", "http"]) -> str:
    """Where others than this machine may reach metrics without a token; "" for nowhere."""
    health, http = settings.health, settings.http
    beside_slack = transport == "http" and health.port is None
    serves = beside_slack or health.port is not None or "port" in http.model_fields_set
    host = http.host if beside_slack else health.host or http.host
    return host if serves and not health.metrics_token and not is_loopback(host) else ""


async def _of_heartbeat(file: Path | None) -> tuple[Finding, ...]:
    if file is None:
        return ()
    trouble = await aside(partial(_why_not_touched, file))
    if not trouble:
        return (Finding(AREA, "heartbeat", Level.OK, f"the heartbeat file {file} can be written"),)
    says = f"the heartbeat file {file} can't be written ({trouble}), so deploybot alive will call the bot dead"
    fix = "set DEPLOYBOT_HEARTBEAT_FILE to a file in a directory that the bot may write to"
    return (Finding(AREA, "heartbeat", Level.FAILURE, says, fix),)


def _why_not_touched(file: Path) -> str:
    """Nothing is written: what the file system says about it."""
    if not file.parent.is_dir():
        return "there is no such directory"
    where = file if file.exists() else file.parent
    return "" if os.access(where, os.W_OK) else f"no permission to write to {where}"
