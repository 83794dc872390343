"""The bill of materials in CycloneDX: the bot and what is locked for it to run, with versions and licences.

It is made from an environment that holds the locked requirements, and is the same whenever and wherever it is made on
the same system: without a serial number, a time, or a path.
"""

import json
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

from supply.locked import canonical, locked

Bom = dict[str, Any]


def made(environment: Path, pyproject: Path) -> Bom:
    """The bill of an environment, validated by what makes it. CalledProcessError where it can't be made."""
    call = [sys.executable, "-m", "cyclonedx_py", "environment", str(environment), "--pyproject", str(pyproject)]
    form = ["--mc-type", "application", "--output-reproducible", "--of", "JSON", "--sv", "1.6", "--validate"]
    done = subprocess.run([*call, *form], capture_output=True, text=True, check=True)
    bom: Bom = json.loads(done.stdout)
    return bom


def of_locked(bom: Bom, names: Collection[str]) -> Bom:
    """Only what is locked: an environment also holds what installs packages."""
    kept = [one for one in bom["components"] if canonical(one["name"]) in names]
    refs = {one["bom-ref"] for one in kept} | {bom["metadata"]["component"]["bom-ref"]}
    graph = [
        {**one, **({"dependsOn": [ref for ref in one["dependsOn"] if ref in refs]} if "dependsOn" in one else {})}
        for one in bom["dependencies"]
        if one["ref"] in refs
    ]
    return {**bom, "components": kept, "dependencies": graph}


def problems(bom: Bom, lock: str) -> list[str]:
    """What is wrong with a bill: something is missing, of another version, or without a licence."""
    listed = {canonical(one["name"]): one for one in bom["components"]}
    wanted = locked(lock)
    missing = [f"{one.name} is missing" for one in wanted if not one.marker and one.name not in listed]
    others = [
        f"{one.name} is {listed[one.name]['version']}, not {one.version}"
        for one in wanted
        if one.name in listed and listed[one.name]["version"] != one.version
    ]
    free = [f"{name} has no licence" for name, one in listed.items() if not one.get("licenses")]
    changing = [f"{key} changes from one making to the next" for key in ("serialNumber",) if key in bom]
    return [*missing, *others, *free, *changing, *(["a time is in it"] if "timestamp" in bom["metadata"] else [])]
