"""Versions on one database: an older one that runs goes on, one that starts refuses, and a newer one takes over."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploybot.settings.model import StoreSettings
from deploybot.store.tables import metadata
from tests.e2e.crashes import Theatre, end, theatre
from tests.e2e.stage import stage, start
from tests.store.conftest import settings_of
from tests.store.released import LINK_KEY, held, leave, released, run_in

NEWER = (
    "CREATE TABLE later (id TEXT PRIMARY KEY)",
    "ALTER TABLE entries ADD COLUMN later TEXT",
    "ALTER TABLE messages ADD COLUMN later TEXT NOT NULL DEFAULT ''",
    "UPDATE entries SET body = '{\"later\":1,' || substr(body, 2)",
    "UPDATE alembic_version SET version_num = '9999'",
)
"""What the migration of a version to come may do, and more than any did so far."""
REFUSAL = "the database was brought to form 9999 by a newer deploybot: run that version, or use another database"


@pytest.fixture(params=["sqlite", "postgresql"])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Theatre]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    async with theatre(tmp_path, url) as ready:
        yield ready


def _settings(house: Theatre) -> StoreSettings:
    return settings_of(house.database_url, house.tmp)


async def test_a_bot_that_runs_goes_on_when_a_newer_version_has_changed_the_database(house: Theatre) -> None:
    """As while a platform replaces its instances one after another."""
    running = await house.start()
    await house.seen_first()
    await run_in(_settings(house), *NEWER)
    house.rollouts.begin(3, ("failing", "canary", "rolling"))
    await house.rollouts.ended()
    await house.settled()
    await house.assert_told_once()
    assert await running.stop() == 0
    assert "Traceback" not in running.logged(), running.logged()


async def test_an_older_version_refuses_a_newer_database_and_leaves_it_alone(house: Theatre) -> None:
    first = await house.start()
    await house.seen_first()
    assert await first.stop() == 0
    await run_in(_settings(house), *NEWER)
    before = await held(_settings(house))
    older = await house.start()
    assert await asyncio.wait_for(older.process.wait(), 30) == 2
    assert older.logged().splitlines()[-1] == REFUSAL
    assert "Traceback" not in older.logged()
    assert await held(_settings(house)) == before


@pytest.mark.parametrize("form", released())
async def test_a_newer_version_starts_on_an_older_database_with_a_replica_beside_it(
    tmp_path: Path, postgres_url: str, form: str
) -> None:
    settings = settings_of(postgres_url, tmp_path)
    before = await leave(settings, form)
    more = {"DATABASE_URL": postgres_url, "DEPLOYBOT_LINK_KEYS": LINK_KEY.reveal(), "DEPLOYBOT_RETENTION": "36000d"}
    async with stage(tmp_path) as on:
        environment = on.environment(**more)
        both = [await start("run", environment=environment, log=tmp_path / name) for name in ("a.log", "b.log")]
        try:
            await on.slack.wait_for_connections(2)
            assert [await one.stop() for one in both] == [0, 0]
        finally:
            await end(both)
    after = await held(settings)
    assert [name for name in before if after[name] < before[name]] == []
    assert after.keys() >= metadata.tables.keys()
    assert [one.logged() for one in both if "Traceback" in one.logged()] == []
