"""Whoever goes through thousands of things lets others have their turn."""

import asyncio

from deploybot.service.turns import in_turns


async def test_others_have_their_turn_after_every_so_many() -> None:
    turns: list[str] = []

    async def other() -> None:
        while True:
            turns.append("other")
            await asyncio.sleep(0)

    others = asyncio.create_task(other())
    turns += [str(number) async for number in in_turns(range(5), 2)]
    others.cancel()
    assert turns == ["other", "other", "0", "1", "2", "3", "4"]
