"""P3: walk 200,000 deployments with names, beside cf-python-client at its best page size and the least there is."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.measure import ROUNDS, Ratio, middle

ROWS = 200_000
FEWER_ROWS = 20_000
SIZES = (500, 1000, 5000)
OUR_SIZE = 1000


@dataclass(frozen=True, slots=True)
class Walked:
    """One walk: from its first request to its last row, and the peak of the process's resident memory."""

    seconds: float
    peak_mb: float
    rows: int
    named: int


def run() -> list[Ratio]:
    """The page size at which cf-python-client is best is found first, on fewer rows."""
    with serving(FEWER_ROWS) as url:
        best = min(SIZES, key=lambda size: _walk("peer", url, size, FEWER_ROWS).seconds)
        few = _walk("ours", url, OUR_SIZE, FEWER_ROWS)
    with serving(ROWS) as url:
        rounds = [
            (_walk("ours", url, OUR_SIZE), _walk("floor", url, OUR_SIZE), _walk("peer", url, best))
            for _ in range(ROUNDS)
        ]
    ours, floor, peer = (middle([each.seconds for each in walks]) for walks in zip(*rounds, strict=True))
    our_mb, _, peer_mb = (middle([each.peak_mb for each in walks]) for walks in zip(*rounds, strict=True))
    return [
        Ratio(f"P3 walk 200,000 / cf-python-client, {best:,} a page", ours, peer, "s", 1 / 8),
        Ratio("P3 walk 200,000 / http.client + msgspec, no names", ours, floor, "s", 3),
        Ratio("P3 peak memory / cf-python-client's", our_mb, peer_mb, "MB", 1.15),
        Ratio("P3 peak memory, 200,000 / 20,000 rows", our_mb, few.peak_mb, "MB", 1.15),
    ]


@contextmanager
def serving(rows: int) -> Iterator[str]:
    """The address of a foundation with so many deployments, in a process of its own."""
    sizes = ",".join(map(str, SIZES))
    command = [sys.executable, "-m", "bench.p3_server", str(rows), sizes]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def _walk(who: str, url: str, size: int, rows: int = ROWS) -> Walked:
    command = [sys.executable, "-m", "bench.p3_walkers", who, url, str(size)]
    told = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=600).stdout
    walked = Walked(**json.loads(told))
    assert (walked.rows, walked.named) == (rows, rows), walked
    return walked
