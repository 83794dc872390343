"""Hypothesis strategies for what the domain knows: whatever the grammar can say, and the turns of a page."""

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import strategies as st

from deploybot.domain.grammar import MOST_CANONICAL, to_text, weight
from deploybot.domain.grammar_keys import STATES
from deploybot.domain.ledger import Kind as Event
from deploybot.domain.paging import Key, Move, Turn
from deploybot.domain.query import (
    Ago,
    Column,
    Command,
    Day,
    Instant,
    NamedDay,
    Op,
    Query,
    Sort,
    SubscribeAsk,
    TimeFilter,
    Verb,
)
from deploybot.domain.schedule_text import parse_schedule, schedule_text

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


DAYS = ("", "mon-fri ", "mon,thu ", "1st ")
schedule_texts = st.one_of(
    st.sampled_from(("every=15m", "every=1h", "every=7d", 'cron="0 9 * * mon-fri"', 'cron="*/30 8-18 1,15 * *"')),
    st.builds(
        lambda days, hour: schedule_text(parse_schedule(f'at="{days}{hour}:30"')),
        st.sampled_from(DAYS),
        st.integers(0, 23),
    ),
)
hours = st.tuples(st.integers(0, 23), st.integers(0, 23)).filter(lambda both: both[0] != both[1])
mentions = st.sampled_from(("", "me", "here", "@oncall", "@team.eu-west_1", "group:S0123ABC", "user:U0123ABC"))


def subscribe_asks() -> st.SearchStrategy[SubscribeAsk]:
    """What `subscribe` can ask for."""
    asked = queries().map(
        lambda query: replace(
            Query(),
            **{
                field: getattr(query, field)
                for field in ("apps", "spaces", "orgs", "foundations", "states", "guids", "by", "label", "strategies")
            },
            status_values=query.status_values,
            raw_states=query.raw_states,
            status_reasons=query.status_reasons,
        )
    )
    events = st.sets(st.sampled_from(Event)).map(lambda chosen: tuple(event for event in Event if event in chosen))
    kinds = st.one_of(
        st.tuples(schedule_texts, st.just(())), st.tuples(st.just(""), events), st.tuples(st.just(""), st.just(()))
    )
    return st.builds(
        lambda query, kind, tz, quiet, mention, proof: SubscribeAsk(query, kind[0], kind[1], tz, quiet, mention, proof),
        asked,
        kinds,
        st.none() | st.sampled_from(ZONES),
        st.just("") | hours.map(lambda both: f"{both[0]:02}:00-{both[1]:02}:15"),
        mentions,
        st.booleans(),
    )


def commands(most_rows: int = 25) -> st.SearchStrategy[Command]:
    """Everything that the grammar can say."""
    asked = queries(most_rows)
    return st.one_of(
        st.builds(Command, st.just(Verb.LIST), st.none(), asked, st.booleans()),
        st.builds(Command, st.just(Verb.SHOW), names, asked, st.booleans()),
        subscribe_asks().map(lambda ask: Command(Verb.SUBSCRIBE, subscribe=ask)),
        st.builds(lambda public: Command(Verb.SUBSCRIPTIONS, public=public), st.booleans()),
        st.builds(Command, st.just(Verb.HELP), st.none() | names, st.just(Query()), st.booleans()),
    ).filter(lambda command: weight(to_text(command)) <= MOST_CANONICAL)


keys = st.builds(
    Key, st.integers(0, 99_999_999_999), foundation_names, st.from_regex(r"[A-Za-z0-9_.-]{1,36}", fullmatch=True)
)
turns = st.one_of(
    st.builds(Turn, st.sampled_from(Move)),
    st.builds(Turn, st.sampled_from(Move), st.none() | keys, st.none() | keys, st.integers(0, 10_000_000)),
)
