"""The Markdown at the top of the repository leads to files and headings that are there."""

import re
from pathlib import Path

import pytest

from tests.docs.conftest import ROOT

PAGES = sorted(ROOT.glob("*.md"))
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def slugs(page: Path) -> set[str]:
    """The anchors of a page's headings, as the built pages and the usual forges name them."""
    headings = re.findall(r"^#+ (.*?)\s*$", page.read_text(), re.MULTILINE)
    plain = [re.sub(r"[^\w\s-]", "", heading.lower()) for heading in headings]
    return {re.sub(r"\s", "-", heading) for heading in plain} | {re.sub(r"[-\s]+", "-", heading) for heading in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(page: Path) -> None:
    for link in LINK.findall(CODE.sub("", page.read_text())):
        if re.match(r"https://[\w.-]+(/|$)", link):
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), f"{page.name}: there is no {name}"
        assert not anchor or anchor in slugs(target), f"{page.name}: {name} has no heading #{anchor}"


def test_the_front_page_leads_into_the_documentation() -> None:
    assert len([link for link in LINK.findall((ROOT / "README.md").read_text()) if link.startswith("docs/")]) > 5
