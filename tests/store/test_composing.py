"""Announcements become messages, and first messages are kept up to date."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from deploybot.domain.ledger import Kind
from deploybot.domain.outgoing import Draft, Listed, Pending
from deploybot.domain.storage import Composed, Lease, Waits, Withheld
from deploybot.store.opening import Store
from tests.store.making import alert, announcement, at, entry, notice, observation, reply, subscription, transition

NOTHING = Waits(announcements=False, messages=False, doubts=False, edits=False)


@pytest.fixture
async def lease(store: Store) -> Lease:
    lease = await store.leases.acquire("poll:eu", "me", at(0), at(20))
    assert lease
    return lease


async def seen(store: Store, lease: Lease, guid: str = "d1", ordinal: int = 1, **changes: object) -> None:
    """One poll noticed one transition, that C1 is to be told of."""
    observed = observation(
        polled_at=at(ordinal),
        entries=(entry(guid, ordinal=ordinal, **changes),),
        transitions=(transition(guid, ordinal, noticed_at=at(ordinal)),),
    )
    await store.ledger.record(lease, observed, [announcement(guid, ordinal)])


def in_one(draft: Draft) -> "Decide":
    return Decide(draft)


class Decide:
    """Tells all that waits in one message, and remembers what it was shown."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.pending: list[Pending] = []

    def __call__(self, pending: Pending) -> Sequence[Composed]:
        self.pending.append(pending)
        return [Composed(self.draft, tuple(each for each, _, _ in pending.waiting))]


async def sent(store: Store, second: float, ts: str) -> None:
    (one,) = await store.outbox.claim(at(second), at(second + 30), f"t{second}", 1)
    assert await store.outbox.sending(one, at(second))
    assert await store.outbox.sent(one, ts, at(second), at(second + 1)) is None


async def test_what_waits_is_shown_oldest_first_and_told_once(store: Store, lease: Lease) -> None:
    await seen(store, lease, "d2", 2)
    await seen(store, lease, "d1", 1)
    assert await store.outbox.channels_waiting(at(3)) == ("C1",)
    decide = in_one(notice("summary", listed=(Listed("eu", "d1"), Listed("eu", "d2"))))
    assert await store.outbox.compose("C1", at(3), decide) == 1
    (pending,) = decide.pending
    assert [(each.guid, what.ordinal, now.guid) for each, what, now in pending.waiting] == [
        ("d1", 1, "d1"),
        ("d2", 2, "d2"),
    ]
    assert await store.outbox.channels_waiting(at(3)) == ()
    assert await store.outbox.compose("C1", at(3), decide) == 0
    assert len(decide.pending) == 1
    (one,) = await store.outbox.claim(at(3), at(33), "t", 1)
    assert one.draft == decide.draft


async def test_quiet_hours_hold_an_announcement_back(store: Store, lease: Lease) -> None:
    observed = observation(entries=(entry(),), transitions=(transition(),))
    await store.ledger.record(lease, observed, [announcement(not_before=at(100))])
    assert await store.outbox.channels_waiting(at(99)) == ()
    assert await store.outbox.compose("C1", at(99), in_one(notice("m"))) == 0
    assert await store.outbox.channels_waiting(at(100)) == ("C1",)


async def test_what_waits_for_a_subscription_that_is_removed_is_not_told_unless_another_asked(
    store: Store, lease: Lease
) -> None:
    for name in ("s1", "s2"):
        await store.subscriptions.add(subscription(name))
    told = [announcement("d1", not_before=at(500)), announcement("d2", not_before=at(500), subscriptions=("s1", "s2"))]
    observed = observation(entries=(entry("d1"), entry("d2")), transitions=(transition("d1"), transition("d2")))
    await store.ledger.record(lease, observed, told)
    assert await store.subscriptions.remove("s1")
    decide = in_one(notice("summary"))
    await store.outbox.compose("C1", at(500), decide)
    assert [each.guid for each, _, _ in decide.pending[0].waiting] == ["d2"]
    await store.ledger.record(lease, observed, [announcement("d1", subscriptions=("s2",))])
    assert await store.subscriptions.remove("s2")
    assert not await store.subscriptions.remove("s2")
    assert await store.outbox.channels_waiting(at(999)) == ()


async def test_what_raises_while_it_is_decided_changes_nothing(store: Store, lease: Lease) -> None:
    await seen(store, lease)

    def fail(pending: Pending) -> Sequence[Composed]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.outbox.compose("C1", at(1), fail)
    assert await store.outbox.channels_waiting(at(1)) == ("C1",)


