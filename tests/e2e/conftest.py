"""A real PostgreSQL for whole bots."""

from collections.abc import Iterator

import pytest

from tests.postgres import Cluster, cluster


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    with cluster() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: Cluster) -> Iterator[str]:
    """Of an empty database."""
    url = postgres.database()
    yield url
    postgres.drop(url)
