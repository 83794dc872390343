"""A foundation where something was just done is polled more often, for a while."""

from pathlib import Path

from msgspec.structs import replace

from deploybot.domain.acting import ActionState
from deploybot.service.hurrying import HURRY_SECONDS, LATELY, Hurries
from deploybot.settings.model import StoreSettings
from deploybot.store.opening import open_store
from tests.store.making import action, at, event


def test_a_foundation_is_hurried_for_a_while_and_no_other_is() -> None:
    time = [100.0]
    hurries = Hurries(lambda: time[0])
    assert not hurries.is_hurried("eu")
    hurries.hurry("eu")
    assert hurries.is_hurried("eu")
    assert not hurries.is_hurried("us")
    time[0] += HURRY_SECONDS
    assert not hurries.is_hurried("eu")


async def test_a_process_hurries_where_another_one_did_something(tmp_path: Path) -> None:
    hurries = Hurries(lambda: 100.0)
    async with open_store(StoreSettings(data_dir=tmp_path)) as store:
        row = replace(action(), state=ActionState.DONE, settled_at=at(1))
        await store.actions.claim(action(), event("begun"), at(0))
        await store.actions.settle(row, event("done"))
        await hurries.learn(store.actions, at(1) + LATELY)
        assert not hurries.is_hurried("eu")
        await hurries.learn(store.actions, at(0.9) + LATELY)
        assert hurries.is_hurried("eu")
        assert not hurries.is_hurried("us")
