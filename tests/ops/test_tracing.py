"""Spans that belong together make one trace, tell no words, and never wait for whoever collects them."""

import asyncio
import threading
from collections.abc import Iterator, Sequence

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import StatusCode

from deploybot.ops.tracing import AT_ONCE, MOST_WAITING, Traces
from deploybot.service.request_id import request


class Kept(SpanExporter):
    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.spans += spans
        return SpanExportResult.SUCCESS

    def named(self, name: str) -> ReadableSpan:
        (found,) = [span for span in self.spans if span.name == name]
        return found


class Hanging(SpanExporter):
    """A collector that takes a batch and never says so, until it is let go."""

    def __init__(self) -> None:
        self.begun, self.let_go = threading.Event(), threading.Event()
        self.took = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.took += len(spans)
        self.begun.set()
        self.let_go.wait(30)
        return SpanExportResult.SUCCESS


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    found = Hanging()
    yield found
    found.let_go.set()


def _closed(traces: Traces) -> None:
    ending = traces.close()
    ending.join(30)
    assert not ending.is_alive()


async def test_what_is_begun_in_a_span_belongs_to_its_trace_also_in_tasks() -> None:
    kept = Kept()
    traces = Traces(kept)

    async def asked() -> None:
        with traces.span("cloud foundry request", foundation="eu"):
            await asyncio.sleep(0)

    with request("abc"), traces.span("slack request", how="click"):
        await asyncio.gather(*(asyncio.create_task(asked()) for _ in range(3)))
    with traces.span("poll"):
        pass
    await asyncio.to_thread(_closed, traces)

    root, poll = kept.named("slack request"), kept.named("poll")
    children = [span for span in kept.spans if span.name == "cloud foundry request"]
    assert root.context
    assert poll.context
    assert root.parent is None
    assert [span.parent.span_id for span in children if span.parent] == [root.context.span_id] * 3
    assert {span.context.trace_id for span in children if span.context} == {root.context.trace_id}
    assert poll.context.trace_id != root.context.trace_id
    assert dict(root.attributes or {}) == {"how": "click", "request_id": "abc"}
    assert dict(poll.attributes or {}) == {}


@pytest.mark.parametrize("problem", [ValueError("typed: top secret"), asyncio.CancelledError("top secret")])
def test_a_span_that_failed_tells_the_type_and_no_words(problem: BaseException) -> None:
    kept = Kept()
    traces = Traces(kept)
    with pytest.raises(type(problem)), traces.span("listing"):
        raise problem
    _closed(traces)
    span = kept.named("listing")
    assert span.status.status_code is StatusCode.ERROR
    assert dict(span.attributes or {}) == {"error.type": type(problem).__name__}
    assert span.events == ()
    assert "secret" not in span.to_json()


def test_only_within_a_span_a_request_is_said_to_belong_to_a_trace() -> None:
    traces = Traces(Kept())
    assert traces.headers() == {}
    with traces.span("slack request"):
        outer = traces.headers()
        with traces.span("listing"):
            inner = traces.headers()
    _closed(traces)
    assert set(outer) == {"traceparent"}
    version, trace, span, _ = outer["traceparent"].split("-")
    assert (version, len(trace), len(span)) == ("00", 32, 16)
    assert inner["traceparent"].split("-")[1] == trace
    assert inner["traceparent"].split("-")[2] != span


def test_a_collector_that_hangs_holds_up_neither_work_nor_the_end_and_memory_is_bounded(hanging: Hanging) -> None:
    traces = Traces(hanging)
    for _ in range(AT_ONCE):
        with traces.span("listing"):
            pass
    assert hanging.begun.wait(30)
    for _ in range(MOST_WAITING * 2):
        with traces.span("listing"):
            pass
    ending = traces.close()
    ending.join(0.05)
    assert ending.is_alive()
    assert ending.daemon
    assert not hanging.let_go.is_set()
    hanging.let_go.set()
    ending.join(30)
    assert not ending.is_alive()
    assert hanging.took <= MOST_WAITING + 2 * AT_ONCE
