"""The manifest of `cf push`, and what it pushes: judged by what Cloud Foundry's documentation says of both.

Attributes and their values: docs.cloudfoundry.org, "App manifest attribute reference". What the Python buildpack does:
it installs `requirements.txt` at the root of what was pushed, with the Python of `runtime.txt`, and not the app itself.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.deploy.artefacts import CF_MANIFEST, ROOT, cf_app

_SIZE = {"type": "string", "pattern": "^[1-9][0-9]*([KMGTkmgt][Bb]?|[Bb])$"}
_CHECK = {"enum": ["http", "port", "process"]}
_PATH = {"type": "string", "pattern": "^/"}
_COUNT = {"type": "integer", "minimum": 1}
_PROCESS = {
    "command": {"type": "string"},
    "disk_quota": _SIZE,
    "memory": _SIZE,
    "instances": {"type": "integer", "minimum": 0},
    "log-rate-limit-per-second": {"type": "string"},
    "timeout": _COUNT,
    "health-check-type": _CHECK,
    "health-check-http-endpoint": _PATH,
    "health-check-interval": _COUNT,
    "health-check-invocation-timeout": _COUNT,
    "readiness-health-check-type": _CHECK,
    "readiness-health-check-http-endpoint": _PATH,
    "readiness-health-check-interval": _COUNT,
    "readiness-health-check-invocation-timeout": _COUNT,
}
_NAMES = {"type": "array", "items": {"type": "string"}, "minItems": 1}
_APP = {
    **_PROCESS,
    "name": {"type": "string", "pattern": "^[^-]"},
    "path": {"type": "string"},
    "buildpacks": _NAMES,
    "stack": {"type": "string"},
    "docker": {"type": "object"},
    "no-route": {"type": "boolean"},
    "default-route": {"type": "boolean"},
    "random-route": {"type": "boolean"},
    "routes": {"type": "array"},
    "services": _NAMES,
    "sidecars": {"type": "array"},
    "metadata": {"type": "object"},
    "env": {"type": "object", "additionalProperties": {"type": "string"}},
    "processes": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"type": {"type": "string"}, **_PROCESS},
            "required": ["type"],
            "additionalProperties": False,
        },
    },
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "version": {"const": 1},
        "applications": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "object", "properties": _APP, "required": ["name"], "additionalProperties": False},
        },
    },
    "required": ["applications"],
    "additionalProperties": False,
}


def test_the_manifest_has_attributes_that_are_documented_only() -> None:
    jsonschema.validate(yaml.safe_load(CF_MANIFEST.read_text()), SCHEMA)


def test_a_misspelt_attribute_would_be_found() -> None:
    wrong = yaml.safe_load(CF_MANIFEST.read_text())
    wrong["applications"][0]["processes"][0]["readyness-health-check-type"] = "http"
    with pytest.raises(jsonschema.ValidationError, match="readyness-health-check-type"):
        jsonschema.validate(wrong, SCHEMA)


def test_the_app_is_looked_after_by_its_own_health() -> None:
    (web,) = cf_app()["processes"]
    assert (web["type"], web["instances"]) == ("web", 2)
    assert (web["health-check-type"], web["readiness-health-check-type"]) == ("http", "http")
    assert cf_app()["no-route"] is True
    # Checks come from outside of the process's loopback.
    assert cf_app()["env"]["DEPLOYBOT_HTTP_HOST"] == "0.0.0.0"


def pushed(root: Path) -> list[str]:
    """The files that `cf push` sends of this checkout: those that .cfignore leaves, which reads as .gitignore does."""
    listing = ["git", "ls-files", "--cached", "--others", f"--exclude-from={root / '.cfignore'}"]
    listed = subprocess.run(listing, cwd=root, capture_output=True, text=True, check=True)
    ignored = subprocess.run([*listing, "--ignored"], cwd=root, capture_output=True, text=True, check=True)
    return sorted(set(listed.stdout.splitlines()) - set(ignored.stdout.splitlines()))


def test_all_that_runs_is_pushed_and_nothing_that_only_develops() -> None:
    files = pushed(ROOT)
    assert (CF_MANIFEST.parent / cf_app()["path"]).resolve() == ROOT
    there = {"requirements.txt", "requirements/run.txt", "runtime.txt", "deploybot/__main__.py"}
    assert there <= set(files)
    tracked = subprocess.run(["git", "ls-files", "deploybot"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(tracked.stdout.splitlines()) <= set(files)
    tops = {file.partition("/")[0] for file in files if "/" in file}
    assert tops == {"deploybot", "requirements"}


def test_the_configuration_of_the_checkout_is_pushed_along(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    for name in ("deploybot.toml", "deploybot-data/deploybot.db", ".venv/bin/python", "tests/x.py", "deploybot/a.py"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    (tmp_path / ".cfignore").write_text((ROOT / ".cfignore").read_text())
    assert pushed(tmp_path) == [".cfignore", "deploybot.toml", "deploybot/a.py"]


def test_what_the_buildpack_installs_is_what_is_locked() -> None:
    """With this Python all of it is there already: pip reads the same file as the buildpack does, and finds nothing."""
    given = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-index", "--dry-run"]
    told = subprocess.run([*given, "-r", ROOT / "requirements.txt"], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert "Would install" not in told.stdout
    locked = re.findall(r"^([a-z0-9-]+)(?:\[\w+\])?==", (ROOT / "requirements/run.txt").read_text(), re.MULTILINE)
    satisfied = re.findall(r"Requirement already satisfied: ([\w.-]+)", told.stdout)
    names = {name.lower().replace("_", "-") for name in satisfied}
    assert {"httpx", "slack-bolt", "sqlalchemy"} <= names <= set(locked)


def test_the_python_is_the_one_that_is_tested() -> None:
    found = re.fullmatch(r"python-(\d+)\.(\d+)\.x\n", (ROOT / "runtime.txt").read_text())
    assert found
    assert (int(found[1]), int(found[2])) == sys.version_info[:2]
