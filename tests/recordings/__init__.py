"""Reads the recorded Cloud Foundry traffic that lies beside this file (see README.md there)."""

import json
import lzma
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TIMELINES = (
    "a_rolling_success",
    "b_never_healthy_cancelled",
    "c_canary_20_60_continued",
    "d_canary_paused_cancelled",
    "e_superseded",
    "f_error_clears_then_stopped",
    "g_unexpected_error_clears_then_deployed",
)


def world() -> dict[str, Any]:
    """Everything the recorded server was seeded with; a fresh copy at each call."""
    loaded: dict[str, Any] = json.loads(_unpacked("world.json"))
    return loaded


@cache
def exchanges(name: str = "exchanges") -> tuple[dict[str, Any], ...]:
    """The recorded requests and answers of `exchanges`, `rate_limited` or `proxy`, in the order sent."""
    return _lines(f"{name}.jsonl")


@cache
def timeline(name: str) -> tuple[dict[str, Any], ...]:
    """The samples, one a second, of one of TIMELINES; lines with `action` hold a POST and its answer."""
    return _lines(f"timelines/{name}.jsonl")


def timeline_context() -> dict[str, Any]:
    """The apps, space and organization that the timelines are about."""
    loaded: dict[str, Any] = json.loads(_unpacked("timelines/context.json"))
    return loaded


def _lines(path: str) -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(line) for line in _unpacked(path).splitlines())


@cache
def _unpacked(path: str) -> bytes:
    return lzma.decompress((HERE / f"{path}.xz").read_bytes())
