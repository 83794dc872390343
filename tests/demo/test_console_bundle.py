"""The page that is shipped is the one that its sources make; checked without Node.js."""

import hashlib
import re
from pathlib import Path

from deploybot.demo.site import BUNDLE

SOURCES = Path(__file__).parents[2] / "console"


def source_hash(root: Path) -> str:
    """SHA-256 over "<hash of the file>  <path>" of every file but node_modules, sorted: as console/plugins/seal.js."""
    paths = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    kept = [path for path in paths if not path.startswith("node_modules/")]
    lines = [f"{hashlib.sha256((root / path).read_bytes()).hexdigest()}  {path}\n" for path in kept]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def test_the_bundle_is_built_from_these_sources() -> None:
    built_from = (BUNDLE / "console.sha256").read_text().strip()

    assert built_from == source_hash(SOURCES), "console/ has changed since the page was built: run `make console`"


def test_the_licences_of_what_the_bundle_contains_are_shipped_with_it() -> None:
    shipped = (BUNDLE / "LICENSES.txt").read_text()

    for name in ("slack-blocks-to-jsx", "react", "react-dom"):
        assert re.search(rf"^{name} \d+\.\d+\.\d+ - MIT$", shipped, re.MULTILINE), name


def test_the_page_asks_no_other_host_for_anything() -> None:
    html = (BUNDLE / "index.html").read_text()
    styles = "".join(path.read_text() for path in (BUNDLE / "assets").glob("*.css"))

    assert "//" not in re.sub(r"<!doctype html>", "", html, flags=re.IGNORECASE)
    assert not re.findall(r"@import|url\((?!data:)", styles)


def test_the_lock_file_names_no_registry() -> None:
    lock = (SOURCES / "package-lock.json").read_text()

    assert '"resolved"' not in lock
    assert "registry" not in lock
    assert '"integrity"' in lock
