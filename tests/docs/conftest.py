"""The documentation as `make docs` builds it, once for these tests."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.crawl import Page, read

ROOT = Path(__file__).parents[2]
LONGEST = 120


def build(source: Path, to: Path) -> subprocess.CompletedProcess[str]:
    """A strict build of the documentation whose `mkdocs.yml` is in `source`."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(to)]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "NO_COLOR": "1"}
    return subprocess.run(command, cwd=source, env=quiet, capture_output=True, text=True, timeout=LONGEST, check=False)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of the built pages."""
    to = tmp_path_factory.mktemp("documentation").resolve()
    built = build(ROOT, to)
    assert built.returncode == 0, built.stderr
    return to


@pytest.fixture(scope="session")
def pages(site: Path) -> dict[Path, Page]:
    """Every page, by its file; the one for what is not found is written for a server's root, and left out."""
    return {file: read(file) for file in site.rglob("*.html") if file.name != "404.html"}
