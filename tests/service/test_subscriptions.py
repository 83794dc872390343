"""What a channel does with its subscriptions; two people never overwrite each other unseen."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta

import pytest

from deploybot.domain.access import Effect, Right, Rule
from deploybot.domain.audit import AuditAsk, AuditKind
from deploybot.domain.ledger import Kind
from deploybot.domain.query import Query
from deploybot.domain.subscription import Subscription, SubscriptionKind
from deploybot.errors import UserError
from deploybot.service.digests import Digests
from deploybot.service.reading import Reading
from deploybot.service.subscriptions import (
    MOST_IN_A_CHANNEL,
    NOBODY,
    Mention,
    Snooze,
    ask_of,
    mention_of,
)
from tests.fake_directory import FakeDirectory
from tests.service.subscribed import CHANNEL, DAY, HOUR, NOW, ONCALL, made, subscribing, told, wish
from tests.service.watched import NOTED_AT, Watched
from tests.store.making import notice


async def test_a_digest_begins_with_the_period_that_is_under_way(watched: Watched) -> None:
    one = await made(watched, 'app=checkout at="mon-fri 09:00" tz=Europe/Berlin proof', ONCALL)
    assert one.kind is SubscriptionKind.DIGEST
    assert (one.filters, one.schedule, one.tz, one.on, one.proof) == (
        "app=checkout",
        'at="mon-fri 09:00"',
        "Europe/Berlin",
        (),
        True,
    )
    assert one.covered_until == datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert one.next_due == datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert (one.mention, one.mention_label, one.made_by, one.made_at) == ("<!subteam^S1>", "@oncall", "U1", NOW)
    assert await subscribing(watched).of_channel(CHANNEL, "U1") == (one,)


async def test_an_alert_is_quiet_unless_somebody_says(watched: Watched) -> None:
    assert (await made(watched, "app=checkout")).on == (Kind.PAUSED, Kind.STALLED, Kind.FAILED)
    one = await made(watched, "app=checkout on=succeeded")
    assert one.on == (Kind.SUCCEEDED,)
    assert one.kind is SubscriptionKind.ALERT
    assert one.next_due is None
    assert len(await subscribing(watched).of_channel(CHANNEL, "U1")) == 2


async def test_what_does_not_go_together_is_told(watched: Watched) -> None:
    service = subscribing(watched)

    def create(text: str) -> Awaitable[Subscription]:
        return service.create(wish(text), CHANNEL, "U1", NOW)

    assert "I can see no app called 'chekout'" in await told(create("app=chekout"))
    assert "Did you mean checkout?" in await told(create("app=chekout"))
    assert "I know no foundation called 'us'" in await told(create("foundation=us"))
    assert "proof goes with a digest only" in await told(create("proof"))
    assert "use by=your-user-name" in await told(create("by=me"))
    assert await service.of_channel(CHANNEL, "U1") == ()


async def test_the_same_twice_is_refused_and_so_is_one_too_many(watched: Watched) -> None:
    service = subscribing(watched)
    await made(watched, "app=checkout every=1h")
    assert "just this subscription already" in await told(
        service.create(wish("app=checkout every=60m"), CHANNEL, "U2", NOW)
    )
    await filled(watched, MOST_IN_A_CHANNEL - 1)
    assert "has 50 subscriptions" in await told(service.create(wish("every=2h"), CHANNEL, "U1", NOW))
    assert (await service.create(wish("every=2h"), "C2", "U1", NOW)).channel == "C2"


async def test_of_two_people_at_once_only_one_gets_the_last_place(watched: Watched) -> None:
    await filled(watched, MOST_IN_A_CHANNEL - 1)
    service = subscribing(watched)
    made_at_once = await asyncio.gather(
        *(service.create(wish(f"every={hours}h"), CHANNEL, "U1", NOW) for hours in (2, 3, 4)), return_exceptions=True
    )
    assert [isinstance(one, UserError) for one in made_at_once].count(True) == 2
    assert len(await service.of_channel(CHANNEL, "U1")) == MOST_IN_A_CHANNEL


async def test_two_people_who_want_the_same_at_once_get_it_once(watched: Watched) -> None:
    service = subscribing(watched)
    made_at_once = await asyncio.gather(
        *(service.create(wish("every=2h"), CHANNEL, person, NOW) for person in ("U1", "U2")), return_exceptions=True
    )
    assert [isinstance(one, UserError) for one in made_at_once].count(True) == 1
    assert len(await service.of_channel(CHANNEL, "U1")) == 1


async def filled(watched: Watched, count: int) -> None:
    for number in range(count):
        await watched.store.subscriptions.add(
            Subscription(id=f"x-{number}", channel=CHANNEL, made_by="U1", made_at=NOW, kind=SubscriptionKind.ALERT)
        )


async def test_another_channels_subscription_is_nobodys_here(watched: Watched) -> None:
    one, service = await made(watched, "every=1h"), subscribing(watched)
    for attempt in (
        service.one(one.id, "C2"),
        service.pause(one.id, "C2", "U1", NOW),
        service.resume(one.id, "C2", "U1", NOW),
        service.snooze(one.id, "C2", "U1", Snooze.HOUR, NOW),
        service.remove(one.id, "C2", "U1"),
        service.send_now(one.id, "C2", NOW),
        service.edit(one.id, "C2", 1, wish("every=2h"), NOW, by="U1"),
        service.one("nothing", CHANNEL),
    ):
        assert "That subscription is gone" in await told(attempt)
    assert await service.one(one.id, CHANNEL) == one


async def test_an_edit_changes_all_that_is_asked_and_keeps_the_rest(watched: Watched) -> None:
    one, service = await made(watched, "app=checkout every=1h", ONCALL), subscribing(watched)
    after = await service.edit(one.id, CHANNEL, one.revision, wish("app=billing every=2h quiet=22-7"), NOW, by="U1")
    assert (after.filters, after.schedule, after.quiet, after.mention) == (
        "app=billing",
        "every=2h",
        "22:00-07:00",
        "",
    )
    assert (after.made_at, after.made_by, after.covered_until) == (one.made_at, "U1", one.covered_until)
    assert after.next_due == datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert after.revision == 2


async def test_a_digest_can_become_an_alert_and_an_alert_a_digest(watched: Watched) -> None:
    one, service = await made(watched, "every=1h"), subscribing(watched)
    alert = await service.edit(one.id, CHANNEL, 1, wish("on=failed"), NOW, by="U1")
    assert (alert.kind, alert.on, alert.next_due, alert.schedule) == (
        SubscriptionKind.ALERT,
        (Kind.FAILED,),
        None,
        "",
    )
    digest = await service.edit(one.id, CHANNEL, 2, wish("every=1d"), NOW, by="U1")
    assert (digest.kind, digest.on) == (SubscriptionKind.DIGEST, ())
    assert digest.covered_until == datetime(2026, 11, 23, tzinfo=UTC)
    assert digest.next_due == datetime(2026, 11, 24, tzinfo=UTC)


async def test_whoever_edits_what_somebody_else_changed_is_shown_what_it_is_now(watched: Watched) -> None:
    one, service = await made(watched, "app=checkout every=1h"), subscribing(watched)
    await service.edit(one.id, CHANNEL, 1, wish("app=billing every=2h"), NOW, by="U1")
    sentence = await told(service.edit(one.id, CHANNEL, 1, wish("every=5m"), NOW, by="U1"))
    assert "it is now: app=billing every=2h tz=UTC" in sentence
    assert (await service.one(one.id, CHANNEL)).schedule == "every=2h"


async def test_a_digest_that_fires_while_somebody_edits_is_no_conflict(watched: Watched) -> None:
    one, service = await made(watched, "app=checkout every=1h", ONCALL), subscribing(watched)
    await watched.poll(NOW + HOUR / 2)
    await Digests(watched.store.subscriptions, watched.store.ledger, ["eu"]).tick(NOW + HOUR / 2)
    after = await service.edit(one.id, CHANNEL, one.revision, wish("app=billing every=1h"), NOW + HOUR / 2, by="U1")
    assert after.filters == "app=billing"
    assert after.next_due == NOW + 1.5 * HOUR
    assert after.covered_until == NOW + HOUR / 2


async def test_pause_says_who_and_resume_tells_what_happened_meanwhile(watched: Watched) -> None:
    one, service = await made(watched, "every=1h"), subscribing(watched)
    paused = await service.pause(one.id, CHANNEL, "U2", NOW)
    assert (paused.paused, paused.paused_by) == ("since 2026-11-23 10:30 UTC", "U2")
    again = await service.pause(one.id, CHANNEL, "U3", NOW + HOUR)
    assert again == paused
    resumed = await service.resume(one.id, CHANNEL, "U1", NOW + 5 * HOUR)
    assert (resumed.paused, resumed.paused_by) == ("", "")
    assert resumed.covered_until == one.covered_until
    assert resumed.next_due == NOW + 5.5 * HOUR


async def test_resume_tries_a_channel_again_that_an_error_had_shut(watched: Watched) -> None:
    one, service, outbox = await made(watched, "every=1h"), subscribing(watched), watched.store.outbox
    await outbox.add(notice("n", CHANNEL), NOW)
    (claim,) = await outbox.claim(NOW, NOW + HOUR, "test", 1)
    await outbox.blocked(claim, "the channel is archived", NOW, lambda of: notice(f"notice:{of.id}", "U1"))
    assert (await service.one(one.id, CHANNEL)).paused == "the channel is archived"
    assert [held.draft.channel for held in await outbox.claim(NOW + DAY, NOW + 2 * DAY, "test", 9)] == ["U1"]
    await service.resume(one.id, CHANNEL, "U1", NOW + DAY)
    assert [sent.draft.key for sent in await outbox.claim(NOW + DAY, NOW + 2 * DAY, "test", 9)] == ["n"]


async def test_a_new_subscription_tries_the_channel_again_too(watched: Watched) -> None:
    outbox = watched.store.outbox
    await outbox.add(notice("n", CHANNEL), NOW)
    (claim,) = await outbox.claim(NOW, NOW + HOUR, "test", 1)
    await outbox.blocked(claim, "the bot is no member", NOW, lambda of: notice(f"notice:{of.id}", "U1"))
    assert await outbox.claim(NOW + DAY, NOW + 2 * DAY, "test", 1) == ()
    await made(watched, "every=1h")
    assert len(await outbox.claim(NOW + DAY, NOW + 2 * DAY, "test", 1)) == 1


async def test_a_snooze_lasts_an_hour_or_until_eight_tomorrow_where_the_channel_lives(watched: Watched) -> None:
    one, service = await made(watched, "every=1h tz=America/New_York"), subscribing(watched)
    assert (await service.snooze(one.id, CHANNEL, "U1", Snooze.HOUR, NOW)).snoozed_until == NOW + HOUR
    tomorrow = (await service.snooze(one.id, CHANNEL, "U1", Snooze.TOMORROW, NOW)).snoozed_until
    assert tomorrow == datetime(2026, 11, 24, 13, tzinfo=UTC)
    assert (await service.resume(one.id, CHANNEL, "U1", NOW)).snoozed_until is None
    await service.pause(one.id, CHANNEL, "U1", NOW)
    assert "resume it first" in await told(service.snooze(one.id, CHANNEL, "U1", Snooze.HOUR, NOW))


async def test_what_is_removed_is_gone(watched: Watched) -> None:
    one, service = await made(watched, "every=1h"), subscribing(watched)
    assert await service.remove(one.id, CHANNEL, "U1") == one
    assert await service.of_channel(CHANNEL, "U1") == ()
    assert "gone" in await told(service.remove(one.id, CHANNEL, "U1"))


async def on_record(watched: Watched) -> list[tuple[str, str, str]]:
    """Who, what came of it, and what about, newest last."""
    _, events = await watched.store.actions.audit(AuditAsk(kinds=(AuditKind.SUBSCRIBE,)), 0, 100)
    assert all((one.channel, one.at) == (CHANNEL, NOTED_AT) for one in events)
    return sorted((one.user, one.outcome.value, one.told) for one in events)


async def test_who_made_edited_or_removed_a_subscription_is_on_the_record(watched: Watched) -> None:
    service = subscribing(watched)
    one = await service.create(wish("app=checkout every=1h"), CHANNEL, "U1", NOW)
    await service.edit(one.id, CHANNEL, one.revision, wish("app=billing every=1h"), NOW, by="U2")
    await service.remove(one.id, CHANNEL, "U3")
    assert await on_record(watched) == [
        ("U1", "done", "made: app=checkout every=1h tz=UTC"),
        ("U2", "done", "edited: app=billing every=1h tz=UTC"),
        ("U3", "done", "removed: app=billing every=1h tz=UTC"),
    ]


async def test_who_paused_snoozed_or_resumed_a_subscription_is_on_the_record(watched: Watched) -> None:
    one, service = await made(watched, "app=checkout every=1h"), subscribing(watched)
    await service.snooze(one.id, CHANNEL, "U1", Snooze.HOUR, NOW)
    await service.pause(one.id, CHANNEL, "U2", NOW)
    await told(service.snooze(one.id, CHANNEL, "U3", Snooze.HOUR, NOW))
    await service.resume(one.id, CHANNEL, "U4", NOW)
    assert (await on_record(watched))[1:] == [
        ("U1", "done", "snoozed: app=checkout every=1h tz=UTC"),
        ("U2", "done", "paused: app=checkout every=1h tz=UTC"),
        ("U4", "done", "resumed: app=checkout every=1h tz=UTC"),
    ]


async def test_who_may_not_subscribe_or_change_subscriptions_is_on_the_record(watched: Watched) -> None:
    one = await made(watched, "app=checkout every=1h")
    freeze = Rule("rule 1", ("everyone",), frozenset({Right.SUBSCRIBE}), effect=Effect.DENY)
    service = subscribing(watched, reading=Reading((freeze,), FakeDirectory()))
    told_create = await told(service.create(wish("app=checkout on=failed"), CHANNEL, "U2", NOW))
    told_edit = await told(service.edit(one.id, CHANNEL, one.revision, wish("every=2h"), NOW, by="U3"))
    told_change = await told(service.check_change("U4", CHANNEL))
    assert await on_record(watched) == [
        ("U1", "done", "made: app=checkout every=1h tz=UTC"),
        ("U2", "refused", told_create),
        ("U3", "refused", told_edit),
        ("U4", "refused", told_change),
    ]
    assert await service.of_channel(CHANNEL, "U1") == (one,)


async def test_send_now_tells_what_is_new_and_the_next_digest_only_what_came_after(watched: Watched) -> None:
    one, service = await made(watched, "every=1h proof"), subscribing(watched)
    await watched.poll(NOW, ("a", Kind.FAILED))
    await watched.poll(NOW + timedelta(minutes=1))
    body = await service.send_now(one.id, CHANNEL, NOW + timedelta(minutes=1))
    assert body
    assert dict(body.counts) == {"failed": 1}
    assert await service.send_now(one.id, CHANNEL, NOW + timedelta(minutes=1)) is None
    await watched.poll(NOW + timedelta(minutes=5), ("b", Kind.SUCCEEDED))
    await watched.poll(NOW + HOUR / 2)
    await Digests(watched.store.subscriptions, watched.store.ledger, ["eu"]).tick(NOW + HOUR / 2)
    now, later = await watched.digests(NOW + HOUR)
    assert now == body
    assert dict(later.counts) == {"succeeded": 1}
    assert later.since == now.until


async def test_send_now_tells_what_the_last_poll_noticed_as_alerts_do(watched: Watched) -> None:
    one, service = await made(watched, "every=1h"), subscribing(watched)
    await watched.poll(NOW + timedelta(minutes=1), ("a", Kind.FAILED))
    body = await service.send_now(one.id, CHANNEL, NOW + timedelta(minutes=1))
    assert body
    assert dict(body.counts) == {"failed": 1}
    assert await service.send_now(one.id, CHANNEL, NOW + timedelta(minutes=1)) is None


async def test_two_who_press_send_now_at_once_get_one_digest(watched: Watched) -> None:
    one = await made(watched, "every=1h")
    await watched.poll(NOW, ("a", Kind.FAILED))
    await watched.poll(NOW + timedelta(minutes=1))
    pressed = NOW + timedelta(minutes=1)
    bodies = await asyncio.gather(*(subscribing(watched).send_now(one.id, CHANNEL, pressed) for _ in range(4)))
    assert len([body for body in bodies if body]) == 1
    assert len(await watched.digests(NOW + HOUR)) == 1


async def test_send_now_is_for_digests_that_are_not_paused(watched: Watched) -> None:
    service = subscribing(watched)
    alert, digest = await made(watched, "on=failed"), await service.create(wish("every=1h"), "C2", "U1", NOW)
    assert "An alert tells each change as it happens" in await told(service.send_now(alert.id, CHANNEL, NOW))
    await service.pause(digest.id, "C2", "U1", NOW)
    assert "resume it" in await told(service.send_now(digest.id, "C2", NOW))


async def test_a_subscription_becomes_the_wish_that_would_make_it(watched: Watched) -> None:
    for text in ("app=checkout every=1h tz=UTC", "on=failed,succeeded quiet=22:00-07:00 tz=Europe/Berlin"):
        assert ask_of(await made(watched, text)) == wish(text)


def test_a_mention_is_read_without_slack_where_it_says_who() -> None:
    assert mention_of("", "U9") == NOBODY
    assert mention_of("me", "U9") == Mention("<@U9>")
    assert mention_of("here", "U9") == Mention("<!here>", "@here")
    assert mention_of("user:U1", "U9") == Mention("<@U1>")
    assert mention_of("group:S1", "U9") == Mention("<!subteam^S1>")
    assert mention_of("@oncall", "U9") is None


@pytest.mark.parametrize("word", ["here", "user:U1", "group:S1"])
async def test_a_mention_survives_an_edit(watched: Watched, word: str) -> None:
    mention = mention_of(word, "U9")
    assert mention
    assert ask_of(await made(watched, f"mention={word}", mention)).mention == word


async def test_everything_may_be_asked_for(watched: Watched) -> None:
    assert ask_of(await made(watched, "every=1h")).query == Query()
