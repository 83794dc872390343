"""What came back from a server, read to its end: the seam between those who ask and the one module that sends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers in lower case, and the whole body. The body may hold a token, so it is never shown."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Send(Protocol):
    """Sends one request without the foundation's token and without retries. Raises CloudFoundryErrors."""

    async def __call__(
        self, method: str, url: str, *, headers: Mapping[str, str] = ..., form: Mapping[str, str] | None = None
    ) -> Answer: ...
