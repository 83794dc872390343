"""The documentation builds without a warning, leads nowhere wrong, and asks no other host for anything."""

import re
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.docs.conftest import ROOT, build
from tests.docs.crawl import Page, broken, is_elsewhere

HOSTS = {
    "api.slack.com",
    "cryptography.io",
    "slack-status.com",
}
"""Whom the documentation refers to. Nobody is asked whether a page is there; a slip in a name shows all the same."""


def test_every_link_and_anchor_of_every_page_leads_somewhere(pages: dict[Path, Page]) -> None:
    wrong = {page.file.name: missing for page in pages.values() if (missing := broken(page, pages))}
    assert wrong == {}
    assert sum(len(page.links) for page in pages.values()) > len(pages)


def test_a_link_to_another_host_is_https_and_to_a_known_one(pages: dict[Path, Page]) -> None:
    links = {link for page in pages.values() for link in page.links if is_elsewhere(link)}
    assert links
    for link in sorted(links):
        assert re.fullmatch(r"https://[\w.-]+(/[\w./~%#&?=-]*)?", link), link
        assert urlsplit(link).hostname in HOSTS, f"{link}: add its host to HOSTS, or mend it"


def test_no_page_asks_another_host_for_anything(pages: dict[Path, Page], site: Path) -> None:
    assert [load for page in pages.values() for load in page.loads if is_elsewhere(load)] == []
    styles = [file.read_text() for file in site.rglob("*.css")]
    assert styles
    assert [found for style in styles for found in re.findall(r"(?:@import|url\()\s*[\"']?https?:[^)]*", style)] == []


def test_every_page_is_in_the_navigation_of_every_page(pages: dict[Path, Page]) -> None:
    for page in pages.values():
        shown = {(page.file.parent / urlsplit(link).path).resolve() for link in page.navigation if urlsplit(link).path}
        assert set(pages) - shown - {page.file} == set(), page.file.name


def test_every_picture_says_in_words_what_it_shows(pages: dict[Path, Page]) -> None:
    pictures = [alt for page in pages.values() for alt in page.pictures.values()]
    assert pictures
    assert all(len(alt) > 10 for alt in pictures)


@pytest.mark.parametrize(
    ("mistake", "told"),
    [
        ("[there](nowhere.md)", "nowhere.md"),
        ("[there](messages.md#nowhere)", "#nowhere"),
        ("[there](/messages.md)", "absolute link"),
    ],
)
def test_a_broken_link_stops_the_build(tmp_path: Path, mistake: str, told: str) -> None:
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    with (tmp_path / "docs" / "index.md").open("a") as page:
        page.write(f"\n{mistake}\n")
    built = build(tmp_path, tmp_path / "site")
    assert built.returncode != 0
    assert told in built.stderr


def test_a_page_that_nobody_named_comes_last_in_the_section_of_its_directory(tmp_path: Path) -> None:
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    (tmp_path / "docs" / "zebras.md").write_text("# Zebras\n\nThey have stripes.\n")
    built = build(tmp_path, tmp_path / "site")
    assert built.returncode == 0, built.stderr
    text = (tmp_path / "site" / "index.html").read_text()
    assert text.index('href="record.html"') < text.index('href="zebras.html"')
