"""A foundation as somebody sees it who may not read everything: what they may not read is not there for them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from deploybot.domain.access import Sight
from deploybot.domain.deployment import App, Deployment, Event, Org, Progress, Revision, Space
from deploybot.domain.ports import AppsFound, DeploymentsAsk, DeploymentsFound, Foundation, RateLimit, StartersFound
from deploybot.errors import UserError

MOST_APPS = 20_000
"""How many apps are read to find those that somebody may see, or that a wildcard, a space or an org means."""


def seen_by(sight: Sight, foundations: Sequence[Foundation]) -> tuple[Foundation, ...]:
    """The foundations with all that the sight leaves out taken away; a UserError where nothing at all may be seen."""
    if sight.why_nothing:
        raise UserError(sight.why_nothing)
    return tuple(foundations) if sight.everything else tuple(SeenFoundation(one, sight) for one in foundations)


@dataclass(frozen=True, slots=True)
class SeenFoundation:
    """Apps that may not be read, and spaces and orgs without one that may, are not found; neither are deployments.

    Lists of deployments are left to who asks for them: they name the apps, of which only visible ones are found here.
    """

    inner: Foundation
    sight: Sight

    @property
    def name(self) -> str:
        return self.inner.name

    async def deployments(self, ask: DeploymentsAsk, until: float) -> DeploymentsFound:
        return await self.inner.deployments(ask, until)

    async def deployment(self, guid: str, until: float) -> Deployment | None:
        """None for one that may not be seen, or whose app is not known any more."""
        found = await self.inner.deployment(guid, until)
        if found is None or not found.app_guid:
            return None
        return found if await self.apps((found.app_guid,), until) else None

    async def apps(self, guids: Collection[str], until: float) -> Mapping[str, App]:
        found = await self.inner.apps(guids, until)
        return {guid: app for guid, app in found.items() if self._sees(app)}

    async def find_apps(
        self,
        *,
        names: Collection[str] = (),
        space_guids: Collection[str] = (),
        org_guids: Collection[str] = (),
        at_most: int = 5000,
        until: float,
    ) -> AppsFound:
        """Bounded after what may not be seen was left out, lest the bound tell of it."""
        found = await self.inner.find_apps(
            names=names, space_guids=space_guids, org_guids=org_guids, at_most=max(at_most, MOST_APPS), until=until
        )
        apps = tuple(app for app in found.apps if self._sees(app))
        return AppsFound(apps[:at_most], found.complete and len(apps) <= at_most)

    async def find_spaces(self, names: Collection[str], until: float) -> tuple[Space, ...]:
        found = await self.inner.find_spaces(names, until)
        asked = [space.guid for space in found] if names else []
        if not found:
            return ()
        apps = (await self.find_apps(space_guids=asked, at_most=MOST_APPS, until=until)).apps
        inhabited = {app.space.guid for app in apps if app.space}
        return tuple(space for space in found if space.guid in inhabited)

    async def find_orgs(self, names: Collection[str], until: float) -> tuple[Org, ...]:
        found = await self.inner.find_orgs(names, until)
        asked = [org.guid for org in found] if names else []
        if not found:
            return ()
        apps = (await self.find_apps(org_guids=asked, at_most=MOST_APPS, until=until)).apps
        inhabited = {app.space.org.guid for app in apps if app.space and app.space.org}
        return tuple(org for org in found if org.guid in inhabited)

    async def progress(self, deployments: Sequence[Deployment], until: float) -> Mapping[str, Progress]:
        return await self.inner.progress(deployments, until)

    async def starters(self, deployments: Sequence[Deployment], until: float) -> StartersFound:
        return await self.inner.starters(deployments, until)

    async def events(self, deployment: Deployment, until: float) -> tuple[Event, ...] | None:
        return await self.inner.events(deployment, until)

    async def revision(self, deployment: Deployment, until: float) -> Revision | None:
        return await self.inner.revision(deployment, until)

    async def rate_limit(self, until: float) -> RateLimit | None:
        return await self.inner.rate_limit(until)

    def _sees(self, app: App) -> bool:
        return self.sight.app(self.inner.name, app)
