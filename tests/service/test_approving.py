"""A second person agrees, once: neither the asker nor the starter, by the rules of the channel, while nothing moved."""

import asyncio
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from deploybot.domain.access import Effect, Right, Rule, Someone, Where
from deploybot.domain.acting import ActionState, Stand
from deploybot.domain.approval import ApprovalState
from deploybot.domain.audit import AuditEvent, AuditKind, AuditOutcome
from deploybot.domain.outgoing import ApprovalBody
from deploybot.errors import UpstreamError, UserError
from deploybot.service.acting import Result
from tests.service.requested import AWAY, EVERYBODY, Requests, requests


async def _refused(one: Requests, user: str, match: str) -> None:
    """Nothing is done, nothing decided, and it is on the record."""
    request = (await one.store.approvals.waiting())[0]
    with pytest.raises(UserError, match=match):
        await one.agree(request, user)
    assert one.acting.done == []
    assert (await one.now(request)).state is ApprovalState.OPEN
    refused = (await one.recorded())[-1]
    assert (refused.kind, refused.outcome, refused.user) == (AuditKind.AGREE, AuditOutcome.REFUSED, user)


DONE = "It is done: continue checkout."
_ids = count()


def _linked(user: str, guid: str, *, at: datetime, **more: Any) -> AuditEvent:
    """What the record has of a link."""
    given = {"kind": AuditKind.LINK, "outcome": AuditOutcome.DONE, "foundation": "eu", **more}
    return AuditEvent(id=f"link-{next(_ids)}", at=at, user=user, account_guid=guid, **given)


