"""Somebody who keeps score, for tests: remembers every signal, and every span with the one around it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TypeVar

from deploybot.domain.telemetry import Signal

S = TypeVar("S", bound=Signal)


@dataclass(frozen=True)
class Span:
    name: str
    facts: dict[str, str]
    around: "Span | None"


@dataclass
class FakeTelemetry:
    signals: list[Signal] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    _current: ContextVar[Span | None] = field(default_factory=lambda: ContextVar("span", default=None))

    def note(self, signal: Signal) -> None:
        self.signals.append(signal)

    @contextmanager
    def span(self, name: str, **facts: str) -> Iterator[None]:
        span = Span(name, facts, self._current.get())
        self.spans.append(span)
        token = self._current.set(span)
        try:
            yield
        finally:
            self._current.reset(token)

    def of(self, kind: type[S]) -> list[S]:
        """The signals of this kind, in their order."""
        return [signal for signal in self.signals if isinstance(signal, kind)]
