"""Opens the store: the database is reached, brought to this version's form, and closed at the end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from deploybot.settings.model import StoreSettings
from deploybot.store.engine import open_database
from deploybot.store.leases import Leases
from deploybot.store.ledger import Ledger
from deploybot.store.migrating import migrate
from deploybot.store.outbox import Outbox
from deploybot.store.subscriptions import Subscriptions


@dataclass(frozen=True, slots=True)
class Store:
    """All that is kept, by what it is for."""

    ledger: Ledger
    subscriptions: Subscriptions
    outbox: Outbox
    leases: Leases


@asynccontextmanager
async def open_store(settings: StoreSettings, settle_after: timedelta = timedelta(seconds=70)) -> AsyncIterator[Store]:
    """PostgreSQL where there is a URL, else SQLite in the data directory, which is made.

    `settle_after`: how long after its send began an unclear message may be settled at the earliest, that is the
    client's time-out and then some. ConfigError where the database can't be reached, opened or brought up to date.
    """
    url = settings.database_url.get_secret_value() if settings.database_url else ""
    database = open_database(url, settings.data_dir)
    try:
        await migrate(database)
        yield Store(
            ledger=Ledger(database),
            subscriptions=Subscriptions(database),
            outbox=Outbox(database, settle_after),
            leases=Leases(database),
        )
    finally:
        await database.close()
