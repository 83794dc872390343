"""What people do with subscriptions over a real store: what the tests of that begin with."""

from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from deploybot.domain.grammar import parse
from deploybot.domain.query import SubscribeAsk
from deploybot.domain.subscription import Subscription
from deploybot.errors import UserError
from deploybot.service.reading import Reading
from deploybot.service.subscriptions import (
    NOBODY,
    Mention,
    Preview,
    Subscribing,
)
from tests.fake_directory import FakeDirectory
from tests.fake_foundation import FakeFoundation, app
from tests.service.watched import Watched, record_in

NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
"""A Monday."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CHANNEL = "C1"
_IDS = count(1)
OPEN = Reading((), FakeDirectory())
ONCALL = Mention("<!subteam^S1>", "@oncall")


def subscribing(watched: Watched, *foundations: FakeFoundation, reading: Reading | None = None) -> Subscribing:
    store = watched.store
    known = foundations or (FakeFoundation(known_apps=[app("checkout", "app-1"), app("billing", "app-2")]),)
    return Subscribing(
        store.subscriptions,
        store.ledger,
        known,
        lambda: f"s-{next(_IDS)}",
        reading or OPEN,
        lambda: 0.0,
        record_in(store),
    )


def wish(text: str) -> SubscribeAsk:
    asked = parse(f"subscribe {text}").subscribe
    assert asked
    return asked


async def made(watched: Watched, text: str, mention: Mention = NOBODY) -> Subscription:
    return await subscribing(watched).create(wish(text), CHANNEL, "U1", NOW, mention)


async def looked_ahead(watched: Watched, text: str) -> Preview:
    return await subscribing(watched).preview(wish(text), CHANNEL, "U1", NOW)


async def told(refused: Awaitable[object]) -> str:
    with pytest.raises(UserError) as problem:
        await refused
    return str(problem.value)
