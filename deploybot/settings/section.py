"""What every section of the settings is made of: frozen, strict, silent about values; and durations."""

import re
from datetime import timedelta
from typing import Annotated, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def to_duration(value: object) -> object:
    """`30s`, `10m`, `8h` or `1d` as a timedelta; bare numbers are seconds."""
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)\s*([smhd]?)", value.strip())
    if not found:
        raise ValueError(f"{value!r} is no duration: write it like 30s, 10m, 8h or 1d")
    return timedelta(seconds=float(found[1]) * _UNITS[found[2] or "s"])


def shortest(duration: timedelta) -> str:
    """The duration as `to_duration` reads it, in the largest unit that leaves no rest."""
    seconds = duration.total_seconds()
    unit = next(unit for unit in ("d", "h", "m", "s") if seconds % _UNITS[unit] == 0 or unit == "s")
    return f"{seconds / _UNITS[unit]:g}{unit}"


Duration = Annotated[timedelta, BeforeValidator(to_duration), Field(gt=timedelta(0))]


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def section_in(kind: object) -> type[BaseModel] | None:
    """The section that a field of this type is, or that it has several of."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind
    return next(filter(None, map(section_in, get_args(kind))), None)
