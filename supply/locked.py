"""What a lock file holds: names, versions, hashes, and for which systems."""

import re
from dataclasses import dataclass

_LINE = re.compile(
    r"(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;]+)\s*(?:;\s*(?P<marker>[^\\]+?))?\s*\\?"
)
_HASH = re.compile(r"\s+--hash=(?P<hash>sha256:[0-9a-f]{64})\s*\\?")


@dataclass(frozen=True, slots=True)
class Locked:
    """One requirement; `marker` says on which systems it is needed, "" for all."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]


def locked(text: str) -> tuple[Locked, ...]:
    """What a lock file holds. ValueError for a line that is neither a pinned requirement, a hash nor a remark."""
    found: list[Locked] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if (hashed := _HASH.fullmatch(line)) and found:
            last = found[-1]
            found[-1] = Locked(last.name, last.version, last.marker, (*last.hashes, hashed["hash"]))
        elif pinned := _LINE.fullmatch(line):
            found.append(Locked(canonical(pinned["name"]), pinned["version"], (pinned["marker"] or "").strip(), ()))
        else:
            raise ValueError(f"line {number} is no pinned requirement: {line!r}")
    return tuple(found)


def canonical(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()
