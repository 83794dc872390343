"""Asks an index of advisories about everything that is locked for a running bot, and says plainly where none answers.

pip-audit calls it a success when it found no package at all, so what it could not look up is counted here.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

NONE_KNOWN, WEAK, NOT_AUDITED = 0, 1, 3
"""Exit codes: no weakness is known; some are; no index of advisories could be asked about all of it."""
SERVICES = ("pypi", "osv")
SECONDS = 300


@dataclass(frozen=True, slots=True)
class Verdict:
    code: int
    lines: tuple[str, ...]


def verdict(told: str, complained: str) -> Verdict:
    """What comes of pip-audit's JSON and of what it complained about."""
    try:
        rows: list[dict[str, Any]] = json.loads(told)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return Verdict(NOT_AUDITED, (f"no index of advisories answered: {_last(complained)}",))
    weak, skipped = list(_weaknesses(rows)), [row["name"] for row in rows if "skip_reason" in row]
    if weak:
        return Verdict(WEAK, (*weak, f"{len(weak)} known weaknesses"))
    if skipped or not rows:
        some = ", ".join(skipped[:5])
        return Verdict(
            NOT_AUDITED,
            (f"{len(skipped)} of {len(rows)} packages could not be looked up in an index of advisories: {some} ...",),
        )
    return Verdict(NONE_KNOWN, (f"no weakness is known of {len(rows)} packages",))


def _weaknesses(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        for one in row.get("vulns", ()):
            fixed = ", ".join(one.get("fix_versions", ())) or "nothing yet"
            yield f"{row['name']} {row['version']}: {one['id']}, fixed in {fixed}"


def _last(complained: str) -> str:
    lines = [line.strip() for line in complained.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "it said nothing"


def audit(requirements: str) -> Verdict:
    """The verdict of the first service that answers about everything."""
    found = Verdict(NOT_AUDITED, ())
    for service in SERVICES:
        found = _asked(requirements, service)
        if found.code != NOT_AUDITED:
            break
    return found


def _asked(requirements: str, service: str) -> Verdict:
    call = [sys.executable, "-m", "pip_audit", "-r", requirements, "--require-hashes", "--disable-pip", "-s", service]
    quiet = ["--progress-spinner", "off", "--format", "json", "--timeout", "10"]
    try:
        done = subprocess.run([*call, *quiet], capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return Verdict(NOT_AUDITED, (f"{service} did not answer within {SECONDS} s",))
    return verdict(done.stdout, done.stderr)
