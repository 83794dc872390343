"""Two replicas, two people, one step: one request, and everybody is told the truth; also by a foundation in trouble."""

import asyncio
from pathlib import Path

import pytest

from tests.e2e.replicas import UNHURRIED, Replicas, replicas

SLOW_MS = 250
"""So long each answer takes: both are at it before either has claimed it."""


async def _both_confirm(ward: Replicas) -> None:
    """Each through a replica of their own, at once."""
    one, other = ward.all
    await ward.talk_to(one)
    await ward.sent("alice")
    await ward.talk_to(other)
    await ward.sent("bob")


@pytest.mark.parametrize("second", ["continue", "cancel"])
async def test_of_two_who_confirm_through_different_replicas_at_once_one_does_it(
    tmp_path: Path, postgres_url: str, second: str
) -> None:
    async with replicas(tmp_path, postgres_url) as ward:
        row = ward.canary()
        await ward.start(**UNHURRIED)
        await ward.start(**UNHURRIED)
        await ward.linked("alice", "bob")
        await ward.proposed("alice", row)
        await ward.proposed("bob", row, second)
        ward.trouble(latency_ms=SLOW_MS)
        await _both_confirm(ward)
        told = [await ward.result(person) for person in ("alice", "bob")]
        assert len(ward.heard(row)) == 1
        assert sum("Continued as" in one or "Canceled as" in one for one in told) == 1
        assert sum("sent nothing more" in one or "Nothing was done" in one for one in told) == 1
        assert sorted(ward.record(row)).count(f"{ward.heard(row)[0]} done") == 1
        assert sum(one.endswith(" refused") for one in ward.record(row)) == 1


async def test_a_form_that_is_delivered_to_another_replica_too_is_one_request_and_shows_its_result(
    tmp_path: Path, postgres_url: str
) -> None:
    async with replicas(tmp_path, postgres_url) as ward:
        row = ward.canary()
        one = await ward.start(**UNHURRIED)
        other = await ward.start(**UNHURRIED)
        await ward.linked("alice")
        await ward.proposed("alice", row)
        ward.trouble(latency_ms=SLOW_MS)
        await ward.talk_to(one)
        await ward.sent("alice")
        await ward.talk_to(other)
        await ward.on.slack.post("redeliver")
        assert "Continued as alice" in await ward.result("alice")
        await asyncio.sleep(2)  # for what must not come any more
        assert "Continued as alice" in await ward.result("alice")
        assert ward.heard(row) == ["continue"]
        assert ward.record(row) == ["continue begun", "continue done"]


@pytest.mark.parametrize("fault", ["done_but_error", "done_but_cut", "done_but_slow"])
async def test_what_was_done_but_not_answered_is_told_as_done_and_not_sent_again(tmp_path: Path, fault: str) -> None:
    async with replicas(tmp_path) as ward:
        row = ward.canary()
        await ward.start(**UNHURRIED)
        await ward.linked("alice")
        await ward.proposed("alice", row)
        ward.trouble(**{fault: 1.0})
        await ward.sent("alice")
        told = await ward.result("alice")
        assert "It is unclear whether Cloud Foundry took it" in told
        assert "I looked: it was done." in told
        assert ward.heard(row) == ["continue"]
        assert ward.record(row) == ["continue begun", "continue done"]


async def test_what_was_not_done_and_answered_with_an_error_is_told_so_and_can_be_tried_again(tmp_path: Path) -> None:
    async with replicas(tmp_path) as ward:
        row = ward.canary()
        await ward.start(**UNHURRIED)
        await ward.linked("alice")
        await ward.proposed("alice", row)
        ward.trouble(undone_error=1.0)
        await ward.sent("alice")
        assert "nothing has happened so far" in await ward.result("alice")
        ward.trouble()
        await ward.on.slack.close("alice")
        await asyncio.sleep(1)  # so long what is unclear may not be tried again
        await ward.proposed("alice", row)
        await ward.sent("alice")
        assert "Continued as alice" in await ward.result("alice")
        assert ward.heard(row) == ["continue", "continue"]
        assert ward.record(row) == ["continue begun", "continue unclear", "continue begun", "continue done"]
