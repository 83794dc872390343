"""Whatever is asked, the pages together hold exactly the rows that an independent model of the answers holds."""

import random
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from deploybot.cf.auth import Login
from deploybot.cf.client import Site
from deploybot.cf.foundation import CloudFoundry
from deploybot.demo.foundation.serving import serve
from deploybot.domain.grammar import parse
from deploybot.domain.outcome import OutcomeRules
from deploybot.domain.page import Page
from deploybot.domain.paging import FIRST, Turn, key_of
from deploybot.errors import UserError
from deploybot.service.listing import Listing, SearchRules
from tests.e2e.stage import CF_SECRET, CONTROL
from tests.e2e.truth import Asked, Curious, Place, Recorded, Truth, seconds
from tests.recordings import world

CROWDED = "2026-11-17T05:06:30"
MOST_TURNS = 400
SEARCHES = (2, 200)


def two_worlds() -> Mapping[str, Any]:
    """The recorded world, and another with a part of its rows; in both, many rows share one second."""
    eu, us = world(), world()
    us["deployments"] = us["deployments"][::3]
    for number, row in enumerate(eu["deployments"][10:70]):
        _move(eu, row, f"{CROWDED}.{(number * 7919) % 999_000:06}Z", updated=number % 2 == 0)
    for row in us["deployments"][4:9]:
        _move(us, row, f"{CROWDED}.500000Z", updated=True)
    return {"eu": eu, "us": us}


def _move(recorded: Recorded, row: dict[str, Any], to: str, *, updated: bool) -> None:
    """Another creation time for a deployment, and so for the event of its creation."""
    events = [each for each in recorded["audit_events"] if each["data"].get("deployment_guid") == row["guid"]]
    created = [each for each in events if each["type"].endswith(".create")]
    for each in (row, *created):
        for key in ("created_at", *(["updated_at"] if updated and each["updated_at"] else [])):
            each[key] = to.partition(".")[0] + "Z"
            each["_hidden"][f"{key}_exact"] = to


@asynccontextmanager
async def answering(worlds: Mapping[str, Any], search: SearchRules) -> AsyncIterator[Listing]:
    """The use cases over the real client, each world behind real HTTP."""
    async with AsyncExitStack() as stack:
        foundations = []
        for name, recorded in worlds.items():
            served = await stack.enter_async_context(serve(recorded, control_token=CONTROL, ticking=False))
            login = Login(client_id="deploybot", client_secret=CF_SECRET)
            foundations.append(CloudFoundry(Site(name, served.url, login)))
            stack.push_async_callback(foundations[-1].aclose)
        yield Listing(tuple(foundations), time.monotonic, OutcomeRules(), search)


@pytest.fixture
def truth() -> Truth:
    worlds = two_worlds()
    return Truth(worlds, seconds(worlds["eu"]["now"]))


async def _page(listing: Listing, truth: Truth, text: str, turn: Turn = FIRST) -> Page:
    now = datetime.fromtimestamp(truth.now, UTC)
    return await listing.page(parse(text, most_rows=5000).query, turn, now, time.monotonic() + 30)


async def _forward(listing: Listing, truth: Truth, text: str) -> list[Page]:
    """All pages, by the turns of their own buttons."""
    pages = [await _page(listing, truth, text)]
    while (turn := pages[-1].next or pages[-1].further) and len(pages) < MOST_TURNS:
        pages.append(await _page(listing, truth, text, turn))
    return pages


async def _backward(listing: Listing, truth: Truth, text: str, last: Turn) -> list[Page]:
    pages = [await _page(listing, truth, text, last)]
    while (turn := pages[0].previous) and len(pages) < MOST_TURNS:
        pages.insert(0, await _page(listing, truth, text, turn))
    return pages


def _places(page: Page) -> list[Place]:
    keys = [key_of(row.foundation, row.deployment, page.query.sort) for row in page.rows]
    return [(key.second, key.foundation, key.guid) for key in keys]


@pytest.mark.parametrize("seed", range(8))
async def test_the_pages_of_any_question_hold_what_the_model_holds(truth: Truth, seed: int) -> None:
    curious = Curious(truth, random.Random(seed))
    async with answering(truth.worlds, SearchRules(requests=SEARCHES[seed % 2])) as listing:
        for asked in [curious.question() for _ in range(12)]:
            expected = truth.answer(asked)
            if expected is None:
                with pytest.raises(UserError):
                    await _page(listing, truth, asked.text)
            else:
                await _compare(listing, truth, asked, expected)


async def _compare(listing: Listing, truth: Truth, asked: Asked, expected: list[Place]) -> None:
    pages = await _forward(listing, truth, asked.text)
    assert [place for page in pages for place in _places(page)] == expected, asked.text
    assert not [page.troubles for page in pages if page.troubles], asked.text
    for number, page in enumerate(pages, 1):
        _check_numbers(page, number, asked, expected)
    if pages[0].last:
        back = await _backward(listing, truth, asked.text, pages[0].last)
        assert [_places(page) for page in back] == [_places(page) for page in pages], asked.text
    await _jump(listing, truth, asked, expected)


def _check_numbers(page: Page, number: int, asked: Asked, expected: list[Place]) -> None:
    if page.total.exact:
        last = max(1, -(-len(expected) // asked.per_page))
        assert (page.total.count, page.number, page.pages) == (len(expected), number, last), asked.text
    else:
        assert page.total.count <= len(expected), asked.text
    assert page.newer == 0, asked.text
    assert len(page.rows) == asked.per_page or not page.next, asked.text


async def _jump(listing: Listing, truth: Truth, asked: Asked, expected: list[Place]) -> None:
    """To a page by its number, and to one that is not there."""
    pages = max(1, -(-len(expected) // asked.per_page))
    for number in {pages, (pages + 1) // 2}:
        page = await _page(listing, truth, f"{asked.text} page={number}")
        assert _places(page) == expected[(number - 1) * asked.per_page : number * asked.per_page], asked.text
    with pytest.raises(UserError, match=rf"only {pages} pages?\b.*page={pages}\b"):
        await _page(listing, truth, f"{asked.text} page={pages + 3}")
