"""Each test of the store runs on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import SecretStr

from deploybot.settings.model import StoreSettings
from deploybot.store.opening import Store, open_store
from tests.postgres import Cluster, cluster


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    with cluster() as server:
        yield server


def settings_of(url: str, data_dir: Path) -> StoreSettings:
    return StoreSettings(database_url=SecretStr(url) if url else None, data_dir=data_dir)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreSettings]:
    """Of an empty database."""
    if request.param == "sqlite":
        yield settings_of("", tmp_path)
        return
    server: Cluster = request.getfixturevalue("postgres")
    url = server.database()
    yield settings_of(url, tmp_path)
    server.drop(url)


@pytest.fixture(scope="session")
def migrated(postgres: Cluster, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a migrated database that others are copies of."""
    url = postgres.database()

    async def migrate() -> None:
        async with open_store(settings_of(url, tmp_path_factory.getbasetemp())):
            pass

    asyncio.run(migrate())
    return url.rpartition("/")[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreSettings]:
    """Of a database that has all tables, and nothing in them."""
    if request.param == "sqlite":
        yield settings_of("", tmp_path)
        return
    server: Cluster = request.getfixturevalue("postgres")
    url = server.database(request.getfixturevalue("migrated"))
    yield settings_of(url, tmp_path)
    server.drop(url)


@pytest_asyncio.fixture
async def store(settings: StoreSettings) -> AsyncIterator[Store]:
    async with open_store(settings) as opened:
        yield opened
