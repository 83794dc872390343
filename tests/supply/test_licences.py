"""Whoever runs the bot takes on no duty by a licence beyond naming its authors, with the exceptions told here."""

from importlib.metadata import metadata
from pathlib import Path

import pytest

from supply.locked import locked

LOCK = Path(__file__).parents[2] / "requirements" / "run.txt"
PERMISSIVE = (
    *("MIT", "MIT-0", "MIT License", "BSD-2-Clause", "BSD-3-Clause", "BSD License", "BSD", "ISC License"),
    *("Apache-2.0", "Apache 2.0", "Apache Software License", "PSF-2.0"),
)
EXCEPTIONS = {
    "certifi": "MPL-2.0",  # changes of its own files would have to be published; it is used as it comes
    "psycopg": "LGPL-3.0-only",  # a library of its own that anybody can replace; it is used as it comes
    "psycopg-binary": "LGPL-3.0-only",
}
HERE = [one.name for one in locked(LOCK.read_text()) if "win32" not in one.marker]


def licence(name: str) -> str:
    """What a package says: its expression, else its old field where that is short, else its classifiers."""
    told = metadata(name)
    classifiers = [one.rpartition(" :: ")[2] for one in told.get_all("Classifier") or () if one.startswith("License")]
    values = {key: told[key] for key in told}
    field = values.get("License", "")
    expression = values.get("License-Expression", "")
    return expression or (field if 0 < len(field) < 40 else " AND ".join(classifiers))


@pytest.mark.parametrize("name", HERE)
def test_a_run_time_requirement_is_under_a_known_licence(name: str) -> None:
    told = licence(name)
    parts = told.replace(" AND ", " OR ").split(" OR ")
    assert told == EXCEPTIONS.get(name) or all(part in PERMISSIVE for part in parts), f"{name}: {told!r}"


def test_no_exception_is_told_that_is_none_any_more() -> None:
    assert {name: licence(name) for name in EXCEPTIONS} == EXCEPTIONS
