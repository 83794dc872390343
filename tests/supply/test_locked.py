"""Every requirement is pinned and hashed, and no lock file names an address to get it from."""

import re
from pathlib import Path

import pytest

from supply.locked import Locked, locked

FOLDER = Path(__file__).parents[2] / "requirements"
LOCKS = sorted(FOLDER.glob("*.txt"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_requirement_of_a_lock_is_pinned_and_hashed(lock: Path) -> None:
    found = locked(lock.read_text())
    assert len(found) > 2
    assert [one.name for one in found if not one.hashes] == []
    assert len({(one.name, one.marker) for one in found}) == len(found)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_no_lock_names_an_address(lock: Path) -> None:
    text = lock.read_text()
    assert re.findall(r"https?://|file:|git\+| @ |--(?:extra-)?index|--find-links|--trusted-host", text) == []


def test_what_runs_has_the_same_version_in_every_lock() -> None:
    run = {one.name: one.version for one in locked((FOLDER / "run.txt").read_text())}
    for lock in LOCKS:
        assert {one.name for one in locked(lock.read_text()) if one.version != run.get(one.name, one.version)} == set()


def test_a_line_is_read_with_its_marker_and_all_its_hashes() -> None:
    one, two = "a" * 64, "b" * 64
    hashes = f"    --hash=sha256:{one} \\\n    --hash=sha256:{two}\n"
    text = f"# by uv\nPy_Yaml[fast]==6.0 ; sys_platform == 'win32' \\\n{hashes}"
    assert locked(text) == (Locked("py-yaml", "6.0", "sys_platform == 'win32'", (f"sha256:{one}", f"sha256:{two}")),)


@pytest.mark.parametrize("line", ["httpx>=0.28", "httpx @ https://example.com/httpx.whl", "-e .", "--hash=sha256:1"])
def test_what_is_not_pinned_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="line 1 is no pinned requirement"):
        locked(line)
