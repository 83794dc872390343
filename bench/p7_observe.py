"""P7: 10,000 transitions observed, from what was seen to the commit, beside writing the same rows by sqlite3 alone.

Ten thousand deployments that the ledger knows as under way have ended, and 700 channels ask for an app each: 30,000
rows. The floor takes what came of it from the file and writes it into a copy that was made before: the same schema,
pragmas and statements in one transaction. Both are milliseconds of the processor, all threads together; the name of
the ratio says what the parts take.
"""

import asyncio
import gc
import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.measure import ROUNDS, Ratio, middle
from deploybot.domain.deployment import (
    App,
    Deployment,
    Metadata,
    Org,
    Reference,
    Relationships,
    Space,
    Status,
    StatusDetails,
    ToOne,
)
from deploybot.domain.ledger import Entry, Kind, Observation, PollState, Transition
from deploybot.domain.matching import Index, announcements
from deploybot.domain.observation import Seen, decide, together
from deploybot.domain.outcome import OutcomeRules
from deploybot.domain.storage import Lease
from deploybot.domain.subscription import Subscription, SubscriptionKind
from deploybot.settings.model import StoreSettings
from deploybot.store.engine import DATABASE_FILE
from deploybot.store.opening import Store, open_store

DEPLOYMENTS, APPS = 10_000, 700
BEFORE = datetime(2026, 11, 23, 9, tzinfo=UTC)
NOW = BEFORE + timedelta(minutes=5)
OVERLAP = timedelta(seconds=60)
RULES = OutcomeRules()
_ORG = Org("org-1", "shop")
_TABLES = ("entries", "transitions", "announcements")
_PRAGMAS = (
    "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -16384; PRAGMA mmap_size = 1073741824;"
)


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds of the processor."""

    decide: float
    match: float
    write: float
    floor: float

    @property
    def whole(self) -> float:
        return self.decide + self.match + self.write


def run() -> list[Ratio]:
    index = Index([_subscription(number) for number in range(APPS)])
    rounds = []
    gc.collect()
    gc.freeze()  # as the bot does when it starts
    for _ in range(ROUNDS):
        with TemporaryDirectory() as directory:
            rounds.append(asyncio.run(_round(Path(directory), index)))
    parts = ", ".join(
        f"{name} {middle([getattr(one, name) for one in rounds]):.0f}" for name in ("decide", "match", "write")
    )
    whole, floor = middle([one.whole for one in rounds]), middle([one.floor for one in rounds])
    return [Ratio(f"P7 observe 10,000 ({parts} ms) / executemany", whole, floor, "ms", 4)]


async def _round(directory: Path, index: Index) -> Took:
    async with open_store(StoreSettings(data_dir=directory / "ours")) as store:
        lease = await store.leases.acquire("poll:eu", "bench", BEFORE, NOW + timedelta(hours=1))
        assert lease
        known = await _known(store, lease)
        file = directory / "ours" / DATABASE_FILE
        copied = _copied(file, directory / "copy.db")
        took = await _observed(store, lease, known, index)
    return Took(*took, floor=_written(copied, _rows(file)))


async def _known(store: Store, lease: Lease) -> dict[str, Entry]:
    """The ledger before: every deployment is under way."""
    first = PollState(foundation="eu", cursor=BEFORE, polled_at=BEFORE)
    started = together(list(decide(_seen(BEFORE, {}, ended=False), RULES, first, OVERLAP, late=False)))
    await store.ledger.record(
        lease, Observation(state=first, entries=started.entries, transitions=started.transitions), []
    )
    return {entry.guid: entry for entry in started.entries}


async def _observed(store: Store, lease: Lease, known: dict[str, Entry], index: Index) -> tuple[float, float, float]:
    seen = _seen(NOW, known, ended=True)
    state = PollState(foundation="eu", cursor=BEFORE, polled_at=BEFORE)
    began = time.process_time()
    decided = together(list(decide(seen, RULES, state, OVERLAP, late=False)))
    was_decided = time.process_time()
    entries = {entry.guid: entry for entry in decided.entries}
    told = announcements(_happened(decided.transitions, entries), index, NOW)
    was_matched = time.process_time()
    now = PollState(foundation="eu", cursor=NOW, polled_at=NOW)
    observed = Observation(state=now, entries=decided.entries, transitions=decided.transitions)
    await store.ledger.record(lease, observed, told)
    written = time.process_time()
    assert len(decided.entries) == len(decided.transitions) == len(told) == DEPLOYMENTS
    return (was_decided - began) * 1000, (was_matched - was_decided) * 1000, (written - was_matched) * 1000


def _happened(transitions: Sequence[Transition], entries: dict[str, Entry]) -> Iterator[tuple[Transition, Entry]]:
    return ((transition, entries[transition.guid]) for transition in transitions)


def _copied(file: Path, copy: Path) -> Path:
    """The file as it is now, its write-ahead log included."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copyfile(file, copy)
    return copy


