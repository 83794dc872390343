"""A person links their own account through the real bot, and nothing of it is to be read anywhere."""

import re
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import httpx
import pytest

from deploybot.demo.foundation.uaa import Uaa
from tests.e2e.stage import Stage, stage, text_of
from tests.workspace_client import JsonObject, elements

KEY = urlsafe_b64encode(b"k" * 32).decode()


@pytest.fixture
async def at_work(tmp_path: Path) -> AsyncIterator[Stage]:
    async with stage(tmp_path) as running:
        yield running


def uaa(at_work: Stage) -> Uaa:
    found: Uaa = at_work.foundation.foundation.uaa
    return found


def inputs(view: JsonObject) -> Iterable[JsonObject]:
    return [block for block in view["blocks"] if block["type"] == "input"]


async def passcode(address: str, user_name: str) -> str:
    """What the page shows to somebody who logs in there."""
    async with httpx.AsyncClient() as browser:
        page = await browser.post(address, data={"username": user_name, "password": user_name})
    found = re.search(r"<code>(.+)</code>", page.text)
    assert found
    return found[1]


async def linked(at_work: Stage, user: str, user_name: str) -> str:
    """Link by the form, as a person does; the code that was typed."""
    slack = at_work.slack
    await slack.command(user, "#checkout", "/deployments link")
    form = await slack.wait_for_view(user, lambda view: bool(inputs(view)))
    (page,) = [element for _, element in elements(form) if element.get("url")]
    code = await passcode(page["url"], user_name)
    (field,) = inputs(form)
    await slack.click(user, form, "value", code, block_id=field["block_id"])
    await slack.submit(user)
    return code


async def answer(at_work: Stage, user: str, text: str, words: str) -> JsonObject:
    await at_work.slack.command(user, "#checkout", text)
    return await at_work.slack.wait_for_message(user, "#checkout", lambda shown: words in text_of(shown))


JWT = "eyJhbGciOiJIUzI1NiIs"
"""How every token of the simulated UAA begins."""


def everything_in(folder: Path) -> str:
    return "".join(file.read_bytes().decode("latin-1") for file in sorted(folder.rglob("*")) if file.is_file())


async def test_a_person_links_sees_it_and_unlinks_and_nobody_else_sees_anything(at_work: Stage) -> None:
    async with at_work.bot_on_socket(DEPLOYBOT_LINK_KEYS=KEY, DEPLOYBOT_LOG_LEVEL="debug") as bot:
        code = await linked(at_work, "alice", "alice")
        done = await at_work.slack.wait_for_view("alice", lambda view: "You are linked" in text_of(view))
        assert "You are linked with cf as alice." in text_of(done)
        await at_work.slack.close("alice")
        assert (await answer(at_work, "alice", "/deployments whoami", "linked as alice"))["is_ephemeral"]
        assert "not linked" in text_of(await answer(at_work, "bob", "/deployments whoami", "In Slack you are"))
        kept = everything_in(at_work.tmp / "data")
        assert "alice" in kept
        gone = await answer(at_work, "alice", "/deployments unlink", "I have forgotten")
        assert "has revoked the token" in text_of(gone)
        assert "not linked" in text_of(await answer(at_work, "alice", "/deployments whoami", "*cf*: not linked"))
        bobs = [text_of(shown) for shown in await at_work.slack.messages("bob", "#checkout")]
        assert not [shown for shown in bobs if "alice" in shown]
        written = kept + everything_in(at_work.tmp / "data") + bot.logged()
        assert not [secret for secret in (code, JWT, KEY) if secret in written]


async def test_by_me_is_the_account_that_is_linked(at_work: Stage) -> None:
    async with at_work.bot_on_socket(DEPLOYBOT_LINK_KEYS=KEY):
        await answer(at_work, "alice", "/deployments by=me", "/deployments link first")
        await linked(at_work, "alice", "alice")
        await at_work.slack.wait_for_view("alice", lambda view: "You are linked" in text_of(view))
        await at_work.slack.close("alice")
        shown = await answer(at_work, "alice", "/deployments by=me", "by=alice")
        assert "by=me" not in text_of(shown)
        told = await answer(at_work, "alice", "/deployments subscribe by=me on=failed", "is subscribed")
        assert "alice" in text_of(told)


async def test_a_wrong_code_is_told_in_the_form_which_comes_back_empty(at_work: Stage) -> None:
    async with at_work.bot_on_socket(DEPLOYBOT_LINK_KEYS=KEY):
        slack = at_work.slack
        await slack.command("alice", "#checkout", "/deployments link cf")
        form = await slack.wait_for_view("alice", lambda view: bool(inputs(view)))
        await slack.click("alice", form, "value", "gu3ss", block_id="code_1")
        await slack.submit("alice")
        again = await slack.wait_for_view("alice", lambda view: "did not take this code" in text_of(view))
        assert [block["block_id"] for block in inputs(again)] == ["code_2"]
        assert "gu3ss" not in str(again)


async def test_without_a_key_people_are_told_whom_to_ask(at_work: Stage) -> None:
    async with at_work.bot_on_socket():
        told = await answer(at_work, "alice", "/deployments link", "Linking is off")
        assert told["is_ephemeral"]
