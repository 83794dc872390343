"""Pages and details to draw: one of each with everything in it, and strategies for any that a server could send."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from deploybot.domain.deployment import (
    App,
    CanaryOptions,
    CanaryStatus,
    CanaryStep,
    CanarySteps,
    Deployment,
    Event,
    Instances,
    Link,
    Metadata,
    Options,
    Org,
    Person,
    ProcessReference,
    Progress,
    Reference,
    Relationships,
    Revision,
    RevisionReference,
    Space,
    Status,
    StatusDetails,
    ToOne,
)
from deploybot.domain.outcome import Outcome, Verdict
from deploybot.domain.page import Detail, Page, Row, Total, Trouble
from deploybot.domain.paging import Key, Move, Turn
from deploybot.domain.query import Interval, Query

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
GUID = "0a1b2c3d-0000-4000-8000-00000000000{}"
APP = App("app-guid-1", "checkout", Space("space-guid", "prod", Org("org-guid", "shop")))


def deployment(number: int = 1, **more: Any) -> Deployment:
    """A canary at step 2 of 4, with an error."""
    given: dict[str, Any] = {
        "guid": GUID.format(number),
        "created_at": NOW - timedelta(hours=number),
        "updated_at": NOW - timedelta(minutes=5),
        "strategy": "canary",
        "status": Status(
            "ACTIVE",
            "DEPLOYING",
            StatusDetails(NOW - timedelta(minutes=30), NOW - timedelta(minutes=20), "instance is crashing"),
            CanaryStatus(CanarySteps(2, 4)),
        ),
        "options": Options(max_in_flight=1, canary=CanaryOptions(tuple(CanaryStep(w) for w in (20, 60, 80, 100)))),
        "droplet": Reference("droplet-2"),
        "previous_droplet": Reference("droplet-1"),
        "new_processes": (ProcessReference("process-1", "web"),),
        "revision": RevisionReference("revision-guid", 12),
        "relationships": Relationships(ToOne(Reference(APP.guid))),
        "metadata": Metadata({"env": "prod"}, {"note": "hello"}),
        "links": {"self": Link("https://api.example/v3/deployments/1")},
    }
    return Deployment(**{**given, **more})


def row(number: int = 1, outcome: Outcome = Outcome.FAILED, **more: Any) -> Row:
    given: dict[str, Any] = {
        "foundation": "eu",
        "deployment": deployment(number),
        "verdict": Verdict(outcome, "no progress for 20 minutes, and an error"),
        "app": APP,
        "progress": Progress(Instances(desired=3, running=3), Instances(desired=4, running=4), goal=6),
        "by": Person("user-guid", "ada@example.com"),
    }
    return Row(**{**given, **more})


def key(number: int) -> Key:
    return Key(1_790_000_000 + number, "eu", GUID.format(number))


def page(*rows: Row, **more: Any) -> Page:
    """Page 2 of 7, with every turn there is."""
    given: dict[str, Any] = {
        "query": Query(apps=("checkout",)),
        "rows": rows or (row(1), row(2)),
        "total": Total(70),
        "as_of": NOW,
        "number": 2,
        "pages": 7,
        "turn": Turn(Move.NEXT, key(1), key(0), 10),
        "first": Turn(),
        "previous": Turn(Move.PREVIOUS, key(1), key(0), 10),
        "next": Turn(Move.NEXT, key(2), key(0), 20),
        "last": Turn(Move.LAST),
    }
    return Page(**{**given, **more})


def empty_page(**more: Any) -> Page:
    given: dict[str, Any] = {"query": Query(), "total": Total(0), "number": 1, "pages": 1, "turn": Turn()}
    turns = dict.fromkeys(("first", "previous", "next", "last"), None)
    return replace(page(**{**given, **turns, **more}), rows=())


def detail(**more: Any) -> Detail:
    given: dict[str, Any] = {
        "row": row(),
        "as_of": NOW,
        "advice": "Look at the app's logs, then cancel it.",
        "events": (Event("e1", "continue", NOW - timedelta(minutes=40), Person("g", "bob"), GUID.format(1), APP.guid),),
        "revision": Revision("revision-guid", 12, "New droplet deployed."),
    }
    return Detail(**{**given, **more})


NASTY = st.text(st.characters(), max_size=300) | st.sampled_from(
    [
        "<!here>",
        "@channel",
        "*_~`" * 60,
        "\u202e" * 50,
        "&" * 255,
        "n" * 255,
        "😀" * 255,
        "a\nb",
        ":x:",
        "",
        "<https://e|x>",
    ]
)
NAMES = st.from_regex(r"[a-z0-9][a-z0-9-]{0,30}", fullmatch=True)
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
NUMBERS = st.integers(-1, 2**31)


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def _pairs() -> st.SearchStrategy[Any]:
    return _maybe(st.dictionaries(NASTY, _maybe(NASTY), max_size=20))


STATUS = st.builds(
    Status,
    value=_maybe(NASTY),
    reason=_maybe(NASTY | st.just("DEPLOYED")),
    details=_maybe(st.builds(StatusDetails, _maybe(TIMES), _maybe(TIMES), _maybe(NASTY))),
    canary=_maybe(st.builds(CanaryStatus, _maybe(st.builds(CanarySteps, _maybe(NUMBERS), _maybe(NUMBERS))))),
)
OPTIONS = st.builds(
    Options,
    max_in_flight=_maybe(NUMBERS),
    memory_in_mb=_maybe(NUMBERS),
    log_rate_limit_in_bytes_per_second=_maybe(NUMBERS),
    canary=_maybe(st.builds(CanaryOptions, _maybe(st.lists(st.builds(CanaryStep, _maybe(NUMBERS))).map(tuple)))),
)
DEPLOYMENTS = st.builds(
    Deployment,
    guid=st.uuids().map(str) | NASTY,
    created_at=_maybe(TIMES),
    updated_at=_maybe(TIMES),
    status=_maybe(STATUS),
    strategy=_maybe(NASTY),
    options=_maybe(OPTIONS),
    droplet=_maybe(st.builds(Reference, _maybe(NASTY))),
    new_processes=_maybe(st.lists(st.builds(ProcessReference, _maybe(NASTY), _maybe(NASTY)), max_size=20).map(tuple)),
    revision=_maybe(st.builds(RevisionReference, _maybe(NASTY), _maybe(NUMBERS))),
    metadata=_maybe(st.builds(Metadata, _pairs(), _pairs())),
    links=_maybe(st.dictionaries(NASTY, _maybe(st.builds(Link, _maybe(NASTY), _maybe(NASTY))), max_size=20)),
)
APPS = st.builds(App, NASTY, NASTY, _maybe(st.builds(Space, NASTY, NASTY, _maybe(st.builds(Org, NASTY, NASTY)))))
PEOPLE = st.builds(Person, NASTY, NASTY)
INSTANCES = st.builds(Instances, *[st.integers(0, 2**31)] * 5)
ROWS = st.builds(
    Row,
    foundation=NAMES,
    deployment=DEPLOYMENTS,
    verdict=st.builds(Verdict, st.sampled_from(Outcome), NASTY),
    app=_maybe(APPS),
    progress=_maybe(st.builds(Progress, INSTANCES, INSTANCES, _maybe(NUMBERS))),
    by=_maybe(PEOPLE),
)
KEYS = st.builds(Key, st.integers(0, 2**33), NAMES, st.uuids().map(str))
TURNS = st.builds(Turn, st.sampled_from(Move), KEYS, _maybe(KEYS), st.integers(0, 10**6))
TROUBLES = st.lists(st.builds(Trouble, NAMES, NASTY), max_size=12).map(tuple)
NOTES = st.lists(NASTY, max_size=12).map(tuple)
INTERVALS = st.builds(Interval, _maybe(TIMES), _maybe(TIMES), st.lists(TIMES, max_size=20).map(tuple))
QUERIES = st.builds(
    Query,
    apps=st.lists(NAMES, max_size=20).map(tuple),
    orgs=st.lists(NAMES, max_size=20).map(tuple),
    states=st.lists(st.sampled_from(["failed", "active", "DEPLOYED"]), max_size=3).map(tuple),
    label=_maybe(NAMES),
)
PAGES = st.builds(
    Page,
    query=QUERIES,
    rows=st.lists(ROWS, max_size=3).map(tuple),
    total=st.builds(Total, st.integers(0, 10**7), st.booleans()),
    as_of=TIMES,
    number=_maybe(st.integers(1, 9999)),
    pages=_maybe(st.integers(1, 9999)),
    turn=TURNS,
    first=_maybe(TURNS),
    previous=_maybe(TURNS),
    next=_maybe(TURNS),
    last=_maybe(TURNS),
    further=_maybe(TURNS),
    newer=st.integers(0, 10**6),
    created=INTERVALS,
    updated=INTERVALS,
    several_foundations=st.booleans(),
    notes=NOTES,
    troubles=TROUBLES,
)
EVENTS = st.lists(st.builds(Event, NASTY, NASTY, TIMES, PEOPLE, NASTY, NASTY), max_size=20).map(tuple)
DETAILS = st.builds(
    Detail,
    row=ROWS,
    as_of=TIMES,
    advice=NASTY,
    events=_maybe(EVENTS),
    revision=_maybe(st.builds(Revision, NASTY, NUMBERS, NASTY)),
    several_foundations=st.booleans(),
    notes=NOTES,
    troubles=TROUBLES,
)
