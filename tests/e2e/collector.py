"""A stand-in for a collector of traces: OTLP over HTTP, decoded as the protocol says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from tests.e2e.passage import served


@dataclass(frozen=True)
class Span:
    trace: str
    id: str
    parent: str
    name: str
    facts: dict[str, str]
    failed: bool
    events: int


@dataclass
class Collector:
    url: str
    spans: list[Span] = field(default_factory=list)
    services: set[tuple[str, str]] = field(default_factory=set)
    raw: bytearray = field(default_factory=bytearray)

    def trace_of(self, trace: str) -> list[Span]:
        return [span for span in self.spans if span.trace == trace]

    def take(self, body: bytes) -> None:
        self.raw += body
        told = ExportTraceServiceRequest.FromString(body)
        for resource in told.resource_spans:
            named = {one.key: one.value.string_value for one in resource.resource.attributes}
            self.services.add((named["service.name"], named["service.version"]))
            for scope in resource.scope_spans:
                self.spans += [
                    Span(
                        trace=span.trace_id.hex(),
                        id=span.span_id.hex(),
                        parent=span.parent_span_id.hex(),
                        name=span.name,
                        facts={one.key: one.value.string_value for one in span.attributes},
                        failed=span.status.code == span.status.STATUS_CODE_ERROR,
                        events=len(span.events),
                    )
                    for span in scope.spans
                ]


@asynccontextmanager
async def collector() -> AsyncIterator[Collector]:
    found = Collector("")

    async def handle(request: web.Request) -> web.Response:
        found.take(await request.read())
        return web.Response(
            body=ExportTraceServiceResponse().SerializeToString(), content_type="application/x-protobuf"
        )

    app = web.Application()
    app.router.add_post("/v1/traces", handle)
    async with served(app) as found.url:
        yield found
