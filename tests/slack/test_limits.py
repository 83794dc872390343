"""Slack's limits hold for whatever is drawn: shortened where that helps, refused where it can't."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.slack.limits import BUDGET, LimitError, Message, clip, fit_message, fit_view, weight
from deploybot.slack.text import escape, size


def section(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def message(*blocks: dict[str, Any], text: str = "x") -> Message:
    return {"text": text, "blocks": list(blocks)}


def test_fields_are_shortened_and_rows_never_dropped() -> None:
    fitted = fit_message(lambda width: message(*(section(escape("n" * 900, width)) for _ in range(45))))
    assert len(fitted["blocks"]) == 45
    assert weight(fitted["blocks"]) <= BUDGET
    assert {size(block["text"]["text"]) for block in fitted["blocks"]} == {200}


def test_what_fits_is_left_alone() -> None:
    assert fit_message(lambda width: message(section("short")))["blocks"][0]["text"]["text"] == "short"


def test_every_block_gets_its_own_id() -> None:
    fitted = fit_message(lambda width: message(section("a"), section("b", block_id="mine"), section("c")))
    assert [block["block_id"] for block in fitted["blocks"]] == ["b0", "mine", "b2"]


def test_two_blocks_with_one_id_are_refused() -> None:
    with pytest.raises(LimitError, match="share an id"):
        fit_message(lambda width: message(section("a", block_id="x"), section("b", block_id="x")))


def test_plain_text_shows_the_names_of_emoji_and_not_their_pictures() -> None:
    text = fit_message(lambda _: {"text": "x", "blocks": [section_of("plain_text", ":x:")]})["blocks"][0]["text"]
    assert text == {"type": "plain_text", "text": ":x:", "emoji": False}


def section_of(kind: str, text: str) -> dict[str, object]:
    return {"type": "section", "text": {"type": kind, "text": text}}


def test_mrkdwn_is_never_searched_for_links_and_names() -> None:
    assert fit_message(lambda width: message(section("a")))["blocks"][0]["text"]["verbatim"] is True


def test_top_level_text_stays_within_what_slack_shows() -> None:
    assert size(fit_message(lambda width: message(section("a"), text="t" * 9000))["text"]) == 4000


def test_headers_buttons_and_titles_are_cut_at_their_own_limits() -> None:
    text = {"type": "plain_text", "text": "w" * 500}
    button = {"type": "button", "action_id": "a", "text": dict(text), "accessibility_label": "l" * 99}
    view = fit_view(
        lambda width: {
            "type": "modal",
            "title": dict(text),
            "blocks": [{"type": "header", "text": dict(text)}, {"type": "actions", "elements": [button]}],
        }
    )
    header, actions = view["blocks"]
    assert size(view["title"]["text"]) == 24
    assert size(header["text"]["text"]) == 150
    assert size(actions["elements"][0]["text"]["text"]) == 75
    assert size(actions["elements"][0]["accessibility_label"]) == 75


@pytest.mark.parametrize(
    "block",
    [
        {"type": "actions", "elements": [{"type": "button", "action_id": "a", "value": "v" * 2001}]},
        {"type": "actions", "elements": [{"type": "button", "action_id": "a" * 256}]},
        {"type": "actions", "elements": []},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11},
        section("x", accessory={"type": "overflow", "action_id": "a", "options": [{"value": "v" * 151}]}),
    ],
)
def test_what_shortening_cannot_save_is_refused(block: dict[str, Any]) -> None:
    with pytest.raises(LimitError):
        fit_message(lambda width: message(block))


def test_a_message_of_51_blocks_is_refused_and_a_modal_of_51_is_not() -> None:
    blocks = [section("x")] * 51
    with pytest.raises(LimitError):
        fit_message(lambda width: message(*(dict(block) for block in blocks)))
    assert len(fit_view(lambda width: {"type": "modal", "blocks": [dict(block) for block in blocks]})["blocks"]) == 51


@given(st.lists(st.sampled_from(["&amp;", "<!date^1^{time}|t>", "x", "😀", " "]), min_size=1), st.integers(2, 60))
def test_cutting_leaves_no_broken_entity_or_token(pieces: list[str], most: int) -> None:
    cut = clip("".join(pieces), most)
    assert size(cut) <= most
    assert cut.count("<") == cut.count(">")
    assert cut.count("&") == cut.count(";")


@given(st.text("<>&x", max_size=400))
def test_text_is_weighed_as_slack_escapes_it(text: str) -> None:
    plain = {"type": "section", "text": {"type": "plain_text", "text": text}}
    assert weight([plain]) == len(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
