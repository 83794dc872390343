"""A canary that waits is continued and canceled from Slack, as oneself: the right person, the right step, once."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from deploybot.demo.foundation.entities import Deployment
from deploybot.slack.manifest import manifest
from tests.e2e.stage import OPEN, Stage, stage, start, text_of
from tests.workspace_client import JsonObject, SlackRefusedError, elements

RULES = (
    OPEN
    + """
[[access.rules]]
name = "deployers"
who = ["U0ALICE001", "U0BOB00001"]
where = "C0CHECKOUT"
may = ["continue", "cancel"]

[[access.rules]]
name = "auditors"
who = "U0ALICE001"
may = "audit"
"""
)
KEY = {"DEPLOYBOT_LINK_KEYS": Fernet.generate_key().decode(), "DEPLOYBOT_POLL_INTERVAL": "0.3s"}


@pytest.fixture
async def floor(tmp_path: Path) -> AsyncIterator[Stage]:
    """A bot at work in a workspace with a foundation at rest, in which several canaries wait."""
    async with stage(tmp_path, manifest=manifest()) as on_stage:
        on_stage.rules = RULES
        async with on_stage.bot_on_socket(**KEY):
            yield on_stage


def waiting(on_stage: Stage) -> Deployment:
    """A canary that waits at a known step in a space where alice may deploy."""
    foundation = on_stage.foundation.foundation
    alice = foundation.uaa.accounts.named("alice")
    assert alice
    rows = [row for row in foundation.world.active_deployments() if row.state == "PAUSED"]
    mine = [row for row in rows if alice.person in foundation.simulation.deployers(row.space_guid)]
    return next(row for row in mine if row.canary_steps and row.canary_current_step is not None)


def done(on_stage: Stage, row: Deployment) -> list[tuple[str, str]]:
    """What the foundation was asked to do to a deployment, and as whom, by its own record."""
    told = on_stage.foundation.foundation.world.audit_events
    mine = [event for event in told if event.data.get("deployment_guid") == row.guid]
    kinds = [(event.type.rpartition(".")[2], event.actor[2]) for event in sorted(mine, key=lambda one: one.position)]
    return [one for one in kinds if one[0] in {"continue", "cancel"}]


async def linked(on_stage: Stage, person: str, account: str = "") -> None:
    """A person links an account, the one of their name unless said, by a code of the login server."""
    slack, account = on_stage.slack, account or person
    await slack.command(person, "#checkout", "/deployments link")
    form = await slack.wait_for_view(person, lambda view: "code_1" in json.dumps(view))
    code = on_stage.foundation.foundation.uaa.passcode_for(account)
    await slack.click(person, form, "value", code, block_id="code_1")
    await slack.submit(person)
    told = await slack.wait_for_view(person, lambda view: "You are linked" in text_of(view))
    assert f"as {account}" in text_of(told)
    await slack.close(person)


async def proposed(on_stage: Stage, person: str, text: str) -> JsonObject:
    """The form that a command opens, once it is filled."""
    await on_stage.slack.command(person, "#checkout", f"/deployments {text}")
    return await form_of(on_stage, person)


async def form_of(on_stage: Stage, person: str) -> JsonObject:
    return await on_stage.slack.wait_for_view(person, lambda view: "One moment" not in text_of(view))


async def outcome(on_stage: Stage, person: str) -> str:
    """What the form says once it was sent."""
    await on_stage.slack.submit(person)
    view = await on_stage.slack.wait_for_view(
        person, lambda shown: not shown.get("submit") and "Sending" not in text_of(shown)
    )
    return text_of(view)


async def details(on_stage: Stage, person: str, row: Deployment) -> JsonObject:
    await on_stage.slack.command(person, "#checkout", f"/deployments show {row.guid}")
    return await newest_details(on_stage, person, row)


async def newest_details(on_stage: Stage, person: str, row: Deployment, words: str = "") -> JsonObject:
    return await on_stage.slack.wait_for_message(
        person,
        "#checkout",
        lambda one: row.guid in text_of(one) and "Timeline" in text_of(one) and words in text_of(one),
    )


async def redrawn(on_stage: Stage, person: str, row: Deployment, before: JsonObject) -> JsonObject:
    """The details once they do not offer any more what they offered before."""
    old = next(element["value"] for _, element in elements(before) if element.get("action_id") == "act_continue")
    return await on_stage.slack.wait_for_message(
        person,
        "#checkout",
        lambda one: (
            row.guid in text_of(one)
            and "Timeline" in text_of(one)
            and old not in [element.get("value") for _, element in elements(one)]
        ),
    )


async def test_a_canary_is_continued_through_the_form_as_oneself_and_everything_shows_it(floor: Stage) -> None:
    row = waiting(floor)
    await linked(floor, "alice")
    shown = await details(floor, "alice", row)

    await floor.slack.click("alice", shown, "act_continue")
    form = await form_of(floor, "alice")
    assert form["submit"]["text"] == "Continue"
    assert "Done as alice" in text_of(form)
    before = done(floor, row)

    told = await outcome(floor, "alice")
    after = done(floor, row)
    assert len(after) == len(before) + 1
    assert after[-1][0] == "continue"
    assert "alice" in after[-1][1]
    assert "As it is now" in told

    again = await redrawn(floor, "alice", row, shown)
    assert again["ts"] == shown["ts"]


async def test_a_button_from_before_it_moved_on_does_nothing_and_says_who_was_first(floor: Stage) -> None:
    row, foundation = waiting(floor), floor.foundation.foundation
    await linked(floor, "alice")
    shown = await details(floor, "alice", row)
    by_cli = next(
        account.person for account in foundation.uaa.accounts.everybody() if account.person.user_name == "admin"
    )
    foundation.simulation.act(foundation.world.deployments[row.guid], "continue", by_cli)
    before = done(floor, row)

    await floor.slack.click("alice", shown, "act_continue")
    form = await form_of(floor, "alice")
    assert "Nothing was done" in text_of(form)
    assert "admin" in text_of(form)
    assert not form.get("submit")
    assert done(floor, row) == before
    assert (await redrawn(floor, "alice", row, shown))["ts"] == shown["ts"]


async def test_a_form_that_was_overtaken_while_it_was_open_does_nothing(floor: Stage) -> None:
    row, foundation = waiting(floor), floor.foundation.foundation
    await linked(floor, "alice")
    form = await proposed(floor, "alice", f"cancel {row.guid}")
    assert form["submit"]["text"] == "Cancel it"
    assert form["close"]["text"] == "Leave it"
    admin = foundation.uaa.accounts.named("admin")
    assert admin
    foundation.simulation.act(foundation.world.deployments[row.guid], "continue", admin.person)
    before = done(floor, row)
    assert "Nothing was done" in await outcome(floor, "alice")
    assert done(floor, row) == before


async def test_a_form_sent_twice_at_once_asks_the_foundation_once(floor: Stage) -> None:
    row = waiting(floor)
    await linked(floor, "alice")
    await proposed(floor, "alice", f"continue {row.guid}")
    before = done(floor, row)

    async def sent() -> None:
        try:
            await floor.slack.submit("alice")
        except SlackRefusedError:
            return  # the form had been sent by then

    await asyncio.gather(*(sent() for _ in range(3)))
    await floor.slack.wait_for_view("alice", lambda view: "As it is now" in text_of(view))
    await asyncio.sleep(0.5)  # for a second request that must not come
    assert len(done(floor, row)) == len(before) + 1


async def test_who_has_no_role_in_cloud_foundry_is_refused_by_it(floor: Stage) -> None:
    row, foundation = waiting(floor), floor.foundation.foundation
    erin = foundation.uaa.accounts.named("erin")
    assert erin
    assert erin.person not in foundation.simulation.deployers(row.space_guid)
    await linked(floor, "bob", "erin")
    before = done(floor, row)
    await proposed(floor, "bob", f"cancel {row.guid}")
    assert "role" in await outcome(floor, "bob")
    assert done(floor, row) == before
    assert foundation.world.deployments[row.guid].state == "PAUSED"


async def test_who_is_not_linked_is_told_to_link_and_who_may_not_is_told_so(floor: Stage) -> None:
    row = waiting(floor)
    before = done(floor, row)
    unlinked = await proposed(floor, "alice", f"continue {row.guid}")
    assert "Link it first" in text_of(unlinked)
    assert not unlinked.get("submit")
    refused = await proposed(floor, "carol", f"cancel {row.guid}")
    assert "You may not cancel" in text_of(refused)
    assert done(floor, row) == before


async def test_a_result_reaches_whoever_closed_the_form(floor: Stage) -> None:
    row = waiting(floor)
    await linked(floor, "alice")
    await proposed(floor, "alice", f"cancel {row.guid}")
    await floor.slack.set_faults({"kind": "slow", "methods": ["views.update"], "seconds": 1.0})
    await floor.slack.submit("alice")
    await floor.slack.close("alice")
    told = await floor.slack.wait_for_message("alice", "#checkout", lambda one: "now canceling" in text_of(one))
    assert told["is_ephemeral"]
    assert done(floor, row)[-1][0] == "cancel"


async def test_all_of_it_is_on_the_record_in_slack_and_as_csv(floor: Stage) -> None:
    row = waiting(floor)
    await linked(floor, "alice")
    await proposed(floor, "carol", f"cancel {row.guid}")
    await proposed(floor, "alice", f"continue {row.guid}")
    await outcome(floor, "alice")

    await floor.slack.command("alice", "#checkout", f"/deployments audit guid={row.guid}")
    told = text_of(
        await floor.slack.wait_for_message("alice", "#checkout", lambda one: "on the record" in text_of(one))
    )
    assert "continue: done" in told
    assert "cancel: refused" in told
    assert "<@U0CAROL001>" in told

    await floor.slack.command("bob", "#checkout", "/deployments audit")
    refused = await floor.slack.wait_for_message(
        "bob", "#checkout", lambda one: "no rule gives you audit" in text_of(one)
    )
    assert refused["is_ephemeral"]

    out = floor.tmp / "audit.csv"
    printed = await start("audit", "--csv", environment=floor.environment(**KEY), log=out)
    assert await printed.process.wait() == 0
    events = [(one["kind"], one["outcome"], one["user"]) for one in csv.DictReader(io.StringIO(out.read_text()))]
    assert ("link", "done", "U0ALICE001") in events
    assert ("cancel", "refused", "U0CAROL001") in events
    assert ("continue", "done", "U0ALICE001") in events
    assert ("audit", "refused", "U0BOB00001") in events
