"""What every section of the settings is made of: frozen, strict, silent about values; and durations."""

import re
from datetime import timedelta
from typing import Annotated

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


Duration = Annotated[timedelta, BeforeValidator(to_duration), Field(gt=timedelta(0))]


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
