"""What happens at the very moment of an action, where nobody can prevent it: it is bounded, and told."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from deploybot.demo.foundation.entities import Deployment
from deploybot.domain.acting import ActionState
from tests.service.acted import Bot, CrashError, House, bound, crash, house, later


@pytest_asyncio.fixture
async def there(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as made:
        await made.log_in("alice", "carol")
        yield made


async def overtaken(there: House, paused: Deployment, user: str = "carol") -> Bot:
    """A bot whose request is on its way while somebody continues past it, and the next step is reached."""
    bot = await there.bot()
    sending = bot.acting.sending

    class Overtaken:
        name = "eu"

        async def act(self, *asked: Any) -> Any:
            there.by_cli(paused.guid, "continue", user)
            there.put(there.now(paused.guid), "paused")
            return await sending.actions["eu"].act(*asked)

    bot.acting.sending = replace(sending, actions={"eu": Overtaken()})
    return bot


async def test_who_continues_at_the_same_moment_as_the_cf_cli_is_told_that_it_is_two_steps_on(there: House) -> None:
    """Cloud Foundry takes a continue for whatever step there is; nothing but the time of one request is left for it."""
    paused = there.deployment()
    result = await (await overtaken(there, paused)).confirm(bound(paused))
    assert there.posts == 1
    assert there.done(paused.guid) == ["continue by user-carol", "continue by user-alice"]
    assert result.state is ActionState.DONE
    assert "It is now rolling out, step 3 of 4." in result.told
    assert "carol@example.com continued it at the same moment, so it is 2 steps on: cancel it" in result.told


async def test_where_it_is_the_same_account_it_is_told_all_the_same(there: House) -> None:
    paused = there.deployment()
    result = await (await overtaken(there, paused, "alice")).confirm(bound(paused))
    assert "It was continued twice at the same moment, so it is 2 steps on" in result.told


async def test_who_continues_alone_is_told_of_nobody_else(there: House) -> None:
    paused = there.deployment()
    result = await (await there.bot()).confirm(bound(paused))
    assert result.state is ActionState.DONE
    assert "steps on" not in result.told


async def test_what_two_settle_at_once_is_on_the_record_once(there: House) -> None:
    paused = there.deployment()
    dying = await there.bot(checkpoint=crash("act.claimed"))
    with pytest.raises(CrashError):
        await dying.confirm(bound(paused))
    bots = [await there.bot(), await there.bot()]
    await asyncio.gather(*(one.acting.tick(later(61)) for one in bots))
    assert [event.outcome.value for event in await bots[0].record()] == ["begun", "unclear"]
