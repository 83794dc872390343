"""Figures for Prometheus: what is noted is told under the names of the table, and under no others."""

import asyncio
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from deploybot.domain.telemetry import (
    Acknowledged,
    Answered,
    AnswerOutcome,
    Delivered,
    FoundationAsked,
    FoundationRetried,
    How,
    PartFailed,
    Polled,
    PollMeasured,
    Signal,
    SocketOpened,
    StoreMeasured,
    TurnRan,
)
from deploybot.ops.metrics import METRICS, Metrics

ALL: tuple[Signal, ...] = (
    Acknowledged(How.COMMAND, 0.004),
    Answered(How.CLICK, "turn", AnswerOutcome.ANSWERED, 0.7),
    FoundationAsked("eu", "GET", "/v3/deployments", 200, 0.2),
    FoundationRetried("eu", "/v3/deployments"),
    Polled("eu", succeeded=True, seconds=0.3),
    Delivered("post", "posted", 0.1),
    SocketOpened(again=True),
    TurnRan("send", 0.0, 0.1, failed=False),
    StoreMeasured(1_000_000, 3, 12.5),
    PollMeasured("eu", 14.0),
)


def told(*signals: Signal) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    metrics = Metrics("1.2.3")
    for signal in signals:
        metrics.note(signal)
    metrics.ready({"slack": True, "database": False})
    samples = (one for family in text_string_to_metric_families(metrics.text().decode()) for one in family.samples)
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for one in samples}


@pytest.mark.parametrize(
    ("signal", "name", "labels", "value"),
    [
        (ALL[0], "ack_seconds_sum", {"how": "command"}, 0.004),
        (ALL[0], "ack_seconds_bucket", {"how": "command", "le": "0.005"}, 1),
        (ALL[0], "ack_seconds_bucket", {"how": "command", "le": "0.0025"}, 0),
        (ALL[1], "commands_total", {"how": "click", "verb": "turn", "outcome": "answered"}, 1),
        (ALL[1], "answer_seconds_count", {"how": "click", "verb": "turn"}, 1),
        (
            ALL[2],
            "foundation_requests_total",
            {"foundation": "eu", "method": "GET", "endpoint": "/v3/deployments", "status": "200"},
            1,
        ),
        (ALL[2], "foundation_request_seconds_sum", {"foundation": "eu", "endpoint": "/v3/deployments"}, 0.2),
        (ALL[3], "foundation_retries_total", {"foundation": "eu", "endpoint": "/v3/deployments"}, 1),
        (ALL[4], "polls_total", {"foundation": "eu", "outcome": "succeeded"}, 1),
        (Polled("eu", succeeded=False, seconds=1), "polls_total", {"foundation": "eu", "outcome": "failed"}, 1),
        (ALL[5], "deliveries_total", {"call": "post", "outcome": "posted"}, 1),
        (ALL[5], "delivery_seconds_sum", {"call": "post"}, 0.1),
        (ALL[6], "socket_connects_total", {"again": "true"}, 1),
        (ALL[6], "socket_connects_total", {"again": "false"}, 0),
        (ALL[7], "turn_late_seconds_count", {"turn": "send"}, 1),
        (ALL[7], "turn_failures_total", {"turn": "send"}, 0),
        (TurnRan("send", 0.0, 0.1, failed=True), "turn_failures_total", {"turn": "send"}, 1),
        (PartFailed("send"), "turn_failures_total", {"turn": "send"}, 1),
        (ALL[8], "ledger_deployments", {}, 1_000_000),
        (ALL[8], "outbox_messages", {}, 3),
        (ALL[8], "outbox_oldest_seconds", {}, 12.5),
        (ALL[9], "poll_lag_seconds", {"foundation": "eu"}, 14.0),
        (PollMeasured("eu", None), "poll_lag_seconds", {"foundation": "eu"}, float("inf")),
        (ALL[0], "ready", {"part": "slack"}, 1),
        (ALL[0], "ready", {"part": "database"}, 0),
        (ALL[0], "info", {"version": "1.2.3"}, 1),
    ],
)
def test_a_signal_becomes_its_figure(signal: Signal, name: str, labels: dict[str, str], value: float) -> None:
    assert told(signal)[f"deploybot_{name}", tuple(sorted(labels.items()))] == value


def test_a_request_without_an_answer_has_the_status_none() -> None:
    figures = told(FoundationAsked("eu", "POST", "/oauth/token", None, 4.0))
    labels = {"foundation": "eu", "method": "POST", "endpoint": "/oauth/token", "status": "none"}
    assert figures["deploybot_foundation_requests_total", tuple(sorted(labels.items()))] == 1


@pytest.mark.parametrize("outcome", [AnswerOutcome.BUSY, AnswerOutcome.STRANGER])
def test_who_got_no_answer_says_nothing_about_how_long_one_takes(outcome: AnswerOutcome) -> None:
    figures = told(Answered(How.COMMAND, "list", outcome, 0.0))
    assert ("deploybot_commands_total", (("how", "command"), ("outcome", outcome.value), ("verb", "list"))) in figures
    assert not [name for name, _ in figures if name.startswith("deploybot_answer_seconds")]


def test_every_name_of_the_table_is_told_with_its_labels_and_no_other_is() -> None:
    figures = told(*ALL)
    plain = {
        (re.sub(r"_(bucket|sum|count|created)$", "", name), frozenset(dict(labels)) - {"le"})
        for name, labels in figures
    }
    ours = {(name, labels) for name, labels in plain if name.startswith("deploybot_")}
    expected = {(one.full, frozenset(one.labels)) for one in METRICS}
    assert {(name if (name, labels) in expected else f"{name}_total", labels) for name, labels in ours} == expected
    assert {"process_open_fds", "process_resident_memory_bytes"} <= {name for name, _ in plain}


def test_two_bots_in_one_process_do_not_share_figures() -> None:
    one, other = Metrics("1"), Metrics("1")
    one.note(StoreMeasured(5, 0, 0))
    assert b"deploybot_ledger_deployments 5.0" in one.text()
    assert b"deploybot_ledger_deployments 0.0" in other.text()


@given(st.lists(st.floats(0, 1e6, allow_nan=False), max_size=20))
def test_every_time_is_counted_once(seconds: list[float]) -> None:
    figures = told(*(Acknowledged(How.COMMAND, each) for each in seconds))
    if seconds:
        assert figures["deploybot_ack_seconds_count", (("how", "command"),)] == len(seconds)


async def test_the_tasks_of_the_loop_are_counted_as_they_come_and_go() -> None:
    metrics, gate = Metrics("1.2.3"), asyncio.Event()

    def told() -> float:
        (line,) = (one for one in metrics.text().decode().splitlines() if one.startswith("deploybot_tasks "))
        return float(line.split()[1])

    before = told()
    waiting = [asyncio.create_task(gate.wait()) for _ in range(5)]
    assert told() == before + 5
    gate.set()
    await asyncio.gather(*waiting)
    assert told() == before