async def test_what_was_agreed_to_is_done_by_the_asker_and_told(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        request = await one.asked()
        assert await one.agree(request) == DONE
        assert one.acting.done == [(request.bound, f"approval:{request.id}", "U1")]
        after = await one.now(request)
        assert (after.state, after.decided_by, after.told) == (
            ApprovalState.AGREED,
            "U2",
            DONE,
        )
        _, event = await one.recorded()
        assert (event.kind, event.outcome, event.user) == (AuditKind.AGREE, AuditOutcome.DONE, "U2")
        assert (event.account, event.rule, event.guid) == ("bob@example.com", "rule 1", "d-1")
        assert await one.told() == [DONE]
        thread = next(claim for _, claim in one.slack.posts if claim.draft.thread)
        assert thread.draft.thread == f"approval:{request.id}"


async def test_the_request_shows_who_agreed_and_what_came_of_it(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        request = await one.asked()
        await one.post.tick()
        await one.agree(request)
        await one.tick()
        ((_, edit),) = one.slack.redrawn
        assert isinstance(edit.body, ApprovalBody)
        shown = edit.body.approval
        assert (shown.decided_by, shown.told) == ("U2", DONE)
        await one.tick()
        assert len(one.slack.redrawn) == 1


async def test_whose_account_did_it_is_not_told_in_the_channel(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        request = await one.asked()
        assert "cat@example.com" not in await one.agree(request)
        assert "cat@example.com" not in (await one.now(request)).told
        assert "cat@example.com" not in " ".join(await one.told())


async def test_who_asked_cannot_agree(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        await one.ask()
        await _refused(one, "U1", "asked for this yourself")


async def test_who_has_the_same_account_as_the_asker_cannot_agree(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        one.credentials.accounts["U3"] = ("user-cat", "cat@example.com")
        await one.ask()
        await _refused(one, "U3", "the same Cloud Foundry account")


async def test_who_started_it_cannot_agree(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        one.credentials.accounts["U3"] = ("user-ann", "ann@example.com")
        await one.ask()
        await _refused(one, "U3", "You started this")


async def test_who_started_it_cannot_agree_after_linking_another_account(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        for guid in ("user-ann", "user-new"):
            await one.store.actions.note(_linked("U3", guid, at=one.clock.at))
        await one.store.actions.note(_linked("U2", "user-ann", at=one.clock.at, outcome=AuditOutcome.REFUSED))
        await one.store.actions.note(_linked("U2", "user-ann", at=one.clock.at, foundation="us"))
        one.credentials.accounts["U3"] = ("user-new", "new@example.com")
        await one.ask()
        await _refused(one, "U3", "You were linked to the account that started this")
        assert await one.agree((await one.store.approvals.waiting())[0], "U2") == DONE


async def test_without_a_link_nobody_agrees_to_what_a_person_started(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        await one.ask()
        await _refused(one, "U9", "/deployments link")


async def test_without_a_link_one_may_agree_to_what_no_person_started(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        one.foundation.people = {}
        request = await one.asked(by=None)
        assert await one.agree(request, "U9") == DONE


async def test_a_starter_who_becomes_known_later_cannot_agree(tmp_path: Path) -> None:
    """Audit events come late."""
    async with requests(tmp_path) as one:
        people, one.foundation.people = one.foundation.people, {}
        await one.ask(by=None)
        one.foundation.people = people
        one.credentials.accounts["U3"] = ("user-ann", "ann@example.com")
        await _refused(one, "U3", "You started this")


async def test_while_nobody_can_tell_who_started_it_nobody_agrees(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        one.foundation.people = {}
        request = await one.asked(by=None)
        one.foundation.tells_events = False
        with pytest.raises(UpstreamError):
            await one.agree(request)
        assert one.acting.done == []
        assert (await one.now(request)).state is ApprovalState.OPEN


GUARDED = Rule("rule 2", ("U2",), frozenset({Right.CONTINUE}), effect=Effect.DENY)


async def test_who_may_not_do_it_cannot_agree_to_it(tmp_path: Path) -> None:
    async with requests(tmp_path, rules=(EVERYBODY, GUARDED)) as one:
        await one.ask()
        await _refused(one, "U2", "You may not continue it here")


async def test_a_guest_cannot_agree_by_a_rule_for_members(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        one.people.people["U2"] = Someone("U2", is_member=False)
        await one.ask()
        await _refused(one, "U2", "You may not continue it here")


@pytest.mark.parametrize("where", [Where("C2"), Where("D1", direct=True), Where()])
async def test_a_request_is_decided_in_its_channel(tmp_path: Path, where: Where) -> None:
    async with requests(tmp_path) as one:
        request = await one.asked()
        with pytest.raises(UserError, match="another channel"):
            await one.agree(request, where=where)
        with pytest.raises(UserError, match="another channel"):
            await one.decline(request, where=where)
        assert (await one.now(request)).state is ApprovalState.OPEN


async def test_after_its_time_nobody_agrees(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        request = await one.asked()
        one.clock.pass_by(30 * 60)
        with pytest.raises(UserError, match="run out"):
            await one.agree(request)
        assert one.acting.done == []
        assert (await one.now(request)).state is ApprovalState.EXPIRED


@pytest.mark.parametrize("stand", [Stand("ACTIVE", "PAUSED", 3), Stand("ACTIVE", "DEPLOYING", 2), None])
async def test_once_it_has_moved_nobody_agrees(tmp_path: Path, stand: Stand | None) -> None:
    async with requests(tmp_path) as one:
        request = await one.asked()
        if stand:
            one.moves(stand)
        else:
            one.foundation.rows = []
        with pytest.raises(UserError):
            await one.agree(request)
        assert one.acting.done == []
        if stand:
            assert (await one.now(request)).state is ApprovalState.VOID


async def test_while_the_foundation_is_away_nothing_is_decided(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        request = await one.asked()
        one.foundation.failure = AWAY
        with pytest.raises(UpstreamError):
            await one.agree(request)
        assert (await one.now(request)).state is ApprovalState.OPEN
        one.foundation.failure = None
        assert await one.agree(request) == DONE


async def test_of_two_who_agree_at_once_one_does_and_it_is_done_once(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        one.credentials.accounts["U3"] = ("user-dan", "dan@example.com")
        request = await one.asked()
        answers = await asyncio.gather(one.agree(request, "U2"), one.agree(request, "U3"), return_exceptions=True)
        refused = [answer for answer in answers if isinstance(answer, UserError)]
        assert [str(each) for each in refused] == ["Somebody has agreed already."]
        assert len(one.acting.done) == 1
        assert len([each for each in await one.recorded() if each.kind is AuditKind.AGREE]) == 1


@pytest.mark.parametrize("agrees_first", [True, False])
async def test_of_one_who_agrees_and_one_who_declines_at_once_one_decides(tmp_path: Path, agrees_first: bool) -> None:
    async with requests(tmp_path) as one:
        one.credentials.accounts["U3"] = ("user-dan", "dan@example.com")
        request = await one.asked()
        both = (one.agree(request, "U2"), one.decline(request, "U3"))
        answers = await asyncio.gather(*(both if agrees_first else reversed(both)), return_exceptions=True)
        assert len([each for each in answers if isinstance(each, UserError)]) == 1
        after = await one.now(request)
        assert after.state in {ApprovalState.AGREED, ApprovalState.DECLINED}
        assert len(one.acting.done) == (after.state is ApprovalState.AGREED)
        assert len(await one.told()) == 1


async def test_a_second_click_does_nothing_more(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        request = await one.asked()
        await one.agree(request)
        with pytest.raises(UserError, match="agreed already"):
            await one.agree(request)
        assert len(one.acting.done) == 1


async def test_why_it_was_not_done_is_for_the_asker_alone(tmp_path: Path) -> None:
    """It may be about their own account."""
    async with requests(tmp_path) as one:
        request = await one.asked()
        one.acting.problem = UserError("Your link with cat@example.com has expired.")
        told = await one.agree(request)
        assert "expired" not in told
        assert "expired" not in (await one.now(request)).told
        channel, direct = await one.told(), await one.told("U1")
        assert channel == [told]
        assert len(direct) == 1
        assert "Your link with cat@example.com has expired." in direct[0]


async def test_who_may_do_it_may_decline(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        request = await one.asked()
        assert "Declined" in await one.decline(request, "U9")
        assert (await one.now(request)).state is ApprovalState.DECLINED
        event = (await one.recorded())[-1]
        assert (event.kind, event.outcome, event.user) == (AuditKind.DECLINE, AuditOutcome.DONE, "U9")
        with pytest.raises(UserError, match="declined already"):
            await one.agree(request)
        assert one.acting.done == []
        (told,) = await one.told()
        assert "declined" in told


async def test_who_asked_may_take_it_back(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        request = await one.asked()
        assert "Taken back" in await one.decline(request, "U1")
        assert (await one.now(request)).decided_by == "U1"
        assert await one.told() == []


async def test_who_may_not_do_it_cannot_decline_it(tmp_path: Path) -> None:
    async with requests(tmp_path, rules=(EVERYBODY, GUARDED)) as one:
        request = await one.asked()
        with pytest.raises(UserError, match="You may not continue"):
            await one.decline(request, "U2")
        assert (await one.now(request)).state is ApprovalState.OPEN
        event = (await one.recorded())[-1]
        assert (event.kind, event.outcome) == (AuditKind.DECLINE, AuditOutcome.REFUSED)


async def test_a_request_that_nobody_knows_is_told_so(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        for act in (one.approving.agree, one.approving.decline):
            with pytest.raises(UserError, match="no longer remembered"):
                await act("made-up", "U2", Where("C1"), one.clock.at, 1e12)


async def test_what_another_process_is_doing_just_now_is_left_to_it(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        request = await one.asked()
        one.acting.result = Result("cat@example.com is continuing it just now.", ActionState.CLAIMED)
        assert "being done just now" in await one.agree(request)
        after = await one.now(request)
        assert (after.state, after.told) == (ApprovalState.AGREED, "")
        assert await one.told() == []
