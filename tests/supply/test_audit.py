"""A weakness fails, silence is said, and nothing that was not looked up passes for sound."""

import json
from typing import Any

import pytest

from supply.audit import NONE_KNOWN, NOT_AUDITED, WEAK, verdict

SOUND = {"name": "httpx", "version": "0.28.1", "vulns": []}
SKIPPED = {"name": "rich", "skip_reason": "Dependency not found on PyPI and could not be audited: rich (15.0.0)"}
BAD = {"name": "mako", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}, {"id": "GHSA-2"}]}


def told(*rows: dict[str, Any]) -> str:
    return json.dumps({"dependencies": rows, "fixes": []})


def test_no_known_weakness_is_said_with_how_many_were_looked_up() -> None:
    assert verdict(told(SOUND, SOUND), "").lines == ("no weakness is known of 2 packages",)
    assert verdict(told(SOUND), "").code == NONE_KNOWN


def test_a_weakness_is_told_with_what_repairs_it_even_where_others_could_not_be_looked_up() -> None:
    found = verdict(told(SOUND, SKIPPED, BAD), "")
    assert found.code == WEAK
    assert found.lines == (
        "mako 1.0: PYSEC-1, fixed in 1.1",
        "mako 1.0: GHSA-2, fixed in nothing yet",
        "2 known weaknesses",
    )


@pytest.mark.parametrize("rows", [(SKIPPED,), (SOUND, SKIPPED), ()])
def test_what_could_not_be_looked_up_does_not_pass_for_sound(rows: tuple[dict[str, Any], ...]) -> None:
    assert verdict(told(*rows), "No known vulnerabilities found").code == NOT_AUDITED


@pytest.mark.parametrize("out", ["", "not JSON", "[]", "{}"])
def test_an_index_that_does_not_answer_is_said_with_the_last_words(out: str) -> None:
    found = verdict(out, "Traceback\n\nConnectionError: no route\n")
    assert found == type(found)(NOT_AUDITED, ("no index of advisories answered: ConnectionError: no route",))
