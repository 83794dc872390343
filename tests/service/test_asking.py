"""A second person is asked in the channel, where all may read of it and others are; once for the same step."""

from datetime import timedelta
from pathlib import Path

import pytest

from deploybot.domain.access import Effect, Right, Rule, Where
from deploybot.domain.acting import Action, Stand
from deploybot.domain.approval import ApprovalState
from deploybot.domain.audit import AuditKind, AuditOutcome
from deploybot.domain.deployment import Person
from deploybot.domain.outgoing import ApprovalBody
from deploybot.domain.pattern import Pattern
from deploybot.errors import UpstreamError, UserError
from tests.fake_directory import WITH_GUESTS
from tests.service.requested import EVERYBODY, requests


async def test_the_request_goes_to_the_channel_and_on_the_record(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        result = await one.ask()
        assert result.state is None
        assert "A second person has to agree" in result.told
        assert "30 min" in result.told
        (request,) = await one.store.approvals.waiting()
        assert (request.asked_by, request.channel, request.app) == ("U1", "C1", "checkout")
        assert (request.starter, request.starter_is_person) == ("ann@example.com", True)
        assert request.expires_at == one.clock.at + timedelta(minutes=30)
        assert request.consequences == ("It goes on to step 3.",)
        (event,) = await one.recorded()
        assert (event.kind, event.outcome, event.user) == (AuditKind.ASK, AuditOutcome.DONE, "U1")
        assert (event.rule, event.step, event.app) == ("rule 1", 2, "checkout")
        await one.post.tick()
        ((_, claim),) = one.slack.posts
        assert claim.draft.channel == "C1"
        assert isinstance(claim.draft.body, ApprovalBody)
        assert one.acting.done == []


@pytest.mark.parametrize("where", [Where("D1", direct=True), Where()])
async def test_where_nobody_else_is_nobody_is_asked(tmp_path: Path, where: Where) -> None:
    async with requests(tmp_path) as one:
        with pytest.raises(UserError, match="here is nobody but you"):
            await one.ask(where=where)
        assert await one.store.approvals.waiting() == ()


SECRET = Rule("rule 2", ("everyone",), frozenset({Right.READ}), on=(Pattern(apps=("checkout",)),), effect=Effect.DENY)


async def test_a_channel_that_may_not_read_of_the_app_is_not_asked(tmp_path: Path) -> None:
    async with requests(tmp_path, rules=(EVERYBODY, SECRET)) as one:
        with pytest.raises(UserError, match="a channel where all may"):
            await one.ask()
        assert await one.store.approvals.waiting() == ()


async def test_a_channel_with_guests_who_may_not_read_is_not_asked(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        one.people.channels["C1"] = WITH_GUESTS
        with pytest.raises(UserError, match="a channel where all may"):
            await one.ask()
        await one.post.tick()
        assert one.slack.posts == []


async def test_while_nobody_can_tell_who_reads_the_channel_nobody_is_asked(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        one.people.channels["C1"] = None
        with pytest.raises(UserError, match="try again in a minute"):
            await one.ask()
        assert await one.store.approvals.waiting() == ()


async def test_the_same_is_not_asked_twice(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        request = await one.asked()
        assert "You have asked for exactly this already" in (await one.ask()).told
        assert "Somebody has asked for exactly this already" in (await one.ask("U2")).told
        assert "in another channel" in (await one.ask("U2", Where("C2"))).told
        assert [each.id for each in await one.store.approvals.waiting()] == [request.id]
        assert len(await one.recorded()) == 1


async def test_another_action_or_step_is_asked_for_anew(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        await one.ask()
        await one.ask(action=Action.CANCEL)
        one.moves(Stand("ACTIVE", "PAUSED", 3))
        await one.ask()
        assert len(await one.store.approvals.waiting()) == 3


async def test_a_request_that_has_run_out_is_in_nobodys_way(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        old = await one.asked()
        one.clock.pass_by(30 * 60)
        new = await one.asked()
        assert new.id != old.id
        assert (await one.now(old)).state is ApprovalState.EXPIRED


@pytest.mark.parametrize(
    ("person", "known"),
    [
        (Person("user-ann", "ann@example.com"), ("ann@example.com", "user-ann", True)),
        (Person("ci", ""), ("ci", "ci", False)),
        (None, ("", "", False)),
    ],
)
async def test_the_starter_is_a_person_a_client_or_unknown(
    tmp_path: Path, person: Person | None, known: tuple[str, str, bool]
) -> None:
    async with requests(tmp_path) as one:
        one.foundation.people = {"d-1": person} if person else {}
        request = await one.asked(by=None)
        assert (request.starter, request.starter_guid, request.starter_is_person) == known


async def test_while_events_cannot_be_asked_for_nobody_may_be_asked_to_agree(tmp_path: Path) -> None:
    """Else the starter could agree as long as nobody can tell that it was them."""
    async with requests(tmp_path) as one:
        one.foundation.tells_events = False
        with pytest.raises(UpstreamError, match="who started"):
            await one.ask(by=None)
        assert await one.store.approvals.waiting() == ()
