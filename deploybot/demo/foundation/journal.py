"""All that ever happened to deployments, in order: the truth against which what a client noticed can be held."""

from typing import Any

import msgspec

from deploybot.demo.foundation.entities import Deployment
from deploybot.demo.foundation.instants import to_datetime
from deploybot.demo.foundation.world import Change

MOST_ENTRIES = 100_000


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    at: int
    deployment: str
    app: str
    state: str
    value: str
    reason: str | None
    step: int | None
    error: str | None

    def as_json(self) -> dict[str, Any]:
        return {**msgspec.structs.asdict(self), "at": to_datetime(self.at).isoformat().replace("+00:00", "Z")}


class Journal:
    """Told of every change; writes down those of a deployment in which something but a time moved."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._last: dict[str, tuple[Any, ...]] = {}
        self._written = 0

    def note(self, change: Change) -> None:
        if not isinstance(change, Deployment):
            return
        said = (change.state, change.status_value, change.status_reason, change.canary_current_step, change.error)
        if self._last.get(change.guid) == said:
            return
        self._last[change.guid] = said
        self._written += 1
        self._entries.append(_entry(self._written, change))
        del self._entries[:-MOST_ENTRIES]

    def after(self, number: int, most: int) -> list[Entry]:
        """Entries with a higher number, oldest first."""
        first = self._entries[0].number if self._entries else 1
        start = max(0, number + 1 - first)
        return self._entries[start : start + most]


def _entry(number: int, row: Deployment) -> Entry:
    return Entry(
        number=number,
        at=row.created_at if row.updated_at is None else row.updated_at,
        deployment=row.guid,
        app=row.app_guid,
        state=row.state,
        value=row.status_value,
        reason=row.status_reason,
        step=row.canary_current_step,
        error=row.error,
    )
