"""How far rollouts are, in instances: the new version's web processes beside the ones before."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from deploybot.cf import wire
from deploybot.cf.client import Client
from deploybot.cf.encode import many, path
from deploybot.cf.names import BATCH, batches, together
from deploybot.cf.pages import pages
from deploybot.domain.deployment import Deployment, Instances, Progress

STATES = {"RUNNING": "running", "STARTING": "starting", "CRASHED": "crashed"}
FEW = 20
"""Apps whose web processes fit the server's own page of 50: two each, more where rollouts were superseded."""
PER_PAGE = 500
"""For a hundred apps: else one look at them would be several requests."""
MOST_PAGES = 5


async def progress_of(client: Client, deployments: Sequence[Deployment], until: float) -> dict[str, Progress]:
    """By deployment guid, for those that are still active; one request for a page of them.

    Instance states come from Diego: when it is down this is a 500, and nothing is known.
    """
    active = [deployment for deployment in deployments if deployment.is_active and deployment.app_guid]
    apps = sorted({deployment.app_guid for deployment in active if deployment.app_guid})
    found = await together(_web_processes(client, batch, until) for batch in batches(apps, BATCH))
    by_app: defaultdict[str, list[wire.ProcessRow]] = defaultdict(list)
    for row in (row for rows in found for row in rows):
        by_app[_app_guid(row)].append(row)
    return {each.guid: progress(each, rows) for each in active if (rows := by_app.get(each.app_guid or ""))}


def progress(deployment: Deployment, web: Sequence[wire.ProcessRow]) -> Progress:
    """What the web processes of a deployment's app say about it. `old` holds those of superseded rollouts too."""
    own = set(deployment.new_process_guids)
    new = _summed([row for row in web if row.guid in own])
    old = _summed([row for row in web if row.guid not in own])
    return Progress(new, old, _goal(deployment, new, old))


def _goal(deployment: Deployment, new: Instances, old: Instances) -> int | None:
    """How many instances the new version will have at the end, or None where only a guess is possible.

    `options.web_instances` says it. Otherwise it is the number that ran before, which the API does not show but
    which follows from how the updater works:

    - rolling: each tick it keeps `old = goal - routable` and `new = min(routable + max_in_flight, goal)`. So
      `old + new - max_in_flight` is the goal until the new version has its full size, and no more than that size
      from then on. Beside healthy instances, crashed ones stop the new side and not the old one: unknown then.
    - canary: at a pause one instance more than the goal runs, or exactly the goal when no old one is left. On the
      way to the next pause both sides move on their own: unknown then.
    - canceling: the new version will have none, and a bar towards that says nothing.
    """
    options = deployment.options
    if deployment.reason == "CANCELING" or not new.desired:
        return None
    if options and options.web_instances is not None:
        return options.web_instances
    if deployment.strategy == "canary":
        return max(new.desired, old.desired + new.desired - 1) if deployment.reason == "PAUSED" else None
    if deployment.strategy != "rolling" or (new.crashed and new.running):
        return None
    in_flight = (options and options.max_in_flight) or 1
    return max(new.desired, old.desired + new.desired - in_flight)


async def _web_processes(client: Client, app_guids: Sequence[str], until: float) -> list[wire.ProcessRow]:
    pairs = [
        ("app_guids", many(app_guids)),
        ("types", "web"),
        ("embed", "process_instances"),
        *([("per_page", str(PER_PAGE))] if len(app_guids) > FEW else []),
    ]
    found: list[wire.ProcessRow] = []
    async for page in pages(client, wire.PROCESSES, path("/v3/processes", pairs), until, MOST_PAGES):
        found += (row for row in page.rows if row.type == "web")
    return found


def _summed(rows: Sequence[wire.ProcessRow]) -> Instances:
    counts = Counter(
        STATES.get(instance.state or "", "other") for row in rows for instance in row.process_instances or ()
    )
    return Instances(desired=sum(row.instances or 0 for row in rows), **counts)


def _app_guid(row: wire.ProcessRow) -> str:
    related = row.relationships and row.relationships.app
    return (related and related.data and related.data.guid) or ""
