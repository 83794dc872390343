"""P5: the acknowledgement's p99 while the same process polls without a pause and goes through 10,000 deployments.

Digests do not exist yet; in their place every round of the poll decides and words what 10,000 deployments mean, in
pieces between which the loop is free, as the building of a digest will have to.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime

from bench.measure import ROUNDS, Ratio, middle
from bench.p1_ack import Send, Slack, bot, over_socket, slack_stand_in, timed
from bench.p1_bots import ours
from bench.p3_walk import ROWS, serving
from deploybot.cf.auth import Login
from deploybot.cf.client import Site
from deploybot.cf.foundation import CloudFoundry
from deploybot.domain.deployment import Deployment
from deploybot.domain.outcome import OutcomeRules, judge
from deploybot.domain.page import Row
from deploybot.domain.ports import DeploymentsAsk
from deploybot.ops.logs import set_up_logs
from deploybot.slack.blocks.row import row_text

ACKS = 300
PAGE = 500
DIGEST = 10_000
PIECE = 50


def run() -> list[Ratio]:
    with serving(ROWS) as url:
        return asyncio.run(_run(url))


async def _run(foundation: str) -> list[Ratio]:
    busy, idle = [], []
    async with slack_stand_in() as slack:
        for _ in range(ROUNDS):
            async with _busy(slack, foundation) as send:
                busy.append(await _p99(send))
            async with asynccontextmanager(over_socket)(slack, "default") as send:
                idle.append(await _p99(send))
    name = "P5 ack p99 beside poll and 10,000 rows / idle bare default"
    return [Ratio(name, middle(busy) * 1000, middle(idle) * 1000, "ms", 1)]


async def _p99(send: Send) -> float:
    times = sorted([await timed(send) for _ in range(ACKS)])
    return times[int(len(times) * 0.99)]


@asynccontextmanager
async def _busy(slack: Slack, foundation: str) -> AsyncIterator[Send]:
    slack.connected.clear()
    async with bot("-m", "bench.p5_beside", f"{slack.url}/api/", foundation):
        await slack.connected.wait()
        yield slack.send


async def busy_bot(api_url: str, url: str) -> None:
    """Our bot, and a poll that never rests; in one process, until it is ended."""
    set_up_logs("console", "error")
    foundation = CloudFoundry(Site("bench", url, Login(client_id="bench", client_secret="bench")))
    await asyncio.gather(ours("socket", api_url), _poll(foundation))


async def _poll(foundation: CloudFoundry) -> None:
    while True:
        rows: list[Deployment] = []
        ask = DeploymentsAsk(per_page=PAGE)
        async with aclosing(foundation.walk(ask, time.monotonic() + 600, named=False)) as walk:
            async for walked in walk:
                rows += walked.rows
                if len(rows) >= DIGEST:
                    break
        await _digest(rows)


async def _digest(rows: list[Deployment]) -> None:
    now, rules = datetime.now(UTC), OutcomeRules()
    for start in range(0, len(rows), PIECE):
        for row in rows[start : start + PIECE]:
            row_text(Row("bench", row, judge(row, now, rules)), 100, several_foundations=False, with_why=True)
        await asyncio.sleep(0)


if __name__ == "__main__":
    asyncio.run(busy_bot(*sys.argv[1:]))
