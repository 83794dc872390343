"""The outbox: no message is lost, none is sent twice at once, and threads keep their order."""

from datetime import datetime, timedelta

import pytest

from deploybot.domain.outgoing import Claim, Draft, NoticeBody
from deploybot.domain.subscription import Subscription
from deploybot.store.opening import Store
from tests.store.making import at, digest, notice, reply, subscription

SETTLE = 70


async def claim(store: Store, second: float, token: str = "t", most: int = 10) -> tuple[Claim, ...]:
    return await store.outbox.claim(at(second), at(second + 30), f"{token}-{second}", most)


async def claim_one(store: Store, second: float, token: str = "t") -> Claim:
    (one,) = await claim(store, second, token)
    return one


async def keys_claimed(store: Store, second: float) -> list[str]:
    return [one.draft.key for one in await claim(store, second)]


async def send(store: Store, second: float) -> str:
    """Claim, send and record the next message; its key."""
    one = await claim_one(store, second)
    assert await store.outbox.sending(one, at(second))
    assert await store.outbox.sent(one, f"{second}.1", at(second), at(second + 1)) is None
    return one.draft.key


async def test_a_message_goes_out_once_and_is_known_by_its_key(store: Store) -> None:
    assert await store.outbox.add(notice("a"), at(0))
    assert not await store.outbox.add(notice("a"), at(0))
    assert await send(store, 0) == "a"
    assert not await store.outbox.add(notice("a"), at(1))
    assert await claim(store, 1000) == ()


async def test_it_tells_which_messages_were_sent_and_when(store: Store) -> None:
    for key, channel in (("sent", "C1"), ("waits", "C2")):
        assert await store.outbox.add(notice(key, channel), at(0))
    (claim,) = [one for one in await store.outbox.claim(at(1), at(31), "t", 9) if one.draft.key == "sent"]
    assert await store.outbox.sending(claim, at(1))
    await store.outbox.sent(claim, "1.1", at(2), at(3))
    assert await store.outbox.sent_at(["sent", "waits", "unknown"]) == {"sent": at(2), "waits": None}
    assert await store.outbox.sent_at([]) == {}


async def test_what_is_in_slack_is_found_by_key_and_shows_what_it_was_redrawn_with(store: Store) -> None:
    for key, channel in (("sent", "C1"), ("waits", "C2")):
        assert await store.outbox.add(notice(key, channel), at(0))
    (one,) = [one for one in await claim(store, 1) if one.draft.key == "sent"]
    assert await store.outbox.sending(one, at(1))
    await store.outbox.sent(one, "1.1", at(2), at(3))
    (found,) = await store.outbox.sent_ones(["sent", "waits", "unknown"])
    assert (found.draft, found.ts) == (notice("sent"), "1.1")
    await store.outbox.redrawn("sent", NoticeBody(text="anew"))
    (again,) = await store.outbox.sent_ones(["sent"])
    assert again.draft.body == NoticeBody(text="anew")


async def test_a_claim_has_all_that_the_draft_had(store: Store) -> None:
    draft = notice("a", not_before=at(5), subscriptions=("s1", "s2"))
    await store.outbox.add(draft, at(0))
    assert await claim(store, 4) == ()
    one = await claim_one(store, 5)
    assert (one.draft, one.attempts, one.attempted_at, one.repeat) == (draft, 0, None, False)


async def test_a_channel_has_one_message_in_flight_and_others_go_on(store: Store) -> None:
    for key, channel in (("a", "C1"), ("b", "C1"), ("c", "C2")):
        await store.outbox.add(notice(key, channel), at(0))
    assert await keys_claimed(store, 0) == ["a", "c"]
    assert await keys_claimed(store, 1) == []


async def test_a_channel_waits_a_second_between_two_messages(store: Store) -> None:
    await store.outbox.add(notice("a"), at(0))
    await store.outbox.add(notice("b"), at(0))
    assert await send(store, 0) == "a"
    assert await claim(store, 0.9) == ()
    assert await send(store, 1) == "b"


async def test_a_claim_that_ran_out_before_the_send_is_anybodys_at_once(store: Store) -> None:
    await store.outbox.add(notice("a"), at(0))
    old = await claim_one(store, 0)
    new = await claim_one(store, 30)
    assert new.attempts == 0
    assert not await store.outbox.sending(old, at(30))
    assert await store.outbox.sending(new, at(31))


async def test_nothing_is_sent_on_a_claim_that_has_run_out_even_if_nobody_took_it(store: Store) -> None:
    await store.outbox.add(notice("a"), at(0))
    one = await claim_one(store, 0)
    assert not await store.outbox.sending(one, at(30))


async def test_a_send_that_nobody_heard_of_again_is_settled_no_sooner_than_allowed(store: Store) -> None:
    await store.outbox.add(notice("a"), at(0))
    lost = await claim_one(store, 0)
    assert await store.outbox.sending(lost, at(2))
    assert await claim(store, 2 + SETTLE - 0.1) == ()
    one = await claim_one(store, 2 + SETTLE)
    assert (one.attempts, one.attempted_at) == (1, at(2))


