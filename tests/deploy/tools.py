"""Programs of others that judge what is shipped: without one a test fails in CI, and is skipped elsewhere."""

import os
import shutil

import pytest


def command(name: str, package: str) -> str:
    """The path of a program."""
    found = shutil.which(name)
    if not found:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"no {name}: apt-get install {package}")
    return str(found)