def _rows(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """What the observation wrote, as it stands in the file."""
    noticed = int(NOW.timestamp() * 1_000_000)
    with closing(sqlite3.connect(file)) as connection:
        rows = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in _TABLES}
    at = 3
    return rows | {"transitions": [row for row in rows["transitions"] if row[at] == noticed]}


def _written(copy: Path, rows: dict[str, list[tuple[object, ...]]]) -> float:
    """The floor: all rows by executemany, entries over what is there."""
    with closing(sqlite3.connect(copy)) as connection:
        connection.executescript(_PRAGMAS)
        began = time.process_time()
        with connection:
            connection.executemany(
                "INSERT INTO entries VALUES (?, ?, ?, ?, ?) ON CONFLICT (foundation, guid) DO UPDATE SET"
                " ordinal = excluded.ordinal, closed_at = excluded.closed_at, body = excluded.body",
                rows["entries"],
            )
            for table in _TABLES[1:]:
                places = ", ".join("?" for _ in rows[table][0])
                connection.executemany(f"INSERT INTO {table} VALUES ({places}) ON CONFLICT DO NOTHING", rows[table])
        took = time.process_time() - began
        assert connection.execute("SELECT count(*) FROM announcements").fetchone() == (DEPLOYMENTS,)
    return took * 1000


def _seen(now: datetime, known: dict[str, Entry], *, ended: bool) -> Seen:
    return Seen(
        foundation="eu",
        now=now,
        rows=[_deployment(number, now, ended=ended) for number in range(DEPLOYMENTS)],
        known=known,
        apps={f"app-{number}": _app(number) for number in range(APPS)},
        people={},
    )


def _app(number: int) -> App:
    return App(f"app-{number}", f"service-{number}", Space(f"space-{number % 40}", f"team-{number % 40}", _ORG))


def _deployment(number: int, now: datetime, *, ended: bool) -> Deployment:
    began = BEFORE - timedelta(minutes=5)
    value, reason = ("FINALIZED", "DEPLOYED") if ended else ("ACTIVE", "DEPLOYING")
    return Deployment(
        guid=f"{number * 2654435761 % 2**32:08x}-0000-4000-8000-{number:012x}",
        created_at=began,
        updated_at=now,
        status=Status(value, reason, StatusDetails(last_successful_healthcheck=now, last_status_change=now)),
        strategy="rolling",
        relationships=Relationships(ToOne(Reference(f"app-{number % APPS}"))),
        metadata=Metadata({"team": f"team-{number % 40}", "env": "prod"}),
    )


def _subscription(number: int) -> Subscription:
    return Subscription(
        id=f"s-{number}",
        channel=f"C{number}",
        made_by="U1",
        made_at=BEFORE,
        kind=SubscriptionKind.ALERT,
        filters=f"app=service-{number}",
        on=(Kind.FAILED, Kind.SUCCEEDED),
    )
