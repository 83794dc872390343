"""What a click in an answer does, and who gets to see it."""

import json
from dataclasses import replace

import pytest

from deploybot.domain.button import button_text
from deploybot.domain.paging import Move, Turn
from deploybot.domain.query import Query
from deploybot.errors import UserError
from tests.slack.conftest import Desktop
from tests.slack.factories import GUID

GUID_1 = GUID.format(1)


async def test_a_click_in_ones_own_message_changes_it(desktop: Desktop) -> None:
    turn = Turn(Move.LAST)
    await desktop.send(desktop.click("turn_last", button_text(turn, Query(apps=("a",)))))
    assert desktop.answers.turns == [turn]
    assert desktop.answers.asked[0][1] == Query(apps=("a",))
    assert desktop.posted["replace_original"] is True
    assert desktop.posted["response_type"] == "ephemeral"


@pytest.mark.parametrize("action", ["turn_next", "turn_newer"])
async def test_in_a_public_message_a_click_answers_the_clicker_alone(desktop: Desktop, action: str) -> None:
    await desktop.send(desktop.click(action, shared=True))
    assert desktop.posted["replace_original"] is False
    assert desktop.posted["response_type"] == "ephemeral"
    assert "share" in json.dumps(desktop.posted)


async def test_only_refresh_changes_a_public_message(desktop: Desktop) -> None:
    await desktop.send(desktop.click("refresh", shared=True))
    assert desktop.posted["replace_original"] is True
    assert desktop.posted["response_type"] == "in_channel"
    assert "share" not in json.dumps(desktop.posted)


async def test_share_posts_a_page_for_everybody_and_says_who_did(desktop: Desktop) -> None:
    await desktop.send(desktop.click("share"))
    assert desktop.posted["response_type"] == "in_channel"
    assert desktop.posted["replace_original"] is False
    assert "<@U1>" in json.dumps(desktop.posted)


@pytest.mark.parametrize(
    ("action", "shared", "aloud"),
    [
        ("turn_next", False, False),
        ("turn_next", True, False),
        ("refresh", False, False),
        ("refresh", True, True),
        ("share", False, True),
    ],
)
async def test_whatever_everybody_will_see_is_asked_for_with_what_everybody_may_read(
    desktop: Desktop, action: str, shared: bool, aloud: bool
) -> None:
    await desktop.send(desktop.click(action, shared=shared))
    assert desktop.answers.aloud == [aloud]
    value = f"eu/{GUID_1}"
    await desktop.send(desktop.click("detail_share" if aloud else "detail", value, shared=False))
    assert desktop.answers.aloud[1:] == [aloud]


async def test_commands_are_for_the_asker_alone_unless_they_say_public_and_mentions_are_for_all(
    desktop: Desktop,
) -> None:
    await desktop.send(desktop.command("app=checkout"))
    await desktop.send(desktop.command("app=checkout public", trigger_id="t.2"))
    await desktop.send(desktop.mention())
    assert desktop.answers.aloud == [False, True, True]


async def test_a_page_without_anything_that_all_may_read_is_not_shared(desktop: Desktop) -> None:
    desktop.answers.shown = replace(desktop.answers.shown, rows=())
    await desktop.send(desktop.click("share"))
    assert desktop.posted["response_type"] == "ephemeral"
    assert "nothing on this page that I may show to everybody here" in desktop.posted["text"]


async def test_a_click_in_a_thread_is_answered_in_the_thread(desktop: Desktop) -> None:
    body = desktop.click("turn_next", shared=True)
    await desktop.send({**body, "message": {"ts": "1.1", "thread_ts": "1.0"}})
    assert desktop.posted["thread_ts"] == "1.0"


@pytest.mark.parametrize("value", ["", "nonsense", "1 next:1/2", "a b c d"])
async def test_a_button_that_is_not_ours_any_more_is_told_so(desktop: Desktop, value: str) -> None:
    await desktop.send(desktop.click("turn_next", value))
    assert desktop.answers.asked == []
    assert desktop.posted["response_type"] == "ephemeral"
    assert "ref-1" not in desktop.posted["text"]


async def test_details_open_a_modal_at_once_and_fill_it(desktop: Desktop) -> None:
    await desktop.send(desktop.choice(f"details:eu/{GUID_1}"))
    (opened,), (updated,) = desktop.slack.called("views.open"), desktop.slack.called("views.update")
    assert opened["trigger_id"] == "click.0"
    assert "Asking" in json.dumps(opened["view"])
    assert updated["view_id"] == "V1"
    assert "What to do next" in json.dumps(updated["view"])
    assert desktop.answers.asked[0][:2] == (GUID_1, Query(foundations=("eu",)))
    assert desktop.slack.posts == []


