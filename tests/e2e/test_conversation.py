"""What people do in Slack and what they see, over both transports, in one real bot process after the other."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.stage import Stage, stage, text_of
from tests.workspace_client import JsonObject


@pytest.fixture(params=["socket", "http"])
async def talk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    async with (
        stage(tmp_path) as set_up,
        set_up.bot_on_socket() if request.param == "socket" else set_up.bot_on_http(),
    ):
        yield set_up


def _rows(shown: JsonObject) -> list[str]:
    """The guids of the rows of a page, by their menus."""
    menus = [block["accessory"] for block in shown["blocks"] if block.get("accessory", {}).get("type") == "overflow"]
    return [menu["options"][0]["value"].rpartition("/")[2] for menu in menus]


async def _asked(talk: Stage, text: str, person: str = "alice", channel: str = "#checkout") -> JsonObject:
    before = len(await talk.slack.messages(person, channel))
    await talk.slack.command(person, channel, text)
    return await _after(talk, before, person, channel)


async def _after(talk: Stage, before: int, person: str, channel: str) -> JsonObject:
    async def look() -> JsonObject | None:
        messages = await talk.slack.messages(person, channel)
        return messages[-1] if len(messages) > before and "bot_id" in messages[-1] else None

    return await talk.slack.wait_for(look, "an answer")


async def _changed(talk: Stage, old: JsonObject, person: str = "alice", channel: str = "#checkout") -> JsonObject:
    """The same message, once its blocks are others."""

    async def look() -> JsonObject | None:
        shown = [one for one in await talk.slack.messages(person, channel) if one["ts"] == old["ts"]]
        return shown[0] if shown and shown[0]["blocks"] != old["blocks"] else None

    return await talk.slack.wait_for(look, "a changed message")


async def test_a_question_is_answered_for_the_asker_alone(talk: Stage) -> None:
    shown = await _asked(talk, "/deployments app=checkout state=succeeded")
    assert len(_rows(shown)) == 10
    assert "checkout" in text_of(shown)
    assert "succeeded" in shown["text"]
    assert not [one for one in await talk.slack.messages("bob", "#checkout") if "bot_id" in one]


async def test_paging_forward_and_back_shows_the_same_rows_and_every_row_once(talk: Stage) -> None:
    page = first = await _asked(talk, "/deployments app=checkout")
    seen = _rows(page)
    while "turn_next" in str(page["blocks"]):
        await talk.slack.click("alice", page, "turn_next")
        page = await _changed(talk, page)
        seen += _rows(page)
    total = int(re.findall(r"\d+", text_of(first))[0])
    assert len(seen) == len(set(seen)) == total
    await talk.slack.click("alice", page, "turn_first")
    page = await _changed(talk, page)
    assert _rows(page) == _rows(first)
    await talk.slack.click("alice", page, "turn_last")
    last = await _changed(talk, page)
    await talk.slack.click("alice", last, "turn_previous")
    assert len(_rows(await _changed(talk, last))) == 10


async def test_details_open_in_a_modal_and_the_guid_can_be_copied(talk: Stage) -> None:
    page = await _asked(talk, "/deployments app=checkout")
    guid = _rows(page)[0]
    row = next(block for block in page["blocks"] if guid in str(block.get("accessory")))
    details = next(one for one in row["accessory"]["options"] if one["value"].startswith("details:"))
    await talk.slack.click("alice", page, "row", details["value"], row["block_id"])
    view = await talk.slack.wait_for_view("alice", lambda shown: guid in text_of(shown))
    assert "What to do" in text_of(view) or "cf " in text_of(view)
    await talk.slack.close("alice")
    before = len(await talk.slack.messages("alice", "#checkout"))
    copy = next(one for one in row["accessory"]["options"] if one["value"].startswith("guid:"))
    await talk.slack.click("alice", page, "row", copy["value"], row["block_id"])
    assert f"`{guid}`" in text_of(await _after(talk, before, "alice", "#checkout"))


async def test_show_answers_with_one_deployment_in_full(talk: Stage) -> None:
    shown = await _asked(talk, "/deployments show checkout space=prod")
    assert "newest of" in text_of(shown)
    assert "cf " in text_of(shown)


async def test_the_filter_form_is_prefilled_and_changes_the_question_in_place(talk: Stage) -> None:
    page = await _asked(talk, "/deployments app=checkout state=succeeded")
    await talk.slack.click("alice", page, "filter")
    form = await talk.slack.wait_for_view("alice")
    assert "checkout" in str(form["blocks"])
    await talk.slack.click("alice", form, "value", ["CANCELED"], "state")
    await talk.slack.submit("alice")
    changed = await _changed(talk, page)
    assert "CANCELED" in text_of(changed)
    assert _rows(changed)
    assert not set(_rows(changed)) & set(_rows(page))


async def test_a_wrong_word_in_the_form_is_told_at_its_field(talk: Stage) -> None:
    page = await _asked(talk, "/deployments app=checkout")
    await talk.slack.click("alice", page, "filter")
    form = await talk.slack.wait_for_view("alice")
    await talk.slack.click("alice", form, "value", ">someday", "created")
    answer = await talk.slack.submit("alice")
    assert "someday" in answer["errors"]["created"]
    assert await talk.slack.views("alice")


async def test_share_posts_the_page_to_the_channel_and_its_buttons_answer_the_clicker_alone(talk: Stage) -> None:
    page = await _asked(talk, "/deployments app=checkout")
    await talk.slack.click("alice", page, "share")
    shared = await talk.slack.wait_for_message("bob", "#checkout")
    before = len(await talk.slack.messages("bob", "#checkout"))
    await talk.slack.click("bob", shared, "turn_next")
    answer = await _after(talk, before, "bob", "#checkout")
    assert answer["ts"] != shared["ts"]
    again = next(one for one in await talk.slack.messages("bob", "#checkout") if one["ts"] == shared["ts"])
    assert again["blocks"] == shared["blocks"]
    assert answer["ts"] not in [one["ts"] for one in await talk.slack.messages("alice", "#checkout")]


async def test_a_public_question_is_answered_for_everybody(talk: Stage) -> None:
    await talk.slack.command("alice", "#checkout", "/deployments app=checkout public")
    shown = await talk.slack.wait_for_message("bob", "#checkout")
    assert len(_rows(shown)) == 10


async def test_a_mention_is_answered_in_its_thread(talk: Stage) -> None:
    said = await talk.slack.say("alice", "#checkout", "@deploybot app=checkout state=paused")
    answer = await talk.slack.wait_for_message("bob", "#checkout", thread_ts=said["ts"])
    assert answer["thread_ts"] == said["ts"]
    assert "paused" in text_of(answer)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/deployments sate=failed", "state"),
        ("/deployments app=chekout", "checkout"),
        ("/deployments created>someday", "someday"),
        ("/deployments page=9999", "pages"),
        ("/deployments per_page=0", "per_page"),
        ('/deployments app="check', "quote"),
        ("/deployments on=mars", "mars"),
    ],
)
async def test_wrong_input_gets_a_sentence_where_the_person_is(talk: Stage, text: str, said: str) -> None:
    shown = await _asked(talk, text)
    assert said in text_of(shown)
    assert "Traceback" not in text_of(shown)


async def test_the_word_payload_in_a_question_or_a_channel_is_no_trap(talk: Stage) -> None:
    shown = await _asked(talk, "/deployments app=payload-service")
    assert "payload-service" in text_of(shown)


async def test_a_stranger_in_a_shared_channel_is_refused_in_a_sentence(talk: Stage) -> None:
    await talk.slack.command("dave", "#partner", "/deployments")

    async def look() -> JsonObject | None:
        seen = [one for one in await talk.slack.messages("dave", "#partner") if "bot_id" in one]
        return seen[-1] if seen else None

    shown = await talk.slack.wait_for(look, "a refusal")
    assert not _rows(shown)
    assert "checkout" not in text_of(shown)
    assert "workspace" in text_of(shown)


async def test_help_is_there(talk: Stage) -> None:
    shown = text_of(await _asked(talk, "/deployments help"))
    for key in ("app", "space", "state", "created", "sort"):
        assert key in shown
