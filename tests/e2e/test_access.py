"""Who may do what, asked of a real bot: it learns from Slack who asks and who is in the channel."""

from pathlib import Path

from tests.e2e.stage import Stage, stage, text_of
from tests.workspace_client import JsonObject

RULES = """
[[access.rules]]
name = "members read"
who = "members"
may = "read"

[[access.rules]]
name = "operators"
who = "@operators"
where = "C0ONCALL01"
may = ["continue", "cancel"]
approvals = 1

[[access.rules]]
name = "guests see one app"
who = "everyone"
where = "C0CHECKOUT"
may = "read"
on = "app=checkout"
"""


async def _access(at: Stage, person: str, channel: str, text: str = "access") -> str:
    before = len(await at.slack.messages(person, channel))
    await at.slack.command(person, channel, f"/deployments {text}")

    async def look() -> JsonObject | None:
        messages = await at.slack.messages(person, channel)
        return messages[-1] if len(messages) > before and "bot_id" in messages[-1] else None

    return text_of(await at.slack.wait_for(look, "an answer"))


async def test_what_somebody_may_do_depends_on_who_they_are_and_where(tmp_path: Path) -> None:
    async with stage(tmp_path) as at:
        at.rules = RULES
        async with at.bot_on_socket():
            bob = await _access(at, "bob", "#oncall", "access app=checkout")
            assert 'continue: yes, if a second person agrees; the rule "operators" allows it' in bob
            assert "*For all in this channel*: messages show everything" in bob

            alice = await _access(at, "alice", "#oncall")
            assert "*continue*: nothing here; no rule allows it" in alice
            assert "*cancel*: nothing here; no rule allows it" in await _access(at, "bob", "#checkout")

            carol = await _access(at, "carol", "#checkout")
            assert "*read*: only `app=checkout`" in carol
            assert "messages show only `app=checkout`" in carol
            assert "guests or people of other companies" in carol
            assert not [one for one in await at.slack.messages("alice", "#checkout") if "bot_id" in one]


async def test_while_slack_does_not_tell_who_somebody_is_they_see_nothing_and_are_told_why(tmp_path: Path) -> None:
    async with stage(tmp_path) as at, at.bot_on_socket():
        await at.slack.set_faults({"kind": "internal_error", "methods": ["users.info"]})
        assert "Slack does not tell me who you are" in await _access(at, "alice", "#random")
