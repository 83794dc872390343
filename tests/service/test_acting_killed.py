"""A process of the bot that is killed amid an action: another one finds out what became of it, and sends nothing."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from deploybot.domain.acting import Action, ActionState, bound_text
from deploybot.domain.outgoing import NoticeBody
from deploybot.ops.failpoints import VARIABLE
from tests.service.acted import House, bound, house, later

_CONFIRM = """
import asyncio, json, os, secrets, sys
from pathlib import Path
from deploybot.domain.acting import parse_bound
from deploybot.ops.failpoints import failpoint
from tests.service.acted import bot_over

async def main():
    url, data_dir, tokens, bound = sys.argv[1:]
    outside = {"new_id": lambda: secrets.token_hex(8), "checkpoint": failpoint(os.environ)}
    async with bot_over(url, Path(data_dir), json.loads(tokens), **outside) as bot:
        await bot.confirm(parse_bound(bound))

asyncio.run(main())
"""


@pytest_asyncio.fixture
async def there(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as made:
        await made.log_in("alice")
        yield made


async def _killed(there: House, wanted: str, at: str) -> None:
    """Confirm it in a process of its own, which dies at that point."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _CONFIRM,
        there.served.url,
        str(there.data_dir),
        json.dumps(there.tokens),
        wanted,
        env={**os.environ, VARIABLE: at},
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == -signal.SIGKILL, said.decode()[-2000:]


@pytest.mark.parametrize(
    ("at", "done", "state", "words"),
    [
        ("act.claimed", [], ActionState.UNCLEAR, "nothing has happened so far"),
        ("act.sent", ["cancel by user-alice"], ActionState.DONE, "it was done. It is now being canceled."),
    ],
)
async def test_what_a_killed_process_began_is_found_out_and_told(
    there: House, at: str, done: list[str], state: ActionState, words: str
) -> None:
    paused = there.deployment()
    await _killed(there, bound_text(bound(paused, Action.CANCEL)), at)
    bot = await there.bot()
    await bot.acting.tick(later(61))
    assert there.done(paused.guid) == done
    assert there.posts == 0
    (row,) = await bot.store.actions.of_deployment("eu", paused.guid)
    assert row.state is state
    (claim,) = await bot.store.outbox.claim(later(62), later(90), "test", 10)
    assert isinstance(claim.draft.body, NoticeBody)
    assert words in claim.draft.body.text
    assert claim.draft.channel == "Ualice"
    assert [event.outcome.value for event in await bot.record()] == ["begun", state.value]


async def test_a_process_that_is_killed_after_all_of_it_leaves_nothing_to_do(there: House) -> None:
    paused = there.deployment()
    await _killed(there, bound_text(bound(paused, Action.CANCEL)), "act.settled")
    bot = await there.bot()
    await bot.acting.tick(later(61))
    assert there.done(paused.guid) == ["cancel by user-alice"]
    assert await bot.store.outbox.claim(later(62), later(90), "test", 10) == ()
    assert [event.outcome.value for event in await bot.record()] == ["begun", "done"]
