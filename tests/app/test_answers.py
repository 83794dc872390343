"""Answers hold what the asker may read, and those for all what everybody in the channel may."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from deploybot.app.answers import FOR_ALL, ListingAnswers
from deploybot.domain.access import Audience, Right, Rule, Someone
from deploybot.domain.outcome import OutcomeRules
from deploybot.domain.page import Page
from deploybot.domain.paging import FIRST
from deploybot.domain.pattern import Pattern
from deploybot.domain.query import Query
from deploybot.errors import UserError
from deploybot.service.listing import Listing
from deploybot.service.reading import Reading
from deploybot.slack.answers import Asker
from tests.fake_directory import MEMBERS_ONLY, WITH_GUESTS, FakeDirectory
from tests.fake_foundation import FakeFoundation, app, stored

NOW = datetime.now(UTC)
SHOP = "11111111-2222-4333-8444-55555555555{}".format
BANK = "99999999-2222-4333-8444-55555555555{}".format
READ = frozenset({Right.READ})
MEMBERS = Rule("rule 1", ("members",), READ)
SHOP_FOR_ALL = Rule("rule 2", ("everyone",), READ, on=(Pattern(orgs=("shop",)),))
MEMBER, GUEST = Asker("U1", channel="C1"), Asker("G1", channel="C1")


def answers(*rules: Rule, audience: Audience | None = WITH_GUESTS) -> ListingAnswers:
    """In C1, of a foundation with six deployments of the shop and six of the bank, in turn."""
    rows = [stored(SHOP(n), NOW - timedelta(hours=2 * n), app="app-1") for n in range(6)]
    rows += [stored(BANK(n), NOW - timedelta(hours=2 * n + 1), app="app-2") for n in range(6)]
    eu = FakeFoundation("eu", rows, [app("checkout", "app-1"), app("vault", "app-2", "prod", "bank")])
    directory = FakeDirectory({"G1": Someone("G1", is_member=False)}, {"C1": audience})
    return ListingAnswers(Listing((eu,), time.monotonic, OutcomeRules()), Reading(rules, directory), 8)


def apps(page: Page) -> set[str]:
    return {row.app.name for row in page.rows if row.app}


async def test_each_sees_alone_what_they_may() -> None:
    asked = answers(MEMBERS, SHOP_FOR_ALL)
    mine = await asked.page(Query(), FIRST, MEMBER, aloud=False)
    theirs = await asked.page(Query(), FIRST, GUEST, aloud=False)
    assert (apps(mine), mine.total.count) == ({"checkout", "vault"}, 12)
    assert (apps(theirs), theirs.total.count) == ({"checkout"}, 6)
    assert FOR_ALL not in (*mine.notes, *theirs.notes)


async def test_what_is_shown_to_all_is_what_everybody_there_may_read_whoever_asks() -> None:
    asked = answers(MEMBERS, SHOP_FOR_ALL)
    for asker in (MEMBER, GUEST):
        page = await asked.page(Query(), FIRST, asker, aloud=True)
        assert (apps(page), page.total.count) == ({"checkout"}, 6)
        assert FOR_ALL in page.notes
    with pytest.raises(UserError, match=r"I can see no deployment and no app .* ask for yourself alone"):
        await asked.detail(BANK(1), Query(), MEMBER, aloud=True)
    assert (await asked.detail(BANK(1), Query(), MEMBER, aloud=False)).row.deployment.guid == BANK(1)
    assert (await asked.detail(SHOP(1), Query(), MEMBER, aloud=True)).row.deployment.guid == SHOP(1)


async def test_a_shared_page_tells_nothing_of_what_its_sharer_saw_above_it() -> None:
    asked = answers(MEMBERS, SHOP_FOR_ALL)
    query = Query(per_page=2, strategies=("rolling",))
    first = await asked.page(query, FIRST, MEMBER, aloud=False)
    assert first.next
    second = await asked.page(query, first.next, MEMBER, aloud=False)
    assert second.turn.shown == 2
    shared = await asked.page(query, second.turn, MEMBER, aloud=True)
    assert (shared.number, shared.total.count, shared.newer, shared.turn) == (1, 6, 0, FIRST)


async def test_members_among_themselves_share_the_very_page() -> None:
    asked = answers(audience=MEMBERS_ONLY)
    first = await asked.page(Query(per_page=2), FIRST, MEMBER, aloud=False)
    assert first.next
    shared = await asked.page(Query(per_page=2), first.next, MEMBER, aloud=True)
    assert [row.deployment.guid for row in shared.rows] == [SHOP(1), BANK(1)]
    assert FOR_ALL not in shared.notes


@pytest.mark.parametrize("asker", [MEMBER, GUEST])
async def test_by_default_nothing_is_shown_to_all_where_guests_are(asker: Asker) -> None:
    with pytest.raises(UserError, match="There are guests or people of other companies in this channel"):
        await answers().page(Query(), FIRST, asker, aloud=True)
    with pytest.raises(UserError, match="There are guests or people of other companies in this channel"):
        await answers().detail(SHOP(1), Query(), asker, aloud=True)


async def test_by_default_a_guest_gets_nothing_and_a_member_everything() -> None:
    with pytest.raises(UserError, match="Guests may read nothing here"):
        await answers().page(Query(), FIRST, GUEST, aloud=False)
    with pytest.raises(UserError, match="Guests may read nothing here"):
        await answers().detail(SHOP(1), Query(), GUEST, aloud=False)
    assert (await answers().page(Query(), FIRST, MEMBER, aloud=False)).total.count == 12


async def test_where_slack_does_not_tell_who_is_there_nothing_is_shown_to_all() -> None:
    with pytest.raises(UserError, match="Slack does not tell me who is in this channel"):
        await answers(audience=None).page(Query(), FIRST, MEMBER, aloud=True)
    assert (await answers(audience=None).page(Query(), FIRST, MEMBER, aloud=False)).total.count == 12
