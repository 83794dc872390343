"""Walks the pages of a list: one after the other, by the server's own links, never further than asked."""

from collections.abc import AsyncIterator
from typing import TypeVar

from deploybot.cf.client import Client
from deploybot.cf.wire import Page, Resource

T = TypeVar("T")


async def pages(
    client: Client, resource: Resource[T], first: str, until: float, at_most: int = 1000
) -> AsyncIterator[Page[T]]:
    """Up to `at_most` pages. The end is where no page follows: totals are not believed on the way.

    A server that leads in circles is left at the first address seen before.
    """
    path: str | None = first
    seen: set[str] = set()
    while path and path not in seen and len(seen) < at_most:
        seen.add(path)
        page = await client.get(path, resource.page, until)
        yield page
        path = page.next_path