async def test_an_unclear_message_lets_the_others_of_its_channel_go_on(store: Store) -> None:
    await store.outbox.add(notice("a"), at(0))
    await store.outbox.add(notice("b"), at(0))
    one = await claim_one(store, 0)
    await store.outbox.sending(one, at(0))
    await store.outbox.unclear(one, "timed out", at(10))
    assert await send(store, 10) == "b"
    assert await claim(store, SETTLE - 0.1) == ()
    settling = await claim_one(store, SETTLE)
    assert (settling.draft.key, settling.attempts) == ("a", 1)


async def test_an_unclear_message_that_is_certainly_not_there_is_sent_anew(store: Store) -> None:
    await store.outbox.add(notice("a"), at(0))
    one = await claim_one(store, 0)
    await store.outbox.sending(one, at(0))
    await store.outbox.unclear(one, "timed out", at(100))
    settling = await claim_one(store, 100)
    await store.outbox.later(settling, "", at(101))
    again = await claim_one(store, 101)
    assert (again.attempts, again.repeat) == (0, False)


async def test_where_nobody_can_look_it_is_a_repeat(store: Store) -> None:
    await store.outbox.add(notice("a"), at(0))
    one = await claim_one(store, 0)
    await store.outbox.sending(one, at(0))
    await store.outbox.unclear(one, "timed out", at(100))
    await store.outbox.later(await claim_one(store, 100), "no right to look", at(100), repeat=True)
    assert (await claim_one(store, 100)).repeat


async def test_a_wait_that_slack_asked_for_holds_up_the_whole_channel(store: Store) -> None:
    await store.outbox.add(notice("a"), at(0))
    await store.outbox.add(notice("b"), at(0))
    one = await claim_one(store, 0)
    await store.outbox.sending(one, at(0))
    await store.outbox.later(one, "429", at(30))
    assert await claim(store, 29) == ()
    assert await send(store, 30) == "a"


async def test_a_reply_waits_for_its_root_and_for_the_replies_before_it(store: Store) -> None:
    for draft in (notice("root"), reply("r1", "root"), reply("r2", "root"), notice("other")):
        await store.outbox.add(draft, at(0))
    root = await claim_one(store, 0)
    assert await store.outbox.sending(root, at(0))
    await store.outbox.unclear(root, "timed out", at(70))
    assert await send(store, 1) == "other"
    assert await claim(store, 69) == ()
    found = await claim_one(store, 70)
    assert await store.outbox.sent(found, "1.0", at(70), at(71)) is None
    first = await claim_one(store, 71)
    assert (first.draft.key, first.thread_ts) == ("r1", "1.0")
    await store.outbox.later(first, "500", at(80))
    assert await send(store, 80) == "r1"
    assert await send(store, 81) == "r2"


async def test_a_reply_to_nothing_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="nowhere"):
        await store.outbox.add(reply("r", "nowhere"), at(0))
    assert await claim(store, 0) == ()


async def test_of_two_sends_the_first_noted_counts_and_the_double_is_looked_for(store: Store) -> None:
    await store.outbox.add(notice("a"), at(0))
    frozen = await claim_one(store, 0, "frozen")
    assert await store.outbox.sending(frozen, at(0))
    settling = await claim_one(store, SETTLE)
    await store.outbox.later(settling, "", at(SETTLE))
    again = await claim_one(store, SETTLE + 1)
    assert await store.outbox.sending(again, at(SETTLE + 1))
    assert await store.outbox.sent(frozen, "1.0", at(SETTLE + 2), at(SETTLE + 3)) is None
    await store.outbox.add(notice("b"), at(SETTLE))
    assert await store.outbox.sent(again, "2.0", at(SETTLE + 3), at(SETTLE + 4)) == "1.0"
    assert await send(store, SETTLE + 4) == "b"
    (doubt,) = await store.outbox.doubtful(at(1000), 10)
    assert (doubt.ts, doubt.attempted_at) == ("1.0", at(0))
    await store.outbox.cleared(doubt.message, "1.0")
    assert await store.outbox.doubtful(at(1000), 10) == ()


async def test_a_message_sent_once_and_in_time_is_not_doubted(store: Store) -> None:
    await store.outbox.add(notice("a"), at(0))
    await send(store, 0)
    assert await store.outbox.doubtful(at(1000), 10) == ()


def _told(one: Subscription) -> Draft:
    return notice(f"paused:{one.id}", one.made_by)


