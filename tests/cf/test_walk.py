"""Walks: every page once, names on the way, the next page coming while this one is used, and nothing left running."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from deploybot.cf.failures import UnavailableError
from deploybot.cf.foundation import CloudFoundry
from deploybot.cf.walk import Walked
from deploybot.domain.deployment import Deployment
from deploybot.domain.ports import DeploymentsAsk
from tests.cf.making import Api, foundation, listed, soon
from tests.cf.serving import Reply, Request, serving

LIST = "/v3/deployments"
NEXT = "https://x/v3/deployments?page={}&per_page=2"


def row(guid: str, app: str = "app") -> dict[str, object]:
    return {"guid": guid, "relationships": {"app": {"data": {"guid": app}}}}


def three_pages() -> Api:
    pages = (
        listed(row("a"), row("b"), total=5, following=NEXT.format(2)),
        listed(row("c"), {"guid": 7}, total=5, following=NEXT.format(3)),
        listed(row("e"), total=0),
    )
    return Api().on(LIST, *pages).on("/v3/apps", listed({"guid": "app", "name": "checkout"}))


async def test_a_walk_believes_links_and_not_totals() -> None:
    api = three_pages()
    async with serving(api) as url, foundation(url) as prod:
        pages = [page async for page in prod.walk(DeploymentsAsk(per_page=2), soon())]

    assert [[each.guid for each in page.rows] for page in pages] == [["a", "b"], ["c"], ["e"]]
    assert [app and app.name for app in pages[0].apps] == ["checkout", "checkout"]
    assert [len(page.problems) for page in pages] == [0, 1, 0]
    assert (api.count(LIST), api.count("/v3/apps")) == (3, 1)


async def test_a_slim_walk_names_apps_when_asked_to() -> None:
    api = three_pages()
    async with serving(api) as url, foundation(url) as prod:
        plain = [page.apps async for page in prod.slim_walk(DeploymentsAsk(per_page=2), soon())]
        assert api.count("/v3/apps") == 0
        api.on(LIST, listed(row("a"), row("b", "unseen")))
        named = [page async for page in prod.slim_walk(DeploymentsAsk(), soon(), named=True)]

    assert plain == [(), (), ()]
    assert [app and app.name for app in named[0].apps] == ["checkout", None]


async def test_the_next_page_comes_while_this_one_is_used() -> None:
    coming = asyncio.Event()

    def second(_: Request) -> Reply:
        coming.set()
        return listed(row("b"))

    api = Api().on(LIST, listed(row("a"), following=NEXT.format(2)), second)
    async with serving(api) as url, foundation(url) as prod, aclosing(_walk(prod)) as pages:
        await anext(pages)
        await asyncio.wait_for(coming.wait(), 10)


async def test_a_walk_left_early_leaves_nothing_running() -> None:
    api = Api().on(LIST, listed(row("a"), following=NEXT.format(2)), _never)
    async with serving(api) as url, foundation(url) as prod:
        async with aclosing(_walk(prod)) as pages:
            await anext(pages)
        left = [task for task in asyncio.all_tasks() if "Client.get" in repr(task)]

    assert left == []


async def test_trouble_on_the_way_is_told_after_the_pages_before() -> None:
    api = Api().on(LIST, listed(row("a"), following=NEXT.format(2)), Reply(503))
    async with serving(api) as url, foundation(url) as prod, aclosing(_walk(prod)) as pages:
        first = await anext(pages)
        with pytest.raises(UnavailableError):
            await anext(pages)

    assert [each.guid for each in first.rows] == ["a"]


async def test_a_server_that_leads_in_circles_is_left() -> None:
    api = Api().on(LIST, listed(row("a"), following="https://x/v3/deployments"))
    async with serving(api) as url, foundation(url) as prod:
        assert len([page async for page in _walk(prod)]) == 1


async def test_an_empty_list_of_apps_walks_nowhere() -> None:
    api = Api()
    async with serving(api) as url, foundation(url) as prod:
        assert [page async for page in prod.walk(DeploymentsAsk(app_guids=()), soon())] == []

    assert api.asked == []


def _walk(prod: CloudFoundry) -> AsyncGenerator[Walked[Deployment], None]:
    return prod.walk(DeploymentsAsk(), soon(), named=False)


async def _never(_: Request) -> Reply:
    await asyncio.Event().wait()
    raise AssertionError
