"""guid -> app, space and org, and back: in batches, a few at a time, and remembered for a while."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from typing import TypeVar

from deploybot.cf import wire
from deploybot.cf.cache import Cache
from deploybot.cf.client import Client
from deploybot.cf.encode import Pair, many, path
from deploybot.cf.pages import pages
from deploybot.domain.deployment import App, Org, Space, ToOne
from deploybot.domain.ports import AppsFound

T = TypeVar("T")
BATCH = 100
"""Guids in one request: more would near the 8 kB that proxies take as a request line."""
NAMES_BYTES = 3000
CONCURRENT = 4
MANY_PER_PAGE = 500
"""Rows a page where a whole space or foundation is asked for; names match few, and the server's 50 will do."""
MOST_PAGES = 1000
GUID_SECONDS = 600.0
FOUND_SECONDS = 60.0
KEPT_APPS = 20_000
KEPT_ANSWERS = 200
GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question for apps, spaces or orgs, as the key under which its answer is kept: `entries` without case."""

    resource: str
    entries: tuple[str, ...] = field(compare=False)
    compared: frozenset[str]
    space_guids: tuple[str, ...] = ()
    org_guids: tuple[str, ...] = ()
    at_most: int = 5000


class Names:
    """The names of one foundation's apps, spaces and orgs."""

    def __init__(self, client: Client, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._apps: Cache[str, App | None] = Cache(KEPT_APPS, GUID_SECONDS, clock)
        self._found_apps: Cache[_Asked, AppsFound] = Cache(KEPT_ANSWERS, FOUND_SECONDS, clock)
        self._found_spaces: Cache[_Asked, tuple[Space, ...]] = Cache(KEPT_ANSWERS, FOUND_SECONDS, clock)
        self._found_orgs: Cache[_Asked, tuple[Org, ...]] = Cache(KEPT_ANSWERS, FOUND_SECONDS, clock)
        self._turns = asyncio.Semaphore(CONCURRENT)

    async def apps(self, guids: Collection[str], until: float) -> Mapping[str, App]:
        """The apps that can be seen, by guid; a guid that can't is left out, and not asked for again for a while."""
        known = self._apps.known(guids)
        unknown = [guid for guid in dict.fromkeys(guids) if guid and guid not in known]
        seen = {guid: app for guid, app in known.items() if app}
        if not unknown:
            return seen
        fetched: dict[str, App] = {}
        for page in await together(self._batch(batch, until) for batch in batches(unknown, BATCH)):
            fetched.update((app.guid, app) for app in page)
        for guid in unknown:
            self._apps[guid] = fetched.get(guid)
        return seen | fetched

    async def find_apps(
        self,
        names: Collection[str],
        space_guids: Collection[str],
        org_guids: Collection[str],
        at_most: int,
        until: float,
    ) -> AppsFound:
        """See the port. What is found also answers `apps` for a while, so that its rows need no second request."""
        asked = _asked("/v3/apps", names, space_guids, org_guids, at_most)
        if asked not in self._found_apps:
            paths = _paths(asked, ("include", "space.organization"))
            found = await together(self._apps_at(first, at_most, until) for first in paths)
            apps = {app.guid: app for some in found for app in some.apps}
            for guid, app in apps.items():
                self._apps[guid] = app
            complete = all(some.complete for some in found) and len(apps) <= at_most
            self._found_apps[asked] = AppsFound(tuple(islice(apps.values(), at_most)), complete)
        return self._found_apps[asked]

    async def find_spaces(self, names: Collection[str], until: float) -> tuple[Space, ...]:
        asked = _asked("/v3/spaces", names)
        if asked not in self._found_spaces:
            paths = _paths(asked, ("include", "organization"))
            found = await together(self._spaces_at(first, asked.at_most, until) for first in paths)
            self._found_spaces[asked] = tuple({space.guid: space for some in found for space in some}.values())
        return self._found_spaces[asked]

    async def find_orgs(self, names: Collection[str], until: float) -> tuple[Org, ...]:
        asked = _asked("/v3/organizations", names)
        if asked not in self._found_orgs:
            found = await together(self._orgs_at(first, asked.at_most, until) for first in _paths(asked))
            self._found_orgs[asked] = tuple({org.guid: org for some in found for org in some}.values())
        return self._found_orgs[asked]

    async def _batch(self, guids: Sequence[str], until: float) -> tuple[App, ...]:
        pairs = [("guids", many(guids)), ("include", "space.organization"), ("per_page", str(BATCH))]
        async with self._turns:
            return apps_on(await self._client.get(path("/v3/apps", pairs), wire.APPS.page, until))

    async def _apps_at(self, first: str, at_most: int, until: float) -> AppsFound:
        """Once the first page has said how many there are, the others are asked for together."""
        page = await self._apps_page(first, until)
        found = list(apps_on(page))
        told = page.pagination.total_pages
        if page.next_path is None or not page.sent or len(found) >= at_most:
            return AppsFound(tuple(found), complete=page.next_path is None and len(found) <= at_most)
        if told is None:
            return await self._apps_behind(page.next_path, found, at_most, until)
        last = min(told, -(-at_most // page.sent), MOST_PAGES)
        more = await together(self._apps_page(f"{first}&page={number}", until) for number in range(2, last + 1))
        found += (app for each in more for app in apps_on(each))
        return AppsFound(tuple(found), complete=last == told and len(found) <= at_most)

    async def _apps_page(self, address: str, until: float) -> wire.Page[wire.AppRow]:
        async with self._turns:
            return await self._client.get(address, wire.APPS.page, until)

    async def _apps_behind(self, following: str, found: list[App], at_most: int, until: float) -> AppsFound:
        """One after the other, where a server does not say how many pages there are."""
        async with self._turns:
            async for page in pages(self._client, wire.APPS, following, until):
                found += apps_on(page)
                if len(found) >= at_most:
                    return AppsFound(tuple(found), complete=len(found) == at_most and page.next_path is None)
        return AppsFound(tuple(found))

    async def _spaces_at(self, first: str, at_most: int, until: float) -> tuple[Space, ...]:
        found: list[Space] = []
        async with self._turns:
            async for page in pages(self._client, wire.SPACES, first, until, at_most // MANY_PER_PAGE):
                orgs = _orgs_beside(page.included)
                found += (_space(row, orgs) for row in page.rows)
        return tuple(found)

    async def _orgs_at(self, first: str, at_most: int, until: float) -> tuple[Org, ...]:
        found: list[Org] = []
        async with self._turns:
            async for page in pages(self._client, wire.ORGS, first, until, at_most // MANY_PER_PAGE):
                found += (Org(row.guid, row.name or "") for row in page.rows)
        return tuple(found)


def apps_on(page: wire.Page[wire.AppRow]) -> tuple[App, ...]:
    """The apps of a page with the spaces and orgs that came along."""
    orgs = _orgs_beside(page.included)
    spaces = {row.guid: _space(row, orgs) for row in page.included.spaces or ()}
    return tuple(
        App(row.guid, row.name or "", spaces.get(_guid_in(row.relationships.space if row.relationships else None)))
        for row in page.rows
    )


def batches(values: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (values[start : start + size] for start in range(0, len(values), size))


async def together(calls: Iterable[Awaitable[T]]) -> list[T]:
    """All results in order; the first failure ends the others and is raised as it is."""
    tasks = [asyncio.ensure_future(call) for call in calls]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _paths(asked: _Asked, *always: Pair) -> Iterator[str]:
    """One path, or as many as the lengths of its lists need. Names and guids are ANDed there, so they part here."""
    guids = [entry for entry in asked.entries if GUID.fullmatch(entry)]
    names = [entry for entry in asked.entries if not GUID.fullmatch(entry)]
    entries: list[list[Pair]] = [[("names", many(batch))] for batch in _by_length(names)]
    size = BATCH // max(1, sum(map(bool, (asked.entries, asked.space_guids, asked.org_guids))))
    entries += [[("guids", many(guid.lower() for guid in batch))] for batch in batches(guids, size)]
    spaces = [[("space_guids", many(batch))] for batch in batches(asked.space_guids, size)]
    orgs = [[("organization_guids", many(batch))] for batch in batches(asked.org_guids, size)]
    rows = [] if entries else [("per_page", str(MANY_PER_PAGE))]
    for parts in product(entries or [[]], spaces or [[]], orgs or [[]]):
        yield path(asked.resource, [*(pair for part in parts for pair in part), *always, *rows])


def _by_length(names: Sequence[str]) -> Iterator[list[str]]:
    """Batches whose encoded length fits a request line, whatever the names are made of."""
    batch: list[str] = []
    length = 0
    for name in names:
        size = len(path("", [("", many([name]))]))
        if batch and length + size > NAMES_BYTES:
            yield batch
            batch, length = [], 0
        batch.append(name)
        length += size
    if batch:
        yield batch


def _asked(
    resource: str,
    names: Iterable[str],
    space_guids: Iterable[str] = (),
    org_guids: Iterable[str] = (),
    at_most: int = 5000,
) -> _Asked:
    """Names match there without case, so two spellings are one (but `ß` is not `ss`)."""
    entries = {name.lower(): name for name in names}
    spaces, orgs = tuple(dict.fromkeys(space_guids)), tuple(dict.fromkeys(org_guids))
    return _Asked(resource, tuple(entries.values()), frozenset(entries), spaces, orgs, at_most)


def _orgs_beside(included: wire.Included) -> Mapping[str, Org]:
    return {row.guid: Org(row.guid, row.name or "") for row in included.organizations or ()}


def _space(row: wire.SpaceRow, orgs: Mapping[str, Org]) -> Space:
    org_guid = _guid_in(row.relationships.organization if row.relationships else None)
    return Space(row.guid, row.name or "", orgs.get(org_guid))


def _guid_in(relation: ToOne | None) -> str:
    return (relation and relation.data and relation.data.guid) or ""
