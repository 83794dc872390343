"""Linking: who is linked with what, what is refused, what is forgotten, and that all of it is on the record."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from deploybot.domain.audit import AuditKind, AuditOutcome
from deploybot.domain.query import Query
from deploybot.domain.secret import Secret
from deploybot.errors import UpstreamError, UserError
from deploybot.service.credentials import LinkingRules
from tests.fake_accounts import FakeAccounts
from tests.fake_notifier import Clock
from tests.service.linked import FAR, Replica, replica

ADMIN = ("openid", "cloud_controller.read", "cloud_controller.admin")


async def test_a_passcode_links_a_person_and_that_is_on_the_record(tmp_path: Path) -> None:
    async with replica(tmp_path) as bot:
        link = await bot.link()
        assert (link.user, link.foundation, link.account, link.account_guid) == ("U1", "eu", "alice", "guid-alice")
        assert await bot.credentials.account("U1", "eu") == ("guid-alice", "alice")
        assert await bot.credentials.account("U2", "eu") is None
        (event,) = await bot.recorded()
    assert (event.kind, event.outcome, event.user) == (AuditKind.LINK, AuditOutcome.DONE, "U1")
    assert (event.account, event.foundation, event.channel) == ("alice", "eu", "C1")


async def test_a_code_that_is_refused_links_nobody_and_is_quoted_nowhere(tmp_path: Path) -> None:
    with capture_logs() as logs:
        async with replica(tmp_path) as bot:
            with pytest.raises(UserError, match="did not take this code") as caught:
                await bot.linking.link("U1", "C1", "eu", Secret("gu3ss"), FAR)
            assert await bot.store.links.of("U1") == ()
            (event,) = await bot.recorded()
    assert (event.kind, event.outcome, event.user) == (AuditKind.LINK, AuditOutcome.REFUSED, "U1")
    assert "gu3ss" not in repr((caught.value, event, logs))


@pytest.mark.parametrize(("revokes", "told"), [(True, "has revoked it"), (False, "ends with its time")])
async def test_a_link_with_an_admin_scope_is_refused_and_revoked(tmp_path: Path, revokes: bool, told: str) -> None:
    server = FakeAccounts(scopes=ADMIN)
    server.revokes = revokes
    async with replica(tmp_path, server) as bot:
        with pytest.raises(UserError, match=r"carries cloud_controller\.admin") as caught:
            await bot.link()
        assert told in str(caught.value)
        assert await bot.store.links.of("U1") == ()
        (event,) = await bot.recorded()
    assert (event.outcome, event.account) == (AuditOutcome.REFUSED, "alice")
    assert bool(server.owners) is not revokes


async def test_a_link_with_an_admin_scope_is_kept_where_the_configuration_allows_it(tmp_path: Path) -> None:
    async with replica(tmp_path, FakeAccounts(scopes=ADMIN), rules=LinkingRules(True, allow_admin=True)) as bot:
        assert (await bot.link()).scopes == ADMIN


async def test_linking_anew_takes_the_place_of_the_earlier_link_which_is_revoked(tmp_path: Path) -> None:
    async with replica(tmp_path) as bot:
        await bot.link()
        await bot.link(user_name="alice2")
        assert (await bot.stored()).account == "alice2"
        assert await bot.token() == "access-3"
        assert set(bot.servers["eu"].owners.values()) == {"alice2"}


@pytest.mark.parametrize("revokes", [True, False])
async def test_unlinking_forgets_and_says_whether_the_login_server_did_too(tmp_path: Path, revokes: bool) -> None:
    server = FakeAccounts()
    server.revokes = revokes
    async with replica(tmp_path, server) as bot:
        await bot.link()
        assert (await bot.linking.unlink("U1", "C1", "eu")).revoked is revokes
        assert await bot.store.links.of("U1") == ()
        event = (await bot.recorded())[0]
        assert (event.kind, event.account) == (AuditKind.UNLINK, "alice")
        assert ("did not revoke" in event.told) is not revokes
        with pytest.raises(UserError, match="not linked with eu yet"):
            await bot.token()


async def test_unlinking_forgets_also_while_the_login_server_is_down(tmp_path: Path) -> None:
    async with replica(tmp_path) as bot:
        await bot.link()
        bot.servers["eu"].down = True
        assert not (await bot.linking.unlink("U1", "C1", "eu")).revoked
        assert await bot.store.links.of("U1") == ()
        with pytest.raises(UserError, match="nothing to forget"):
            await bot.linking.unlink("U1", "C1", "eu")


async def test_a_login_server_that_is_down_is_told_as_trouble_and_not_as_a_refusal(tmp_path: Path) -> None:
    async with replica(tmp_path) as bot:
        bot.servers["eu"].down = True
        with pytest.raises(UpstreamError, match="not available"):
            await bot.link()
        assert await bot.recorded() == []


async def test_whoami_tells_every_foundation_and_only_of_the_one_who_asks(tmp_path: Path) -> None:
    rules = LinkingRules(on=True, as_bot=frozenset({"us"}))
    async with replica(tmp_path, FakeAccounts("eu"), FakeAccounts("us"), rules=rules) as bot:
        await bot.link()
        mine = await bot.linking.whoami("U1")
        assert [(one.foundation, one.link and one.link.account, one.as_bot) for one in mine] == [
            ("eu", "alice", False),
            ("us", None, True),
        ]
        assert [one.link for one in await bot.linking.whoami("U2")] == [None, None]


async def test_a_link_with_a_foundation_that_is_no_more_is_shown_and_can_be_forgotten(tmp_path: Path) -> None:
    async with replica(tmp_path, FakeAccounts("old")) as bot:
        await bot.link(foundation="old")
    async with replica(tmp_path, FakeAccounts("eu")) as bot:
        assert [one.foundation for one in await bot.linking.whoami("U1")] == ["eu", "old"]
        assert not (await bot.linking.unlink("U1", "C1", "old")).revoked
        assert await bot.store.links.of("U1") == ()


async def test_without_a_key_linking_is_off_and_says_whom_to_ask(tmp_path: Path) -> None:
    async with replica(tmp_path, rules=LinkingRules(on=False)) as bot:
        for asking in (bot.link(), bot.linking.begin("eu", FAR), bot.token()):
            with pytest.raises(UserError, match="Linking is off: ask the people who run me"):
                await asking
        with pytest.raises(UserError, match="Linking is off"):
            bot.linking.chosen(())


async def test_a_foundation_is_chosen_by_its_name_and_what_is_none_is_not_quoted(tmp_path: Path) -> None:
    async with replica(tmp_path, FakeAccounts("eu-prod"), FakeAccounts("us-prod")) as bot:
        assert bot.linking.chosen(("EU-prod",)) == "eu-prod"
        assert bot.linking.chosen(()) == ""
        with pytest.raises(UserError, match=r"did you mean eu-prod\?"):
            bot.linking.chosen(("eu-prd",))
        with pytest.raises(UserError, match=r"use one of eu-prod, us-prod\.") as caught:
            bot.linking.chosen(("s3cr3tc0de",))
        assert "s3cr3tc0de" not in str(caught.value)
    async with replica(tmp_path, FakeAccounts("eu")) as bot:
        assert bot.linking.chosen(()) == "eu"


async def _mine(bot: Replica, user: str = "U1", **query: tuple[str, ...]) -> Query:
    return await bot.linking.settled(Query(**{"by": ("me",), **query}), user)  # type: ignore[arg-type]


async def test_by_me_means_the_linked_account_and_only_where_it_is_linked(tmp_path: Path) -> None:
    async with replica(tmp_path, FakeAccounts("eu"), FakeAccounts("us")) as bot:
        await bot.link()
        assert await _mine(bot) == Query(by=("alice",), foundations=("eu",))
        assert await _mine(bot, by=("ME",)) == Query(by=("alice",), foundations=("eu",))
        await bot.link(foundation="us")
        assert await _mine(bot) == Query(by=("alice",))
        assert await _mine(bot, foundations=("us",)) == Query(by=("alice",), foundations=("us",))


async def test_by_me_is_exact_where_names_are_not(tmp_path: Path) -> None:
    async with replica(tmp_path, FakeAccounts("eu"), FakeAccounts("us")) as bot:
        await bot.link()
        assert await _mine(bot, by=("bob", "me")) == Query(by=("bob", "guid-alice"))
        await bot.link(user_name="alice-us", foundation="us")
        assert await _mine(bot) == Query(by=("guid-alice", "guid-alice-us"))
        await bot.link(user="U2", user_name="a*")
        assert await _mine(bot, "U2", foundations=("eu",)) == Query(by=("guid-a*",), foundations=("eu",))


async def test_by_me_without_a_link_says_how_to_get_one(tmp_path: Path) -> None:
    async with replica(tmp_path, FakeAccounts("eu"), FakeAccounts("us")) as bot:
        assert await bot.linking.settled(Query(by=("bob",)), "U1") == Query(by=("bob",))
        await bot.link()
        with pytest.raises(UserError, match="/deployments link first"):
            await _mine(bot, "U2")
        with pytest.raises(UserError, match="/deployments link first"):
            await _mine(bot, foundations=("us",))
    async with replica(tmp_path, clock=Clock(), rules=LinkingRules(on=False)) as bot:
        with pytest.raises(UserError, match="linking is off here"):
            await _mine(bot, "U2")
