"""Traces, where the configuration names a collector: beside what is counted, and on the way to Cloud Foundry."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deploybot.cf.client import no_headers
from deploybot.domain.telemetry import Signal, Telemetry
from deploybot.errors import ConfigError
from deploybot.settings.model import TracingSettings

if TYPE_CHECKING:
    from deploybot.ops.tracing import Traces

LAST_SECONDS = 1.0
"""For what is not sent yet when the bot stops; a collector that hangs holds nobody up for longer."""


@dataclass(frozen=True, slots=True)
class Traced:
    """What is counted goes on as before, and spans become traces. `headers` go with each request to Cloud Foundry."""

    counted: Telemetry
    traces: "Traces"

    def note(self, signal: Signal) -> None:
        self.counted.note(signal)

    def span(self, name: str, **facts: str) -> AbstractContextManager[None]:
        return self.traces.span(name, **facts)


@asynccontextmanager
async def traced(
    settings: TracingSettings, telemetry: Telemetry
) -> AsyncIterator[tuple[Telemetry, Callable[[], Mapping[str, str]]]]:
    """Telemetry with traces, and the headers of the moment's span; as it is where no collector is named.

    ConfigError where one is, and OpenTelemetry is not installed.
    """
    if not settings.endpoint:
        yield telemetry, no_headers
        return
    traces = _traces(settings.endpoint)
    try:
        yield Traced(telemetry, traces), traces.headers
    finally:
        await asyncio.to_thread(traces.close().join, LAST_SECONDS)


def _traces(endpoint: str) -> "Traces":
    try:
        from deploybot.ops.tracing import Traces, exporter_to  # here: whoever traces nothing need not have it
    except ImportError as problem:
        raise ConfigError(
            ["tracing.endpoint: traces need more than is installed: pip install 'deploybot[otel]', or leave it out"]
        ) from problem
    return Traces(exporter_to(endpoint))
