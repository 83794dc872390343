"""The bot is killed or frozen amid a continue: at most one request, what was found is told, nothing is sent again."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.replicas import Replicas, replicas


@pytest.fixture(params=["sqlite", "postgresql"])
async def ward(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Replicas]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    async with replicas(tmp_path, url) as there:
        yield there


async def _killed(ward: Replicas, at: str) -> None:
    """Alice confirms a continue, amid which the bot is killed; another one runs afterwards."""
    dying = await ward.start(at)
    await ward.linked("alice")
    await ward.proposed("alice", ward.canary())
    await ward.sent("alice")
    await dying.killed_itself()
    await ward.start()


async def test_killed_before_it_was_sent_nothing_is_sent_until_somebody_confirms_anew(ward: Replicas) -> None:
    row = ward.canary()
    await _killed(ward, "act.claimed")
    told = await ward.told("alice", "I was stopped at")
    assert "I looked: nothing has happened so far." in told
    assert ward.heard(row) == []
    assert ward.now(row).state == "PAUSED"
    assert ward.record(row) == ["continue begun", "continue unclear"]
    await asyncio.sleep(1)  # so long what is unclear may not be tried again
    await ward.on.slack.close("alice")
    await ward.proposed("alice", row)
    await ward.sent("alice")
    assert "Continued as alice" in await ward.result("alice")
    assert ward.heard(row) == ["continue"]
    assert ward.record(row)[2:] == ["continue begun", "continue done"]
    assert len(await ward.told_alone("alice")) == 1


async def test_killed_after_it_was_sent_it_is_found_out_that_it_was_done(ward: Replicas) -> None:
    row = ward.canary()
    await _killed(ward, "act.sent")
    told = await ward.told("alice", "I was stopped at")
    assert "I looked: it was done." in told
    assert ward.heard(row) == ["continue"]
    assert ward.record(row) == ["continue begun", "continue done"]


async def test_killed_once_all_was_stored_its_result_is_there_for_the_form_that_comes_again(ward: Replicas) -> None:
    row = ward.canary()
    await _killed(ward, "act.settled")
    await ward.on.slack.post("redeliver")
    assert "Continued as alice" in await ward.result("alice")
    assert ward.heard(row) == ["continue"]
    assert ward.record(row) == ["continue begun", "continue done"]


@pytest.mark.parametrize(
    ("at", "found", "again", "heard"),
    [
        ("act.claimed:stop", "nothing has happened so far", False, []),
        ("act.claimed:stop", "nothing has happened so far", True, ["continue"]),
        ("act.sent:stop", "it was done", False, ["continue"]),
    ],
    ids=["before it was sent", "before it was sent, and another one did it", "after it was sent"],
)
async def test_a_replica_that_is_frozen_amid_it_sends_nothing_once_it_is_let_go(
    tmp_path: Path, postgres_url: str, at: str, found: str, again: bool, heard: list[str]
) -> None:
    async with replicas(tmp_path, postgres_url) as ward:
        row, frozen = ward.canary(), await ward.start(at)
        await ward.linked("alice", "bob")
        await ward.proposed("alice", row)
        await ward.sent("alice")
        await ward.holds(frozen.is_halted, "the replica to halt")
        await ward.start()
        assert found in await ward.told("alice", "I was stopped at")
        if again:
            await asyncio.sleep(1)  # so long what is unclear may not be tried again
            await ward.proposed("bob", row)
            await ward.sent("bob")
            assert "Continued as bob" in await ward.result("bob")
        frozen.thaw()
        await ward.holds(lambda: "action was settled by another" in frozen.bot.logged(), "the replica to see it")
        assert ward.heard(row) == heard
        assert ward.now(row).canary_current_step == (row.canary_current_step or 0) + len(heard)
