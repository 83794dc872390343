"""P4: a page of 5,000 deployments into values, beside `json.loads` and beside only looking at its bytes."""

import json
import time
from collections.abc import Callable

import msgspec

from bench.measure import ROUNDS, Ratio, middle
from bench.pages import page, rows
from deploybot.cf.wire import DEPLOYMENTS, SLIM_DEPLOYMENTS

ROWS = 5000


class _Nothing(msgspec.Struct):
    """Decoding into this reads every byte and keeps none."""


def run() -> list[Ratio]:
    body = page(rows(ROWS), ROWS, None)
    scan = msgspec.json.Decoder(_Nothing)
    json_ms, scan_ms, full_ms, slim_ms = _side_by_side(
        lambda: json.loads(body),
        lambda: scan.decode(body),
        lambda: DEPLOYMENTS.page(body),
        lambda: SLIM_DEPLOYMENTS.page(body),
    )
    assert len(DEPLOYMENTS.page(body).rows) == len(SLIM_DEPLOYMENTS.page(body).rows) == ROWS
    return [
        Ratio("P4 decode 5,000 rows, all fields / json.loads", full_ms, json_ms, "ms", 1 / 4),
        Ratio("P4 decode 5,000 rows, slim / json.loads", slim_ms, json_ms, "ms", 1 / 8),
        Ratio("P4 decode 5,000 rows, slim / msgspec's byte scan", slim_ms, scan_ms, "ms", 2),
    ]


def _side_by_side(*calls: Callable[[], object]) -> list[float]:
    """The median of each in milliseconds of the processor; the rounds take turns: a busy machine slows all alike."""
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(ROUNDS * 3):
        for call, taken in zip(calls, times, strict=True):
            began = time.process_time()
            result = call()
            taken.append((time.process_time() - began) * 1000)
            del result
    return [middle(taken) for taken in times]
