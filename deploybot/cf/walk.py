"""Walks all deployments that match, page by page, for exports and polls: memory stays that of two pages."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from deploybot.cf.client import Client
from deploybot.cf.encode import asks_for_nothing, deployments_path
from deploybot.cf.names import Names
from deploybot.cf.wire import Page, Resource
from deploybot.domain.deployment import App, Deployment, SlimDeployment
from deploybot.domain.ports import DeploymentsAsk

D = TypeVar("D", Deployment, SlimDeployment)
MOST_PAGES = 10_000


@dataclass(frozen=True, slots=True)
class Walked(Generic[D]):
    """One page on the way: its rows, the apps that could be named, and a sentence per undecodable row."""

    rows: tuple[D, ...]
    total: int
    apps: Mapping[str, App]
    problems: tuple[str, ...] = ()


async def walk(
    client: Client, resource: Resource[D], ask: DeploymentsAsk, until: float, names: Names | None = None
) -> AsyncGenerator[Walked[D], None]:
    """From the page that `ask` names to the last one; while one is used, the next is on its way.

    Rows inserted or deleted meanwhile shift what follows: ask with `order_by="created_at"` or without an order, and
    new rows only come at the end. Use `contextlib.aclosing` where the walk may be left early.
    """
    path = None if asks_for_nothing(ask) else deployments_path(ask)
    seen: set[str] = set()
    coming = _fetching(client, resource, path, until, seen)
    try:
        while coming:
            page = await coming
            coming = _fetching(client, resource, page.next_path, until, seen)
            yield Walked(page.rows, page.total, await _apps(names, page, until), page.problems)
    finally:
        if coming:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)


def _fetching(
    client: Client, resource: Resource[D], path: str | None, until: float, seen: set[str]
) -> asyncio.Task[Page[D]] | None:
    if path is None or path in seen or len(seen) >= MOST_PAGES:
        return None
    seen.add(path)
    return asyncio.create_task(client.get(path, resource.page, until))


async def _apps(names: Names | None, page: Page[D], until: float) -> Mapping[str, App]:
    if names is None:
        return {}
    return await names.apps({guid for row in page.rows if (guid := row.app_guid)}, until)
