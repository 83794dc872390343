"""What is said about what somebody may do: right for them, and silent about what they may not read."""

import time
from dataclasses import replace

import pytest

from deploybot.domain.access import Audience, Right, Rule, Someone
from deploybot.domain.pattern import Pattern
from deploybot.domain.query import Query
from deploybot.errors import UpstreamError, UserError
from deploybot.service.accessing import Accessing, Standing
from tests.domain.access_rules import deny, rule
from tests.fake_directory import FakeDirectory
from tests.fake_foundation import FakeFoundation, app

APPS = [
    app("checkout", "g-prod", "prod"),
    app("checkout", "g-staging", "staging"),
    app("ledger", "g-bank", "prod", "bank"),
]
ANY = Query()
EU = FakeFoundation("eu", known_apps=APPS)
SHOP, PROD = (Pattern(orgs=("shop",)),), (Pattern(spaces=("prod",)),)
READ_SHOP = rule("members", may=Right.READ, on=SHOP, name="the shop")
ACT_IN_PROD = rule("U0ALICE", may={Right.CONTINUE, Right.CANCEL}, where=("C1",), on=PROD, name="production")


async def _standing(
    *rules: Rule, query: Query = ANY, channel: str = "C1", directory: FakeDirectory | None = None
) -> Standing:
    accessing = Accessing(rules, directory or FakeDirectory(), (EU,))
    return await accessing.standing(query, "U0ALICE", channel, time.monotonic() + 5)


async def test_without_names_each_right_is_told_with_its_rules() -> None:
    standing = await _standing(READ_SHOP, ACT_IN_PROD)
    reaches = {reach.right: reach for reach in standing.reaches}
    assert reaches[Right.READ].allowing == (READ_SHOP,)
    assert reaches[Right.CONTINUE].allowing == (ACT_IN_PROD,)
    assert reaches[Right.WATCH].by_default
    assert reaches[Right.AUDIT].why_not == "no rule allows it"
    assert standing.verdicts is None


async def test_an_app_is_decided_on_in_its_real_space_and_org() -> None:
    standing = await _standing(READ_SHOP, ACT_IN_PROD, query=Query(apps=("checkout",)))
    assert standing.verdicts
    may_continue = {
        verdict.apps[0][1].guid: verdict.decisions[list(Right).index(Right.CONTINUE)].allowed
        for verdict in standing.verdicts
    }
    assert may_continue == {"g-prod": True, "g-staging": False}


async def test_apps_of_which_the_same_holds_are_told_together() -> None:
    standing = await _standing(query=Query(orgs=("shop",)))
    assert standing.verdicts
    assert [len(verdict.apps) for verdict in standing.verdicts] == [2]


async def test_the_same_person_may_not_do_it_in_another_channel() -> None:
    standing = await _standing(READ_SHOP, ACT_IN_PROD, query=Query(apps=("g-prod",)), channel="C2")
    assert standing.verdicts
    assert not standing.verdicts[0].decisions[list(Right).index(Right.CONTINUE)].allowed


@pytest.mark.parametrize("query", [Query(apps=("ledger",)), Query(orgs=("bank",)), Query(apps=("g-bank",))])
async def test_what_may_not_be_read_is_answered_as_if_it_were_not_there(query: Query) -> None:
    with pytest.raises(UserError) as hidden:
        await _standing(READ_SHOP, rule("U0ALICE", on=(Pattern(orgs=("bank",)),)), query=query)
    absent = replace(query, apps=tuple("zzz" for _ in query.apps), orgs=tuple("zzz" for _ in query.orgs))
    with pytest.raises(UserError) as missing:
        await _standing(READ_SHOP, query=absent)
    word = (query.apps or query.orgs)[0]
    assert str(hidden.value).replace(word, "zzz") == str(missing.value)


async def test_who_may_read_nothing_is_told_so_and_of_no_app() -> None:
    standing = await _standing(deny("U0ALICE", may=Right.READ, name="the wall"), query=Query(apps=("checkout",)))
    assert standing.reaches[0].why_not == "the wall denies it"
    assert standing.verdicts is None


async def test_what_all_in_the_channel_may_read_is_told_beside() -> None:
    mixed = Audience(only_members=False)
    directory = FakeDirectory({"U0ALICE": Someone("U0ALICE")}, {"C1": mixed, "C2": None})
    standing = await _standing(directory=directory)
    assert standing.all_read
    assert standing.all_read.why_not == "without a rule only members may"
    assert (await _standing(directory=directory, channel="C2")).all_read is None


async def test_a_foundation_that_is_down_is_told_beside_the_others() -> None:
    down = FakeFoundation("us", failure=UpstreamError("us", "it does not answer"))
    accessing = Accessing((), FakeDirectory(), (EU, down))
    standing = await accessing.standing(Query(apps=("ledger",)), "U0ALICE", "C1", time.monotonic() + 5)
    assert standing.verdicts
    assert [verdict.apps[0][1].guid for verdict in standing.verdicts] == ["g-bank"]
    assert [trouble.foundation for trouble in standing.troubles] == ["us"]
