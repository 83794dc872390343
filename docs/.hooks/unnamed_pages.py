"""A page that mkdocs.yml does not name comes last in the section of its directory, so that none is ever left out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any


def on_config(config: Any) -> Any:
    """MkDocs calls this before it looks for pages."""
    docs = Path(config.docs_dir)
    pages = {page.relative_to(docs).as_posix() for page in docs.rglob("*.md")}
    for page in sorted(pages - set(_named(config.nav))):
        if section := _section_of(page, config.nav):
            section.append(page)
    return config


def _section_of(page: str, nav: list[Any]) -> list[Any] | None:
    """The section with a page of the same directory; None for a page that MkDocs is to complain about."""
    sections = [section for entry in nav if isinstance(entry, dict) for section in entry.values()]
    parent = Path(page).parent
    alike = (one for one in sections if isinstance(one, list) and any(Path(it).parent == parent for it in _named(one)))
    return next(alike, None)


def _named(nav: Any) -> Iterator[str]:
    """Every page that a navigation names, however deep."""
    match nav:
        case str():
            yield nav
        case list():
            for entry in nav:
                yield from _named(entry)
        case dict():
            yield from _named(list(nav.values()))
