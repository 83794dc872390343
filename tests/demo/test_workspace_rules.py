"""The simulated workspace refuses what Slack refuses in Block Kit, at the place and with the reason."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.demo.workspace.rules import counted_text, limits, message_problems, view_problems
from tests.demo.block_kit_cases import (
    CASES,
    Case,
    JsonObject,
    ViewCase,
    actions,
    asked,
    button,
    card,
    cell,
    container,
    data_table,
    grid,
    image,
    menu,
    modal,
    mrkdwn,
    option,
    pie,
    plain,
    section,
    some_options,
    table,
    typed,
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_limit_is_reached_but_not_passed(case: Case | ViewCase) -> None:
    assert case.problems(case.most) == ()
    beyond = case.problems(case.most + 1)
    assert case.pointer in [problem.pointer for problem in beyond]


EMPTY = (
    Case("text", 0, lambda n: [section(text=mrkdwn("x" * n))], "/blocks/0/text/text"),
    Case("header", 0, lambda n: [{"type": "header", "text": plain("x" * n)}], "/blocks/0/text/text"),
    Case("fields", 0, lambda n: [section(fields=[plain("x")] * n)], "/blocks/0/fields"),
    Case("actions", 0, lambda n: [actions(*[button()] * n)], "/blocks/0/elements"),
    Case("options", 0, lambda n: [actions(menu(options=some_options(n)))], "/blocks/0/elements/0/options"),
    Case("alt_text", 0, lambda n: [image(alt_text="x" * n)], "/blocks/0/alt_text"),
    Case("cell", 0, lambda n: [table([[cell("x" * n)]])], "/blocks/0/rows/0/0/text"),
    Case("data_table rows", 1, lambda n: [data_table(grid(n))], "/blocks/0/rows"),
)


@pytest.mark.parametrize("case", EMPTY, ids=lambda case: case.name)
def test_what_must_not_be_empty_is_refused_when_it_is(case: Case) -> None:
    assert case.pointer in [problem.pointer for problem in case.problems(case.most)]
    assert case.problems(case.most + 1) == ()


WRONG: dict[str, tuple[JsonObject, str]] = {
    "a section without text and fields": ({"type": "section"}, "at least one of text, fields"),
    "an image without alt_text": ({"type": "image", "image_url": "https://x.y/z"}, "missing required field: alt_text"),
    "an image without a source": ({"type": "image", "alt_text": "a"}, "exactly one of image_url, slack_file"),
    "an image with two sources": (image(slack_file={"id": "F1"}), "exactly one of image_url, slack_file"),
    "an unknown block": ({"type": "selction"}, "unsupported type: selction"),
    "no type": ({"text": plain("x")}, "unsupported type: None"),
    "an unknown field": (section(colour="red"), "invalid additional property: colour"),
    "an unknown field of an element": (actions(button(colour="red")), "invalid additional property: colour"),
    "a mrkdwn header": ({"type": "header", "text": mrkdwn("x")}, "unsupported type: mrkdwn"),
    "a mrkdwn button": (actions(button(text=mrkdwn("x"))), "unsupported type: mrkdwn"),
    "a bare string for a text": (section(text="x"), "unsupported type: None"),
    "an image among actions": (actions(image()), "unsupported type: image"),
    "a button in a context": ({"type": "context", "elements": [button()]}, "unsupported type: button"),
    "an input element among actions": (actions(typed()), "unsupported type: plain_text_input"),
    "a button to be asked for": (asked(button()), "unsupported type: button"),
    "a null block_id": (section(block_id=None), "must be a string"),
    "an unknown style": (actions(button(style="default")), "must be one of primary, danger"),
    "options and groups": (
        actions(menu(options=some_options(1), option_groups=[{"label": plain("g"), "options": some_options(1)}])),
        "exactly one of options, option_groups",
    ),
    "a menu without options": (actions(menu()), "exactly one of options, option_groups"),
    "an initial option that is not offered": (
        actions(menu(options=some_options(2), initial_option=option(7))),
        "the initial option is not among the options",
    ),
    "an impossible date": (
        actions({"type": "datepicker", "action_id": "d", "initial_date": "2026-13-01"}),
        "must look like 2026-11-23",
    ),
    "a card of nothing": ({"type": "card"}, "at least one of hero_image, title, body, actions"),
    "a pending task at top level": (
        {"type": "task_card", "task_id": "1", "title": "t", "status": "pending"},
        "must be one of in_progress, complete, error",
    ),
    "a plan titled by a text object": ({"type": "plan", "title": plain("t"), "tasks": []}, "must be a string"),
    "a container in a container": (container(child_blocks=[container()]), "unsupported type: container"),
    "ragged data": (data_table([[cell()], [cell(), cell()]]), "the same number of cells"),
    "an empty dict for a cell": (table([[{}]]), "unsupported type: None"),
    "a slice of nothing": (
        pie() | {"chart": {"type": "pie", "segments": [{"label": "a", "value": 0}]}},
        "must be greater than 0",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_malformed_block_is_refused_with_its_reason(name: str) -> None:
    block, reason = WRONG[name]
    told = [problem.told() for problem in message_problems([section(), block])]
    assert len(told) == 1
    assert reason in told[0]
    assert "[json-pointer:/blocks/1" in told[0]


def test_a_block_id_is_unique_in_its_message() -> None:
    problems = message_problems([section(block_id="a"), container(child_blocks=[section(block_id="a")])])
    assert [problem.pointer for problem in problems] == ["/blocks/1/child_blocks/0"]


def test_an_action_id_is_unique_in_its_block_only() -> None:
    assert message_problems([actions(button()), actions(button())]) == ()
    problems = message_problems([actions(button(), button())])
    assert [problem.told() for problem in problems] == [
        "action_id 'go' is not unique in its block [json-pointer:/blocks/0/elements/1]"
    ]


def test_all_text_of_a_message_has_a_budget_in_escaped_characters() -> None:
    blocks = [section(text=mrkdwn("&" * 600), block_id=f"b{i}") for i in range(4)]
    assert counted_text(blocks) == limits.TEXT_PER_MESSAGE
    assert message_problems(blocks) == ()

    (problem,) = message_problems([*blocks, section(text=mrkdwn("x"))])
    assert (problem.error, problem.pointer) == ("msg_blocks_too_long", "/blocks")


def test_a_header_costs_a_hundred_characters_more_than_its_text() -> None:
    assert counted_text([{"type": "header", "text": plain("abc")}]) == 103


def test_tables_have_budgets_of_their_own() -> None:
    assert message_problems([data_table([[cell("x" * 9999)], [cell("x" * 10_000)]])]) == ()
    half = [[cell("x" * 5_000)], [cell("x" * 5_001)]]
    assert message_problems([data_table(half), data_table(half)]) != ()


def test_a_message_holds_one_table() -> None:
    (problem,) = message_problems([table(grid(1)), table(grid(1))])
    assert problem.reason == "no more than 1 table allowed"


def test_markdown_counts_together() -> None:
    half = {"type": "markdown", "text": "x" * 6_001}
    assert message_problems([half, half])[0].reason.startswith("all markdown")


@pytest.mark.parametrize(
    "block", [table(grid(1)), data_table(grid(2)), pie(), container(), {"type": "markdown", "text": "x"}]
)
def test_blocks_for_messages_do_not_go_into_a_modal(block: JsonObject) -> None:
    assert message_problems([block]) == ()
    (problem,) = view_problems(modal(block))
    assert (problem.error, problem.pointer) == ("invalid_arguments", "/view/blocks/0")


def test_an_alert_goes_into_a_modal_only() -> None:
    alert = {"type": "alert", "text": plain("Careful")}
    assert view_problems(modal(alert)) == ()
    assert message_problems([alert])[0].reason == "unsupported type: alert does not go into a message"


@pytest.mark.parametrize("kind", ["email_text_input", "url_text_input", "number_input", "file_input"])
def test_some_inputs_are_for_modals(kind: str) -> None:
    needed = {"is_decimal_allowed": False} if kind == "number_input" else {}
    block = asked({"type": kind, "action_id": "i", **needed})
    assert view_problems(modal(block)) == ()
    assert message_problems([block])[0].pointer == "/blocks/0/element"


def test_a_modal_with_an_input_needs_a_submit_button() -> None:
    view = modal(asked(typed()))
    assert view_problems(view) == ()
    del view["submit"]
    assert [problem.told() for problem in view_problems(view)] == [
        "missing required field: submit (the view has an input block) [json-pointer:/view]"
    ]


def test_one_element_of_a_modal_takes_the_focus() -> None:
    focused = asked(typed(focus_on_load=True))
    assert view_problems(modal(focused)) == ()
    assert view_problems(modal(focused, focused))[0].reason == "only one element may have focus_on_load"


def test_a_modal_of_more_than_250_kilobytes_is_too_large() -> None:
    options = [option(i, description=plain("y" * 75)) for i in range(100)]
    (problem,) = view_problems(modal(*(asked(menu(options=options)) for _ in range(20))))
    assert problem.error == "view_too_large"


def test_a_home_tab_is_no_modal() -> None:
    assert view_problems(modal() | {"type": "home"})[0].pointer == "/view/type"


JUNK: tuple[Any, ...] = (None, True, -1, "", "x", [], {}, [None], [1], {"type": "text"}, "x" * 4000)
GOOD = tuple(case.make(2) for case in CASES if isinstance(case, Case))


@given(st.sampled_from(GOOD), st.data())
def test_whatever_is_sent_gets_an_answer(blocks: list[JsonObject], data: st.DataObject) -> None:
    """The rules judge any JSON; they never stumble over it."""
    broken = copy.deepcopy(blocks)
    holder, key = data.draw(st.sampled_from(list(places(broken))))
    holder[key] = data.draw(st.sampled_from(JUNK))
    for problem in message_problems(broken):
        assert problem.pointer.startswith("/blocks")


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place inside, as its holder and its key or index."""
    keys = range(len(value)) if isinstance(value, list) else value if isinstance(value, dict) else ()
    for key in keys:
        yield value, key
        yield from places(value[key])


def test_a_good_card_is_taken() -> None:
    assert message_problems([card(body=mrkdwn("*x*"), actions=[button(value="1")])]) == ()
