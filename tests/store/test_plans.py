"""Questions to the ledger use indexes, however long the ledger is: nothing reads a whole table."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest_asyncio
from sqlalchemy import text

from deploybot.domain.audit import AuditAsk
from deploybot.settings.model import StoreSettings
from deploybot.store import actions, aftercare, audit, composing, measuring, pruning, subscriptions, turns, watches
from deploybot.store.engine import Database, open_database
from deploybot.store.ledger import active, noticed, outdate
from deploybot.store.opening import open_store
from tests.store.making import NOON, at

QUESTIONS: dict[str, tuple[Any, str]] = {
    "active": (active("eu"), "ix_entries_active"),
    "noticed": (noticed(at(0), at(60), ()), "ix_transitions_noticed"),
    "noticed on some": (noticed(at(0), at(60), ("eu",)), "ix_transitions_noticed"),
    "outdate": (outdate("eu", ["d1", "d2"], NOON), "ix_messages_first"),
    "prune deployments": (pruning.deployments(at(0), 100), "ix_entries_closed"),
    "prune messages": (pruning.sent_messages(at(0), 100), "ix_messages_sent"),
    "prune actions": (pruning.settled_actions(at(0), 100), "ix_actions_settled"),
    "prune the record": (pruning.old_events(at(0), 100), "ix_audit_at"),
    "unsettled": (actions.unsettled(at(0), 10), "ix_actions_claimed"),
    "settled since": (actions.settled_since(at(0)), "ix_actions_settled"),
    "tries": (actions.of_deployment("eu", "d1"), "ix_actions_deployment"),
    "record of a day": (audit.newest(AuditAsk(since=at(0), until=at(60)), 0, 10), "ix_audit_at"),
    "record of a deployment": (audit.counted(AuditAsk(guids=("d1",))), "ix_audit_guid"),
    "record to export": (audit.oldest(AuditAsk(since=at(0)), None), "ix_audit_at"),
    "what waits": (turns.WHAT_WAITS.params(now=at(0), before=at(0)), "ix_messages_doubtful"),
    "channels waiting": (composing.waiting_channels(at(0)), "ix_announcements_waiting"),
    "waiting in a channel": (composing.waiting("C1", at(0)), "ix_announcements_waiting"),
    "recent": (composing.recent("C1"), "ix_messages_recent"),
    "heads": (turns.heads(at(0), timedelta(seconds=70)), "ix_messages_unsent"),
    "outdated": (aftercare.outdated_ones(at(0), 10), "ix_messages_outdated"),
    "doubtful": (aftercare.doubtful_ones(at(0), 10), "ix_messages_doubtful"),
    "listed": (aftercare.listed_ones(1, 0, 10), "listed USING PRIMARY KEY"),
    "watches at work": (watches.GOING_ON, "ix_watches_foundation"),
    "old watches": (watches.STALE_FOUNDATIONS, "ix_watches_over"),
    "watches of a foundation": (watches.running("eu"), "ix_watches_foundation"),
    "stale watches": (watches.stale(["eu"]), "ix_watches_foundation"),
    "what waits to be told": (measuring.waiting(at(0)), "ix_messages_unsent"),
    "due": (subscriptions.due_ones(at(0), 10), "ix_subscriptions_due"),
}
"""Each question with the index that SQLite is to use for it."""

SMALL = ("SCAN lanes", "Seq Scan on lanes", "SCAN next_one", "SCAN CONSTANT ROW", "SCAN anon_1")
"""Tables with a row per channel, or no table at all: reading them whole is no matter."""

WAITING = ("ix_announcements_waiting", "ix_messages_unsent", "ix_watches_foundation")
"""Partial indexes of what waits or goes on: going through them is not going through the table."""


@pytest_asyncio.fixture
async def database(settings: StoreSettings) -> AsyncIterator[Database]:
    async with open_store(settings):
        pass
    opened = open_database(settings.database_url.get_secret_value() if settings.database_url else "", settings.data_dir)
    yield opened
    await opened.close()


async def test_no_question_reads_a_whole_table(database: Database) -> None:
    plans = {name: await _plan(database, question) for name, (question, _) in QUESTIONS.items()}
    assert {name: plan for name, plan in plans.items() if any(_reads_all(line) for line in plan)} == {}
    if not database.is_postgresql:  # which chooses by what is in the tables: nothing, here
        used = {name: any(index in line for line in plans[name]) for name, (_, index) in QUESTIONS.items()}
        assert used == dict.fromkeys(QUESTIONS, True)


async def _plan(database: Database, question: Any) -> list[str]:
    """With PostgreSQL told that reading whole tables is dear: on empty ones it would be cheapest."""
    async with database.reading() as connection:
        statement = str(question.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True}))
        if database.is_postgresql:
            await connection.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN" if database.is_postgresql else "EXPLAIN QUERY PLAN"
        return [str(list(row)[-1]) for row in await connection.exec_driver_sql(f"{explain} {statement}")]


def _reads_all(line: str) -> bool:
    whole = "Seq Scan" in line or line.startswith("SCAN ")
    return whole and not any(small in line for small in SMALL) and not any(index in line for index in WAITING)
