"""The built pages as a reader's browser finds them: what each names, where it leads, what it loads."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADING_LINKS = {"stylesheet", "icon", "preload", "preconnect", "dns-prefetch", "modulepreload"}
"""Kinds of `<link>` for which a browser asks a server."""
LOADING_TAGS = {"script", "img", "iframe", "source", "video", "audio", "embed"}


@dataclass
class Page:
    """One HTML file: its anchors, its links, what it loads, and for each picture the words for it."""

    file: Path
    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    pictures: dict[str, str] = field(default_factory=dict)
    navigation: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page, self._navs = page, 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._navs += tag == "nav"
        if anchor := given.get("id"):
            self._page.anchors.add(anchor)
        if tag == "a" and "href" in given:
            (self._page.navigation if self._navs else self._page.links).append(given["href"])
        if tag in LOADING_TAGS and "src" in given:
            self._page.loads.append(given["src"])
        if tag == "link" and LOADING_LINKS & set(given.get("rel", "").split()):
            self._page.loads.append(given["href"])
        if tag == "img":
            self._page.pictures[given["src"]] = given.get("alt", "").strip()

    def handle_endtag(self, tag: str) -> None:
        self._navs -= tag == "nav"


def read(file: Path) -> Page:
    """One built page."""
    page = Page(file)
    _Reader(page).feed(file.read_text())
    return page


def is_elsewhere(address: str) -> bool:
    """Whether another host, or a mail program, is meant."""
    return bool(urlsplit(address).scheme or urlsplit(address).netloc)


def broken(page: Page, pages: dict[Path, Page]) -> list[str]:
    """What the page names on this site and what is not there: a file, or an anchor in one."""
    here = [address for address in (*page.links, *page.navigation, *page.loads) if not is_elsewhere(address)]
    return [address for address in here if not _leads_somewhere(address, page, pages)]


def _leads_somewhere(address: str, page: Page, pages: dict[Path, Page]) -> bool:
    parts = urlsplit(address)
    file = (page.file.parent / unquote(parts.path)).resolve() if parts.path else page.file
    if not file.is_file():
        return (file / "index.html").is_file()
    return not parts.fragment or file not in pages or unquote(parts.fragment) in pages[file].anchors
