"""Credentials: a refresh token is used once and by one, what comes of it is stored, and a broken link is noticed."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from deploybot.domain.acting import Credential
from deploybot.domain.link import SCOPES, admin_scopes
from deploybot.domain.secret import Secret
from deploybot.errors import UpstreamError, UserError
from deploybot.service.credentials import BOT_ACCOUNT, LinkingRules
from tests.fake_accounts import FakeAccounts
from tests.service.linked import FAR, Replica, replica


async def test_a_person_acts_with_their_own_token_and_name(tmp_path: Path) -> None:
    async with replica(tmp_path) as bot:
        await bot.link()
        credential = await bot.credentials.of("U1", "eu", FAR)
    assert credential == Credential("alice", "guid-alice", Secret("access-2"))


async def test_an_access_token_is_kept_until_shortly_before_its_end(tmp_path: Path) -> None:
    async with replica(tmp_path) as bot:
        await bot.link()
        assert await bot.token() == "access-2"
        bot.clock.pass_by(539)
        assert await bot.token() == "access-2"
        bot.clock.pass_by(2)
        assert await bot.token() == "access-3"
        assert (await bot.stored()).used_at == bot.clock.at


async def test_a_token_that_was_refused_is_not_given_again(tmp_path: Path) -> None:
    async with replica(tmp_path) as bot:
        await bot.link()
        credential = await bot.credentials.of("U1", "eu", FAR)
        bot.credentials.reject(Credential("alice", "guid-alice", Secret("another")))
        assert await bot.token() == "access-2"
        bot.credentials.reject(credential)
        assert await bot.token() == "access-3"


async def test_a_rotated_token_replaces_the_old_one_and_none_is_used_twice(tmp_path: Path) -> None:
    async with replica(tmp_path) as bot:
        await bot.link()
        for _ in range(3):
            await bot.token()
            bot.clock.pass_by(600)
        assert bot.servers["eu"].renewed == ["refresh-1", "refresh-2", "refresh-3"]
        assert (await bot.stored()).refresh == Secret("refresh-4")


async def test_many_at_once_in_one_process_need_one_renewal(tmp_path: Path) -> None:
    async with replica(tmp_path) as bot:
        await bot.link()
        tokens = await asyncio.gather(*(bot.token() for _ in range(20)))
        assert set(tokens) == {"access-2"}


async def test_two_replicas_take_turns_so_that_no_rotated_token_is_used_twice(tmp_path: Path) -> None:
    server = FakeAccounts()
    server.gate.clear()
    async with replica(tmp_path, server) as one, replica(tmp_path, server, clock=one.clock) as other:
        await one.link()
        asking = [asyncio.create_task(bot.token()) for bot in (one, other, one, other)]
        await asyncio.sleep(0.1)
        server.gate.set()
        tokens = await asyncio.gather(*asking)
        assert sorted(set(tokens)) == ["access-2", "access-3"]
        assert sorted(server.renewed) == ["refresh-1", "refresh-2"]
        assert (await other.stored()).refresh == Secret("refresh-3")
        assert not (await other.stored()).broken


async def test_who_gives_up_waiting_does_not_lose_the_rotated_token(tmp_path: Path) -> None:
    async with replica(tmp_path) as bot:
        await bot.link()
        server = bot.servers["eu"]
        server.gate.clear()
        with pytest.raises(UpstreamError, match="did not answer in time"):
            await bot.credentials.of("U1", "eu", bot.clock() + 0.05)
        waiting = asyncio.create_task(bot.token())
        await asyncio.sleep(0)
        server.gate.set()
        assert await waiting == "access-2"
        assert server.renewed == ["refresh-1"]
        assert (await bot.stored()).refresh == Secret("refresh-2")


async def test_a_refused_renewal_breaks_the_link_which_says_so_from_then_on(tmp_path: Path) -> None:
    async with replica(tmp_path) as bot:
        await bot.link()
        bot.servers["eu"].owners.clear()
        for _ in range(2):
            with pytest.raises(UserError) as caught:
                await bot.token()
            assert str(caught.value) == (
                "Your link with eu (alice) does not work any more: it was revoked. Link again with "
                "/deployments link eu."
            )
        assert bot.servers["eu"].renewed == ["refresh-1"]
        (account,) = await bot.linking.whoami("U1")
        assert account.link
        assert (account.link.broken, bool(account.link.refresh)) == ("it was revoked", False)
        assert await bot.credentials.account("U1", "eu") is None
        await bot.link()
        assert await bot.token() == "access-3"


async def test_a_login_server_in_trouble_breaks_no_link(tmp_path: Path) -> None:
    async with replica(tmp_path) as bot:
        await bot.link()
        bot.servers["eu"].down = True
        with pytest.raises(UpstreamError, match="not available"):
            await bot.token()
        bot.servers["eu"].down = False
        assert await bot.token() == "access-2"


async def test_a_renewal_that_carries_an_admin_scope_breaks_the_link_and_is_revoked(tmp_path: Path) -> None:
    async with replica(tmp_path) as bot:
        await bot.link()
        bot.servers["eu"].scopes = ("cloud_controller.admin",)
        with pytest.raises(UserError, match=r"carries cloud_controller\.admin"):
            await bot.token()
        assert not bot.servers["eu"].owners


def _kept(bot: Replica) -> set[str]:
    """Whose access tokens are in memory."""
    return {user for user, _ in vars(bot.credentials)["_kept"]}


@pytest.mark.parametrize("scope", ["clients.admin", "zones.uaa.admin", "network.admin", "uaa.admin"])
def test_whatever_makes_somebody_an_admin_is_seen(scope: str) -> None:
    assert admin_scopes((*SCOPES, scope, scope)) == (scope,)


@pytest.mark.parametrize("scope", [*SCOPES, "admin.read", "password.write", "administrators", ""])
def test_what_makes_nobody_an_admin_is_let_be(scope: str) -> None:
    assert admin_scopes((scope,)) == ()


async def test_tokens_that_are_over_or_of_a_link_that_is_gone_are_not_kept(tmp_path: Path) -> None:
    async with replica(tmp_path) as bot:
        for user, name in (("U1", "alice"), ("U2", "bob")):
            await bot.link(user, name)
            await bot.token(user)
        assert _kept(bot) == {"U1", "U2"}
        await bot.linking.unlink("U1", "C1", "eu")
        with pytest.raises(UserError):
            await bot.token("U1")
        assert _kept(bot) == {"U2"}
        bot.clock.pass_by(600)
        await bot.link("U3", "carol")
        await bot.token("U3")
        assert _kept(bot) == {"U3"}


async def test_a_renewal_that_is_somebody_else_s_breaks_the_link(tmp_path: Path) -> None:
    async with replica(tmp_path) as bot:
        await bot.link()
        bot.servers["eu"].owners["refresh-1"] = "mallory"
        with pytest.raises(UserError, match="somebody else's"):
            await bot.token()


async def test_who_unlinks_at_one_replica_has_no_token_at_another(tmp_path: Path) -> None:
    server = FakeAccounts()
    async with replica(tmp_path, server) as one, replica(tmp_path, server, clock=one.clock) as other:
        await one.link()
        assert await other.token()
        await one.linking.unlink("U1", "C1", "eu")
        with pytest.raises(UserError, match="not linked"):
            await other.token()
        one.clock.pass_by(1)
        await one.link(user_name="alice2")
        assert (await other.credentials.of("U1", "eu", FAR)).account == "alice2"


async def test_one_person_s_link_is_nobody_else_s(tmp_path: Path) -> None:
    async with replica(tmp_path) as bot:
        await bot.link()
        await bot.token()
        with pytest.raises(UserError, match="You are not linked with eu yet"):
            await bot.token("U2")


async def test_a_lock_that_is_held_is_waited_for_but_not_for_ever(tmp_path: Path) -> None:
    async with replica(tmp_path) as bot:
        await bot.link()
        held = await bot.store.leases.acquire("link:eu:U1", "a", bot.clock.at, bot.clock.at.replace(year=2100))
        assert held
        asking = asyncio.create_task(bot.token())
        await asyncio.sleep(0.05)
        bot.clock.pass_by(60)
        with pytest.raises(UpstreamError, match="try again in a moment"):
            await asking
        await bot.store.leases.release(held)
        assert await bot.token() == "access-2"


async def test_where_the_bot_acts_itself_nobody_needs_a_link(tmp_path: Path) -> None:
    async with replica(tmp_path, rules=LinkingRules(on=False, as_bot=frozenset({"eu"}))) as bot:
        assert await bot.credentials.of("U1", "eu", FAR) == Credential(BOT_ACCOUNT, "", None)


async def test_neither_logs_nor_errors_nor_values_show_a_token(tmp_path: Path) -> None:
    with capture_logs() as logs:
        async with replica(tmp_path) as bot:
            link = await bot.link()
            credential = await bot.credentials.of("U1", "eu", FAR)
            bot.clock.pass_by(600)
            bot.servers["eu"].owners.clear()
            with pytest.raises(UserError) as caught:
                await bot.token()
            shown = repr((link, credential, caught.value, vars(bot.credentials), logs, replace(link, broken="x")))
    assert [entry["event"] for entry in logs] == ["linked", "link broken"]
    assert "refresh-" not in shown
    assert "access-" not in shown
