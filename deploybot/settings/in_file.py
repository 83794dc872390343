"""What `deploybot.toml` sets: the tree of its values, with those that it names files for, and where each came from."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from deploybot.settings.environment import Place, value_of
from deploybot.settings.remarks import Remarks

IS_A_PATH = "heartbeat_file"
"""The one key that ends in _file and is itself a path."""


def from_file(
    tree: Mapping[str, Any], file: Path, read: Callable[[str], str], remarks: Remarks
) -> tuple[dict[str, Any], dict[Place, str]]:
    """The tree with every `x_file = "path"` replaced by `x` = the file's text; and the origin of each value."""
    origins: dict[Place, str] = {}
    return _section(tree, (), file, read, remarks, origins), origins


def _section(
    tree: Mapping[str, Any],
    place: Place,
    file: Path,
    read: Callable[[str], str],
    remarks: Remarks,
    origins: dict[Place, str],
) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in tree.items():
        field, text = key.removesuffix("_file"), ""
        if isinstance(value, Mapping):
            out[key] = _section(value, (*place, key), file, read, remarks, origins)
        elif field != key and field and key != IS_A_PATH and isinstance(value, str):
            path = ".".join((*place, key))
            if field in tree:
                remarks.problems.append(f"{path}: {field} is set as well: remove one of them")
            text = value_of(path, value, read, remarks) if value else _without_a_path(path, remarks)
            out[field], origins[*place, field] = text, f"file {value} by {key} in {file}" if value else str(file)
        else:
            out[key], origins[*place, key] = value, str(file)
    return out


def _without_a_path(path: str, remarks: Remarks) -> str:
    remarks.problems.append(f"{path}: is empty: write the path of a file with the value")
    return ""
