"""What every section of the settings is made of: frozen, strict, silent about values; and kinds of values."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def to_duration(value: object) -> object:
    """`30s`, `10m`, `8h` or `1d` as a timedelta; bare numbers are seconds."""
    if isinstance(value, bool) or value != value:
        raise ValueError("this is no duration: write it like 30s, 10m, 8h or 1d")
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)\s*([smhd]?)", value.strip())
    if not found:
        raise ValueError(f"{value!r} is no duration: write it like 30s, 10m, 8h or 1d")
    return min(float(found[1]) * _UNITS[found[2] or "s"], _TOO_LONG)


def shortest(seconds: float) -> str:
    """The duration as `to_duration` reads it, in the largest unit that leaves no rest."""
    unit = next(unit for unit in ("d", "h", "m", "s") if seconds % _UNITS[unit] == 0 or unit == "s")
    return f"{seconds / _UNITS[unit]:g}{unit}"


_LONGEST = timedelta(days=36500)
_TOO_LONG = _LONGEST.total_seconds() + 1


def _in_bounds(duration: timedelta) -> timedelta:
    if not timedelta(0) < duration <= _LONGEST:
        raise ValueError(f"must be longer than 0s, and {shortest(_LONGEST.total_seconds())} at most")
    return duration


Duration = Annotated[timedelta, BeforeValidator(to_duration), AfterValidator(_in_bounds)]


def _to_number(value: object) -> object:
    """In Python true is a number; in a configuration it is a mistake."""
    if isinstance(value, bool):
        raise ValueError("this is no number: write one")
    return value


Number = BeforeValidator(_to_number)
Text = Annotated[str, Field(min_length=1)]


def _to_path(path: Path) -> Path:
    """Path("") would be the directory itself."""
    if path == Path():
        raise ValueError("is empty: write a path, or remove the line")
    return path


SomePath = Annotated[Path, AfterValidator(_to_path)]


def _to_secret(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if text != text.strip():
        raise ValueError("begins or ends with white space: take it away")
    if not text.isprintable():
        raise ValueError("has a line end or another character that cannot be seen: write it anew")
    return secret


Hidden = Annotated[SecretStr, AfterValidator(_to_secret)]


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def section_in(kind: object) -> type[BaseModel] | None:
    """The section that a field of this type is, or that it has several of."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind
    return next(filter(None, map(section_in, get_args(kind))), None)
