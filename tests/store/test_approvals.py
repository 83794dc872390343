"""Requests for a second person: one at a time for the same step, decided once, and shown as they stand."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from deploybot.domain.acting import Action, Bound, Stand
from deploybot.domain.approval import Approval, ApprovalState
from deploybot.domain.audit import AuditKind
from deploybot.settings.model import StoreSettings
from deploybot.store.engine import open_database
from deploybot.store.opening import Store
from deploybot.store.tables import audit
from tests.store.making import approval, asked, at, event


async def _open(store: Store, one: Approval) -> Approval | None:
    return await store.approvals.open(one, event(f"ask-{one.id}"), asked(one))


async def _recorded(settings: StoreSettings) -> list[str]:
    url = settings.database_url.get_secret_value() if settings.database_url else ""
    database = open_database(url, Path(settings.data_dir))
    try:
        async with database.reading() as connection:
            return sorted((await connection.scalars(select(audit.c.id))).all())
    finally:
        await database.close()


async def _sent(store: Store, ts: str = "1.1") -> None:
    for claim in await store.outbox.claim(at(9), at(39), "t", 9):
        assert await store.outbox.sending(claim, at(9))
        await store.outbox.sent(claim, ts, at(9), at(10))


async def test_a_request_comes_back_as_it_was_with_its_message_and_its_event(
    store: Store, settings: StoreSettings
) -> None:
    one = approval(starter="ann@example.com", starter_guid="user-ann", starter_is_person=True, rule="rule 1")
    assert await _open(store, one) is None
    assert await store.approvals.one("a1") == replace(one, shown=1)
    assert await store.approvals.one("a2") is None
    assert await _recorded(settings) == ["ask-a1"]
    (claim,) = await store.outbox.claim(at(1), at(31), "t", 9)
    assert claim.draft == asked(one)


async def test_of_two_who_ask_for_the_same_the_second_gets_the_first_ones_request(
    store: Store, settings: StoreSettings
) -> None:
    assert await _open(store, approval("a1")) is None
    there = await _open(store, approval("a2", asked_by="U9", asked_at=at(5)))
    assert there == replace(approval("a1"), shown=1)
    assert await store.approvals.one("a2") is None
    assert await _recorded(settings) == ["ask-a1"]
    assert len(await store.outbox.claim(at(6), at(36), "t", 9)) == 1


async def test_two_who_ask_at_once_make_one_request(store: Store) -> None:
    answers = await asyncio.gather(*(_open(store, approval(id_, asked_by=id_)) for id_ in ("a1", "a2", "a3")))
    assert answers.count(None) == 1
    assert len(await store.approvals.waiting()) == 1


async def test_another_step_or_another_action_is_another_request(store: Store) -> None:
    step = Bound(action=Action.CONTINUE, foundation="eu", guid="d1", stand=Stand("ACTIVE", "PAUSED", 3))
    cancel = replace(approval().bound, action=Action.CANCEL)
    for one in (approval("a1"), approval("a2", bound=step, asked_at=at(1)), approval("a3", bound=cancel)):
        assert await _open(store, one) is None
    assert [one.id for one in await store.approvals.waiting()] == ["a1", "a3", "a2"]


async def test_once_a_request_is_closed_the_same_can_be_asked_for_again(store: Store) -> None:
    await _open(store, approval("a1"))
    read = await store.approvals.one("a1")
    assert read
    assert await store.approvals.decide(read, replace(read, state=ApprovalState.EXPIRED), None)
    assert await _open(store, approval("a2", asked_at=at(5))) is None
    assert [one.id for one in await store.approvals.waiting()] == ["a2"]


async def test_of_two_who_decide_at_once_one_does(store: Store, settings: StoreSettings) -> None:
    await _open(store, approval())
    read = await store.approvals.one("a1")
    assert read
    yes = replace(read, state=ApprovalState.AGREED, decided_by="U2")
    no = replace(read, state=ApprovalState.DECLINED, decided_by="U3")
    done = await asyncio.gather(
        store.approvals.decide(read, yes, event("yes", AuditKind.AGREE)),
        store.approvals.decide(read, no, event("no", AuditKind.DECLINE)),
    )
    assert sorted(done) == [False, True]
    after = await store.approvals.one("a1")
    assert after
    assert after == replace(yes if done[0] else no, revision=2)
    assert await _recorded(settings) == sorted(["ask-a1", "yes" if done[0] else "no"])


async def test_an_event_that_cannot_be_recorded_decides_nothing(store: Store) -> None:
    await _open(store, approval())
    read = await store.approvals.one("a1")
    assert read
    with pytest.raises(SQLAlchemyError):
        await store.approvals.decide(read, replace(read, state=ApprovalState.AGREED), event("ask-a1"))
    assert await store.approvals.one("a1") == read


async def test_what_was_agreed_to_is_unfinished_until_something_is_told(store: Store) -> None:
    await _open(store, approval())
    read = await store.approvals.one("a1")
    assert read
    agreed = replace(read, state=ApprovalState.AGREED, decided_by="U2")
    assert await store.approvals.unfinished(at(0)) == ()
    assert await store.approvals.decide(read, agreed, None)
    (unfinished,) = await store.approvals.unfinished(at(0))
    assert unfinished == replace(agreed, revision=2)
    assert await store.approvals.unfinished(at(1)) == ()
    assert await store.approvals.decide(unfinished, replace(unfinished, told="Done."), None)
    assert await store.approvals.unfinished(at(0)) == ()


async def test_a_message_is_stale_from_a_decision_until_it_shows_it(store: Store) -> None:
    await _open(store, approval())
    read = await store.approvals.one("a1")
    assert read
    assert await store.approvals.decide(read, replace(read, state=ApprovalState.DECLINED), None)
    assert await store.approvals.stale(9) == ()  # it is not in Slack yet
    await _sent(store)
    ((stale, ts),) = await store.approvals.stale(9)
    assert (stale.state, stale.revision, ts) == (ApprovalState.DECLINED, 2, "1.1")
    await store.approvals.shown("a1", 1)
    assert len(await store.approvals.stale(9)) == 1
    await store.approvals.shown("a1", 2)
    assert await store.approvals.stale(9) == ()


async def test_a_message_of_an_open_request_is_not_stale(store: Store) -> None:
    await _open(store, approval())
    await _sent(store)
    assert await store.approvals.stale(9) == ()


async def test_at_most_so_many_stale_ones_come_oldest_first(store: Store) -> None:
    for number in (3, 1, 2):
        bound = replace(approval().bound, guid=f"d{number}")
        one = approval(f"a{number}", bound=bound, channel=f"C{number}", asked_at=at(number))
        await _open(store, one)
        read = await store.approvals.one(one.id)
        assert read
        await store.approvals.decide(read, replace(read, state=ApprovalState.VOID), None)
    await _sent(store)
    assert [one.id for one, _ in await store.approvals.stale(2)] == ["a1", "a2"]
