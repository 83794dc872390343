"""What holds: every value as it was given, or its default, with where it came from; secrets are never among them."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deploybot.settings.environment import Place
from deploybot.settings.loading import Reading
from deploybot.settings.reference import PLACE, Key, Table, tables
from deploybot.settings.remarks import in_one_line
from deploybot.settings.section import shortest, to_duration
from deploybot.settings.text_file import is_read_by_others

DEFAULT = "default"
_KINDS = (
    ("xoxb-", "a bot token"),
    ("xapp-", "an app-level token"),
    ("xoxp-", "a person's token"),
    ("xoxe", "a token that rotates"),
    ("postgresql://", "a PostgreSQL address"),
    ("postgres://", "a PostgreSQL address"),
)
_LENGTHS = ((16, "under 16 characters"), (64, "16 to 63 characters"))
_UNSET = '""', "[]", ""


@dataclass(frozen=True, slots=True)
class Effective:
    """One value. `shown` is as TOML has it; for a secret only its kind and roughly its length; "" for none."""

    path: str
    shown: str
    is_set: bool
    is_secret: bool
    source: str


def effective(reading: Reading) -> tuple[Effective, ...]:
    """Every value, in the order of the reference; sections that are none, and keys that are not known, are left out."""
    return tuple(
        _effective(reading, key, (*place, key.name), section.get(key.name))
        for table in tables()
        for place, section in _places(table, reading.tree)
        for key in table.keys
    )


def _places(table: Table, tree: Mapping[str, Any]) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """Where this section stands in the tree: once, once for each name, or once for each number."""
    if table.path.endswith(f".{PLACE}"):
        above = table.path.removesuffix(f".{PLACE}")
        yield from (((above, name), one) for name, one in _mapping(tree.get(above)).items() if isinstance(one, Mapping))
        return
    place = tuple(table.path.split("."))
    found: Any = tree
    for part in place:
        found = _mapping(found).get(part)
    if not table.is_list:
        yield place, _mapping(found)
    elif isinstance(found, Sequence):
        yield from (((*place, str(at)), one) for at, one in enumerate(found, 1) if isinstance(one, Mapping))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _effective(reading: Reading, key: Key, place: Place, value: object) -> Effective:
    path = in_one_line(".".join(place))
    if value is None:
        is_set = key.default not in _UNSET
        return Effective(path, key.default, is_set, key.secret, DEFAULT)
    shown = secret_shown(value) if key.secret else _shown(key, value)
    return Effective(path, in_one_line(shown), value not in ("", []), key.secret, in_one_line(_origin(reading, place)))


def _origin(reading: Reading, place: Place) -> str:
    """Of the value itself, or of the list that it is in."""
    above = (place[:length] for length in range(len(place), 0, -1))
    return next((reading.origins[one] for one in above if one in reading.origins), DEFAULT)


def secret_shown(value: object) -> str:
    """What may be told of a secret: its kind and roughly its length."""
    match value:
        case "":
            return ""
        case str():
            kind = next((kind for start, kind in _KINDS if value.startswith(start)), "set")
            length = next((words for most, words in _LENGTHS if len(value) < most), "64 characters or more")
            return f"({kind}, {length})"
        case list():
            return f"(set, {len(value)} of them)"
        case _:
            return "(set, but no text)"


def _shown(key: Key, value: object) -> str:
    if key.type == "duration":
        return f'"{_duration(value)}"'
    if isinstance(value, Mapping):
        return "(a section)"
    return _unsigned(json.dumps(value, ensure_ascii=False, default=str))


def _duration(value: object) -> object:
    """In its largest unit, where it is one."""
    try:
        seconds = to_duration(value)
    except ValueError:
        return value
    return shortest(seconds) if isinstance(seconds, int | float) and 0 < seconds < _MANY_SECONDS else value


_MANY_SECONDS = 1e10


def _unsigned(text: str) -> str:
    """Without the login that somebody wrote into an address."""
    return re.sub(r"//[^/@\s\"]*@", "//(a login)@", text)


def warnings_of(reading: Reading) -> tuple[str, ...]:
    """What is not wrong, but should not stay so."""
    return (*reading.warnings, *_readable(reading))


def _readable(reading: Reading) -> Iterator[str]:
    """Secrets that stand in the file itself, while everybody on the machine may read it."""
    file = reading.file
    if not file or not is_read_by_others(file):
        return
    for one in effective(reading):
        if one.is_secret and one.is_set and one.source == str(file):
            fix = f"chmod 600 {file}, or use {one.path}_file"
            yield f"{file} can be read by everybody here, and holds {one.path}: {fix}"
