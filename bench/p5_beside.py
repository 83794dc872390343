"""P5: the acknowledgement's p99 while the same process polls without a pause and makes digests of 10,000 deployments.

All of it is the real thing, over a real file: the observer catches up with changes without end, 250 a page, decides
on them and stores them, and digest after digest of a day with 10,000 deployments is made and put into the outbox.
"""

import asyncio
import gc
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from bench.digest_build import fill, make_digest
from bench.measure import ROUNDS, Ratio, middle
from bench.p1_ack import Send, Slack, bot, over_socket, slack_stand_in, timed
from bench.p1_bots import ours
from bench.p5_server import ROWS
from deploybot.cf.auth import Login
from deploybot.cf.client import Site
from deploybot.cf.foundation import CloudFoundry
from deploybot.domain.ledger import Observation, PollState
from deploybot.ops.logs import set_up_logs
from deploybot.service.observing import Alerts, Observer
from deploybot.settings.model import StoreSettings
from deploybot.store.opening import Store, open_store

ACKS = 300
FOUNDATION = "us"
MILLISECONDS_A_ROW = 0.0


def run() -> list[Ratio]:
    with serving(MILLISECONDS_A_ROW) as url, tempfile.TemporaryDirectory() as directory:
        return asyncio.run(_run(url, Path(directory)))


@contextmanager
def serving(milliseconds_a_row: float) -> Iterator[str]:
    """The address of a foundation in which something changed every second, in a process of its own."""
    command = [sys.executable, "-m", "bench.p5_server", str(milliseconds_a_row)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


async def _run(foundation: str, directory: Path) -> list[Ratio]:
    async with open_store(StoreSettings(data_dir=directory / "filled")) as store:
        await fill(store)
    busy, idle = [], []
    async with slack_stand_in() as slack:
        for number in range(ROUNDS):
            data = shutil.copytree(directory / "filled", directory / str(number))
            async with _busy(slack, foundation, data) as send:
                busy.append(await _p99(send))
            async with asynccontextmanager(over_socket)(slack, "default") as send:
                idle.append(await _p99(send))
    name = "P5 ack p99 beside poll and digests / idle bare default"
    return [Ratio(name, middle(busy) * 1000, middle(idle) * 1000, "ms", 1)]


async def _p99(send: Send) -> float:
    times = sorted([await timed(send) for _ in range(ACKS)])
    return times[int(len(times) * 0.99)]


@asynccontextmanager
async def _busy(slack: Slack, foundation: str, data: Path) -> AsyncIterator[Send]:
    slack.connected.clear()
    async with bot("-m", "bench.p5_beside", f"{slack.url}/api/", foundation, str(data)):
        await slack.connected.wait()
        yield slack.send


async def busy_bot(api_url: str, url: str, data: str) -> None:
    """Our bot, a poll that never rests, and digests one after another; in one process, until it is ended."""
    set_up_logs("console", "error")
    foundation = CloudFoundry(Site(FOUNDATION, url, Login(client_id="bench", client_secret="bench")))
    async with open_store(StoreSettings(data_dir=Path(data))) as store:
        gc.collect()
        gc.freeze()
        await asyncio.gather(ours("socket", api_url), _poll(foundation, store), _digests(store))


async def _poll(foundation: CloudFoundry, store: Store) -> None:
    """From where the foundation's changes begin; their end is not reached."""
    now = datetime.now(UTC)
    begins = now - timedelta(seconds=ROWS - 120)
    lease = await store.leases.acquire(f"poll:{FOUNDATION}", "bench", now, now + timedelta(hours=1))
    assert lease
    state = PollState(foundation=FOUNDATION, cursor=begins, polled_at=begins)
    await store.ledger.record(lease, Observation(state=state), [])
    observer = Observer(foundation, store.ledger, Alerts(store.subscriptions), time.monotonic)
    while True:
        polled = await observer.poll(lease, datetime.now(UTC), time.monotonic() + 60)
        assert polled.more
        assert polled.transitions


async def _digests(store: Store) -> None:
    for number in count():
        await make_digest(store, number)


if __name__ == "__main__":
    asyncio.run(busy_bot(*sys.argv[1:]))
