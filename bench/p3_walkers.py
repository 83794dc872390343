"""The three that walk, each in a process of its own: ours, cf-python-client at its best, the least one could do.

Each imports its own libraries only, since its memory is measured too; the time for that does not count.
"""

import asyncio
import http.client
import importlib
import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from deploybot.ops.logs import set_up_logs

FAR = 3600.0


def ours(url: str, per_page: int) -> tuple[int, int]:
    """Every deployment with the names of its app, space and org, by the bot's own slim walk."""
    from deploybot.cf.auth import Login
    from deploybot.cf.client import Site
    from deploybot.cf.foundation import CloudFoundry
    from deploybot.domain.ports import DeploymentsAsk

    async def walked() -> tuple[int, int]:
        rows = named = 0
        foundation = CloudFoundry(Site("bench", url, Login(client_id="x", client_secret="y")))
        async for page in foundation.slim_walk(DeploymentsAsk(per_page=per_page), time.monotonic() + FAR, named=True):
            for row, app in zip(page.rows, page.apps, strict=True):
                named += bool(app and app.name and app.space and app.space.org and app.space.org.name and row.value)
            rows += len(page.rows)
        await foundation.aclose()
        return rows, named

    return asyncio.run(walked())


def peer(url: str, per_page: int) -> tuple[int, int]:
    """The same by cf-python-client: pages streamed, apps by 100 guids with their spaces and orgs, kept in a dict."""
    from cloudfoundry_client.client import CloudFoundryClient
    from cloudfoundry_client.v3.entities import EntityManager

    client = CloudFoundryClient(url, client_id="x", client_secret="y")
    client.init_with_client_credentials()
    apps: dict[str, Any] = {}
    rows = named = 0
    waiting: list[Any] = []
    for deployment in EntityManager(url, client, "/v3/deployments").list(per_page=per_page):
        waiting.append(deployment)
        if len(waiting) == per_page:
            named += _named(client, apps, waiting)
            rows += len(waiting)
            waiting = []
    named += _named(client, apps, waiting)
    return rows + len(waiting), named


def _named(client: Any, apps: dict[str, Any], deployments: list[Any]) -> int:
    guids = [each["relationships"]["app"]["data"]["guid"] for each in deployments]
    unknown = [guid for guid in dict.fromkeys(guids) if guid not in apps]
    for start in range(0, len(unknown), 100):
        batch = unknown[start : start + 100]
        for app in client.v3.apps.list(guids=batch, include="space.organization", per_page=100):
            space = app.space()
            apps[app["guid"]] = (app["name"], space["name"], space.organization()["name"])
    return sum(all(apps[guid]) for guid in guids)


def floor(url: str, per_page: int) -> tuple[int, int]:
    """The least: one connection of http.client, the slim shape, no names, no login, no care."""
    from deploybot.cf.wire import SLIM_DEPLOYMENTS

    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    path: str | None = f"/v3/deployments?per_page={per_page}"
    rows = 0
    while path:
        connection.request("GET", path)
        page = SLIM_DEPLOYMENTS.page(connection.getresponse().read())
        rows += sum(row.value is not None for row in page.rows)
        path = page.next_path
    connection.close()
    return rows, rows


LIBRARIES = {
    "ours": ("deploybot.cf.foundation",),
    "peer": ("cloudfoundry_client.client", "cloudfoundry_client.v3.entities"),
    "floor": ("deploybot.cf.wire",),
}
WALKERS: dict[str, Callable[[str, int], tuple[int, int]]] = {"ours": ours, "peer": peer, "floor": floor}

if __name__ == "__main__":
    set_up_logs("console", "error")
    walker, address, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
    for library in LIBRARIES[walker]:
        importlib.import_module(library)
    began = time.perf_counter()
    seen, with_names = WALKERS[walker](address, size)
    seconds = time.perf_counter() - began
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(json.dumps({"seconds": seconds, "peak_mb": peak_mb, "rows": seen, "named": with_names}))
