"""Actions are claimed once, by one process, and settled once; what is on the record stays there as it is."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from msgspec.structs import replace

from deploybot.domain.acting import Action, ActionRow, ActionState
from deploybot.domain.audit import AuditAsk, AuditEvent, AuditKind, AuditOutcome
from deploybot.settings.model import StoreSettings
from deploybot.store.opening import Store, open_store
from tests.store.making import action, at
from tests.store.making import event as making_event

EVERYTHING = AuditAsk()


def event(id_: str, **changes: Any) -> AuditEvent:
    known: dict[str, Any] = {"kind": AuditKind.CONTINUE, "outcome": AuditOutcome.BEGUN}
    return replace(making_event(id_), **{**known, **changes})


@pytest_asyncio.fixture
async def replicas(settings: StoreSettings) -> AsyncIterator[list[Store]]:
    """Two processes, as far as the database can tell."""
    async with open_store(settings) as first, open_store(settings) as second:
        yield [first, second]


async def claim(store: Store, row: ActionRow, again_after: float = 0.0) -> ActionRow | None:
    return await store.actions.claim(row, event(f"begun-{row.id}", action=row.id), at(again_after))


async def settle(store: Store, row: ActionRow, state: ActionState, seconds: float = 1.0) -> bool:
    settled = replace(row, state=state, settled_at=at(seconds))
    return await store.actions.settle(settled, event(f"end-{row.id}", outcome=AuditOutcome.DONE, action=row.id))


async def events(store: Store, ask: AuditAsk = EVERYTHING) -> list[str]:
    _, found = await store.actions.audit(ask, 0, 1000)
    return [one.id for one in found]


async def test_a_claim_is_on_the_record_with_what_came_of_it(store: Store) -> None:
    assert await claim(store, action()) is None
    assert await settle(store, action(), ActionState.DONE)
    assert await events(store) == ["end-a1", "begun-a1"]
    assert await store.actions.of_deployment("eu", "d1") == (
        replace(action(), state=ActionState.DONE, settled_at=at(1)),
    )


async def test_every_process_learns_where_something_was_settled_lately(replicas: list[Store]) -> None:
    one, other = replicas
    await claim(one, action())
    assert await other.actions.settled_since(at(0)) == frozenset()
    await settle(one, action(), ActionState.DONE, 5.0)
    assert await other.actions.settled_since(at(4)) == {"eu"}
    assert await other.actions.settled_since(at(5)) == frozenset()


async def test_an_action_is_settled_once(store: Store) -> None:
    await claim(store, action())
    assert await settle(store, action(), ActionState.UNCLEAR)
    assert not await settle(store, action(), ActionState.DONE)
    assert not await settle(store, action("never-claimed"), ActionState.DONE)
    (row,) = await store.actions.of_deployment("eu", "d1")
    assert row.state is ActionState.UNCLEAR
    assert await events(store) == ["end-a1", "begun-a1"]


@pytest.mark.parametrize("state", [ActionState.DONE, ActionState.REFUSED, ActionState.UNCLEAR, None])
async def test_a_confirmation_that_comes_again_is_nothing_new(store: Store, state: ActionState | None) -> None:
    await claim(store, action())
    if state:
        await settle(store, action(), state)
    way = await claim(store, replace(action("a2", step=3), confirmation=action().confirmation), again_after=100)
    assert way
    assert way.id == "a1"
    assert "begun-a2" not in await events(store)


@pytest.mark.parametrize("do", list(Action))
@pytest.mark.parametrize("state", [ActionState.DONE, None])
async def test_in_one_stand_one_thing_is_done(store: Store, state: ActionState | None, do: Action) -> None:
    await claim(store, action())
    if state:
        await settle(store, action(), state)
    way = await claim(store, action("a2", do=do))
    assert way
    assert way.id == "a1"


async def test_what_was_refused_may_be_tried_again(store: Store) -> None:
    await claim(store, action())
    await settle(store, action(), ActionState.REFUSED)
    assert await claim(store, action("a2")) is None


async def test_what_is_unclear_may_be_tried_again_after_a_while_only(store: Store) -> None:
    await claim(store, action())
    await settle(store, action(), ActionState.UNCLEAR, seconds=5)
    way = await claim(store, action("a2"), again_after=4)
    assert way
    assert way.id == "a1"
    assert await events(store) == ["end-a1", "begun-a1"]
    assert await claim(store, action("a3", do=Action.CANCEL), again_after=4) is None
    await settle(store, action("a3"), ActionState.REFUSED)
    assert await claim(store, action("a4"), again_after=5) is None


async def test_another_step_or_deployment_is_another_matter(store: Store) -> None:
    await claim(store, action())
    assert await claim(store, action("a2", step=3)) is None
    assert await claim(store, action("a3", guid="d2")) is None


async def test_of_many_who_click_at_once_one_may(replicas: list[Store]) -> None:
    rows = [action(f"a{number}") for number in range(24)]
    ways = await asyncio.gather(*(claim(replicas[number % 2], row) for number, row in enumerate(rows)))
    (winner,) = (row for row, way in zip(rows, ways, strict=True) if way is None)
    assert {way.id for way in ways if way} == {winner.id}
    assert await events(replicas[0]) == [f"begun-{winner.id}"]


async def test_of_a_confirmation_that_is_delivered_many_times_one_counts(replicas: list[Store]) -> None:
    rows = [action(f"a{number}", confirmation="V1", step=number) for number in range(12)]
    ways = await asyncio.gather(*(claim(replicas[number % 2], row) for number, row in enumerate(rows)))
    assert ways.count(None) == 1


async def test_however_tries_end_no_two_go_on_at_once(replicas: list[Store]) -> None:
    """Ends come amid the claims of others: what is refused frees the stand, what is unclear does so much later."""
    rng, going_on, sent = random.Random(7), 0, 0

    async def clicker(store: Store, name: str) -> None:
        nonlocal going_on, sent
        for number in range(8):
            row = action(f"{name}-{number}")
            if await claim(store, row) is None:
                going_on, sent = going_on + 1, sent + 1
                assert going_on == 1
                await asyncio.sleep(rng.uniform(0, 0.01))
                going_on -= 1
                await settle(store, row, ActionState.REFUSED)

    await asyncio.gather(*(clicker(replicas[number % 2], f"c{number}") for number in range(4)))
    assert sent > 1


async def test_what_nobody_settled_is_found(store: Store) -> None:
    for number in range(4):
        await claim(store, action(f"a{number}", guid=f"d{number}", claimed_at=at(number)))
    await settle(store, action("a0", guid="d0"), ActionState.DONE)
    assert [row.id for row in await store.actions.unsettled(at(3), 10)] == ["a1", "a2"]
    assert [row.id for row in await store.actions.unsettled(at(9), 1)] == ["a1"]


async def test_tries_are_told_newest_first(store: Store) -> None:
    for number in range(3):
        await claim(store, action(f"a{number}", step=number, claimed_at=at(number)))
    await claim(store, action("other", guid="d2"))
    assert [row.id for row in await store.actions.of_deployment("eu", "d1")] == ["a2", "a1", "a0"]


def told(number: int, **changes: Any) -> AuditEvent:
    return event(f"e{number}", at=at(number), **changes)


@pytest_asyncio.fixture
async def recorded(store: Store) -> Store:
    here = {"foundation": "eu", "org": "Shop", "space": "Prod", "app": "checkout_50%"}
    for one in (
        told(0, user="U1", account="Ann@Example.com", guid="d1", **here),
        told(1, user="U2", account="bob@example.com", kind=AuditKind.CANCEL, outcome=AuditOutcome.REFUSED, **here),
        told(2, user="U2", kind=AuditKind.LINK, outcome=AuditOutcome.DONE, foundation="us"),
        told(3, user="", account="deploybot", kind=AuditKind.CANCEL, guid="d1", **here),
    ):
        await store.actions.note(one)
    return store


@pytest.mark.parametrize(
    ("ask", "found"),
    [
        (AuditAsk(), ["e3", "e2", "e1", "e0"]),
        (AuditAsk(kinds=("cancel",)), ["e3", "e1"]),
        (AuditAsk(kinds=("cancel", "link")), ["e3", "e2", "e1"]),
        (AuditAsk(outcomes=("refused",)), ["e1"]),
        (AuditAsk(by=("U2",)), ["e2", "e1"]),
        (AuditAsk(by=("ann@example.com",)), ["e0"]),
        (AuditAsk(by=("*@EXAMPLE.com",)), ["e1", "e0"]),
        (AuditAsk(by=("U1", "deploybot")), ["e3", "e0"]),
        (AuditAsk(foundations=("us",)), ["e2"]),
        (AuditAsk(orgs=("shop",)), ["e3", "e1", "e0"]),
        (AuditAsk(spaces=("PROD",)), ["e3", "e1", "e0"]),
        (AuditAsk(apps=("checkout_50%",)), ["e3", "e1", "e0"]),
        (AuditAsk(apps=("check*_50%",)), ["e3", "e1", "e0"]),
        (AuditAsk(apps=("check%",)), []),
        (AuditAsk(apps=("check*_5_%",)), []),
        (AuditAsk(guids=("d1",)), ["e3", "e0"]),
        (AuditAsk(since=at(1), until=at(3)), ["e2", "e1"]),
        (AuditAsk(guids=("d1",), kinds=("cancel",), by=("*",)), ["e3"]),
    ],
)
async def test_the_record_is_found_by_what_is_asked_for(recorded: Store, ask: AuditAsk, found: list[str]) -> None:
    assert await events(recorded, ask) == found


async def test_a_page_of_the_record_says_how_many_there_are(recorded: Store) -> None:
    count, page = await recorded.actions.audit(EVERYTHING, 1, 2)
    assert (count, [one.id for one in page]) == (4, ["e2", "e1"])
    assert page[1] == told(
        1,
        user="U2",
        account="bob@example.com",
        kind=AuditKind.CANCEL,
        outcome=AuditOutcome.REFUSED,
        foundation="eu",
        org="Shop",
        space="Prod",
        app="checkout_50%",
    )


async def test_the_whole_record_is_told_in_its_order_once(store: Store) -> None:
    ids = [f"e{number}" for number in range(1203)]
    for number, id_ in enumerate(ids):
        await store.actions.note(event(id_, at=at(number // 7)))
    batches = [[one.id for one in batch] async for batch in store.actions.audit_all(EVERYTHING)]
    assert [id_ for batch in batches for id_ in batch] == ids
    assert max(map(len, batches)) < len(ids)


async def test_the_record_is_kept_for_the_retention_and_then_forgotten(store: Store) -> None:
    await claim(store, action())
    await settle(store, action(), ActionState.DONE)
    await claim(store, action("a2", guid="d2"))
    await store.actions.note(told(50))
    assert await store.ledger.prune(at(0), 100) == 0
    assert await store.ledger.prune(at(40), 100) == 4
    assert await events(store) == ["e50"]
    assert await store.actions.of_deployment("eu", "d1") == ()
    (open_one,) = await store.actions.unsettled(at(40), 10)
    assert open_one.id == "a2"
