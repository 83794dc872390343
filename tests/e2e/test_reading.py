"""Who sees what in Slack, with a real bot process, and Slack's own word for who is a guest and who is where."""

from pathlib import Path

import pytest

from tests.e2e.stage import Stage, stage, text_of
from tests.workspace_client import JsonObject

SHOP_FOR_ALL = """
[[access.rules]]
who = "members"
may = ["read", "subscribe"]

[[access.rules]]
who = "everyone"
may = "read"
where = "C0CHECKOUT"
on = "app=checkout"
"""


async def _asked(set_up: Stage, text: str, person: str, channel: str = "#checkout") -> JsonObject:
    """What the bot says to that, to the person alone or to all."""
    before = len(await set_up.slack.messages(person, channel))
    await set_up.slack.command(person, channel, text)

    async def look() -> JsonObject | None:
        messages = await set_up.slack.messages(person, channel)
        return messages[-1] if len(messages) > before and "bot_id" in messages[-1] else None

    return await set_up.slack.wait_for(look, "an answer")


async def _seen_by(set_up: Stage, person: str, channel: str = "#checkout") -> list[JsonObject]:
    return [one for one in await set_up.slack.messages(person, channel) if "bot_id" in one]


async def test_without_rules_guests_get_nothing_and_channels_with_guests_nothing_for_all(tmp_path: Path) -> None:
    async with stage(tmp_path) as set_up:
        set_up.rules = ""
        async with set_up.bot_on_socket():
            assert "deployments" in (await _asked(set_up, "/deployments app=checkout", "alice"))["text"]
            assert "Guests may read nothing here" in text_of(await _asked(set_up, "/deployments", "carol"))
            refused = await _asked(set_up, "/deployments app=checkout public", "alice")
            assert "There are guests or people of other companies in this channel" in text_of(refused)
            assert not await _seen_by(set_up, "bob")
            told = await _asked(set_up, "/deployments subscribe app=checkout on=failed", "alice")
            assert "There are guests" in text_of(told)
            await _asked(set_up, "/deployments app=checkout public", "alice", "#oncall")
            assert await _seen_by(set_up, "bob", "#oncall")


@pytest.mark.parametrize("asker", ["alice", "carol"])
async def test_what_is_shown_to_all_is_what_the_guests_may_read(tmp_path: Path, asker: str) -> None:
    async with stage(tmp_path) as set_up:
        set_up.rules = SHOP_FOR_ALL
        async with set_up.bot_on_socket():
            shown = await _asked(set_up, "/deployments public", asker)
            assert "only what everybody in this channel may read" in text_of(shown)
            alone = await _asked(set_up, "/deployments", "carol")
            everything = await _asked(set_up, "/deployments", "alice")
            assert _count(alone) == _count(shown) < _count(everything)
            assert [one["ts"] for one in await _seen_by(set_up, "bob")] == [shown["ts"]]


def _count(shown: JsonObject) -> int:
    """`1,234 deployments, ...`"""
    return int(shown["text"].split(" ")[0].replace(",", ""))
