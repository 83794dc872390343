"""The circumstances in which something is done, for code that must not ask for them itself."""

from collections.abc import Callable

import msgspec


class Moment(msgspec.Struct, frozen=True):
    """When something is done, where new guids come from, how many times faster than life instances start."""

    now: int
    new_guid: Callable[[], str]
    speed: float = 1.0
