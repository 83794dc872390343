"""Hypothesis strategies for what the domain knows: whatever the grammar can say, and the turns of a page."""

from datetime import UTC, date, datetime

from hypothesis import strategies as st

from deploybot.domain.grammar import MOST_CANONICAL, to_text, weight
from deploybot.domain.grammar_keys import STATES
from deploybot.domain.paging import Key, Move, Turn
from deploybot.domain.query import Ago, Column, Command, Day, Instant, NamedDay, Op, Query, Sort, TimeFilter, Verb

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland")

any_character = st.characters(exclude_categories=("Cc", "Cs"))
plain_names = st.from_regex(r"[a-z][a-z0-9._-]{0,20}", fullmatch=True)
odd_names = st.text(any_character, min_size=1, max_size=20).filter(lambda name: name.strip(" "))
TRICKY_NAMES = """
null NULL me ME public list @ann #ops a,b say"hi" it's a\\ \\u0041 R&D &lt; &amp;lt;
<http://x|y> <@U1> a=b >2h state=x “” –— 🦜 `x`
"""
tricky_names = st.sampled_from([*TRICKY_NAMES.split(), "a b", " a", 'say "hi"', "a\u00a0b", "\u202e"])
names = plain_names | odd_names | tricky_names
foundation_names = st.from_regex(r"[a-z0-9][a-z0-9-]{0,30}", fullmatch=True)


def lists(values: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(values, max_size=3, unique=True).map(tuple)


_EARLIEST, _LATEST = datetime(1970, 1, 2), datetime(9998, 12, 30)  # noqa: DTZ001 - hypothesis wants naive bounds
instants = st.datetimes(_EARLIEST, _LATEST, timezones=st.just(UTC)).map(lambda at: Instant(at.replace(microsecond=0)))
days = st.dates(date(1970, 1, 1), date(9998, 12, 31)).map(Day)
agos = st.builds(Ago, st.integers(0, 999_999), st.sampled_from("mhdw"))
spans = instants | days | st.sampled_from(NamedDay)
time_filters = st.one_of(
    st.builds(TimeFilter, st.sampled_from((Op.LT, Op.LE, Op.GT, Op.GE)), st.tuples(spans | agos)),
    st.builds(TimeFilter, st.just(Op.EQ), st.tuples(spans)),
    st.builds(TimeFilter, st.just(Op.EQ), st.lists(instants, min_size=2, max_size=3, unique=True).map(tuple)),
)
bounds = st.lists(time_filters, max_size=2, unique=True).map(tuple)

label_words = st.from_regex(r"[a-zA-Z0-9]([a-zA-Z0-9_.-]{0,10}[a-zA-Z0-9])?", fullmatch=True)
label_keys = label_words | st.builds(
    lambda prefix, name: f"{prefix}.example.com/{name}", st.from_regex(r"[a-z]{1,8}", fullmatch=True), label_words
)
label_sets = st.lists(label_words, min_size=1, max_size=3).map(",".join)
requirements = st.one_of(
    label_keys,
    label_keys.map(lambda key: f"!{key}"),
    st.builds(
        lambda key, op, value: f"{key}{op}{value}", label_keys, st.sampled_from(("=", "!=")), label_words | st.just("")
    ),
    st.builds(
        lambda key, op, values: f"{key} {op} ({values})", label_keys, st.sampled_from(("in", "notin")), label_sets
    ),
)
labels = st.lists(requirements, min_size=1, max_size=3).map(",".join)


def queries(most_rows: int = 25) -> st.SearchStrategy[Query]:
    """Questions that the grammar can say, short enough for a button."""
    return st.builds(
        Query,
        apps=lists(names),
        spaces=lists(names),
        orgs=lists(names),
        foundations=lists(names),
        states=lists(st.sampled_from([choice.word for choice in STATES])),
        guids=lists(names),
        status_values=lists(names),
        status_reasons=lists(names | st.just("")),
        raw_states=lists(names),
        strategies=lists(st.sampled_from(("rolling", "canary"))),
        by=lists(names),
        label=st.none() | labels,
        created=bounds,
        updated=bounds,
        sort=st.builds(Sort, st.sampled_from(Column), st.booleans()),
        per_page=st.integers(1, most_rows),
        page=st.integers(1, 999_999_999),
        tz=st.none() | st.sampled_from(ZONES),
    ).filter(lambda query: weight(to_text(query)) <= MOST_CANONICAL)


def commands(most_rows: int = 25) -> st.SearchStrategy[Command]:
    """Everything that the grammar can say."""
    asked = queries(most_rows)
    return st.one_of(
        st.builds(Command, st.just(Verb.LIST), st.none(), asked, st.booleans()),
        st.builds(Command, st.just(Verb.SHOW), names, asked, st.booleans()),
        st.builds(Command, st.just(Verb.HELP), st.none() | names, st.just(Query()), st.booleans()),
    ).filter(lambda command: weight(to_text(command)) <= MOST_CANONICAL)


keys = st.builds(
    Key, st.integers(0, 99_999_999_999), foundation_names, st.from_regex(r"[A-Za-z0-9_.-]{1,36}", fullmatch=True)
)
turns = st.one_of(
    st.builds(Turn, st.sampled_from(Move)),
    st.builds(Turn, st.sampled_from(Move), st.none() | keys, st.none() | keys, st.integers(0, 10_000_000)),
)
