"""The bill of materials lists what is locked, no more and no less, with licences, and is the same each time."""

from typing import Any

import pytest

from supply.sbom import of_locked, problems

LOCK = f"""\
httpx==0.28.1 \\
    --hash=sha256:{"a" * 64}
colorama==0.4 ; sys_platform == 'win32' \\
    --hash=sha256:{"b" * 64}
"""
LICENCE = [{"license": {"id": "MIT"}}]


def bill(*components: dict[str, Any], **more: Any) -> dict[str, Any]:
    root = {"bom-ref": "root-component", "name": "deploybot"}
    refs = [one["bom-ref"] for one in components]
    graph = [{"ref": "root-component", "dependsOn": refs}, *({"ref": ref} for ref in refs)]
    return {"metadata": {"component": root}, "components": list(components), "dependencies": graph, **more}


def component(name: str = "httpx", version: str = "0.28.1", **more: Any) -> dict[str, Any]:
    return {"name": name, "version": version, "bom-ref": f"{name}=={version}", "licenses": LICENCE, **more}


def test_what_installs_packages_is_not_part_of_the_bot() -> None:
    kept = of_locked(bill(component(), component("pip", "26.0")), {"httpx"})
    assert [one["name"] for one in kept["components"]] == ["httpx"]
    assert kept["dependencies"] == [
        {"ref": "root-component", "dependsOn": ["httpx==0.28.1"]},
        {"ref": "httpx==0.28.1"},
    ]


def test_a_right_bill_has_no_problems_and_needs_nothing_of_other_systems() -> None:
    assert problems(bill(component()), LOCK) == []


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (bill(), "httpx is missing"),
        (bill(component(version="0.27")), "httpx is 0.27, not 0.28.1"),
        (bill(component(licenses=[])), "httpx has no licence"),
        (bill(component(), serialNumber="urn:uuid:1"), "serialNumber changes from one making to the next"),
        (bill(component(), metadata={"timestamp": "2026"}), "a time is in it"),
    ],
)
def test_what_is_wrong_with_a_bill_is_told(wrong: dict[str, Any], says: str) -> None:
    assert problems(wrong, LOCK) == [says]