async def test_what_is_withheld_is_told_by_nobody_for_good(store: Store, lease: Lease) -> None:
    await seen(store, lease, "d1", 1)
    await seen(store, lease, "d2", 2)

    def withhold_the_first(pending: Pending) -> Sequence[Composed | Withheld]:
        (first, _, _), (second, _, _) = pending.waiting
        return [Withheld((first,)), Composed(notice("second"), (second,))]

    assert await store.outbox.compose("C1", at(3), withhold_the_first) == 1
    assert await store.outbox.channels_waiting(at(999)) == ()
    assert not (await store.outbox.waits(at(999), at(999))).announcements
    (one,) = await store.outbox.claim(at(3), at(33), "t", 9)
    assert one.draft.key == "second"


async def test_who_decides_knows_the_threads_and_the_newest_messages(store: Store, lease: Lease) -> None:
    await seen(store, lease, "d1", 1)
    await store.outbox.compose("C1", at(1), in_one(alert("root")))
    await store.outbox.add(alert("elsewhere", channel="C2"), at(1))
    await store.outbox.add(notice("later"), at(2))
    await seen(store, lease, "d1", 2)
    decide = in_one(reply("r", "root"))
    await store.outbox.compose("C1", at(3), decide)
    (pending,) = decide.pending
    assert pending.threads == {("eu", "d1"): "root"}
    assert pending.recent == (at(2), at(1))
    assert pending.queued == 2


async def test_a_channel_that_is_shut_is_not_composed_for(store: Store, lease: Lease) -> None:
    await store.outbox.add(notice("a"), at(0))
    (one,) = await store.outbox.claim(at(0), at(30), "t", 1)
    await store.outbox.blocked(one, "is_archived", at(0), lambda each: notice(each.id))
    await seen(store, lease)
    assert await store.outbox.channels_waiting(at(1)) == ()
    await store.subscriptions.add(subscription())
    assert await store.outbox.channels_waiting(at(2)) == ("C1",)


async def _rooted(store: Store, lease: Lease) -> int:
    """A deployment's first message, sent while the ledger's ordinal was 1; its id."""
    await seen(store, lease)
    await store.outbox.compose("C1", at(1), in_one(alert("root")))
    (one,) = await store.outbox.claim(at(1), at(31), "t", 1)
    assert one.entry == entry(ordinal=1)
    assert await store.outbox.sending(one, at(1))
    assert await store.outbox.sent(one, "1.0", at(1), at(2)) is None
    return one.message


async def test_what_there_is_to_do_is_known_from_one_question(store: Store, lease: Lease) -> None:
    assert await store.outbox.waits(at(0), at(0)) == NOTHING
    await seen(store, lease)
    assert await store.outbox.waits(at(1), at(0)) == replace(NOTHING, announcements=True)
    await store.outbox.compose("C1", at(1), in_one(alert("root")))
    assert await store.outbox.waits(at(1), at(0)) == replace(NOTHING, messages=True)
    (one,) = await store.outbox.claim(at(1), at(31), "t", 1)
    assert await store.outbox.sending(one, at(1))
    assert await store.outbox.waits(at(1), at(0)) == replace(NOTHING, messages=True)
    assert await store.outbox.sent(one, "1.0", at(1), at(2)) is None
    assert await store.outbox.waits(at(9), at(9)) == NOTHING
    assert await store.outbox.sent(one, "2.0", at(3), at(4)) == "1.0"
    assert await store.outbox.waits(at(9), at(3)) == NOTHING
    assert await store.outbox.waits(at(9), at(4)) == replace(NOTHING, doubts=True)
    await store.outbox.cleared(one.message, "1.0")
    await seen(store, lease, "d1", 2)
    assert (await store.outbox.waits(at(9), at(9))).edits


async def test_a_first_message_is_outdated_once_the_ledger_knows_more(store: Store, lease: Lease) -> None:
    message = await _rooted(store, lease)
    assert await store.outbox.outdated(at(10), 9) == ()
    await seen(store, lease, "d1", 2, why="paused")
    (old,) = await store.outbox.outdated(at(10), 9)
    assert (old.message, old.channel, old.ts, old.entry.why) == (message, "C1", "1.0", "paused")
    assert await store.outbox.outdated(at(10), 9) == ()
    await store.outbox.updated(message, 2)
    assert await store.outbox.outdated(at(999), 9) == ()


@pytest.mark.parametrize("end", [{"gone_at": at(5)}, {"ended_at": at(5), "why": "the server says status FINALIZED"}])
async def test_an_end_that_is_not_told_is_shown_all_the_same(
    store: Store, lease: Lease, end: dict[str, object]
) -> None:
    """Else the first message of what was deleted would say for ever that it is under way."""
    message = await _rooted(store, lease)
    await store.ledger.record(lease, observation(polled_at=at(5), entries=(entry("d1", **end),)), [])
    (old,) = await store.outbox.outdated(at(10), 9)
    assert not old.entry.is_active
    await store.outbox.updated(message, 1)
    assert await store.outbox.outdated(at(999), 9) == ()


