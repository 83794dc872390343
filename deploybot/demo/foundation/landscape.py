"""Lays out the organizations, spaces and apps of a scenario: the same ones for the same seed."""

import random
import uuid
from collections.abc import Callable, Iterator

from deploybot.demo.foundation.entities import App, Organization, Space
from deploybot.demo.foundation.instants import DAY, MINUTE
from deploybot.demo.foundation.scenario import Scenario

APP_NAMES = (
    *("checkout", "payments", "cart", "catalog", "ledger", "search", "orders", "invoices", "notifier", "fraud-scorer"),
    *("gateway", "profile", "shipping", "pricing", "reviews", "inventory", "loyalty", "refunds", "reports"),
    *("web-frontend", "mobile-bff", "image-resizer", "mailer", "scheduler", "webhooks", "subscriptions"),
    *("recommendations", "auth-proxy", "tax", "audit-log", "feature-flags", "geo", "exports", "imports", "chat"),
)
LIFECYCLE = {"type": "buildpack", "data": {"buildpacks": [], "stack": "cflinuxfs4"}}
TEAMS = ("core", "web", "payments", "data-1")


def guid_source(rng: random.Random) -> Callable[[], str]:
    """Guids that are the same for the same seed."""
    return lambda: str(uuid.UUID(int=rng.getrandbits(128), version=4))


def laid_out(scenario: Scenario, rng: random.Random, now: int) -> tuple[list[Organization], list[Space], list[App]]:
    new_guid = guid_source(rng)
    first_day = now - 240 * DAY
    organizations = [
        Organization(
            guid=new_guid(), position=n, created_at=first_day, updated_at=first_day, name=name, quota_guid=new_guid()
        )
        for n, name in enumerate(scenario.organizations, 1)
    ]
    spaces = [
        Space(
            guid=new_guid(),
            position=n,
            created_at=first_day + n * MINUTE,
            updated_at=first_day + n * MINUTE,
            name=name,
            organization_guid=organization.guid,
        )
        for n, (organization, name) in enumerate(_places(scenario, organizations), 1)
    ]
    apps = [_app(n, spaces, rng, new_guid, first_day) for n in range(scenario.apps)]
    return organizations, spaces, apps


def _places(scenario: Scenario, organizations: list[Organization]) -> Iterator[tuple[Organization, str]]:
    return ((each, name) for each in organizations for name in scenario.organizations[each.name])


def _app(n: int, spaces: list[Space], rng: random.Random, new_guid: Callable[[], str], first_day: int) -> App:
    """Names go round the spaces, so that one name lives in several of them, as in life."""
    turn = n // len(spaces)
    again = turn // len(APP_NAMES)
    name = APP_NAMES[turn % len(APP_NAMES)]
    created_at = first_day + (n + 10) * MINUTE
    return App(
        guid=new_guid(),
        position=n + 1,
        created_at=created_at,
        updated_at=created_at,
        name=f"{name}-{again + 1}" if again else name,
        space_guid=spaces[n % len(spaces)].guid,
        lifecycle=LIFECYCLE,
        current_droplet_guid=None,
        labels={"team": rng.choice(TEAMS)},
    )
