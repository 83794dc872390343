"""The subscription's form shows all that can be asked, and what it shows is read as the same wish again."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploybot.domain.grammar import parse
from deploybot.domain.ledger import Kind
from deploybot.domain.query import Query, SubscribeAsk
from deploybot.domain.subscription import SubscriptionKind
from deploybot.service.subscriptions import Preview
from deploybot.slack.blocks.filter_modal import FormError
from deploybot.slack.blocks.look import Look
from deploybot.slack.blocks.subscribe_form import (
    OTHER,
    QUIET_DEFAULT,
    SCHEDULES,
    Filled,
    filled_from,
    filled_from_view,
    fresh,
    read_filled,
)
from deploybot.slack.blocks.subscribe_modal import FormOf, form_text, parse_form, subscribe_view
from deploybot.slack.blocks.subscribed import preview_blocks
from tests.domain.strategies import lists, names
from tests.slack.block_rules import assert_view
from tests.slack.factories import NASTY, NOW
from tests.slack.fake_subscribes import subscription
from tests.slack.told import CHANGES, DIGESTS, ENTRIES

FORM = FormOf("C1")
ANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

SCHEDULE_TEXTS = st.sampled_from(
    [*SCHEDULES, "every=30m", "every=2h", 'at="1st,15th 08:00"', 'cron="0 9 * * mon-fri"', "at=23:59"]
)
MENTIONS = st.sampled_from(["", "here", "me", "group:S0CHECKOUT", "user:U0ALICE001"])
EVENTS = st.lists(st.sampled_from(Kind), min_size=1, unique=True).map(
    lambda chosen: tuple(kind for kind in Kind if kind in chosen)
)
QUERIES = st.builds(
    Query,
    apps=lists(names),
    spaces=lists(names),
    orgs=lists(names),
    foundations=lists(st.sampled_from(["eu", "us"])),
    states=lists(st.sampled_from(["failed", "paused"])),
    strategies=lists(st.sampled_from(["canary", "rolling"])),
    label=st.none() | st.sampled_from(["env=prod", "env in (a,b),!legacy"]),
)


def asks() -> st.SearchStrategy[SubscribeAsk]:
    common = {
        "query": QUERIES,
        "tz": st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]),
        "quiet": st.sampled_from(["", "22:00-07:00"]),
        "mention": MENTIONS,
    }
    digests = st.builds(SubscribeAsk, schedule=SCHEDULE_TEXTS, proof=st.booleans(), **common)
    return digests | st.builds(SubscribeAsk, on=EVENTS, **common)


def sent(view: dict[str, Any], **typed: str | None) -> dict[str, Any]:
    """The view as Slack sends it when the person changes only the text fields named."""
    values = {
        block["block_id"]: {block["element"]["action_id"]: _state(block["element"])}
        for block in view["blocks"]
        if block["type"] == "input"
    }
    for name, text in typed.items():
        values[name] = {"value": {"type": "plain_text_input", "value": text}}
    return {"private_metadata": view["private_metadata"], "state": {"values": values}}


def _state(element: dict[str, Any]) -> dict[str, Any]:
    match element["type"]:
        case "plain_text_input":
            return {"type": element["type"], "value": element.get("initial_value")}
        case "checkboxes":
            return {"type": element["type"], "selected_options": element.get("initial_options", [])}
        case _:
            return {"type": element["type"], "selected_option": element.get("initial_option")}


def read(filled: Filled, **typed: str | None) -> SubscribeAsk:
    return read_filled(filled_from_view(sent(subscribe_view(FORM, filled), **typed), Filled()))


@ANY
@given(asks())
def test_a_form_sent_unchanged_asks_for_the_same(ask: SubscribeAsk) -> None:
    view = subscribe_view(FORM, filled_from(ask, "UTC"))
    assert_view(view)
    assert read(filled_from(ask, "UTC")) == ask


@ANY
@given(st.builds(Filled, app=NASTY, filters=NASTY, other=NASTY, tz=NASTY, quiet=NASTY, mention=NASTY), NASTY)
def test_whatever_stands_in_it_the_form_is_valid_and_read_or_refused_by_field(filled: Filled, problem: str) -> None:
    view = subscribe_view(FORM, filled, problem=problem)
    assert_view(view)
    assert wrong_fields(filled) <= inputs(view)


def wrong_fields(filled: Filled) -> set[str]:
    try:
        read(filled)
    except FormError as refused:
        return set(refused.by_block)
    return set()


def inputs(view: dict[str, Any]) -> set[str]:
    return {block["block_id"] for block in view["blocks"] if block["type"] == "input"}


@ANY
@given(DIGESTS, st.none() | st.tuples(CHANGES, ENTRIES), st.lists(NASTY, max_size=9).map(tuple))
def test_any_preview_fits_below_the_form(body: Any, alert: Any, notes: tuple[str, ...]) -> None:
    kind: dict[str, Any] = {"alert": alert} if alert else {"digest": body}
    ahead = Preview(subscription(), NOW, NOW, 12, notes=notes, **kind)
    full = replace(fresh("UTC"), app="a" * 1500, filters="b" * 1500, kind=SubscriptionKind.DIGEST)
    assert_view(subscribe_view(FORM, full, ahead=lambda width: preview_blocks(ahead, Look(), width)))


def test_a_fresh_form_is_for_quiet_alerts_in_ones_own_zone() -> None:
    ask = read(fresh("Europe/Berlin"))
    assert ask == SubscribeAsk(on=(Kind.PAUSED, Kind.STALLED, Kind.FAILED), tz="Europe/Berlin")
    assert set(QUIET_DEFAULT) == {"failed", "stalled", "paused"}


def test_only_the_fields_of_the_chosen_kind_are_shown() -> None:
    alert = inputs(subscribe_view(FORM, fresh("UTC")))
    digest = inputs(subscribe_view(FORM, replace(fresh("UTC"), kind=SubscriptionKind.DIGEST)))
    assert alert - digest == {"on"}
    assert digest - alert == {"schedule", "other", "proof"}


@pytest.mark.parametrize(
    ("typed", "schedule"),
    [
        ("mon-fri 08:30", 'at="mon-fri 08:30"'),
        ("8:30", "at=08:30"),
        ("45 m", "every=45m"),
        ("every=2h", "every=2h"),
        ('at="mon 09:00"', 'at="mon 09:00"'),
        ('cron="0 9 * * mon-fri"', 'cron="0 9 * * mon-fri"'),
    ],
)
def test_a_time_is_read_as_people_write_it(typed: str, schedule: str) -> None:
    digest = replace(fresh("UTC"), kind=SubscriptionKind.DIGEST)
    assert read(digest, other=typed).schedule == schedule


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"tz": "Europe/Berlim"}, "tz"),
        ({"tz": None}, "tz"),
        ({"quiet": "at night"}, "quiet"),
        ({"filters": "sate=failed"}, "filters"),
        ({"filters": "at=09:00"}, "filters"),
        ({"filters": "just words"}, "filters"),
        ({"app": '"a'}, "app"),
        ({"other": "sometimes"}, "other"),
    ],
)
def test_every_wrong_field_has_its_own_sentence(typed: dict[str, str], field: str) -> None:
    with pytest.raises(FormError) as problem:
        read(replace(fresh("UTC"), kind=SubscriptionKind.DIGEST), **typed)
    assert list(problem.value.by_block) == [field]
    assert problem.value.by_block[field]


def test_another_time_that_is_not_given_is_asked_for() -> None:
    with pytest.raises(FormError) as problem:
        read_filled(replace(fresh("UTC"), kind=SubscriptionKind.DIGEST, schedule=OTHER))
    assert list(problem.value.by_block) == ["other"]


def test_names_among_the_other_filters_count_as_well() -> None:
    ask = read(fresh("UTC"), app="checkout, my app", filters="app=cart foundation=eu")
    assert ask.query == parse('app=checkout,"my app",cart foundation=eu').query


def test_a_forged_mention_pings_nobody() -> None:
    assert read(replace(fresh("UTC"), mention="<!channel>")).mention == ""


@given(st.text(max_size=300))
def test_a_forged_form_is_none_or_harmless(text: str) -> None:
    found = parse_form(text)
    assert found is None or parse_form(form_text(found)) == found


def test_a_form_remembers_what_it_edits() -> None:
    assert parse_form(form_text(FormOf("C1", "s1", 7))) == FormOf("C1", "s1", 7)


@pytest.mark.parametrize("view", [None, {}, {"state": {"values": {"app": 3, "on": {"x": []}}}}, {"state": []}])
def test_a_malformed_form_is_an_empty_one(view: object) -> None:
    assert filled_from_view(view, Filled()) == Filled()
