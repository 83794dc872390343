"""What people may ask, how it is understood, and the one sentence that they get where it is not."""

from datetime import UTC, date, datetime

import pytest

from deploybot.domain.grammar import MOST_CANONICAL, MOST_TYPED, parse, query_text, to_text
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
    TimeFilter,
    Verb,
    When,
)
from deploybot.errors import UserError


def asked(text: str) -> Query:
    command = parse(text)
    assert command.verb is Verb.LIST
    assert not command.public
    return command.query


def sentence(text: str) -> str:
    with pytest.raises(UserError) as problem:
        parse(text)
    return str(problem.value)


def at(op: Op, *when: When) -> tuple[TimeFilter, ...]:
    return (TimeFilter(op, when),)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", Query()),
        ("list", Query()),
        ("app=checkout", Query(apps=("checkout",))),
        ("APP=Checkout", Query(apps=("Checkout",))),
        ("app=checkout,pay*", Query(apps=("checkout", "pay*"))),
        ("app = checkout , pay", Query(apps=("checkout", "pay"))),
        ("app=checkout, pay state=failed", Query(apps=("checkout", "pay"), states=("failed",))),
        ("app=a app=b", Query(apps=("a", "b"))),
        ("app=a,b,a", Query(apps=("a", "b"))),
        ('app="my app"', Query(apps=("my app",))),
        ("app='my app',\"b,c\"", Query(apps=("my app", "b,c"))),
        (r'app="say \"hi\" \\ \u2019"', Query(apps=('say "hi" \\ ’',))),
        (r'app="\u0000\ud800\x"', Query(apps=(r"\u0000\ud800\x",))),
        ("app=joe's", Query(apps=("joe's",))),
        ("app=a=b", Query(apps=("a=b",))),
        ("space=production org=shop", Query(spaces=("production",), orgs=("shop",))),
        ("foundation=eu", Query(foundations=("eu",))),
        ("on=eu,us", Query(foundations=("eu", "us"))),
        ("guid=0a1b", Query(guids=("0a1b",))),
        ("status=ACTIVE", Query(status_values=("ACTIVE",))),
        ("status=Whatever", Query(status_values=("Whatever",))),
        ("reason=null", Query(status_reasons=("",))),
        ("reason=NULL,DEPLOYED", Query(status_reasons=("", "DEPLOYED"))),
        ('reason="null"', Query(status_reasons=("null",))),
        ("status=null", Query(status_values=("null",))),
        ("states=PREPAUSED", Query(raw_states=("PREPAUSED",))),
        ("strategy=Canary,rolling", Query(strategies=("canary", "rolling"))),
        ("by=ann@example.com", Query(by=("ann@example.com",))),
        ("by=Me", Query(by=("me",))),
        ("label=env=prod,!legacy", Query(label="env=prod,!legacy")),
        ("label=app=checkout,state=new", Query(label="app=checkout,state=new")),
        ('label="env in (prod, dev),tier"', Query(label="env in (prod,dev),tier")),
        ("label=env in (prod, dev),tier app=a", Query(label="env in (prod,dev),tier", apps=("a",))),
        ("label=env label=tier", Query(label="env,tier")),
        ("sort=created", Query(sort=Sort(Column.CREATED, newest_first=False))),
        ("sort=-updated", Query(sort=Sort(Column.UPDATED))),
        ("sort=+Updated_at", Query(sort=Sort(Column.UPDATED, newest_first=False))),
        ("per_page=25 page=9999", Query(per_page=25, page=9999)),
        ("tz=Europe/Berlin", Query(tz="Europe/Berlin")),
        ("tz=europe/berlin", Query(tz="Europe/Berlin")),
    ],
)
def test_a_filter_is_understood(text: str, query: Query) -> None:
    assert asked(text) == query


@pytest.mark.parametrize(
    ("text", "created"),
    [
        ("created>2h", at(Op.GT, Ago(2, "h"))),
        ("created >= 2h", at(Op.GE, Ago(2, "h"))),
        ("since=2h", at(Op.GE, Ago(2, "h"))),
        ("since=2026-11-23", at(Op.GE, Day(date(2026, 11, 23)))),
        ("until=2026-11-23", at(Op.LT, Day(date(2026, 11, 23)))),
        ("created=yesterday", at(Op.EQ, NamedDay.YESTERDAY)),
        ("created=2026-11-23", at(Op.EQ, Day(date(2026, 11, 23)))),
        ("since=7d until=today", (*at(Op.GE, Ago(7, "d")), *at(Op.LT, NamedDay.TODAY))),
        ("created>7d created<2h", (*at(Op.GT, Ago(7, "d")), *at(Op.LT, Ago(2, "h")))),
        (
            "created=2026-11-23T10:00:00Z,2026-11-23T12:00:01+01:00",
            at(
                Op.EQ,
                Instant(datetime(2026, 11, 23, 10, tzinfo=UTC)),
                Instant(datetime(2026, 11, 23, 11, 0, 1, tzinfo=UTC)),
            ),
        ),
    ],
)
def test_times_stay_as_they_were_asked(text: str, created: tuple[TimeFilter, ...]) -> None:
    assert asked(text) == Query(created=created)


