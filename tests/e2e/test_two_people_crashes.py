"""The bot is killed, or away, amid a request for a second person: done once or not at all, and told either way."""

import asyncio
from pathlib import Path

import pytest

from deploybot.domain.approval import ApprovalState
from tests.e2e.replicas import RULES, UNHURRIED, Replicas, replicas
from tests.e2e.stage import text_of
from tests.workspace_client import JsonObject, elements

TWO = f"{RULES}approvals = 1\n"


async def _asked(ward: Replicas) -> JsonObject:
    """The request in the channel, once alice has confirmed that she wants to continue."""
    await ward.linked("alice", "bob")
    await ward.proposed("alice", ward.canary())
    await ward.sent("alice")
    return await ward.on.slack.wait_for_message(
        "bob", "#checkout", lambda one: "A second person has to agree before" in text_of(one)
    )


async def _closed(ward: Replicas, request: JsonObject, words: str) -> None:
    """Wait until the request itself says so, and has no buttons any more."""
    shown = await ward.on.slack.wait_for_message(
        "bob", "#checkout", lambda one: one["ts"] == request["ts"] and words in text_of(one)
    )
    assert not [action for action, _ in elements(shown) if action.startswith("approve_")]


async def _in_thread(ward: Replicas, request: JsonObject, words: str) -> list[str]:
    """What was said below a request, once these words are among it."""

    async def look() -> list[str] | None:
        below = await ward.on.slack.messages("bob", "#checkout", request["ts"])
        texts = [text_of(one) for one in below if one["ts"] != request["ts"]]
        return texts if any(words in text for text in texts) else None

    return await ward.until(look, f"{words!r} in the thread")


@pytest.mark.parametrize(
    ("store", "at", "heard", "words"),
    [
        ("postgresql", "approve.agreed", ["continue"], "It is done"),
        ("sqlite", "act.claimed", [], "not clear whether it was done"),
        ("sqlite", "act.sent", ["continue"], "It is done"),
    ],
)
async def test_killed_after_the_agreement_it_is_done_once_or_told(
    request: pytest.FixtureRequest, tmp_path: Path, store: str, at: str, heard: list[str], words: str
) -> None:
    url = request.getfixturevalue("postgres_url") if store == "postgresql" else ""
    async with replicas(tmp_path, url, TWO) as ward:
        row, dying = ward.canary(), await ward.start(at)
        asked = await _asked(ward)
        await ward.on.slack.click("bob", asked, "approve_agree")
        await dying.killed_itself()
        await ward.start()
        assert len(await _in_thread(ward, asked, words)) == 1
        await _closed(ward, asked, " agreed ")
        assert ward.heard(row) == heard
        assert [one.state for one in ward.approvals()] == [ApprovalState.AGREED]
        assert ward.record(row).count("agree done") == 1
        assert ward.record(row).count("continue begun") == 1


async def test_a_request_that_ran_out_while_the_bot_was_away_says_so_and_nothing_is_done(tmp_path: Path) -> None:
    async with replicas(tmp_path, rules=TWO) as ward:
        row, dying = ward.canary(), await ward.start(DEPLOYBOT_APPROVAL_EXPIRES="3s")
        asked = await _asked(ward)
        dying.bot.process.kill()
        await asyncio.sleep(3)  # it runs out meanwhile
        await ward.start(DEPLOYBOT_APPROVAL_EXPIRES="3s")
        await ward.on.slack.click("bob", asked, "approve_agree")
        assert len(await _in_thread(ward, asked, "has run out")) == 1
        await _closed(ward, asked, "run out")
        assert ward.heard(row) == []
        assert [one.state for one in ward.approvals()] == [ApprovalState.EXPIRED]


async def test_what_was_agreed_to_but_ran_out_while_the_bot_was_away_is_not_done_any_more(tmp_path: Path) -> None:
    async with replicas(tmp_path, rules=TWO) as ward:
        row, dying = ward.canary(), await ward.start("approve.agreed", DEPLOYBOT_APPROVAL_EXPIRES="5s")
        asked = await _asked(ward)
        await ward.on.slack.click("bob", asked, "approve_agree")
        await dying.killed_itself()
        await asyncio.sleep(5)  # it runs out meanwhile
        await ward.start()
        (told,) = await _in_thread(ward, asked, "I was stopped before it was done")
        assert "ask again" in told
        assert ward.heard(row) == []


async def test_an_agreement_that_reaches_both_replicas_is_done_once(tmp_path: Path, postgres_url: str) -> None:
    async with replicas(tmp_path, postgres_url, TWO) as ward:
        row, one = ward.canary(), await ward.start(**UNHURRIED)
        other = await ward.start(**UNHURRIED)
        asked = await _asked(ward)
        ward.trouble(latency_ms=250)
        await ward.talk_to(one)
        await ward.on.slack.click("bob", asked, "approve_agree")
        await ward.talk_to(other)
        await ward.on.slack.post("redeliver")
        assert len(await _in_thread(ward, asked, "It is done")) == 1
        assert ward.heard(row) == ["continue"]
        assert ward.record(row).count("agree done") == 1
