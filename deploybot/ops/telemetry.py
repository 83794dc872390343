"""Who keeps score in the running bot: signals become figures. Traces are put around it where they are wanted."""

from contextlib import AbstractContextManager
from dataclasses import dataclass

from deploybot.domain.telemetry import SILENT, Signal
from deploybot.ops.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Kept:
    """The port `Telemetry` without traces."""

    metrics: Metrics

    def note(self, signal: Signal) -> None:
        self.metrics.note(signal)

    def span(self, name: str, **facts: str) -> AbstractContextManager[None]:
        return SILENT.span(name, **facts)
