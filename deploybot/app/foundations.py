"""Builds the use cases over the configured foundations."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from pydantic import SecretStr

from deploybot.cf.accounts import AccountServer
from deploybot.cf.auth import Login
from deploybot.cf.client import Site, Surroundings
from deploybot.cf.foundation import CloudFoundry
from deploybot.cf.rights import CloudFoundryRights
from deploybot.domain.outcome import OutcomeRules
from deploybot.domain.ports import Accounts, Foundation, OwnRights
from deploybot.domain.telemetry import SILENT, Telemetry
from deploybot.service.listing import Listing
from deploybot.settings.model import FoundationSettings, Settings


@asynccontextmanager
async def listing_of(settings: Settings, telemetry: Telemetry = SILENT) -> AsyncIterator[Listing]:
    """The use cases over the configured foundations; their connections are closed at the end."""
    foundations = tuple(_foundation(name, one, telemetry) for name, one in settings.foundations.items())
    rules = OutcomeRules(settings.answers.stall_after, settings.answers.unhealthy_after)
    try:
        yield Listing(foundations, time.monotonic, rules)
    finally:
        await asyncio.gather(*(foundation.aclose() for foundation in foundations))


def _foundation(name: str, settings: FoundationSettings, telemetry: Telemetry) -> CloudFoundry:
    login = Login(
        client_id=settings.client_id,
        client_secret=_revealed(settings.client_secret),
        username=settings.username,
        password=_revealed(settings.password),
        refresh_token=_revealed(settings.refresh_token) or None,
    )
    site = Site(name, settings.api, login, settings.ca_bundle, settings.skip_tls_verify)
    return CloudFoundry(site, around=Surroundings(telemetry=telemetry))


def accounts_of(settings: Settings, foundations: Sequence[Foundation]) -> Mapping[str, Accounts]:
    """The login servers of these foundations, by their names: where people link their own accounts."""
    return {
        one.name: _accounts(one, settings.foundations[one.name]) for one in foundations if isinstance(one, CloudFoundry)
    }


def rights_of(foundations: Sequence[Foundation]) -> Mapping[str, OwnRights]:
    """What the bot's own account may do at each of these foundations, by their names."""
    return {one.name: CloudFoundryRights(one.client) for one in foundations if isinstance(one, CloudFoundry)}


def _accounts(foundation: CloudFoundry, settings: FoundationSettings) -> Accounts:
    login = Login(client_id=settings.link_client_id, client_secret=_revealed(settings.link_client_secret))
    return AccountServer(foundation.name, settings.api, login, foundation.client.send_plainly)


def _revealed(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
