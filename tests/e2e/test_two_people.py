"""Two people: one asks, another one agrees, and it is done once, with the asker's own account, by a real bot."""

from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploybot.demo.foundation.entities import Deployment
from tests.e2e.stage import OPEN, Stage, stage, text_of
from tests.workspace_client import JsonObject, elements

KEY = urlsafe_b64encode(b"k" * 32).decode()
GUID = "d0a163a9-a211-40e5-b13a-7a52aa361b26"
"""A canary of payload-service that waits at a step, where alice may act."""
TWO = (
    OPEN
    + """
[[access.rules]]
name = "two people"
who = "members"
where = "channels"
may = ["continue", "cancel"]
approvals = 1
"""
)
QUICK = {"DEPLOYBOT_LINK_KEYS": KEY, "DEPLOYBOT_POLL_INTERVAL": "0.5s"}


@pytest.fixture
async def at_work(tmp_path: Path) -> AsyncIterator[Stage]:
    async with stage(tmp_path) as running:
        running.rules = TWO
        yield running


def canary(at_work: Stage) -> Deployment:
    return at_work.foundation.foundation.world.deployments[GUID]


async def linked(at_work: Stage, user: str) -> None:
    """Link the account of the same name by the form, as a person does."""
    slack = at_work.slack
    await slack.command(user, "#checkout", "/deployments link")
    form = await slack.wait_for_view(user, lambda view: any(one["type"] == "input" for one in view["blocks"]))
    (field,) = [block for block in form["blocks"] if block["type"] == "input"]
    await slack.click(user, form, "value", passcode(at_work, user), block_id=field["block_id"])
    await slack.submit(user)
    await slack.wait_for_view(user, lambda view: "You are linked" in text_of(view))
    await slack.close(user)


def passcode(at_work: Stage, user: str) -> str:
    code = at_work.foundation.foundation.uaa.passcode_for(user)
    assert code
    return str(code)


async def asked(at_work: Stage, user: str) -> JsonObject:
    """The request, once somebody has confirmed that they want to continue."""
    slack = at_work.slack
    await slack.command(user, "#checkout", f"/deployments continue {GUID}")
    await slack.wait_for_view(user, lambda view: bool(view.get("submit")))
    await slack.submit(user)
    return await slack.wait_for_message(
        "bob", "#checkout", lambda one: "A second person has to agree before" in text_of(one)
    )


async def told(at_work: Stage, user: str, words: str) -> JsonObject:
    return await at_work.slack.wait_for_message(user, "#checkout", lambda one: words in text_of(one))


def continued_by(at_work: Stage) -> list[str]:
    """Who continued it, by the foundation's own record."""
    events = at_work.foundation.foundation.world.audit_events
    kind = "audit.app.deployment.continue"
    return [one.actor[2] for one in events if one.type == kind and one.data.get("deployment_guid") == GUID]


async def test_one_asks_another_agrees_and_it_is_done_once_with_the_askers_account(at_work: Stage) -> None:
    async with at_work.bot_on_socket(**QUICK):
        await linked(at_work, "alice")
        await linked(at_work, "bob")
        request = await asked(at_work, "alice")
        assert "continue payload-service" in text_of(request)
        assert canary(at_work).state == "PAUSED"
        await at_work.slack.click("alice", request, "approve_agree")
        assert (await told(at_work, "alice", "You asked for this yourself"))["is_ephemeral"]
        assert canary(at_work).state == "PAUSED"
        before = continued_by(at_work)
        await at_work.slack.click("bob", request, "approve_agree")
        shown = await at_work.slack.wait_for_message(
            "bob", "#checkout", lambda one: one["ts"] == request["ts"] and " agreed " in text_of(one)
        )
        assert not [action for action, _ in elements(shown) if action.startswith("approve_")]
        assert canary(at_work).state != "PAUSED"
        assert continued_by(at_work) == [*before, "alice@example.com"]


async def test_a_declined_request_does_nothing(at_work: Stage) -> None:
    async with at_work.bot_on_socket(**QUICK):
        await linked(at_work, "alice")
        request = await asked(at_work, "alice")
        await at_work.slack.click("bob", request, "approve_decline")
        await at_work.slack.wait_for_message(
            "bob", "#checkout", lambda one: one["ts"] == request["ts"] and " declined " in text_of(one)
        )
        assert canary(at_work).state == "PAUSED"
