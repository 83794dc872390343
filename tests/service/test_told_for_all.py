"""What the bot says by itself in a channel is what all there may read: as if the rest had never happened."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from deploybot.domain.access import Audience, Right, Rule, Someone
from deploybot.domain.grammar import parse
from deploybot.domain.ledger import Kind
from deploybot.domain.outgoing import AlertBody, DigestBody, SummaryBody
from deploybot.domain.pattern import Pattern
from deploybot.domain.query import SubscribeAsk
from deploybot.errors import UserError
from deploybot.service.digests import Digests
from deploybot.service.listed import Listed
from deploybot.service.previewing import Preview
from deploybot.service.reading import Reading
from deploybot.service.subscriptions import Subscribing
from deploybot.settings.model import StoreSettings
from deploybot.store.opening import open_store
from tests.fake_directory import MEMBERS_ONLY, WITH_GUESTS, FakeDirectory
from tests.fake_foundation import FakeFoundation, app
from tests.service.post_office import Post, posting
from tests.service.test_digests import MIDNIGHT, at, hourly
from tests.service.watched import Watched, record_in
from tests.store.making import subscription

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
READ, SUBSCRIBE = frozenset({Right.READ}), frozenset({Right.READ, Right.SUBSCRIBE})
SHOP, BANK = Pattern(orgs=("shop",)), Pattern(orgs=("bank",))
GUESTS_SEE_THE_SHOP = (
    Rule("rule 1", ("members",), SUBSCRIBE),
    Rule("rule 2", ("everyone",), READ, on=(SHOP,)),
)


def reading(*rules: Rule, audience: Audience | None = WITH_GUESTS) -> Reading:
    """In C1 there are guests, of whom G1 is one; U1 is a member."""
    return Reading(rules, FakeDirectory({"G1": Someone("G1", is_member=False)}, {"C1": audience}))


@asynccontextmanager
async def watching(directory: Path) -> AsyncIterator[Watched]:
    async with open_store(StoreSettings(data_dir=directory)) as store:
        watched = Watched(store)
        await watched.poll(MIDNIGHT - 90 * DAY)
        yield watched


def subscribing(watched: Watched, who: Reading) -> Subscribing:
    known = FakeFoundation(known_apps=[app("checkout", "app-1"), app("vault", "app-2", "prod", "bank")])
    store = watched.store
    return Subscribing(store.subscriptions, store.ledger, (known,), lambda: "s-9", who, lambda: 0.0, record_in(store))


def wish(text: str) -> SubscribeAsk:
    asked = parse(f"subscribe {text}").subscribe
    assert asked
    return asked


async def refused(subscribes: Subscribing, text: str, user: str = "U1") -> str:
    """The sentence that is said to who subscribes C1 to this."""
    with pytest.raises(UserError) as problem:
        await subscribes.create(wish(text), "C1", user, at("02:00"))
    return str(problem.value)


async def happens(watched: Watched, seed: int, *orgs: str) -> None:
    """A random hour of which only what happened in these orgs takes place."""
    drawn = Random(seed)
    for number in range(40):
        org, kind = drawn.choice(("shop", "bank")), drawn.choice((Kind.FAILED, Kind.SUCCEEDED, Kind.PAUSED))
        guid, name = f"{org}-{drawn.randrange(12)}", "checkout" if org == "shop" else "vault"
        told = [(guid, kind)] if org in orgs else []
        await watched.poll(MIDNIGHT + number * MINUTE, *told, org=org, org_guid=f"org-{org}", app=name)
    await watched.poll(at("01:00:01"))


async def told(watched: Watched, who: Reading) -> tuple[DigestBody, list[tuple[str, str]], Preview, Preview]:
    """All that a channel is told and shown of that hour, and what the digest's button lists for a guest."""
    await hourly(watched)
    subscribes = subscribing(watched, who)
    previews = [await subscribes.preview(wish(one), "C1", "G1", at("01:00:02")) for one in ("every=1h", "on=failed")]
    await Digests(watched.store.subscriptions, watched.store.ledger, ["eu"], sights=who.of_all).tick(at("01:00:02"))
    (claim,) = await watched.messages(at("01:00:02"))
    assert isinstance(claim.draft.body, DigestBody)
    total, entries = await Listed(watched.store.outbox, who).page(claim.message, 0, 100, "G1", "C1")
    assert total == len(entries)
    return claim.draft.body, [(entry.guid, entry.org) for entry in entries], previews[0], previews[1]


def without_notes(preview: Preview) -> tuple[object, ...]:
    return preview.count, preview.digest, preview.alert, preview.since, preview.until


@pytest.mark.parametrize("seed", range(4))
async def test_digests_previews_and_lists_are_those_of_a_world_without_what_may_not_be_read(
    tmp_path: Path, seed: int
) -> None:
    may = (Rule("rule 1", ("everyone",), SUBSCRIBE, on=(SHOP,)),)
    async with watching(tmp_path / "whole") as whole, watching(tmp_path / "bare") as bare:
        await happens(whole, seed, "shop", "bank")
        await happens(bare, seed, "shop")
        seen = await told(whole, reading(*may))
        alone = await told(bare, reading(Rule("rule 1", ("everyone",), SUBSCRIBE)))
        assert seen[:2] == alone[:2]
        assert [without_notes(one) for one in seen[2:]] == [without_notes(one) for one in alone[2:]]
        assert seen[1]


