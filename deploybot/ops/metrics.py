"""Figures for Prometheus, made of what is noted: the table METRICS says what each is, and is their only definition."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import assert_never

from prometheus_client import CollectorRegistry, Counter, Gauge, GCCollector, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from deploybot.domain.telemetry import (
    Acknowledged,
    Answered,
    AnswerOutcome,
    Delivered,
    FoundationAsked,
    FoundationRetried,
    PartFailed,
    Polled,
    PollMeasured,
    Signal,
    SocketOpened,
    StoreMeasured,
    TurnRan,
)

CONTENT_TYPE = CONTENT_TYPE_LATEST
PREFIX = "deploybot_"

ACK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)
"""Slack gives up after three seconds."""
ANSWER = (0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 30.0, 60.0)
REQUEST = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
LATE = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric without its prefix. `kind` is Prometheus' own word; `buckets` are a histogram's, in seconds."""

    name: str
    kind: str
    labels: tuple[str, ...]
    meaning: str
    buckets: tuple[float, ...] = ()

    @property
    def full(self) -> str:
        """The name as Prometheus knows it."""
        return PREFIX + self.name


METRICS = (
    Metric("info", "gauge", ("version",), "1, for the version that runs."),
    Metric("commands_total", "counter", ("how", "verb", "outcome"), "Requests of people, by what became of them."),
    Metric("ack_seconds", "histogram", ("how",), "From a request of Slack's to its acknowledgement.", ACK),
    Metric("answer_seconds", "histogram", ("how", "verb"), "From a request to the end of its answer.", ANSWER),
    Metric(
        "foundation_requests_total",
        "counter",
        ("foundation", "method", "endpoint", "status"),
        "Requests to Cloud Foundry and its login server; the status is none where no whole answer came.",
    ),
    Metric(
        "foundation_request_seconds", "histogram", ("foundation", "endpoint"), "How long such a request took.", REQUEST
    ),
    Metric("foundation_retries_total", "counter", ("foundation", "endpoint"), "Requests that were sent once more."),
    Metric("polls_total", "counter", ("foundation", "outcome"), "Polls by this process: succeeded or failed."),
    Metric("poll_seconds", "histogram", ("foundation",), "How long a poll took.", ANSWER),
    Metric(
        "poll_lag_seconds",
        "gauge",
        ("foundation",),
        "Since the last successful poll by any replica; +Inf where there was none yet.",
    ),
    Metric("tasks", "gauge", (), "Tasks in the bot's event loop: up and down with the work, never only up."),
    Metric("ledger_deployments", "gauge", (), "Deployments in the ledger, counted now and then."),
    Metric("outbox_messages", "gauge", (), "What waits to be told, without blocked channels and quiet hours."),
    Metric("outbox_oldest_seconds", "gauge", (), "How long the oldest of it waits; 0 where nothing does."),
    Metric(
        "deliveries_total",
        "counter",
        ("call", "outcome"),
        "Calls that put messages into Slack or look for them: posted, declined, unclear, found, gone.",
    ),
    Metric("delivery_seconds", "histogram", ("call",), "How long such a call took.", REQUEST),
    Metric("socket_connects_total", "counter", ("again",), "Connections of Socket Mode; again=true: reconnects."),
    Metric("turn_late_seconds", "histogram", ("turn",), "How late a turn began against its schedule.", LATE),
    Metric("turn_seconds", "histogram", ("turn",), "How long a turn took.", LATE),
    Metric(
        "turn_failures_total", "counter", ("turn",), "Turns, or parts of them, that failed; the log has tracebacks."
    ),
    Metric("ready", "gauge", ("part",), "1 while this part is ready, as /readyz says."),
)
"""Beside these there are `process_*` and `python_gc_*` of the Prometheus client."""

_UNANSWERED = frozenset({AnswerOutcome.BUSY, AnswerOutcome.STRANGER})
"""No answers, so they say nothing about how long one takes."""


class Metrics:
    """Keeps the figures in a registry of its own."""

    def __init__(self, version: str) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        self._counters = {one.name: _counter(one, self._registry) for one in METRICS if one.kind == "counter"}
        self._gauges = {one.name: _gauge(one, self._registry) for one in METRICS if one.kind == "gauge"}
        self._histograms = {one.name: _histogram(one, self._registry) for one in METRICS if one.kind == "histogram"}
        self._gauges["info"].labels(version).set(1)
        for again in ("false", "true"):
            self._counters["socket_connects_total"].labels(again)

    def text(self) -> bytes:
        """All figures in Prometheus' text format; to be asked for in the bot's event loop, whose tasks are counted."""
        with suppress(RuntimeError):  # there is no loop, as in a command of the terminal
            self._gauges["tasks"].set(len(asyncio.all_tasks()))
        return generate_latest(self._registry)

    def ready(self, parts: Mapping[str, bool]) -> None:
        """Which parts are ready."""
        for part, ready in parts.items():
            self._gauges["ready"].labels(part).set(ready)

    def note(self, signal: Signal) -> None:
        """Count and measure; a few dictionary look-ups."""
        match signal:
            case Acknowledged(how, seconds):
                self._observe("ack_seconds", seconds, how)
            case Answered(how, verb, outcome, seconds):
                self._count("commands_total", how, verb, outcome)
                if outcome not in _UNANSWERED:
                    self._observe("answer_seconds", seconds, how, verb)
            case FoundationAsked(foundation, method, endpoint, status, seconds):
                self._count("foundation_requests_total", foundation, method, endpoint, str(status or "none"))
                self._observe("foundation_request_seconds", seconds, foundation, endpoint)
            case FoundationRetried(foundation, endpoint):
                self._count("foundation_retries_total", foundation, endpoint)
            case Polled(foundation, succeeded, seconds):
                self._count("polls_total", foundation, "succeeded" if succeeded else "failed")
                self._observe("poll_seconds", seconds, foundation)
            case Delivered(call, outcome, seconds):
                self._count("deliveries_total", call, outcome)
                self._observe("delivery_seconds", seconds, call)
            case SocketOpened(again):
                self._count("socket_connects_total", str(again).lower())
            case TurnRan():
                self._turn(signal)
            case PartFailed(turn):
                self._count("turn_failures_total", turn)
            case StoreMeasured(deployments, waiting, oldest):
                self._gauges["ledger_deployments"].set(deployments)
                self._gauges["outbox_messages"].set(waiting)
                self._gauges["outbox_oldest_seconds"].set(oldest)
            case PollMeasured(foundation, lag):
                self._gauges["poll_lag_seconds"].labels(foundation).set(float("inf") if lag is None else lag)
            case _:
                assert_never(signal)

    def _turn(self, ran: TurnRan) -> None:
        self._observe("turn_late_seconds", ran.late, ran.turn)
        self._observe("turn_seconds", ran.seconds, ran.turn)
        self._counters["turn_failures_total"].labels(ran.turn).inc(ran.failed)

    def _count(self, name: str, *labels: str) -> None:
        self._counters[name].labels(*labels).inc()

    def _observe(self, name: str, seconds: float, *labels: str) -> None:
        self._histograms[name].labels(*labels).observe(seconds)


def _counter(metric: Metric, registry: CollectorRegistry) -> Counter:
    return Counter(metric.full, metric.meaning, metric.labels, registry=registry)


def _gauge(metric: Metric, registry: CollectorRegistry) -> Gauge:
    return Gauge(metric.full, metric.meaning, metric.labels, registry=registry)


def _histogram(metric: Metric, registry: CollectorRegistry) -> Histogram:
    return Histogram(metric.full, metric.meaning, metric.labels, registry=registry, buckets=metric.buckets)
