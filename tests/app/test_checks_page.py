"""The page of checks names every check that there is, by the words that findings use."""

import ast
from pathlib import Path

import deploybot
from deploybot.app.checks_page import CHECKS, checks_page

SOURCES = Path(deploybot.__file__).parent
_MADE_BY = {"ok", "note", "warning", "failure"}


def _named(file: Path) -> set[str]:
    """The names of checks that a module gives to findings, as far as they are written down where one is made."""
    calls = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
    return {name for call in calls if (name := _check(call))}


def _check(call: ast.Call) -> str:
    made = call.func.id if isinstance(call.func, ast.Name) else ""
    by = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    at = 1 if made == "Finding" else 0 if by in _MADE_BY else len(call.args)
    given = call.args[at] if at < len(call.args) else None
    return given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else ""


def test_every_check_that_the_code_names_is_explained() -> None:
    examining = [file for file in SOURCES.rglob("*.py") if "Finding" in file.read_text() and "ops" not in file.parts]
    explained = {name for checks in CHECKS.values() for name in checks}
    assert {name for file in examining for name in _named(file)} - explained == set()


def test_every_explanation_is_a_row_with_what_to_do() -> None:
    page = checks_page()
    for area, checks in CHECKS.items():
        assert f"\n## {area[0].upper()}{area[1:]}\n" in page
        for name, (looks_at, fix) in checks.items():
            assert f"| `{name}` | {looks_at} | {fix} |\n" in page
            assert looks_at.endswith("."), name
            assert fix.endswith("."), name
            assert "|" not in looks_at + fix