async def test_who_presses_the_button_sees_what_they_may_read_themselves(tmp_path: Path) -> None:
    async with watching(tmp_path) as watched:
        await hourly(watched)
        await happens(watched, 1, "shop", "bank")
        await Digests(watched.store.subscriptions, watched.store.ledger, ["eu"]).tick(at("01:00:02"))
        (claim,) = await watched.messages(at("01:00:02"))
        listed = Listed(watched.store.outbox, reading(*GUESTS_SEE_THE_SHOP))
        total, all_ = await listed.page(claim.message, 0, 100, "U1", "C1")
        fewer, some = await listed.page(claim.message, 0, 100, "G1", "C1")
        assert {entry.org for entry in all_} == {"shop", "bank"}
        assert total == len(all_)
        assert some == tuple(entry for entry in all_ if entry.org == "shop")
        assert fewer == len(some)
        assert await listed.page(claim.message, 1, 2, "G1", "C1") == (fewer, some[1:3])
        with pytest.raises(UserError, match="Guests may read nothing here"):
            await Listed(watched.store.outbox, reading()).page(claim.message, 0, 100, "G1", "C1")


async def test_a_digest_waits_where_nobody_can_tell_who_would_read_it_and_loses_nothing(tmp_path: Path) -> None:
    async with watching(tmp_path) as watched:
        await hourly(watched)
        await hourly(watched, "s-2", channel="C2")
        await watched.poll(at("00:30"), ("a", Kind.FAILED))
        await watched.poll(at("01:00:01"))
        directory = FakeDirectory(channels={"C1": None})
        sights = Reading((), directory).of_all
        digests = Digests(watched.store.subscriptions, watched.store.ledger, ["eu"], sights=sights)
        await digests.tick(at("01:00:02"))
        assert [body.subscription for body in await watched.digests(at("01:00:02"))] == ["s-2"]
        directory.channels["C1"] = MEMBERS_ONLY
        await watched.poll(at("01:03"))
        await digests.tick(at("01:03:01"))
        (late,) = await watched.digests(at("01:03:01"))
        assert (late.since, late.until, [line.entry.guid for line in late.failed]) == (MIDNIGHT, at("01:00"), ["a"])


async def test_a_tick_without_anything_to_make_asks_nobody(tmp_path: Path) -> None:
    async with watching(tmp_path) as watched:
        await hourly(watched)
        await watched.poll(at("00:30"))
        directory = FakeDirectory()
        digests = Digests(
            watched.store.subscriptions, watched.store.ledger, ["eu"], sights=Reading((), directory).of_all
        )
        await digests.tick(at("00:30:01"))
        assert directory.asked == []


async def test_send_now_sends_what_all_may_read_and_says_where_that_is_nothing(tmp_path: Path) -> None:
    async with watching(tmp_path) as watched:
        await hourly(watched)
        await happens(watched, 2, "shop", "bank")
        with pytest.raises(UserError, match="There are guests"):
            await subscribing(watched, reading()).send_now("s-1", "C1", at("01:10"))
        with pytest.raises(UserError, match="try again in a minute"):
            await subscribing(watched, reading(audience=None)).send_now("s-1", "C1", at("01:10"))
        sent = await subscribing(watched, reading(*GUESTS_SEE_THE_SHOP)).send_now("s-1", "C1", at("01:10"))
        assert sent
        assert {line.entry.org for line in (*sent.failed, *sent.open, *sent.rest)} == {"shop"}


async def test_subscribing_needs_the_right_for_all_that_is_meant(tmp_path: Path) -> None:
    rules = (Rule("rule 1", ("everyone",), READ), Rule("rule 2", ("U1",), frozenset({Right.SUBSCRIBE}), on=(SHOP,)))
    async with watching(tmp_path) as watched:
        one = subscribing(watched, reading(*rules))
        assert "You may not subscribe to vault in bank/prod here, since no rule allows it" in await refused(
            one, "app=vault"
        )
        assert "vault in bank/prod" in await refused(one, "app=vault,checkout")
        assert "You may not subscribe to everything here, since no rule allows it" in await refused(one, "on=failed")
        assert "You may not subscribe to checkout in shop/prod" in await refused(one, "app=checkout", "G1")
        made = await one.create(wish("app=checkout"), "C1", "U1", at("02:00"))
        assert made.filters == "app=checkout"
        with pytest.raises(UserError, match="You may not subscribe to vault"):
            await one.edit(made.id, "C1", made.revision, wish("app=vault"), at("02:01"), by="U1")
        await one.check_change("U1", "C1")
        with pytest.raises(UserError, match="You may not change subscriptions here"):
            await one.check_change("G1", "C1")


