"""Walks all deployments that match, page by page, for exports and polls: memory stays that of two pages."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Generic, TypeVar

from deploybot.cf.client import Client
from deploybot.cf.encode import asks_for_nothing, deployments_path
from deploybot.cf.names import Names
from deploybot.cf.wire import Page, Resource
from deploybot.domain.deployment import App, Deployment
from deploybot.domain.ports import DeploymentsAsk
from deploybot.domain.slim import SlimDeployment

D = TypeVar("D", Deployment, SlimDeployment)
MOST_PAGES = 10_000
PASSES_UNTIL_SENT = 4
"""Passes of the event loop in which httpx takes a connection, and writes the request to it."""


@dataclass(frozen=True, slots=True)
class Walked(Generic[D]):
    """One page on the way: its rows, the app of each, and a sentence per undecodable row.

    An app is None where it can't be named; without names there are no `apps` at all.
    """

    rows: tuple[D, ...]
    total: int
    apps: tuple[App | None, ...] = ()
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
            await _let_it_leave()
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


async def _let_it_leave() -> None:
    """A new task has sent nothing yet, and whoever uses the page may not wait for anything in between."""
    for _ in range(PASSES_UNTIL_SENT):
        await asyncio.sleep(0)


async def _apps(names: Names | None, page: Page[D], until: float) -> tuple[App | None, ...]:
    if names is None:
        return ()
    guids = [row.app_guid or "" for row in page.rows]
    apps = await names.apps(guids, until)
    return tuple(map(apps.get, guids))