def test_updated_takes_the_same_times_as_created() -> None:
    assert asked("updated<=today").updated == at(Op.LE, NamedDay.TODAY)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        *((word, word) for word in ("active", "done", "failed", "stalled", "paused", "succeeded")),
        *((word, word) for word in ("DEPLOYING", "CANCELING", "DEPLOYED", "CANCELED", "SUPERSEDED")),
        ("ACTIVE", "active"),
        ("PAUSED", "paused"),
        ("FINALIZED", "done"),
        ("finalized", "done"),
        ("deployed", "DEPLOYED"),
        ("Failed", "failed"),
    ],
)
def test_a_state_has_one_form_however_it_is_written(word: str, state: str) -> None:
    assert asked(f"state={word}").states == (state,)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("show checkout", Command(Verb.SHOW, "checkout")),
        ("SHOW checkout", Command(Verb.SHOW, "checkout")),
        ("show app=checkout", Command(Verb.SHOW, "checkout")),
        ("show guid=0a1b", Command(Verb.SHOW, "0a1b")),
        ('show "my app"', Command(Verb.SHOW, "my app")),
        ('show "public"', Command(Verb.SHOW, "public")),
        ("show help", Command(Verb.SHOW, "help")),
        (
            "show checkout space=prod on=eu",
            Command(Verb.SHOW, "checkout", Query(spaces=("prod",), foundations=("eu",))),
        ),
        ("show checkout public", Command(Verb.SHOW, "checkout", public=True)),
        ("public", Command(public=True)),
        ("app=a public state=failed", Command(query=Query(apps=("a",), states=("failed",)), public=True)),
        ("Public list app=a", Command(query=Query(apps=("a",)), public=True)),
        ("help", Command(Verb.HELP)),
        ("?", Command(Verb.HELP)),
        ("—help", Command(Verb.HELP)),
        ("help created", Command(Verb.HELP, "created")),
        ("help state=failed", Command(Verb.HELP, "state")),
        ("help public", Command(Verb.HELP, "public")),
        ("public help", Command(Verb.HELP, public=True)),
        ("help state public", Command(Verb.HELP, "state", public=True)),
    ],
)
def test_a_verb_is_understood(text: str, command: Command) -> None:
    assert parse(text) == command


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sate=failed", "I know no filter sate: did you mean state?"),
        ("stat=failed", "did you mean state"),
        ("xyzzy=1", "I know no filter xyzzy: use app, space, org, foundation, state,"),
        ("state=faild", "state=faild is unknown: did you mean failed? It is one of active, done, failed,"),
        ("state=zzz", "FINALIZED"),
        ("strategy=blue", "strategy=blue is unknown: it is one of rolling, canary."),
        ("sort=size", "sort=size is unknown: it is one of -created, created, -updated, updated."),
        ("sort=-+created", "sort=-+created is unknown"),
        ("created=2026-02-30", "2026-02-30 is not in the calendar"),
        ("created=soon", "I can't read soon as a time"),
        ("created=2h", "created=2h is a single second: write created>2h for newer or created<2h for older."),
        ("created=2026-11-23,2026-11-24", "created takes one time, or a list of timestamps"),
        ("created>2026-11-23T10:00Z,2026-11-23T11:00Z", "created takes one time, or a list of timestamps"),
        ("since=1h,2h", "since takes one time"),
        ("since>2h", "since takes = only: for example since=2h."),
        ("created=>2h", "I can't read =>2h: write it like created>=2026-11-23."),
        ("created!=2h", "created takes =, <, <=, > or >=: for example created>=2026-11-23."),
        ("app>x", "app takes = only: for example app="),
        ("app!=x", "app takes = only"),
        ("app==x", "I can't read ==x: write it like app="),
        ("app:checkout", "Write app= instead of app: with a colon"),
        ("per_page=0", "per_page=0 does not work: it is a number from 1 to 25."),
        ("per_page=26", "per_page=26 does not work: it is a number from 1 to 25."),
        ("per_page=ten", "from 1 to 25"),
        ("per_page=-1", "from 1 to 25"),
        ("per_page=٥", "from 1 to 25"),
        ("page=0", "page=0 does not work: it is a number from 1 on."),
        ("page=two", "page=two does not work"),
        (f"page={'9' * 400}", "does not work: it is a number from 1 on."),
        ("page=1 page=2", "page is there twice"),
        ("sort=created sort=updated", "sort is there twice"),
        ("tz=UTC tz=UTC", "tz is there twice"),
        ("per_page=1,2", "per_page takes one value"),
        ("sort=created,updated", "sort takes one value"),
        ("tz=Europe/Berln", "I know no time zone Europe/Berln: did you mean tz=Europe/Berlin?"),
        ("tz=../../etc/passwd", "I know no time zone ../../etc/passwd: write it like tz=Europe/Berlin or tz=UTC."),
        ("tz=Europe", "I know no time zone Europe"),
        ('app="checkout', 'The quote before checkout is not closed: add " after it.'),
        ("app='checkout", "is not closed: add ' after it."),
        ('"', "is not closed"),
        ('app="a"b', 'Put a blank or a comma after the quoted "a".'),
        ('app=""', "nothing between the quotes"),
        ("app=", "app has no value: add one, or leave the filter out: for example app="),
        ("app= state=failed", "app has no value"),
        ("app=a,", "A value is missing at a comma of app"),
        ("app=,a", "app has no value"),
        ("app=a,,b", "A value is missing at a comma of app"),
        ("app=a, state=failed", "A value is missing at a comma of app"),
        ("app=a,state=failed", "Put a blank, not a comma, before state=failed"),
        ("xyzzy=", "xyzzy has no value"),
        ("label=a/b/c", "more than one slash"),
        ("checkout", "write app=checkout for its deployments, or show checkout for its latest."),
        ("app=my shop", 'put a value with blanks into quotes, like app="my shop".'),
        ("label=env in prod", 'like label="env in (prod,staging),!legacy".'),
        ("shwo checkout", "did you mean show?"),
        ("pubic", "did you mean public?"),
        ("app=x pubic", "did you mean public?"),
        ("failed", "did you mean state=failed?"),
        ("canary", "did you mean strategy=canary?"),
        ("space", "space needs a value: for example space=production."),
        ("show", "Say what to show: show <deployment guid>, or show <app> for its latest deployment."),
        ("show space=prod", "Say what to show"),
        ("show app=a,b", "Say what to show"),
        ("show my app", 'put a name with blanks into quotes, like show "my app".'),
        ("by=<@U123>", "write by=ann@example.com, or by=me for yourself."),
        ("by=@ann", "write by=ann@example.com, or by=me for yourself."),
        ("<@U123|ann> app=a", "@ann is a Slack name"),
        ("app=@ann", "@ann is a Slack name: write app="),
        ("app=<#C1|ops>", "#ops is a Slack channel: write app="),
        ("a" * (MOST_TYPED + 1), "That is 2,001 characters long: ask with at most 2,000."),
        ("app=" + "a" * MOST_CANONICAL, "That question is 1,504 characters long: shorten it to 1,500"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence_with_the_way_out(text: str, told: str) -> None:
    assert told in sentence(text)


def test_a_sentence_repeats_only_the_beginning_of_what_was_long() -> None:
    assert len(sentence("x" * 1900)) < 250
    assert len(sentence("x" * 1900 + "=1")) < 250
    assert len(sentence("state=" + "x" * 1900)) < 250
    assert len(sentence('app="' + "x" * 1900)) < 250
    assert len(sentence("created=" + "x" * 1900)) < 250


def test_the_longest_question_is_taken_and_one_more_is_not() -> None:
    text = "app=" + "a" * (MOST_CANONICAL - 4)
    assert query_text(asked(text)) == text
    assert "1,501" in sentence(text + "a")


def test_a_question_is_measured_as_slack_would_count_it() -> None:
    """An emoji counts two, and an ampersand five once escaped."""
    assert asked("app=" + "🦜" * 700).apps == ("🦜" * 700,)
    assert "characters" in sentence("app=" + "🦜" * 800)
    assert asked("app=" + "&" * 290).apps == ("&" * 290,)
    assert "characters" in sentence("app=" + "&" * 310)


def test_more_rows_may_be_asked_for_where_there_is_room() -> None:
    assert parse("per_page=5000", most_rows=5000).query.per_page == 5000
    with pytest.raises(UserError, match="from 1 to 5000"):
        parse("per_page=5001", most_rows=5000)


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("", ""),
        ("list per_page=10 page=1 sort=-created", ""),
        ("state=Failed APP = a,b since=2h on=eu", "app=a,b foundation=eu state=failed created>=2h"),
        ("created<today created>=7d", "created<today created>=7d"),
        ("app='my app'", 'app="my app"'),
        ("app=R&amp;D", 'app="R&D"'),
        (r'app="\u2019"', r'app="\u2019"'),
        ("reason=null", "reason=null"),
        ('reason="null"', 'reason="null"'),
        ("label = env==prod", "label=env=prod"),
        ("app=a show x public", "public show x app=a"),
        ("created=2026-11-23T11:00+01:00", "created=2026-11-23T10:00:00Z"),
    ],
)
def test_canonical_text_holds_only_what_differs_from_the_defaults(typed: str, canonical: str) -> None:
    assert to_text(parse(typed)) == canonical


def test_a_question_alone_has_the_text_of_its_filters() -> None:
    query = Query(apps=("a",), page=2)
    assert to_text(query) == query_text(query) == "app=a page=2"


def test_slacks_distortions_are_undone_before_parsing() -> None:
    received = (
        "app\u00a0= “my\u00a0app” created&gt;=2026-01-01 by=<mailto:ann@example.com|ann@example.com> sort=–updated"
    )
    assert asked(received) == asked('app="my app" created>=2026-01-01 by=ann@example.com sort=-updated')
