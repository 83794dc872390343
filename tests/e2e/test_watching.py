"""A rollout followed live by a real bot: one message that is edited to the end, and a thread that tells it once."""

import asyncio
import signal
from collections import Counter
from pathlib import Path

import pytest

from tests.e2e.crashes import theatre
from tests.e2e.followed import SOON, ended, root_of, until, watched
from tests.e2e.stage import text_of


@pytest.mark.parametrize("kind", ["rolling", "canary"])
async def test_a_rollout_is_followed_to_its_end_which_pings_once(tmp_path: Path, kind: str) -> None:
    async with theatre(tmp_path) as house:
        await house.start()
        house.slack.patience = SOON
        await house.slack.wait_for_connections(1)
        await house.seen_first()
        await watched(house, kind)
        first = await until(lambda: root_of(house), "the message")
        assert "as of" in text_of(first)
        told = await until(lambda: ended(house), "the end")
        texts = [text_of(one) for one in told]
        assert sum("succeeded" in text for text in texts) == 1
        assert sum("<@U0ALICE001>" in text for text in texts) == 1
        assert all(count == 1 for count in Counter(one["metadata"]["event_payload"]["key"] for one in told).values())
        root = await root_of(house)
        assert root
        assert root["ts"] == first["ts"]
        assert {one["thread_ts"] for one in told} == {first["ts"]}
        assert ("paused" in "".join(texts)) == (kind == "canary")


@pytest.mark.parametrize("point", ["watch.seen@2", "watch.stored@2", "watch.edited"])
async def test_a_kill_amid_a_watch_goes_on_with_the_same_message(tmp_path: Path, point: str) -> None:
    async with theatre(tmp_path) as house:
        dying = await house.start(point)
        house.slack.patience = SOON
        await house.slack.wait_for_connections(1)
        await watched(house, "canary")
        assert await asyncio.wait_for(dying.process.wait(), SOON) == -signal.SIGKILL
        await house.start()
        told = await until(lambda: ended(house), "the end")
        keys = Counter(await house.keys_shown())
        assert sum(key.startswith("watch:") and key.count(":") == 1 for key in keys) == 1
        assert {key: count for key, count in keys.items() if key.startswith("watch:") and count > 1} == {}
        assert sum("<@U0ALICE001>" in text_of(one) for one in told) == 1


async def test_another_replica_goes_on_where_one_died(tmp_path: Path, postgres_url: str) -> None:
    async with theatre(tmp_path, postgres_url) as house:
        one, _ = await house.start(), await house.start()
        house.slack.patience = SOON
        await house.slack.wait_for_connections(2)
        await house.seen_first()
        await watched(house, "canary")
        await until(lambda: root_of(house), "the message")
        one.process.kill()
        told = await until(lambda: ended(house), "the end")
        assert sum("<@U0ALICE001>" in text_of(reply) for reply in told) == 1
        keys = Counter(key for key in await house.keys_shown() if key.startswith("watch:"))
        assert set(keys.values()) == {1}
