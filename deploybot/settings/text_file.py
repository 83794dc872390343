"""Reads the files of the configuration: `deploybot.toml` itself, and files with a value."""

import tomllib
from pathlib import Path
from typing import Any

from deploybot.settings.remarks import Remarks

_MOST_BYTES = 1024 * 1024
_BY_OTHERS = 0o004


def read_text(file: str | Path) -> str:
    """The file's text in UTF-8, without a mark of its byte order. OSError or ValueError where it cannot be read."""
    with Path(file).open("rb") as opened:
        raw = opened.read(_MOST_BYTES + 1)
    if len(raw) > _MOST_BYTES:
        raise ValueError("it is larger than 1 MB")
    return raw.decode("utf-8-sig")


def why_unreadable(error: OSError | ValueError) -> str:
    match error:
        case OSError():
            return error.strerror or type(error).__name__
        case UnicodeDecodeError():
            return "it is not text in UTF-8"
        case _:
            return str(error)


def read_toml(file: Path, remarks: Remarks) -> dict[str, Any] | None:
    """What is set in the file; None, and a problem, where it cannot be read."""
    try:
        text = read_text(file)
    except (OSError, ValueError) as error:
        remarks.problems.append(f"{file} cannot be read ({why_unreadable(error)}): check --config or DEPLOYBOT_CONFIG")
        return None
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        remarks.problems.append(f"{file} is not valid TOML: {error}")
    except (ValueError, RecursionError):
        remarks.problems.append(f"{file} is not valid TOML: a number in it is too long, or its lists are too deep")
    return None


def is_read_by_others(file: Path) -> bool:
    """Whether everybody on this machine may read the file."""
    try:
        return bool(file.stat().st_mode & _BY_OTHERS)
    except OSError:
        return False
