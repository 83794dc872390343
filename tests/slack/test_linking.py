"""Linking in chat: one form, one code, told to nobody else; and the code is gone from all that is drawn afterwards."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from deploybot.slack.blocks.linking import LinkForm, link_view, parse_form
from deploybot.slack.feature import FeatureMaker
from deploybot.slack.linking import linking
from tests.fake_accounts import FakeAccounts
from tests.service.linked import Replica, replica
from tests.slack.block_rules import assert_message, assert_view
from tests.slack.conftest import Desktop
from tests.slack.fake_slack import HOME_TEAM, JSON

CODE = "s3cr3tc0de"


@pytest.fixture
async def bot_side(tmp_path: Path) -> AsyncIterator[Replica]:
    async with replica(tmp_path, FakeAccounts("eu"), FakeAccounts("us")) as side:
        side.servers["eu"].codes[CODE] = "alice@example.com"
        yield side


@pytest.fixture
def features(bot_side: Replica) -> tuple[FeatureMaker, ...]:
    # The store's own clock stands still, and so do its deadlines.
    return (linking(bot_side.linking, seconds=1e10),)


def sent(code: str = CODE, metadata: str = "channel=C1\neu 1", block: str = "code_1") -> JSON:
    return {
        "type": "view_submission",
        "team": {"id": HOME_TEAM},
        "user": {"id": "U1", "team_id": HOME_TEAM},
        "trigger_id": f"form.{metadata}",
        "view": {
            "id": "V1",
            "type": "modal",
            "callback_id": "link",
            "private_metadata": metadata,
            "state": {"values": {block: {"value": {"type": "plain_text_input", "value": code}}}},
        },
    }


def last_view(desktop: Desktop) -> JSON:
    view: JSON = desktop.slack.called("views.update")[-1]["view"]
    return view


def text(shown: Any) -> str:
    return json.dumps(shown, ensure_ascii=False)


def everything(desktop: Desktop) -> str:
    return text([desktop.slack.calls, desktop.slack.posts])


async def test_the_form_names_foundation_and_login_server_and_leads_to_its_page(desktop: Desktop) -> None:
    await desktop.send(desktop.command("link eu"))
    view = last_view(desktop)
    assert "Log in to *eu* at `login.eu.example`" in text(view)
    assert view["blocks"][0]["accessory"]["url"] == "https://login.eu.example/passcode"
    assert parse_form(view["private_metadata"]) == LinkForm("C1", "eu")
    assert_view(view)
    assert desktop.slack.posts == []


async def test_where_there_are_several_foundations_one_is_chosen_first(desktop: Desktop) -> None:
    await desktop.send(desktop.command("link"))
    (opened,) = desktop.slack.called("views.open")
    assert [one["value"] for one in opened["view"]["blocks"][1]["elements"][0]["options"]] == ["eu", "us"]
    assert_view(opened["view"])
    click = desktop.click("link_choose")
    chosen = {"action_id": "link_choose", "block_id": "b", "type": "static_select", "selected_option": {"value": "us"}}
    shown = {"id": "V1", "private_metadata": opened["view"]["private_metadata"]}
    await desktop.send({**click, "actions": [chosen], "view": shown, "container": {"type": "view", "view_id": "V1"}})
    assert "Log in to *us* at `login.us.example`" in text(last_view(desktop))
    assert len(desktop.slack.called("views.open")) == 1


async def test_a_code_links_and_the_answer_names_the_account(desktop: Desktop, bot_side: Replica) -> None:
    ack = await desktop.send(sent(f" {CODE} "))
    assert json.loads(ack.body)["response_action"] == "update"
    assert "You are linked with eu as alice@example.com." in text(last_view(desktop))
    link = await bot_side.stored()
    assert (link.account, link.user) == ("alice@example.com", "U1")
    assert [event.channel for event in await bot_side.recorded()] == ["C1"]
    assert desktop.slack.called("chat.postMessage") == []
    assert desktop.slack.posts == []


async def test_a_code_that_is_refused_brings_an_empty_form_back_with_the_reason(desktop: Desktop) -> None:
    await desktop.send(sent("gu3ss"))
    view = last_view(desktop)
    assert "did not take this code" in text(view["blocks"][0])
    assert parse_form(view["private_metadata"]) == LinkForm("C1", "eu", attempt=2)
    assert [block["block_id"] for block in view["blocks"] if block["type"] == "input"] == ["code_2"]
    assert "gu3ss" not in everything(desktop)
    await desktop.send(sent(metadata=view["private_metadata"], block="code_2"))
    assert "You are linked with eu" in text(last_view(desktop))


async def test_a_login_server_in_trouble_is_told_in_the_form(desktop: Desktop, bot_side: Replica) -> None:
    server = bot_side.servers["eu"]

    async def redeem(*_: object) -> None:
        server.down = True
        server._be_there()

    server.redeem = redeem  # type: ignore[assignment, method-assign]
    await desktop.send(sent())
    assert "eu could not answer: its login server is not available" in text(last_view(desktop))
    assert CODE not in everything(desktop)


async def test_an_empty_code_is_told_at_its_field(desktop: Desktop) -> None:
    ack = await desktop.send(sent("  "))
    assert json.loads(ack.body) == {
        "response_action": "errors",
        "errors": {"code_1": "Paste the code that the page shows."},
    }


@pytest.mark.parametrize("metadata", ["", "eu 1", "channel=C1\nEU 1", "channel=C1\neu x", "channel=C1\neu 1\nmore"])
async def test_a_form_of_another_version_does_nothing(desktop: Desktop, bot_side: Replica, metadata: str) -> None:
    ack = await desktop.send(sent(metadata=metadata))
    assert "not one of mine" in text(json.loads(ack.body))
    assert await bot_side.store.links.of("U1") == ()


@pytest.mark.parametrize(
    "typed", [CODE, f"eu {CODE}", f"code={CODE}", f"passcode {CODE}", f"{CODE} foundation=eu", f"foundation={CODE}"]
)
async def test_a_code_in_the_command_is_not_repeated(desktop: Desktop, typed: str) -> None:
    await desktop.send(desktop.command(f"link {typed}"))
    told = text(desktop.posted)
    assert "the name of a foundation" in told or "no foundation of that name" in told
    assert CODE not in everything(desktop)


async def test_after_a_mention_there_is_no_form_and_nobody_else_is_told(desktop: Desktop) -> None:
    await desktop.send(desktop.mention("<@UBOT> link eu"))
    (told,) = desktop.slack.called("chat.postEphemeral")
    assert (told["user"], "type /deployments link" in told["text"]) == ("U1", True)
    assert desktop.slack.called("chat.postMessage") == []


async def test_whoami_tells_the_asker_alone_also_after_a_mention(desktop: Desktop, bot_side: Replica) -> None:
    await bot_side.link()
    await desktop.send(desktop.mention("<@UBOT> whoami"))
    (told,) = desktop.slack.called("chat.postEphemeral")
    assert "*eu*: linked as alice since" in text(told["blocks"])
    assert "*us*: not linked" in text(told["blocks"])
    assert [one["value"] for one in told["blocks"][-1]["elements"]] == ["us"]
    assert desktop.slack.called("chat.postMessage") == []


async def test_whoami_shows_a_link_that_broke_and_offers_to_link_again(desktop: Desktop, bot_side: Replica) -> None:
    await bot_side.link()
    bot_side.servers["eu"].owners.clear()
    with pytest.raises(Exception, match="does not work any more"):
        await bot_side.token()
    await desktop.send(desktop.command("whoami"))
    assert "linked as alice" in text(desktop.posted)
    assert "but that does not work any more: it was revoked" in text(desktop.posted)
    assert desktop.posted["response_type"] == "ephemeral"
    assert_message(desktop.posted)
    button = desktop.posted["blocks"][-1]["elements"][0]
    await desktop.send(desktop.click(button["action_id"], button["value"]))
    assert "Log in to *eu*" in text(last_view(desktop))


@pytest.mark.parametrize(("revokes", "told"), [(True, "has revoked the token"), (False, "did not revoke the token")])
async def test_unlink_says_whether_the_login_server_revoked(
    desktop: Desktop, bot_side: Replica, revokes: bool, told: str
) -> None:
    await bot_side.link()
    bot_side.servers["eu"].revokes = revokes
    await desktop.send(desktop.command("unlink"))
    assert told in desktop.posted["text"]
    assert "alice" in desktop.posted["text"]
    assert desktop.posted["response_type"] == "ephemeral"
    assert await bot_side.store.links.of("U1") == ()


async def test_unlink_asks_which_where_there_are_several_and_needs_one(desktop: Desktop, bot_side: Replica) -> None:
    await desktop.send(desktop.command("unlink"))
    assert "not linked with any" in desktop.posted["text"]
    desktop.slack.posts.clear()
    await bot_side.link()
    await bot_side.link(foundation="us")
    await desktop.send(desktop.command("unlink", trigger_id="second"))
    assert "unlink eu or unlink us" in desktop.posted["text"]
    desktop.slack.posts.clear()
    await desktop.send(desktop.command("unlink us", trigger_id="third"))
    assert [link.foundation for link in await bot_side.store.links.of("U1")] == ["eu"]


async def test_names_from_outside_do_no_harm_in_what_is_shown(desktop: Desktop, bot_side: Replica) -> None:
    await bot_side.link(user_name="<!here> *bold*")
    await desktop.send(desktop.command("whoami"))
    assert "<!here>" not in text(desktop.posted["blocks"])


async def test_strangers_link_nothing(desktop: Desktop) -> None:
    await desktop.send(desktop.command("link eu", team_id="TELSE"))
    assert "I only answer people of the workspace" in desktop.posted["text"]
    assert desktop.slack.called("views.open") == []


async def test_the_form_s_own_text_can_be_read_again() -> None:
    server = await FakeAccounts().login_server(0)
    for form in (LinkForm("", "eu"), LinkForm("D0ABC", "eu-prod-1", 17)):
        assert parse_form(link_view(form, server)["private_metadata"]) == form