async def test_without_rules_guests_subscribe_to_nothing_and_nobody_does_where_guests_are(tmp_path: Path) -> None:
    async with watching(tmp_path) as watched:
        one = subscribing(watched, reading())
        assert (await refused(one, "app=checkout", "G1")).startswith("Guests may read nothing here")
        assert (await refused(one, "app=checkout")).startswith("There are guests")
        with pytest.raises(UserError, match="You may not change"):
            await one.check_change("G1", "C1")
        with pytest.raises(UserError, match="Guests may read nothing"):
            await one.check_look("G1", "C1")
        assert await one.of_channel("C1", "U1") == ()
        members = subscribing(watched, reading(audience=MEMBERS_ONLY))
        assert (await members.create(wish("app=checkout"), "C1", "U1", at("02:00"))).id == "s-9"


async def test_what_not_everybody_may_read_is_not_subscribed_to_in_vain(tmp_path: Path) -> None:
    async with watching(tmp_path) as watched:
        one = subscribing(watched, reading(*GUESTS_SEE_THE_SHOP))
        assert (await refused(one, "app=vault")).startswith("Nothing of this may be shown to all in this channel")
        assert "I can see no app called 'valt'" in await refused(one, "app=valt")
        named = await refused(one, "app=checkout,vault")
        assert named == "Not everybody in this channel may read vault: leave it out, or see /deployments access."
        ahead = await one.preview(wish("space=prod"), "C1", "U1", at("02:00"))
        assert "only what everybody in this channel may read is posted" in ahead.notes
        unknown = subscribing(watched, reading(audience=None))
        assert "Slack does not tell me who is in this channel" in await refused(unknown, "app=checkout")


async def alerted(post: Post) -> list[str]:
    """Deployments that C1 was told of, by guid."""
    told = [claim.draft for _, claim in post.slack.posts]
    return [one.guid for draft in told for one in draft.listed]


async def test_alerts_about_what_not_all_may_read_are_never_told(tmp_path: Path) -> None:
    async with posting(tmp_path, sights=reading(*GUESTS_SEE_THE_SHOP).of_all) as post:
        await post.happens("secret-1", "secret-2", "secret-3", kind=Kind.FAILED, org="bank")
        await post.happens("open-1", kind=Kind.FAILED, org="shop")
        await post.tick(3, every=61)
        assert await alerted(post) == ["open-1"]
        assert not [claim for _, claim in post.slack.posts if isinstance(claim.draft.body, SummaryBody)]
        assert post.rows("guid, told_by", "announcements WHERE told_by = 0") == [
            ("secret-1", 0),
            ("secret-2", 0),
            ("secret-3", 0),
        ]
        assert post.rows("count(*)", "announcements WHERE told_by IS NULL") == [(0,)]


async def test_alerts_wait_where_nobody_can_tell_who_would_read_them(tmp_path: Path) -> None:
    directory = FakeDirectory(channels={"C1": None})
    async with posting(tmp_path, sights=Reading((), directory).of_all) as post:
        await post.happens("d1")
        await post.tick(10, every=1)
        assert post.slack.posts == []
        assert len(directory.asked) == 1
        directory.channels["C1"] = MEMBERS_ONLY
        await post.tick(3, every=10)
        assert await alerted(post) == ["d1"]


async def test_an_alert_is_not_brought_up_to_date_for_who_may_not_read_it_any_more(tmp_path: Path) -> None:
    directory = FakeDirectory(channels={"C1": MEMBERS_ONLY})
    async with posting(tmp_path, sights=Reading((), directory).of_all) as post:
        await post.happens("d1")
        await post.tick(2, every=1)
        assert isinstance(post.slack.posts[0][1].draft.body, AlertBody)
        directory.channels["C1"] = None
        await post.happens("d1", kind=Kind.SUCCEEDED, ordinal=2)
        await post.tick(2, every=1)
        assert post.slack.edits == []
        directory.channels["C1"] = WITH_GUESTS
        await post.tick(5, every=20)
        assert post.slack.edits == []
        assert post.rows("shown, outdated_at", "messages WHERE guid = 'd1'") == [(2, None)]
        assert len(post.slack.posts) == 1


async def test_an_idle_sender_asks_nobody(tmp_path: Path) -> None:
    directory = FakeDirectory()
    async with posting(tmp_path, sights=Reading((), directory).of_all) as post:
        await post.tick(5, every=1)
        assert directory.asked == []


async def test_a_list_of_subscriptions_names_nothing_that_who_asks_may_not_read(tmp_path: Path) -> None:
    """A guest may have come after they were made."""
    async with watching(tmp_path) as watched:
        for number, text in enumerate(
            ("app=checkout", "app=vault", "org=bank", "app=v*", "space=prod", "state=failed")
        ):
            await watched.store.subscriptions.add(subscription(f"s-{number}", channel="C1", filters=text))
        one = subscribing(watched, reading(*GUESTS_SEE_THE_SHOP))
        assert len(await one.of_channel("C1", "U1")) == 6
        seen = await one.of_channel("C1", "G1")
        assert [each.filters for each in seen] == ["app=checkout", "space=prod", "state=failed"]
