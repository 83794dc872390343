"""Validates the JSON bodies of POST and PATCH with the server's messages, into values to act on."""

from collections.abc import Mapping
from typing import Any

import msgspec

from deploybot.demo.foundation.labels import key_problem, value_problem
from deploybot.demo.foundation.refusals import BreakdownError, parse_error, unprocessable

NO_APP = "Unable to use app. Ensure that the app exists and you have access to it."
BIGGEST_INTEGER = 2**31 - 1
LONGEST_ANNOTATION = 5000
OPTIONS = (
    "max_in_flight",
    "web_instances",
    "memory_in_mb",
    "disk_in_mb",
    "log_rate_limit_in_bytes_per_second",
    "canary",
)

Metadata = Mapping[str, Mapping[str, str | None]]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A deployment somebody asks for. `request` is the body, which the audit event keeps."""

    app_guid: str
    droplet_guid: str | None = None
    revision_guid: str | None = None
    strategy: str = "rolling"
    max_in_flight: int = 1
    web_instances: int | None = None
    memory_in_mb: int | None = None
    disk_in_mb: int | None = None
    log_rate_limit: int | None = None
    canary_steps: tuple[int, ...] | None = None
    metadata: Metadata = {}
    request: Mapping[str, Any] = {}


def parse_json(body: bytes) -> Any:
    """The body; nothing at all counts as an empty object."""
    if not body.strip():
        return {}
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise parse_error() from error


def wanted_deployment(body: Any) -> Wanted:
    """What a POST asks for; RefusedError 10008 with all problems."""
    raw = body if isinstance(body, dict) else {}
    problems = _unknown_fields(raw, ("app", "droplet", "revision", "strategy", "options", "metadata", "relationships"))
    strategy = "rolling" if raw.get("strategy") is None else str(raw["strategy"])
    if strategy not in ("rolling", "canary"):
        problems.append(f"Strategy '{strategy}' is not a supported deployment strategy")
    options = raw.get("options") if "options" in raw else {}
    steps = _checked_options(options, strategy, problems)
    if raw.get("droplet") and raw.get("revision"):
        problems.append("Droplet Cannot set both fields 'droplet' and 'revision'")
    problems += metadata_problems(raw)
    if problems:
        raise unprocessable(", ".join(problems))
    options = options or {}
    return Wanted(
        app_guid=_guid_in(raw, "relationships", "app", "data") or "",
        droplet_guid=_guid_in(raw, "droplet"),
        revision_guid=_guid_in(raw, "revision"),
        strategy=strategy,
        max_in_flight=options.get("max_in_flight", 1),
        web_instances=options.get("web_instances"),
        memory_in_mb=options.get("memory_in_mb"),
        disk_in_mb=options.get("disk_in_mb"),
        log_rate_limit=options.get("log_rate_limit_in_bytes_per_second"),
        canary_steps=steps,
        metadata=raw.get("metadata") or {},
        request=raw,
    )


def wanted_metadata(body: Any) -> Metadata:
    """What a PATCH asks for: labels and annotations, null to remove one."""
    raw = body if isinstance(body, dict) else {}
    problems = _unknown_fields(raw, ("metadata",)) + metadata_problems(raw)
    if problems:
        raise unprocessable(", ".join(problems))
    metadata: Metadata = raw.get("metadata") or {}
    return metadata


def metadata_problems(raw: Mapping[str, Any]) -> list[str]:
    if "metadata" not in raw or raw["metadata"] is None:
        return []
    metadata = raw["metadata"]
    if not isinstance(metadata, dict):
        return ["Metadata must be an object"]
    problems: list[str] = []
    for part, name in (("labels", "label"), ("annotations", "annotation")):
        pairs = metadata.get(part) or {}
        if not isinstance(pairs, dict):
            problems.append(f"Metadata '{part}' is not an object")
            continue
        for key, value in pairs.items():
            if problem := key_problem(key):
                problems.append(f"Metadata {name} key error: {problem}")
            elif problem := _metadata_value_problem(part, value):
                problems.append(f"Metadata {name} value error: {problem}")
    return problems


def _metadata_value_problem(part: str, value: str | None) -> str | None:
    if value is None:
        return None
    if part == "labels":
        return value_problem(value)
    too_long = len(value) > LONGEST_ANNOTATION
    return f"'{value[:8]}...' is greater than {LONGEST_ANNOTATION} characters" if too_long else None


def _unknown_fields(raw: Mapping[str, Any], known: tuple[str, ...]) -> list[str]:
    unknown = [f"'{key}'" for key in raw if key not in known]
    return [f"Unknown field(s): {', '.join(unknown)}"] if unknown else []


def _checked_options(options: Any, strategy: str, problems: list[str]) -> tuple[int, ...] | None:
    """Canary steps of the options, if any; an empty list in their place breaks the server."""
    if options == []:
        raise BreakdownError
    if options is None:
        return None
    if not isinstance(options, dict):
        problems.append("Options must be an object")
        return None
    unknown = [key for key in options if key not in OPTIONS]
    if unknown:
        problems.append(f"Options has unsupported key(s): {', '.join(unknown)}")
    _check_max_in_flight(options, problems)
    _check_at_least("Web instances", "greater than or equal to 0", 0, options.get("web_instances"), problems)
    _check_at_least("Memory in mb", "greater than 0", 1, options.get("memory_in_mb"), problems)
    _check_at_least("Disk in mb", "greater than 0", 1, options.get("disk_in_mb"), problems)
    rate = options.get("log_rate_limit_in_bytes_per_second")
    _check_at_least("Log rate limit in bytes per second", "greater than or equal to -1", -1, rate, problems)
    return _canary_steps(options["canary"], strategy, problems) if "canary" in options else None


def _check_max_in_flight(options: Mapping[str, Any], problems: list[str]) -> None:
    if "max_in_flight" not in options:
        return
    value = options["max_in_flight"]
    if not _is_integer(value) or value < 1:
        problems.append("Max in flight must be an integer greater than 0")
    elif value > BIGGEST_INTEGER:
        raise BreakdownError


def _check_at_least(name: str, rule: str, least: int, value: Any, problems: list[str]) -> None:
    if value is None:
        return
    if not _is_integer(value):
        problems.append(f"{name} is not a number")
    elif value < least:
        problems.append(f"{name} must be {rule}")
    elif value > BIGGEST_INTEGER:
        problems.append(f"{name} must be less than or equal to {BIGGEST_INTEGER}")


def _canary_steps(canary: Any, strategy: str, problems: list[str]) -> tuple[int, ...] | None:
    if strategy != "canary":
        problems.append("Options canary are only valid for Canary deployments")
        return None
    if not isinstance(canary, dict):
        problems.append("Options canary must be an object")
        return None
    steps = canary.get("steps")
    if steps == []:
        raise BreakdownError
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        problems.append("Options canary steps must be an array of objects")
        return None
    return _weights(steps, problems)


def _weights(steps: list[dict[str, Any]], problems: list[str]) -> tuple[int, ...]:
    unknown = [key for step in steps for key in step if key != "instance_weight"]
    weights: tuple[Any, ...] = tuple(step.get("instance_weight") for step in steps)
    if any("instance_weight" not in step for step in steps):
        problems.append('Options canary steps missing key: "instance_weight"')
    elif unknown:
        problems.append(f"Options canary steps has unsupported key(s): {', '.join(unknown)}")
    elif not all(_is_integer(weight) and 1 <= weight <= 100 for weight in weights):
        problems.append("Options canary steps instance weight must be an Integer between 1-100 (inclusive)")
    elif list(weights) != sorted(weights):
        problems.append("Options canary steps instance weight must be sorted in ascending order")
    return weights


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _guid_in(raw: Any, *path: str) -> str | None:
    for key in (*path, "guid"):
        raw = raw.get(key) if isinstance(raw, dict) else None
    return raw if isinstance(raw, str) else None
