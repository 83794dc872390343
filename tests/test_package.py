"""The package as installed."""

from importlib.metadata import version

import deploybot


def test_the_version_is_told_in_one_place() -> None:
    assert deploybot.__version__ == version("deploybot")
