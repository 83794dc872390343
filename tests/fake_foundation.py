"""The one fake of the Foundation port: rows in memory, ordered and filtered as the Cloud Controller does."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from deploybot.domain.deployment import (
    App,
    Deployment,
    Event,
    Options,
    Org,
    Person,
    ProcessReference,
    Progress,
    Reference,
    Relationships,
    Revision,
    Space,
    Status,
    StatusDetails,
    ToOne,
)
from deploybot.domain.ports import AppsFound, DeploymentsAsk, DeploymentsFound, RateLimit, StartersFound, Times
from deploybot.errors import UpstreamError

NOW = datetime(2026, 11, 23, 10, 0, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stored:
    """A row as the server keeps it: with the microseconds that it does not show."""

    deployment: Deployment
    created: datetime
    updated: datetime


def stored(
    guid: str,
    created: datetime = NOW,
    *,
    updated: datetime | None = None,
    app: str = "app-1",
    value: str = "FINALIZED",
    reason: str | None = "DEPLOYED",
    strategy: str = "rolling",
    healthy: datetime | None = None,
    changed: datetime | None = None,
    error: str | None = None,
) -> Stored:
    """A row. Times default to the creation."""
    changed = changed or created
    shown = Deployment(
        guid=guid,
        created_at=created.replace(microsecond=0),
        updated_at=(updated or created).replace(microsecond=0),
        status=Status(value, reason, StatusDetails(healthy or created, changed, error)),
        strategy=strategy,
        options=Options(max_in_flight=1),
        new_processes=(ProcessReference(f"process-{guid}", "web"),),
        relationships=Relationships(ToOne(Reference(app))),
    )
    return Stored(shown, created, updated or created)


def app(name: str, guid: str, space: str = "prod", org: str = "shop") -> App:
    return App(guid, name, Space(f"space-{org}-{space}", space, Org(f"org-{org}", org)))


@dataclass
class FakeFoundation:
    """Answers from memory and remembers what it was asked. Raises `failure` when it is set."""

    name: str = "eu"
    rows: list[Stored] = field(default_factory=list)
    known_apps: list[App] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    sees_events: bool = True
    tells_events: bool = True
    """False: they could be seen, but can't be asked for at the moment."""
    limit: RateLimit | None = None
    problems: tuple[str, ...] = ()
    failure: UpstreamError | None = None
    asked: list[DeploymentsAsk] = field(default_factory=list)

    async def deployments(self, ask: DeploymentsAsk, until: float) -> DeploymentsFound:
        self._may_fail()
        self.asked.append(ask)
        rows = self._ordered([row for row in self.rows if _fits(row, ask)], ask)
        start = (ask.page - 1) * ask.per_page
        shown = tuple(row.deployment for row in rows[start : start + ask.per_page])
        past_the_end = start >= len(rows)
        return DeploymentsFound(shown, 0 if past_the_end else len(rows), self.problems, sent=len(shown))

    def _ordered(self, rows: list[Stored], ask: DeploymentsAsk) -> list[Stored]:
        if not ask.order_by:
            return rows
        by_created = ask.order_by.endswith("created_at")
        return sorted(
            rows,
            key=lambda row: (row.created if by_created else row.updated, row.deployment.guid),
            reverse=ask.order_by.startswith("-"),
        )

    async def deployment(self, guid: str, until: float) -> Deployment | None:
        self._may_fail()
        return next((row.deployment for row in self.rows if row.deployment.guid == guid), None)

    async def apps(self, guids: Collection[str], until: float) -> Mapping[str, App]:
        self._may_fail()
        return {one.guid: one for one in self.known_apps if one.guid in guids}

    async def find_apps(
        self,
        *,
        names: Collection[str] = (),
        space_guids: Collection[str] = (),
        org_guids: Collection[str] = (),
        at_most: int = 5000,
        until: float,
    ) -> AppsFound:
        self._may_fail()
        wanted = {name.casefold() for name in names}
        found = [
            one
            for one in self.known_apps
            if (not wanted or {one.name.casefold(), one.guid} & wanted)
            and (not space_guids or (one.space and one.space.guid in space_guids))
            and (not org_guids or (one.space and one.space.org and one.space.org.guid in org_guids))
        ]
        return AppsFound(tuple(found[:at_most]), len(found) <= at_most)

    async def find_spaces(self, names: Collection[str], until: float) -> tuple[Space, ...]:
        self._may_fail()
        spaces = {one.space.guid: one.space for one in self.known_apps if one.space}
        wanted = {name.casefold() for name in names}
        return tuple(one for one in spaces.values() if not wanted or {one.name.casefold(), one.guid} & wanted)

    async def find_orgs(self, names: Collection[str], until: float) -> tuple[Org, ...]:
        self._may_fail()
        orgs = {one.space.org.guid: one.space.org for one in self.known_apps if one.space and one.space.org}
        wanted = {name.casefold() for name in names}
        return tuple(one for one in orgs.values() if not wanted or {one.name.casefold(), one.guid} & wanted)

    async def progress(self, deployments: Sequence[Deployment], until: float) -> Mapping[str, Progress]:
        return {}

    async def starters(self, deployments: Sequence[Deployment], until: float) -> StartersFound:
        if not self.tells_events:
            return StartersFound({}, complete=False)
        if not self.sees_events:
            return StartersFound({}, visible=False)
        guids = {deployment.guid for deployment in deployments}
        return StartersFound({guid: person for guid, person in self.people.items() if guid in guids})

    async def events(self, deployment: Deployment, until: float) -> tuple[Event, ...] | None:
        return () if self.sees_events else None

    async def revision(self, deployment: Deployment, until: float) -> Revision | None:
        return None

    async def rate_limit(self, until: float) -> RateLimit | None:
        return self.limit

    def _may_fail(self) -> None:
        if self.failure:
            raise self.failure


def _fits(row: Stored, ask: DeploymentsAsk) -> bool:
    shown = row.deployment
    pairs = (
        (ask.guids, shown.guid),
        (ask.app_guids, shown.app_guid),
        (ask.status_values, shown.value),
        (ask.status_reasons, shown.reason or ""),
    )
    return (
        all(wanted is None or value in wanted for wanted, value in pairs)
        and _in_time(row.created, ask.created)
        and _in_time(row.updated, ask.updated)
    )


def _in_time(at: datetime, times: Times) -> bool:
    """As the server compares: `gt` and `lte` with the second's last microsecond, equality with the whole second."""
    assert not (times.equal and times != Times(times.equal)), "a 500 on the server"
    whole = timedelta(seconds=0.999999)
    return (
        (not times.equal or any(second <= at <= second + whole for second in times.equal))
        and (times.gte is None or at >= times.gte)
        and (times.lt is None or at < times.lt)
        and (times.gt is None or at > times.gt + whole)
        and (times.lte is None or at <= times.lte + whole)
    )
