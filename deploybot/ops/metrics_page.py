"""The reference of metrics as a page of the documentation."""

from deploybot.ops.metrics import METRICS, Metric

_HEAD = """# Metrics

What `/metrics` tells, in Prometheus' text format. [Monitoring](../operate/monitoring.md) says how to get at it.
Every name begins with `deploybot_`. Times are in seconds. Labels have few values: no person, no app and no guid is in
one.

Beside these there are `process_*` (memory, CPU, open files) and `python_gc_*` of the Prometheus client.

| Metric | Type | Labels | What it says |
|---|---|---|---|
"""


def markdown() -> str:
    """The page; written by `make reference`."""
    return _HEAD + "".join(map(_row, METRICS))


def _row(metric: Metric) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels) or "none"
    return f"| `{metric.full}` | {metric.kind} | {labels} | {metric.meaning} |\n"