async def test_an_error_in_details_is_told_in_the_open_modal(desktop: Desktop) -> None:
    desktop.answers.error = UserError("It is gone.")
    await desktop.send(desktop.choice(f"details:eu/{GUID_1}"))
    assert "It is gone." in json.dumps(desktop.slack.called("views.update"))


async def test_details_come_as_a_message_where_no_modal_opens(desktop: Desktop) -> None:
    desktop.slack.answers["views.open"] = {"ok": False, "error": "expired_trigger_id"}
    await desktop.send(desktop.choice(f"details:eu/{GUID_1}"))
    assert "What to do next" in json.dumps(desktop.posted)
    assert desktop.slack.called("views.update") == []


async def test_a_guid_is_shown_to_be_copied(desktop: Desktop) -> None:
    await desktop.send(desktop.choice(f"guid:eu/{GUID_1}"))
    assert desktop.posted["blocks"][0]["text"]["text"] == f"`{GUID_1}`"
    assert desktop.posted["replace_original"] is False


async def test_opening_the_console_is_acked_and_nothing_else(desktop: Desktop) -> None:
    ack = await desktop.send(desktop.choice(f"open:eu/{GUID_1}"))
    assert ack.status == 200
    assert (desktop.slack.calls, desktop.slack.posts) == ([], [])


async def test_a_click_in_a_modal_draws_the_modal_anew(desktop: Desktop) -> None:
    body = desktop.click("turn_next", view={"id": "V9"}, container={"type": "view", "view_id": "V9"})
    del body["response_url"]
    await desktop.send(body)
    (updated,) = desktop.slack.called("views.update")
    assert updated["view_id"] == "V9"
    assert desktop.slack.posts == []


async def test_a_click_in_a_modal_counts_as_made_where_the_modal_was_opened(desktop: Desktop) -> None:
    await desktop.send(desktop.choice(f"details:eu/{GUID_1}"))
    kept = desktop.slack.called("views.update")[0]["view"]["private_metadata"]
    view = {"id": "V1", "private_metadata": kept}
    body = desktop.click("detail", f"eu/{GUID_1}", view=view, container={"type": "view"}, trigger_id="t2")
    await desktop.send({key: value for key, value in body.items() if key not in {"channel", "response_url"}})
    assert [asker.channel for _, _, asker in desktop.answers.asked] == ["C1", "C1"]
    assert desktop.slack.called("views.update")[1]["view"]["private_metadata"] == kept


@pytest.mark.parametrize("kept", ["", "C1", "channel=", "channel=c1", "channel=C1 C2", "1\nchannel=C1", None, 7])
async def test_a_modal_that_keeps_no_channel_was_opened_nowhere(desktop: Desktop, kept: object) -> None:
    body = desktop.click(
        "detail", f"eu/{GUID_1}", view={"id": "V1", "private_metadata": kept}, container={"type": "view"}
    )
    await desktop.send({key: value for key, value in body.items() if key not in {"channel", "response_url"}})
    assert [asker.channel for _, _, asker in desktop.answers.asked] == [""]


async def test_details_in_a_modal_are_pushed_onto_it(desktop: Desktop) -> None:
    body = desktop.choice(f"details:eu/{GUID_1}", view={"id": "V9"}, container={"type": "view"})
    await desktop.send(body)
    assert desktop.slack.called("views.open") == []
    assert desktop.slack.called("views.update")[0]["view_id"] == "V2"


async def test_a_detail_can_be_shared_as_well(desktop: Desktop) -> None:
    await desktop.send(desktop.click("detail_share", f"eu/{GUID.format(1)}"))
    assert desktop.posted["response_type"] == "in_channel"
    assert not desktop.posted["replace_original"]
    assert "shared by <@U1>" in json.dumps(desktop.posted["blocks"])
    assert "detail_share" not in json.dumps(desktop.posted["blocks"])


async def test_a_detail_for_oneself_offers_to_share_it_and_one_for_everybody_does_not(desktop: Desktop) -> None:
    await desktop.send(desktop.command("show checkout"))
    await desktop.send(desktop.command("show checkout public", trigger_id="t2"))
    (_, alone), (_, aloud) = desktop.slack.posts
    assert "detail_share" in json.dumps(alone["blocks"])
    assert "detail_share" not in json.dumps(aloud["blocks"])
