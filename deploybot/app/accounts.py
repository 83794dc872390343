"""Builds what people do with their own Cloud Foundry accounts: linking them, and acting with them."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from deploybot.app.foundations import accounts_of
from deploybot.domain.ports import Foundation
from deploybot.service.alone import Around
from deploybot.service.credentials import LinkedCredentials, LinkingRules
from deploybot.service.linking import Linking
from deploybot.settings.model import Settings
from deploybot.store.opening import Store


@dataclass(frozen=True, slots=True)
class OwnAccounts:
    """Linking, and the credentials that come of it: one pair for the whole process."""

    linking: Linking
    credentials: LinkedCredentials


def own_accounts_of(settings: Settings, store: Store, foundations: Sequence[Foundation]) -> OwnAccounts:
    """Over the login servers of these foundations. Without a key linking is off, and says so."""
    around = Around(partial(datetime.now, UTC), time.monotonic, partial(secrets.token_hex, 8))
    accounts = accounts_of(settings, foundations)
    rules = LinkingRules(
        on=bool(settings.linking.keys),
        allow_admin=settings.linking.allow_admin,
        as_bot=frozenset(name for name, one in settings.foundations.items() if one.act_as == "bot"),
    )
    return OwnAccounts(
        Linking(store.links, store.leases, accounts, store.actions.note, rules, around),
        LinkedCredentials(store.links, store.leases, accounts, rules, around),
    )
