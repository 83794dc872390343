"""Traces by OpenTelemetry: one thing that somebody did is one trace, down to each request to Cloud Foundry.

Only imported where traces are wanted: what it needs is an extra, `deploybot[otel]`.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from deploybot import __version__
from deploybot.service.request_id import request_id

PATH = "/v1/traces"
MOST_WAITING = 2048
"""Spans that wait to be sent; more are dropped, the oldest first."""
AT_ONCE = 256
EVERY_SECONDS = 2.0
TIMEOUT_SECONDS = 5.0
_SERVED = frozenset({"slack request"})
_ASKED = frozenset({"cloud foundry request", "slack delivery"})


def exporter_to(endpoint: str) -> SpanExporter:
    """Sends to a collector by OTLP over HTTP, such as http://127.0.0.1:4318."""
    return OTLPSpanExporter(endpoint=endpoint.rstrip("/") + PATH, timeout=TIMEOUT_SECONDS)


class Traces:
    """Spans, sent by a thread of their own: nobody ever waits for the collector. Close them with `close`."""

    def __init__(self, exporter: SpanExporter) -> None:
        resource = Resource.create({"service.name": "deploybot", "service.version": __version__})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(
            BatchSpanProcessor(
                exporter,
                max_queue_size=MOST_WAITING,
                max_export_batch_size=AT_ONCE,
                schedule_delay_millis=EVERY_SECONDS * 1000,
            )
        )
        self._tracer = self._provider.get_tracer("deploybot", __version__)
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def span(self, name: str, **facts: str) -> Iterator[None]:
        """A part of a trace. Of what went wrong it tells the type alone: its words may be a person's, or secret."""
        attributes = {**facts, **({"request_id": request_id()} if request_id() else {})}
        with self._tracer.start_as_current_span(
            name, kind=_kind(name), attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            except BaseException as problem:
                span.set_attribute("error.type", type(problem).__name__)
                span.set_status(Status(StatusCode.ERROR))
                raise

    def headers(self) -> Mapping[str, str]:
        """What a request carries so that it belongs to the trace: W3C's `traceparent`; nothing outside of a span."""
        carried: dict[str, str] = {}
        self._propagator.inject(carried)
        return carried

    def close(self) -> threading.Thread:
        """Begin to send what waits, and end. Join the thread for as long as there is time; it holds up no exit."""
        ending = threading.Thread(target=self._provider.shutdown, name="last traces", daemon=True)
        ending.start()
        return ending


def _kind(name: str) -> SpanKind:
    if name in _SERVED:
        return SpanKind.SERVER
    return SpanKind.CLIENT if name in _ASKED else SpanKind.INTERNAL
