"""P2: `/deployments app=x`, command in to blocks out, beside the requests' own times on the critical path."""

import asyncio
import json
import time
from datetime import UTC, datetime

from bench.measure import ROUNDS, Ratio, middle
from deploybot.cf.auth import Login
from deploybot.cf.client import RULES, Asked, Site, Surroundings
from deploybot.cf.foundation import CloudFoundry
from deploybot.demo.foundation.faults import Faults
from deploybot.demo.foundation.serving import Served, serve
from deploybot.domain.grammar import parse
from deploybot.domain.outcome import OutcomeRules
from deploybot.domain.page import Page
from deploybot.domain.paging import FIRST
from deploybot.service.listing import Listing
from deploybot.slack.blocks.links import Console
from deploybot.slack.blocks.page import page_message

LATENCY_MS = 100
SECRET = "deploybot-demo-secret"
STAGES = (("/v3/apps",), ("/v3/deployments",), ("/v3/processes", "/v3/audit_events"))
"""What waits for what: names, deployments, then processes and audit events at the same time."""


def run() -> list[Ratio]:
    return asyncio.run(_run())


async def _run() -> list[Ratio]:
    async with serve("incident", control_token="bench", ticking=False) as served:
        served.foundation.faults = Faults(latency_ms=LATENCY_MS)
        cold = [await _answer(served, warm=False) for _ in range(ROUNDS)]
        warm = [await _answer(served, warm=True) for _ in range(ROUNDS)]
    return [*_ratios("names unknown", cold, 3, 4), *_ratios("names cached", warm, 2, 3)]


Answer = tuple[float, list[Asked]]


async def _answer(served: Served, *, warm: bool) -> Answer:
    """Seconds of one answer, and the requests that it took. The login is over before."""
    asked: list[Asked] = []
    login = Login(client_id="deploybot", client_secret=SECRET)
    foundation = CloudFoundry(Site("bench", served.url, login), RULES, Surroundings(watch=asked.append))
    listing = Listing((foundation,), time.monotonic, OutcomeRules())
    name = await _busy_app(listing)
    if not warm:
        await foundation.aclose()
        foundation = CloudFoundry(Site("bench", served.url, login), RULES, Surroundings(watch=asked.append))
        listing = Listing((foundation,), time.monotonic, OutcomeRules())
        await foundation.deployment("no-such-guid", time.monotonic() + 8)
    else:
        await _ask(listing, f"app={name}")
    asked.clear()
    began = time.perf_counter()
    page = await _ask(listing, f"app={name}")
    message = json.dumps(page_message(page, Console()))
    seconds = time.perf_counter() - began
    assert page.rows
    assert name in message
    await foundation.aclose()
    return seconds, asked


async def _busy_app(listing: Listing) -> str:
    """An app with a rollout under way, so that every kind of request is needed."""
    page = await _ask(listing, "state=active")
    return next(row.app.name for row in page.rows if row.app and row.deployment.new_process_guids)


async def _ask(listing: Listing, text: str) -> Page:
    return await listing.page(parse(text).query, FIRST, datetime.now(UTC), time.monotonic() + 8)


def _ratios(case: str, answers: list[Answer], serial: int, requests: int) -> list[Ratio]:
    ours = middle([seconds for seconds, _ in answers]) * 1000
    critical = middle([_critical_path(asked) for _, asked in answers]) * 1000
    most = max(len(asked) for _, asked in answers)
    stages = max(sum(any(_is_of(one, paths) for one in asked) for paths in STAGES) for _, asked in answers)
    return [
        Ratio(f"P2 {case}: answer / requests on the critical path", ours, critical, "ms", 1.15),
        Ratio(f"P2 {case}: requests in all / allowed", most, requests, "", 1),
        Ratio(f"P2 {case}: requests one after the other / allowed", stages, serial, "", 1),
    ]


def _critical_path(asked: list[Asked]) -> float:
    return sum(max((one.seconds for one in asked if _is_of(one, paths)), default=0) for paths in STAGES)


def _is_of(one: Asked, paths: tuple[str, ...]) -> bool:
    return one.path.partition("?")[0] in paths
