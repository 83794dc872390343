"""The filter form shows every part of a question, and what it shows is read as the same question again."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploybot.domain.grammar import parse
from deploybot.domain.query import Query
from deploybot.slack.blocks.filter_modal import FormError, Origin, filter_view, origin_text, parse_origin, read_form
from deploybot.slack.payload import Place
from tests.domain.strategies import queries
from tests.slack.block_rules import assert_view

Values = dict[str, Any]


def sent(view: dict[str, Any], **typed: str) -> Values:
    """The view as Slack sends it when the person changes only what is `typed`."""
    values = {block["block_id"]: {"value": _value(block["element"])} for block in view["blocks"]}
    for key, text in typed.items():
        values[key] = {"value": {"type": "plain_text_input", "value": text}}
    return {"private_metadata": view["private_metadata"], "state": {"values": values}}


def _value(element: dict[str, Any]) -> Values:
    match element["type"]:
        case "plain_text_input":
            return {"type": element["type"], "value": element.get("initial_value")}
        case "static_select":
            return {"type": element["type"], "selected_option": element.get("initial_option")}
        case _:
            return {"type": element["type"], "selected_options": element.get("initial_options", [])}


def read(query: Query, **typed: str) -> Query:
    view = filter_view(query, Origin())
    return read_form(sent(view, **typed), parse_origin(view["private_metadata"]))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(queries())
def test_a_form_sent_unchanged_asks_the_same_question_from_its_first_page(query: Query) -> None:
    assert_view(filter_view(query, Origin()))
    assert read(query) == replace(query, page=1)


def test_the_form_has_every_filter() -> None:
    shown = {block["block_id"] for block in filter_view(Query(), Origin())["blocks"]}
    keys = {"apps": "app", "spaces": "space", "orgs": "org", "foundations": "foundation", "states": "state"}
    more = {"guids": "guid", "status_values": "status", "status_reasons": "reason", "raw_states": "states"}
    named = {**keys, **more, "strategies": "strategy"}
    expected = {named.get(field.name, field.name) for field in fields(Query)} - {"page", "tz"}
    assert shown == expected


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ({"app": "checkout, my app"}, 'app=checkout,"my app"'),
        ({"app": '"a b",c'}, 'app="a b",c'),
        ({"created": "> 2h"}, "created>2h"),
        ({"created": "2026-11-23"}, "created=2026-11-23"),
        ({"updated": ">=2026-11-01 <2026-12-01"}, "updated>=2026-11-01 updated<2026-12-01"),
        ({"label": "env in (prod,staging), !legacy"}, 'label="env in (prod,staging),!legacy"'),
        ({"reason": "null"}, "reason=null"),
    ],
)
def test_what_people_type_into_a_field_is_read_as_they_mean_it(typed: dict[str, str], text: str) -> None:
    assert read(Query(), **typed) == parse(text).query


def test_every_wrong_field_has_its_own_sentence() -> None:
    with pytest.raises(FormError) as problem:
        read(Query(), created="soon", label="(((", app="fine")
    assert set(problem.value.by_block) == {"created", "label"}
    assert all(problem.value.by_block.values())


def test_a_question_that_no_button_could_hold_is_refused_at_its_longest_field() -> None:
    names = ",".join(f"app-number-{number}" for number in range(150))
    with pytest.raises(FormError) as problem:
        read(Query(), app=names, org="x")
    assert list(problem.value.by_block) == ["app"]


@given(st.text(max_size=3000))
def test_a_forged_origin_is_an_empty_one_or_harmless(text: str) -> None:
    assert isinstance(parse_origin(text), Origin)


def test_an_origin_survives_the_form() -> None:
    origin = Origin(Place("C1", "1.0", "https://hooks.slack.com/x", shared=True), 1_790_000_000, "app=a\nb")
    assert parse_origin(origin_text(origin)) == origin


@pytest.mark.parametrize(
    "view", [None, {}, {"state": {}}, {"state": {"values": {"app": 3}}}, {"state": {"values": []}}]
)
def test_a_malformed_form_asks_for_everything(view: object) -> None:
    assert read_form(view, Origin(question="x y z")) == Query()
