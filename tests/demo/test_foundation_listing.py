"""Lists: whatever index answers, the rows are those that a plain look at every row would find."""

from hypothesis import given, settings
from hypothesis import strategies as st

from deploybot.demo.foundation.conditions import Condition, Labelled, NoneOf, OneOf, Within, all_met
from deploybot.demo.foundation.entities import Deployment
from deploybot.demo.foundation.labels import Requirement, parse_selector
from deploybot.demo.foundation.limits import next_reset, shown_remaining
from deploybot.demo.foundation.listing import Listing, matching_guids
from deploybot.demo.foundation.table import NEVER, Table
from deploybot.demo.foundation.xxh64 import xxh64

instants = st.integers(0, 40)


@st.composite
def rows(draw: st.DrawFn) -> list[Deployment]:
    count = draw(st.integers(0, 30))
    return [
        Deployment(
            guid=f"guid-{n}",
            position=draw(st.integers(1, 100)),
            created_at=draw(instants),
            updated_at=draw(st.none() | instants),
            app_guid=draw(st.sampled_from("abc")),
            space_guid="space",
            state="DEPLOYED",
            status_value=draw(st.sampled_from(("ACTIVE", "FINALIZED"))),
            status_reason=draw(st.sampled_from(("DEPLOYED", "CANCELED", None))),
            last_healthy_at=0,
            status_updated_at=0,
            droplet_guid=None,
            previous_droplet_guid=None,
            labels=draw(st.dictionaries(st.sampled_from(("env", "tier")), st.sampled_from(("prod", "")))),
        )
        for n in range(count)
    ]


conditions = st.lists(
    st.one_of(
        st.frozensets(st.sampled_from("abc")).map(lambda values: OneOf("app_guid", values)),
        st.frozensets(st.sampled_from(("DEPLOYED", None))).map(lambda values: OneOf("status_reason", values)),
        st.frozensets(st.sampled_from(("guid-1", "guid-2", "nope"))).map(lambda values: OneOf("guid", values)),
        st.frozensets(st.sampled_from("abc")).map(lambda values: NoneOf("app_guid", values)),
        st.tuples(st.sampled_from(("created_at", "updated_at")), st.none() | instants, st.none() | instants).map(
            lambda window: Within(window[0], ((window[1], window[2]),))
        ),
        st.just(Labelled((Requirement("notin", "env", ("prod",)),))),
    ),
    max_size=3,
).map(tuple)
orders = st.tuples(st.sampled_from(("position", "created_at", "updated_at")), st.booleans())


@settings(max_examples=100, deadline=None)
@given(rows(), conditions, orders)
def test_indexes_find_what_looking_at_every_row_finds(
    all_rows: list[Deployment], asked: tuple[Condition, ...], order: tuple[str, bool]
) -> None:
    table: Table[Deployment] = Table(buckets=("app_guid", "status_value", "status_reason"))
    table.load(all_rows)
    field, descending = order

    def key(row: Deployment) -> tuple[int, str]:
        value = getattr(row, field)
        return (NEVER if value is None else value, row.guid)

    plain = sorted((row for row in all_rows if all_met(asked, row)), key=key, reverse=descending)

    assert list(matching_guids(table, asked, order)[0:1000]) == [row.guid for row in plain]
    assert list(matching_guids(table, asked, order)[2:5]) == [row.guid for row in plain][2:5]


@settings(max_examples=40, deadline=None)
@given(rows())
def test_putting_rows_one_by_one_or_again_makes_the_same_table_as_loading_them(all_rows: list[Deployment]) -> None:
    loaded: Table[Deployment] = Table(buckets=("app_guid",))
    loaded.load(all_rows)
    put: Table[Deployment] = Table(buckets=("app_guid",))
    for row in all_rows + all_rows:
        put.put(row)

    assert list(put) == list(loaded)
    assert put.order("updated_at") == loaded.order("updated_at")
    for row in all_rows:
        put.drop(row.guid)
    assert len(put) == 0
    assert list(put.order("created_at")) == []


def test_an_answer_found_before_a_change_is_not_given_after_it() -> None:
    table: Table[Deployment] = Table(buckets=("app_guid",))
    listing = Listing()
    asked = (OneOf("app_guid", frozenset("a")),)
    assert len(listing.find(table, asked, None)) == 0

    table.put(_row("new"))

    assert list(listing.find(table, asked, None)[0:9]) == ["new"]


def test_a_blank_before_a_comma_makes_a_value_invalid() -> None:
    assert parse_selector("env in (a ,b)")[1] == ["'a ' contains invalid characters"]
    assert parse_selector("env in (a,b)")[1] == []


def test_the_hash_is_xxhash64() -> None:
    assert xxh64(b"") == 0xEF46DB3751D8E999
    assert xxh64(b"a" * 100) != xxh64(b"a" * 101)


@given(st.text(min_size=1), st.integers(0, 2_000_000_000))
def test_a_window_ends_within_an_hour_and_then_again_an_hour_later(name: str, now: int) -> None:
    reset = next_reset(name, 3600, now)

    assert now < reset <= now + 3600
    assert next_reset(name, 3600, reset) == reset + 3600


@given(st.integers(1, 10_000), st.integers(1, 20_000))
def test_what_remains_is_never_more_than_there_is(limit: int, used: int) -> None:
    assert 0 <= shown_remaining(limit, used) <= max(0, limit - used)


def _row(guid: str) -> Deployment:
    return Deployment(
        guid=guid,
        position=1,
        created_at=1,
        updated_at=1,
        app_guid="a",
        space_guid="space",
        state="DEPLOYED",
        status_value="FINALIZED",
        status_reason="DEPLOYED",
        last_healthy_at=1,
        status_updated_at=1,
        droplet_guid=None,
        previous_droplet_guid=None,
    )
