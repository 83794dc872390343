"""Opens the store: the database is reached, brought to this version's form, and closed at the end."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from deploybot.domain.secret import Secret
from deploybot.errors import ConfigError
from deploybot.settings.model import StoreSettings
from deploybot.store.actions import ActionLog
from deploybot.store.approvals import Approvals
from deploybot.store.engine import DATA_DIR_FIX, Database, open_database, to_postgresql_url
from deploybot.store.leases import Leases
from deploybot.store.ledger import Ledger
from deploybot.store.links import Links
from deploybot.store.measuring import Measures
from deploybot.store.migrating import migrate
from deploybot.store.outbox import Outbox
from deploybot.store.sealing import Seals
from deploybot.store.subscriptions import Subscriptions
from deploybot.store.watches import Watches


@dataclass(frozen=True, slots=True)
class Store:
    """All that is kept, by what it is for."""

    ledger: Ledger
    subscriptions: Subscriptions
    outbox: Outbox
    leases: Leases
    actions: ActionLog
    approvals: Approvals
    links: Links
    watches: Watches
    measures: Measures


@asynccontextmanager
async def open_store(
    settings: StoreSettings, settle_after: timedelta = timedelta(seconds=70), link_keys: Sequence[Secret] = ()
) -> AsyncIterator[Store]:
    """PostgreSQL where there is a URL, else SQLite in the data directory, which is made.

    `settle_after`: how long after its send began an unclear message may be settled at the earliest, that is the
    client's time-out and then some. `link_keys`: Fernet keys for what must not be read in the database. ConfigError
    where the database can't be reached, opened or brought up to date.
    """
    url = settings.database_url.get_secret_value() if settings.database_url else ""
    database = open_database(url, settings.data_dir)
    try:
        await _made_ready(database, settings)
        links = Links(database, Seals(link_keys))
        await links.seal_anew()
        yield Store(
            ledger=Ledger(database),
            subscriptions=Subscriptions(database),
            outbox=Outbox(database, settle_after),
            leases=Leases(database),
            actions=ActionLog(database),
            approvals=Approvals(database),
            links=links,
            watches=Watches(database),
            measures=Measures(database),
        )
    finally:
        await database.close()


async def _made_ready(database: Database, settings: StoreSettings) -> None:
    try:
        await migrate(database)
    except SQLAlchemyError as error:
        raise ConfigError([_unusable(error, settings)]) from error


def _unusable(error: SQLAlchemyError, settings: StoreSettings) -> str:
    """One sentence without the password, which neither psycopg nor sqlite3 tells, but a URL would."""
    reason, where = refusal_of(error), place_of(settings)
    if not settings.database_url:
        return f"store.data_dir: {where} cannot be opened ({reason}): {DATA_DIR_FIX}"
    return f"store.database_url: {where} cannot be used ({reason}): check DATABASE_URL"


def place_of(settings: StoreSettings) -> str:
    """Which database it is, in words, without user and password."""
    if not settings.database_url:
        return f"the database in {settings.data_dir}"
    url = to_postgresql_url(settings.database_url.get_secret_value())
    return f"PostgreSQL at {url.host or url.query.get('host', 'its default address')}:{url.port or 5432}"


def refusal_of(error: SQLAlchemyError) -> str:
    """The database's own words without its preamble: `password authentication failed for user "bot"`."""
    said = str(error.orig if isinstance(error, DBAPIError) else error).strip() or type(error).__name__
    first = said.splitlines()[0]
    return re.sub(r"^(?:connection failed: )?(?:connection to server .* failed: )?(?:FATAL:\s*)?", "", first)
