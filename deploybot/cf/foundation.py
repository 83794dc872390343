"""One Cloud Foundry as the service needs it: puts the pieces of this package together behind the port."""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence

import structlog

from deploybot.cf import wire
from deploybot.cf.client import REAL, RULES, Client, Site, Surroundings
from deploybot.cf.encode import asks_for_nothing, deployments_path, segment
from deploybot.cf.failures import RESOURCE_NOT_FOUND, CloudFoundryError, NotFoundError
from deploybot.cf.headroom import announced
from deploybot.cf.names import Names
from deploybot.cf.people import events_of, starters_of
from deploybot.cf.progress import progress_of
from deploybot.cf.retry import RetryRules
from deploybot.cf.walk import Walked, walk
from deploybot.domain.deployment import App, Deployment, Event, Org, Progress, Revision, Space
from deploybot.domain.ports import AppsFound, DeploymentsAsk, DeploymentsFound, RateLimit, StartersFound
from deploybot.domain.slim import SlimDeployment

log = structlog.get_logger(__name__)

EXTRA_SECONDS = 3.0
"""How long an answer waits for what it could do without: a Diego that is down takes a minute to say so."""


class CloudFoundry:
    """The port `Foundation` over HTTP. Close it at the end with `aclose`."""

    def __init__(self, site: Site, rules: RetryRules = RULES, around: Surroundings = REAL) -> None:
        self._clock = around.clock
        self._client = Client(site, rules, around)
        self._names = Names(self._client, around.clock)

    @property
    def name(self) -> str:
        return self._client.name

    @property
    def client(self) -> Client:
        """For actions, which are requests of their own."""
        return self._client

    async def aclose(self) -> None:
        await self._client.aclose()

    async def deployments(self, ask: DeploymentsAsk, until: float) -> DeploymentsFound:
        if asks_for_nothing(ask):
            return DeploymentsFound((), 0)
        page = await self._client.get(deployments_path(ask), wire.DEPLOYMENTS.page, until)
        return DeploymentsFound(page.rows, page.total, page.problems, page.sent)

    async def deployment(self, guid: str, until: float) -> Deployment | None:
        """None where there is none, or none that the token may see."""
        if not guid.strip():
            return None
        try:
            return await self._client.get(f"/v3/deployments/{segment(guid)}", wire.DEPLOYMENTS.one, until)
        except NotFoundError as error:
            if RESOURCE_NOT_FOUND in error.codes:
                return None
            raise

    def walk(
        self, ask: DeploymentsAsk, until: float, *, named: bool = True
    ) -> AsyncGenerator[Walked[Deployment], None]:
        """All that match, page by page, in full; 500 to 1,000 rows a page go well."""
        return walk(self._client, wire.DEPLOYMENTS, ask, until, self._names if named else None)

    def slim_walk(
        self, ask: DeploymentsAsk, until: float, *, named: bool = False
    ) -> AsyncGenerator[Walked[SlimDeployment], None]:
        """The same at half the price, without what polls and counts leave unread."""
        return walk(self._client, wire.SLIM_DEPLOYMENTS, ask, until, self._names if named else None)

    async def apps(self, guids: Collection[str], until: float) -> Mapping[str, App]:
        return await self._names.apps(guids, until)

    async def find_apps(
        self,
        *,
        names: Collection[str] = (),
        space_guids: Collection[str] = (),
        org_guids: Collection[str] = (),
        at_most: int = 5000,
        until: float,
    ) -> AppsFound:
        return await self._names.find_apps(names, space_guids, org_guids, at_most, until)

    async def find_spaces(self, names: Collection[str], until: float) -> tuple[Space, ...]:
        return await self._names.find_spaces(names, until)

    async def find_orgs(self, names: Collection[str], until: float) -> tuple[Org, ...]:
        return await self._names.find_orgs(names, until)

    async def progress(self, deployments: Sequence[Deployment], until: float) -> Mapping[str, Progress]:
        try:
            return await progress_of(self._client, deployments, self._soon(until))
        except CloudFoundryError as error:
            self._do_without("progress", error)
            return {}

    async def starters(self, deployments: Sequence[Deployment], until: float) -> StartersFound:
        try:
            return await starters_of(self._client, deployments, self._soon(until))
        except CloudFoundryError as error:
            self._do_without("starters", error)
            return StartersFound({}, complete=False)

    async def events(self, deployment: Deployment, until: float) -> tuple[Event, ...] | None:
        try:
            return await events_of(self._client, deployment, self._soon(until))
        except CloudFoundryError as error:
            self._do_without("events", error)
            return None

    async def revision(self, deployment: Deployment, until: float) -> Revision | None:
        """What the revision's number stands for; None where revisions are off, or it is gone."""
        guid = deployment.revision and deployment.revision.guid
        if not guid:
            return None
        try:
            row = await self._client.get(f"/v3/revisions/{segment(guid)}", wire.REVISIONS.one, self._soon(until))
        except CloudFoundryError as error:
            self._do_without("revision", error)
            return None
        return Revision(row.guid, row.version or 0, row.description or "")

    async def rate_limit(self, until: float) -> RateLimit | None:
        """What `/v3/info` announces; None where there is no limit, or none that can be read."""
        try:
            return announced(await self._client.get("/v3/info", wire.read_info, self._soon(until)))
        except CloudFoundryError as error:
            self._do_without("rate limit", error)
            return None

    def _soon(self, until: float) -> float:
        return min(until, self._clock() + EXTRA_SECONDS)

    def _do_without(self, extra: str, error: CloudFoundryError) -> None:
        log.debug("cloud foundry did not tell an extra", foundation=self.name, extra=extra, reason=error.reason)
