"""What a watch shows in Slack, for tests: its message, its thread, and its end."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from tests.e2e.crashes import Theatre
from tests.e2e.stage import text_of

SOON = 60


async def until(told: Callable[[], Awaitable[Any]], what: str) -> Any:
    """What is told once it is there."""
    async with asyncio.timeout(SOON):
        while True:
            if found := await told():
                return found
            await asyncio.sleep(0.1)
    raise AssertionError(what)


async def watched(house: Theatre, kind: str) -> str:
    """Begin a rollout and have it watched in the channel, by alice; its guid."""
    house.rollouts.begin(1, (kind,))
    guid = house.rollouts.begun[-1]
    await house.slack.command("alice", "#checkout", f"/deployments watch {guid}")
    return guid


async def root_of(house: Theatre) -> dict[str, Any] | None:
    keys = {one["metadata"]["event_payload"]["key"]: one for one in await house.shown() if "metadata" in one}
    return next((one for key, one in keys.items() if key.startswith("watch:") and key.count(":") == 1), None)


async def replies(house: Theatre) -> list[dict[str, Any]]:
    """What was told in the thread, by key."""
    return [
        one
        for one in await house.shown()
        if one.get("metadata", {}).get("event_payload", {}).get("key", "").count(":") == 2
    ]


async def ended(house: Theatre) -> list[dict[str, Any]] | None:
    """The thread, once the message says that it ended and the end was told."""
    root, told = await root_of(house), await replies(house)
    return told if root and "ended" in text_of(root) and any("<@" in text_of(one) for one in told) else None


async def assert_told_once(house: Theatre) -> None:
    """One message, each change once in its thread, no pause that was none, one end, one ping."""
    told = [text_of(one) for one in await replies(house)]
    keys = Counter(key for key in await house.keys_shown() if key.startswith("watch:"))
    assert {key: count for key, count in keys.items() if count > 1} == {}
    assert sum(key.count(":") == 1 for key in keys) == 1
    assert {text: count for text, count in Counter(told).items() if count > 1} == {}
    pauses = sum(entry.reason == "PAUSED" for entry in house.rollouts.told())
    assert sum("paused" in text for text in told) <= pauses
    assert sum("succeeded" in text for text in told) == 1
    assert sum("<@U0ALICE001>" in text for text in told) == 1
