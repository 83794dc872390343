"""The log of every payload that passes between workspace and bot, both ways, with all secrets masked."""

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from deploybot.demo.workspace.changes import Feed
from deploybot.demo.workspace.records import JsonObject
from deploybot.demo.workspace.timing import Clock

MASK = "***"
_GRANTED_SECRET = re.compile(r"(/(?:commands|actions)/\w+/\w+/)[0-9a-f]{8,}|(ticket=)[0-9a-f]{8,}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One exchange. `direction` is `to_bot` or `from_bot`; `via` is how: web_api, response_url, socket, http."""

    number: int
    at: float
    direction: str
    via: str
    what: str
    payload: Any
    answer: Any
    warnings: tuple[str, ...]

    def to_json(self) -> JsonObject:
        return {
            "number": self.number,
            "at": self.at,
            "direction": self.direction,
            "via": self.via,
            "what": self.what,
            "payload": self.payload,
            "answer": self.answer,
            "warnings": list(self.warnings),
        }


class Inspector:
    """Keeps the last `keep` exchanges; `secrets` are masked wherever they stand."""

    def __init__(self, clock: Clock, feed: Feed, secrets: Sequence[str], keep: int = 1000) -> None:
        self._clock, self._feed = clock, feed
        self._secrets = tuple(secret for secret in secrets if secret)
        self._entries: deque[Entry] = deque(maxlen=keep)
        self._count = 0

    def record(
        self, direction: str, via: str, what: str, payload: Any, answer: Any = None, warnings: Sequence[str] = ()
    ) -> None:
        self._count += 1
        entry = Entry(
            number=self._count,
            at=self._clock.now(),
            direction=direction,
            via=via,
            what=masked(what, self._secrets),
            payload=masked(payload, self._secrets),
            answer=masked(answer, self._secrets),
            warnings=tuple(warnings),
        )
        self._entries.append(entry)
        self._feed.add("inspected", {"entry": entry.to_json()})

    def after(self, number: int) -> tuple[Entry, ...]:
        return tuple(entry for entry in self._entries if entry.number > number)


def masked(value: Any, secrets: Sequence[str]) -> Any:
    """`value` without any of the secrets, and without the secret parts of response_urls and tickets."""
    match value:
        case str():
            for secret in secrets:
                value = value.replace(secret, MASK)
            return _GRANTED_SECRET.sub(lambda found: (found.group(1) or found.group(2)) + MASK, value)
        case dict():
            return {key: masked(item, secrets) for key, item in value.items()}
        case list() | tuple():
            return [masked(item, secrets) for item in value]
        case _:
            return value