async def test_an_update_that_nobody_finished_is_tried_again(store: Store, lease: Lease) -> None:
    await _rooted(store, lease)
    await seen(store, lease, "d1", 2)
    assert len(await store.outbox.outdated(at(10), 9)) == 1
    assert len(await store.outbox.outdated(at(70), 9)) == 1


async def test_what_changed_during_an_update_is_shown_by_another(store: Store, lease: Lease) -> None:
    message = await _rooted(store, lease)
    await seen(store, lease, "d1", 2)
    assert len(await store.outbox.outdated(at(10), 9)) == 1
    await seen(store, lease, "d1", 3)
    await store.outbox.updated(message, 2)
    assert [each.entry.ordinal for each in await store.outbox.outdated(at(11), 9)] == [3]


async def test_an_older_update_that_came_last_is_put_right(store: Store, lease: Lease) -> None:
    message = await _rooted(store, lease)
    await seen(store, lease, "d1", 2)
    await seen(store, lease, "d1", 3)
    await store.outbox.updated(message, 3)
    assert await store.outbox.outdated(at(10), 9) == ()
    await store.outbox.updated(message, 2)
    assert [each.entry.ordinal for each in await store.outbox.outdated(at(10), 9)] == [3]


async def test_what_changed_while_the_first_message_was_sent_makes_it_outdated(store: Store, lease: Lease) -> None:
    await seen(store, lease)
    await store.outbox.compose("C1", at(1), in_one(alert("root")))
    (one,) = await store.outbox.claim(at(1), at(31), "t", 1)
    await seen(store, lease, "d1", 2)
    assert await store.outbox.outdated(at(2), 9) == ()
    assert await store.outbox.sent(one, "1.0", at(3), at(4)) is None
    assert [each.entry.ordinal for each in await store.outbox.outdated(at(3), 9)] == [2]


async def test_those_that_ended_are_brought_up_to_date_first(store: Store, lease: Lease) -> None:
    for number, guid in enumerate(("d1", "d2", "d3")):
        await seen(store, lease, guid)
        await store.outbox.compose("C1", at(1), in_one(alert(f"root:{guid}", guid)))
        await sent(store, 2 + 2 * number, f"{number}.0")
    await seen(store, lease, "d1", 2)
    await seen(store, lease, "d2", 2, ended_at=at(2))
    await seen(store, lease, "d3", 2)
    assert [each.entry.guid for each in await store.outbox.outdated(at(99), 2)] == ["d2", "d1"]
    assert [each.entry.guid for each in await store.outbox.outdated(at(99), 2)] == ["d3"]


async def test_a_first_message_that_was_deleted_is_left_alone_and_the_next_begins_anew(
    store: Store, lease: Lease
) -> None:
    message = await _rooted(store, lease)
    await store.outbox.updated(message, 1, gone=True)
    await seen(store, lease, "d1", 2)
    assert await store.outbox.outdated(at(99), 9) == ()
    decide = in_one(alert("root:2"))
    assert await store.outbox.compose("C1", at(3), decide) == 1
    assert decide.pending[0].threads == {}


async def test_a_message_lists_what_it_stands_for(store: Store, lease: Lease) -> None:
    guids = [f"d{number}" for number in range(7)]
    for guid in guids:
        await seen(store, lease, guid)
    draft = notice("summary", listed=tuple(Listed("eu", guid) for guid in [*guids, "forgotten"]))
    await store.outbox.compose("C1", at(1), in_one(draft))
    (one,) = await store.outbox.claim(at(1), at(31), "t", 1)
    total, some = await store.outbox.listed(one.message, 2, 3)
    assert (total, [each.guid for each in some]) == (7, ["d2", "d3", "d4"])
    assert await store.outbox.listed(999, 0, 3) == (0, ())


async def test_a_forgotten_deployment_takes_its_old_messages_with_it(store: Store, lease: Lease) -> None:
    message = await _rooted(store, lease)
    observed = observation(
        polled_at=at(2),
        entries=(entry(ordinal=2, ended_at=at(2)),),
        transitions=(transition(ordinal=2, kind=Kind.SUCCEEDED),),
    )
    await store.ledger.record(lease, observed, [])
    await store.outbox.updated(message, 2)
    assert await store.ledger.prune(at(100), 1) == 1
    assert await store.ledger.prune(at(100), 9) == 1
    assert await store.ledger.prune(at(100), 9) == 0
    assert await store.outbox.add(notice("root"), at(200))
