"""Questions as paths: what the server reads back is what was asked."""

import re
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qsl, unquote, unquote_plus, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from deploybot.cf.encode import asks_for_nothing, deployments_path, many, path, segment
from deploybot.domain.ports import DeploymentsAsk, Times

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
LISTS = st.none() | st.lists(TEXT, min_size=1, max_size=4).map(tuple)
INSTANTS = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=st.just(UTC))  # noqa: DTZ001
BOUNDS = st.none() | INSTANTS
TIMES = st.builds(Times, equal=st.lists(INSTANTS, max_size=3).map(tuple)) | st.builds(
    Times, lt=BOUNDS, lte=BOUNDS, gt=BOUNDS, gte=BOUNDS
)
ASKS = st.builds(
    DeploymentsAsk,
    page=st.integers(1, 10**6),
    per_page=st.integers(1, 5000),
    order_by=st.sampled_from([None, "created_at", "-created_at", "+created_at", "updated_at", "-updated_at"]),
    created=TIMES,
    updated=TIMES,
    guids=LISTS,
    app_guids=LISTS,
    states=LISTS,
    status_values=LISTS,
    status_reasons=LISTS,
    label_selector=st.none() | TEXT,
)


def read_by_server(target: str) -> dict[str, str]:
    """The first decoding. A `+` means a blank there, so a plus must have been written as %2B."""
    return dict(parse_qsl(urlsplit(target).query, keep_blank_values=True, strict_parsing=True))


def list_read_by_server(value: str) -> tuple[str, ...]:
    return tuple(unquote_plus(each) for each in re.split(r",\s*", value))


@given(ASKS)
@example(DeploymentsAsk(app_guids=("a,b", " c", "d%2Ce", "f+g"), status_reasons=("", "DEPLOYED")))
def test_the_server_reads_back_what_was_asked(ask: DeploymentsAsk) -> None:
    told = read_by_server(deployments_path(ask)) if "?" in deployments_path(ask) else {}

    assert (int(told.pop("page", "1")), int(told.pop("per_page", "50"))) == (ask.page, ask.per_page)
    assert (told.pop("order_by", None), told.pop("label_selector", None)) == (ask.order_by, ask.label_selector)
    for key in ("guids", "app_guids", "states", "status_values", "status_reasons"):
        assert (list_read_by_server(told.pop(key)) if key in told else None) == getattr(ask, key)
    assert times_read_by_server(told, "created_ats") == to_the_second(ask.created)
    assert times_read_by_server(told, "updated_ats") == to_the_second(ask.updated)
    assert told == {}


@given(ASKS)
def test_a_path_is_plain_ascii_that_no_proxy_has_to_touch(ask: DeploymentsAsk) -> None:
    assert re.fullmatch(r"/v3/deployments(\?[\w.~=&,%-]+)?", deployments_path(ask), re.ASCII)


def test_commas_stand_between_values_and_are_encoded_twice_inside_them() -> None:
    assert path("/v3/apps", [("names", many(["billing,invoices", "checkout"]))]) == (
        "/v3/apps?names=billing%252Cinvoices,checkout"
    )


def test_names_with_blanks_and_umlauts_are_encoded_once() -> None:
    assert path("/v3/apps", [("names", many(["order intake", "Straße"]))]) == (
        "/v3/apps?names=order%20intake,Stra%C3%9Fe"
    )


def test_null_reasons_are_sent_as_the_empty_value() -> None:
    assert deployments_path(DeploymentsAsk(status_reasons=("",))) == "/v3/deployments?status_reasons="


def test_an_empty_list_asks_for_nothing_and_no_list_for_everything() -> None:
    assert asks_for_nothing(DeploymentsAsk(status_reasons=()))
    assert asks_for_nothing(DeploymentsAsk(guids=("a",), app_guids=()))
    assert not asks_for_nothing(DeploymentsAsk())
    assert not asks_for_nothing(DeploymentsAsk(status_reasons=("",)))


def test_times_are_sent_in_utc_to_the_second() -> None:
    berlin = datetime(2026, 3, 1, 9, 30, 5, 999_999, tzinfo=timezone(timedelta(hours=1)))

    assert deployments_path(DeploymentsAsk(created=Times(gte=berlin))) == (
        "/v3/deployments?created_ats%5Bgte%5D=2026-03-01T08%3A30%3A05Z"
    )


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        deployments_path(DeploymentsAsk(created=Times(gte=datetime(2026, 3, 1))))  # noqa: DTZ001


def test_equal_times_and_bounds_are_never_sent_together() -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)

    with pytest.raises(ValueError, match="together"):
        deployments_path(DeploymentsAsk(updated=Times(equal=(now,), gt=now)))


@given(st.text(min_size=1, max_size=30))
@example("..")
@example("../apps?x#y")
def test_a_segment_never_leaves_its_place_in_the_path(text: str) -> None:
    written = segment(text)

    assert not set(written) & set("/?#;")
    assert written not in {".", ".."}
    assert unquote(written) == text.encode("utf-8", "replace").decode()


def to_the_second(times: Times) -> Times:
    bounds = {
        name: at and at.replace(microsecond=0) for name in ("lt", "lte", "gt", "gte") for at in [getattr(times, name)]
    }
    return Times(tuple(at.replace(microsecond=0) for at in times.equal), **bounds)


def times_read_by_server(told: dict[str, str], key: str) -> Times:
    bounds = {
        name: instant(told.pop(f"{key}[{name}]")) for name in ("lt", "lte", "gt", "gte") if f"{key}[{name}]" in told
    }
    return Times(tuple(map(instant, told.pop(key).split(","))) if key in told else (), **bounds)


def instant(text: str) -> datetime:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text)
    return datetime.fromisoformat(text)
