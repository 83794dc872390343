"""Builds the use cases over the configured foundations."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from pydantic import SecretStr

from deploybot.cf.accounts import AccountServer
from deploybot.cf.auth import Login
from deploybot.cf.client import OddProxyError, Site, Surroundings, no_headers
from deploybot.cf.examining import FoundationExamination, Wanted
from deploybot.cf.foundation import CloudFoundry
from deploybot.cf.rights import CloudFoundryRights
from deploybot.cf.scopes import Duties
from deploybot.domain.finding import Examination
from deploybot.domain.guard import GuardRule
from deploybot.domain.outcome import OutcomeRules
from deploybot.domain.pacing import PaceRules
from deploybot.domain.pattern import one_fits
from deploybot.domain.ports import Accounts, Foundation, OwnRights
from deploybot.domain.telemetry import SILENT, Telemetry
from deploybot.errors import ConfigError
from deploybot.service.listing import Listing
from deploybot.settings.model import FoundationSettings, Settings


@asynccontextmanager
async def listing_of(
    settings: Settings, telemetry: Telemetry = SILENT, passed_on: Callable[[], Mapping[str, str]] = no_headers
) -> AsyncIterator[Listing]:
    """The use cases over the configured foundations; their connections are closed at the end.

    `passed_on` are headers of the moment, which each request to a foundation carries.
    """
    around = Surroundings(telemetry=telemetry, passed_on=passed_on)
    foundations = tuple(_foundation(name, one, around) for name, one in settings.foundations.items())
    rules = OutcomeRules(settings.answers.stall_after, settings.answers.unhealthy_after)
    try:
        yield Listing(foundations, time.monotonic, rules)
    finally:
        await asyncio.gather(*(foundation.aclose() for foundation in foundations))


def examinations_of(settings: Settings) -> tuple[Examination, ...]:
    """The examination of each configured foundation."""
    return tuple(
        FoundationExamination(_site(name, one), wanted_of(settings, name)) for name, one in settings.foundations.items()
    )


def wanted_of(settings: Settings, name: str) -> Wanted:
    """What the bot's account has to do there: act for people, or where nobody does, and how often it asks."""
    one, polling = settings.foundations[name], settings.polling
    cancelling = [rule.name for rule in settings.guard_rules() if rule.cancel_after and _is_about(rule, name)]
    acts_for_people = [f"foundations.{name}.act_as"] if one.act_as == "bot" else []
    return Wanted(
        Duties((*acts_for_people, *cancelling)),
        _link_login(one) if settings.linking.keys else None,
        PaceRules(polling.interval, share=polling.rate_share),
    )


def _is_about(rule: GuardRule, foundation: str) -> bool:
    return any(one_fits(pattern.foundations, foundation, foundation, unknown=False) for pattern in rule.on)


def _foundation(name: str, settings: FoundationSettings, around: Surroundings) -> CloudFoundry:
    """ConfigError where its bundle of authorities or a proxy is of no use: without it nothing is asked."""
    try:
        return CloudFoundry(_site(name, settings), around=around)
    except OddProxyError as error:
        raise ConfigError([str(error)]) from error
    except OSError as error:
        problem = f"foundations.{name}.ca_bundle: {settings.ca_bundle} holds no certificates in PEM that can be read"
        raise ConfigError([problem]) from error


def _site(name: str, settings: FoundationSettings) -> Site:
    login = Login(
        client_id=settings.client_id,
        client_secret=_revealed(settings.client_secret),
        username=settings.username,
        password=_revealed(settings.password),
        refresh_token=_revealed(settings.refresh_token) or None,
    )
    return Site(name, settings.api, login, settings.ca_bundle, settings.skip_tls_verify)


def accounts_of(settings: Settings, foundations: Sequence[Foundation]) -> Mapping[str, Accounts]:
    """The login servers of these foundations, by their names: where people link their own accounts."""
    return {
        one.name: _accounts(one, settings.foundations[one.name]) for one in foundations if isinstance(one, CloudFoundry)
    }


def rights_of(foundations: Sequence[Foundation]) -> Mapping[str, OwnRights]:
    """What the bot's own account may do at each of these foundations, by their names."""
    return {one.name: CloudFoundryRights(one.client) for one in foundations if isinstance(one, CloudFoundry)}


def _accounts(foundation: CloudFoundry, settings: FoundationSettings) -> Accounts:
    return AccountServer(foundation.name, settings.api, _link_login(settings), foundation.client.send_plainly)


def _link_login(settings: FoundationSettings) -> Login:
    """The client by which people link."""
    return Login(client_id=settings.link_client_id, client_secret=_revealed(settings.link_client_secret))


def _revealed(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