async def test_a_shut_channel_holds_its_messages_and_pauses_its_subscriptions_once(store: Store) -> None:
    await store.subscriptions.add(subscription("s1"))
    await store.subscriptions.add(digest("s2", made_by="U2"))
    await store.subscriptions.add(subscription("s3", paused="by hand", paused_by="U3"))
    await store.subscriptions.add(subscription("s4", channel="C2"))
    await store.outbox.add(notice("a"), at(0))
    await store.outbox.add(notice("b"), at(0))
    one = await claim_one(store, 0)
    paused = await store.outbox.blocked(one, "is_archived", at(0), _told)
    assert [(each.id, each.paused) for each in paused] == [("s1", "is_archived"), ("s2", "is_archived")]
    assert await keys_claimed(store, 100) == ["paused:s1", "paused:s2"]
    assert (await store.subscriptions.one("s3")) == subscription("s3", paused="by hand", paused_by="U3")
    assert [each.id for each in (await store.subscriptions.alerts())[1]] == ["s4"]


async def test_what_a_shut_channel_held_is_sent_when_it_opens(store: Store) -> None:
    await store.outbox.add(notice("a"), at(0))
    await store.outbox.blocked(await claim_one(store, 0), "is_archived", at(0), _told)
    await store.outbox.add(notice("b"), at(5))
    assert await claim(store, 10) == ()
    await store.subscriptions.add(subscription("s2", channel="C2"))
    assert await claim(store, 19) == ()
    await store.subscriptions.add(subscription("s1"))
    assert [await send(store, 20), await send(store, 21)] == ["a", "b"]


async def test_a_post_is_noted_at_its_subscriptions(store: Store) -> None:
    await store.subscriptions.add(digest("s1"))
    await store.outbox.add(notice("a", subscriptions=("s1",)), at(0))
    await send(store, 5)
    noted = await store.subscriptions.one("s1")
    assert noted
    assert noted.last_posted_at == at(5)
    assert noted.revision == 1


@pytest.mark.parametrize("settle", [timedelta(seconds=1), timedelta(seconds=200)])
async def test_unclear_is_never_settled_before_its_time(store: Store, settle: timedelta) -> None:
    await store.outbox.add(notice("a"), at(0))
    one = await claim_one(store, 0)
    await store.outbox.sending(one, at(0))
    await store.outbox.unclear(one, "?", at(0) + settle)
    earliest: datetime = max(at(SETTLE), at(0) + settle)
    assert await store.outbox.claim(earliest - timedelta(microseconds=1), at(999), "x", 1) == ()
    assert len(await store.outbox.claim(earliest, at(999), "y", 1)) == 1


async def test_a_reply_waits_for_an_unclear_one_before_it(store: Store) -> None:
    for draft in (notice("root"), reply("r1", "root"), reply("r2", "root")):
        await store.outbox.add(draft, at(0))
    assert await send(store, 0) == "root"
    first = await claim_one(store, 1)
    assert await store.outbox.sending(first, at(1))
    await store.outbox.unclear(first, "timed out", at(80))
    assert await claim(store, 79) == ()
    assert (await claim_one(store, 80)).draft.key == "r1"


async def test_what_a_frozen_sender_noted_after_all_is_not_sent_again_on_a_newer_claim(store: Store) -> None:
    await store.outbox.add(notice("a"), at(0))
    frozen = await claim_one(store, 0)
    assert await store.outbox.sending(frozen, at(0))
    newer = await claim_one(store, SETTLE)
    assert await store.outbox.sent(frozen, "1.0", at(SETTLE), at(SETTLE + 1)) is None
    await store.outbox.add(notice("b"), at(SETTLE))
    assert not await store.outbox.sending(newer, at(SETTLE + 1))
    assert await send(store, SETTLE + 1) == "b"
    assert [one.ts for one in await store.outbox.doubtful(at(1000), 10)] == ["1.0"]


async def test_a_claim_that_another_has_taken_over_changes_nothing_any_more(store: Store) -> None:
    await store.outbox.add(notice("a"), at(0))
    old = await claim_one(store, 0)
    new = await claim_one(store, 30)
    await store.outbox.later(old, "429", at(500))
    await store.outbox.unclear(old, "timed out", at(500))
    assert await store.outbox.blocked(old, "is_archived", at(30), _told) == ()
    assert await store.outbox.sending(new, at(31))


async def test_a_send_that_slack_declined_makes_no_double(store: Store) -> None:
    await store.outbox.add(notice("a"), at(0))
    one = await claim_one(store, 0)
    await store.outbox.sending(one, at(0))
    await store.outbox.later(one, "429", at(5))
    assert await send(store, 5) == "a"
    assert await store.outbox.doubtful(at(1000), 10) == ()


async def test_a_send_after_one_that_was_not_to_be_seen_may_make_a_double(store: Store) -> None:
    await store.outbox.add(notice("a"), at(0))
    one = await claim_one(store, 0)
    await store.outbox.sending(one, at(0))
    await store.outbox.later(await claim_one(store, SETTLE), "it was not there", at(SETTLE))
    assert await send(store, SETTLE + 1) == "a"
    assert [each.draft.key for each in await store.outbox.doubtful(at(1000), 10)] == ["a"]
