"""Requests that wait run out, are void once the step moved, are finished after a crash, and show how they stand."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from deploybot.domain.acting import Action, ActionRow, ActionState, Stand
from deploybot.domain.approval import Approval, ApprovalState
from deploybot.domain.audit import AuditEvent, AuditKind, AuditOutcome
from deploybot.domain.held import INSTEAD
from deploybot.domain.ledger import Observation, PollState
from deploybot.domain.ports import Declined, Posted, Unclear
from tests.domain.making import entry
from tests.service.requested import AWAY, PAUSED, Requests, requests

DEPLOYING = Stand("ACTIVE", "DEPLOYING", 3)
LONG = timedelta(days=1)
PATIENCE = timedelta(seconds=60)


async def _polled(one: Requests, stand: Stand, at: datetime) -> None:
    """A poll at an instant has seen the canary in this stand."""
    lease = await one.store.leases.acquire("poll:eu", "me", one.clock.at, one.clock.at + LONG)
    assert lease
    seen = entry("d-1", value=stand.value, reason=stand.reason, step=stand.step)
    state = PollState(foundation="eu", cursor=at, polled_at=at)
    await one.store.ledger.record(lease, Observation(state=state, entries=(seen,)), ())


async def refusals(one: Requests) -> list[tuple[str, str]]:
    """Of requests: who had asked, and why nothing comes of it."""
    events = [event for event in await one.recorded() if event.outcome is AuditOutcome.REFUSED]
    assert all((event.kind, event.guid, event.app) == (AuditKind.ASK, "d-1", "checkout") for event in events)
    return [(event.user, event.told) for event in events]


async def test_a_request_runs_out_and_the_thread_is_told_once(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        request = await one.asked()
        one.clock.pass_by(30 * 60 - 1)
        await one.tick()
        assert (await one.now(request)).state is ApprovalState.OPEN
        one.clock.pass_by(1)
        await one.tick()
        await one.tick()
        assert (await one.now(request)).state is ApprovalState.EXPIRED
        assert await one.told() == ["The request has run out: ask again if it is still wanted."]
        assert one.acting.done == []
        assert await refusals(one) == [("U1", "The request has run out: ask again if it is still wanted.")]


async def test_a_request_is_void_once_the_step_has_moved(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        request = await one.asked()
        one.moves(DEPLOYING)
        await _polled(one, DEPLOYING, one.clock.at + timedelta(seconds=15))
        await one.tick()
        assert (await one.now(request)).state is ApprovalState.VOID
        (told,) = await one.told()
        assert "moved on" in told
        assert await refusals(one) == [("U1", "The deployment has moved on since, so the request is void.")]


async def test_what_the_ledger_saw_before_the_request_voids_nothing(tmp_path: Path) -> None:
    """It was asked for after a fresh look, which may be newer than the last poll."""
    async with requests(tmp_path) as one:
        await _polled(one, Stand("ACTIVE", "DEPLOYING", 2), one.clock.at - timedelta(seconds=5))
        request = await one.asked()
        await one.tick()
        assert (await one.now(request)).state is ApprovalState.OPEN


async def test_what_the_foundation_does_not_confirm_voids_nothing(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        request = await one.asked()
        await _polled(one, DEPLOYING, one.clock.at + timedelta(seconds=15))
        await one.tick()
        assert (await one.now(request)).state is ApprovalState.OPEN
        one.foundation.failure = AWAY
        await one.tick()
        assert (await one.now(request)).state is ApprovalState.OPEN


async def test_a_request_that_still_holds_stays_open_and_costs_the_foundation_nothing(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        request = await one.asked()
        await _polled(one, PAUSED, one.clock.at + timedelta(seconds=15))
        one.foundation.failure = AWAY  # whoever asks it now fails
        await one.tick()
        assert (await one.now(request)).state is ApprovalState.OPEN


async def _left(one: Requests) -> Approval:
    """A request to which somebody agreed in a process that died right then."""
    request = await one.asked()
    agreed = replace(request, state=ApprovalState.AGREED, decided_by="U2", decided_at=one.clock.at)
    assert await one.store.approvals.decide(request, agreed, None)
    return await one.now(request)


async def test_what_a_crash_left_is_done_once(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        request = await _left(one)
        await one.tick()
        assert one.acting.done == []  # whoever got the agreement may be busy with it still
        one.clock.pass_by(PATIENCE.total_seconds())
        await one.tick()
        await one.tick()
        assert one.acting.done == [(request.bound, f"approval:{request.id}", "U1")]
        assert (await one.now(request)).told == "It is done: continue checkout."
        assert await one.told() == ["It is done: continue checkout."]


async def test_what_a_crash_left_too_long_is_not_done(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        request = await _left(one)
        one.clock.pass_by(30 * 60)
        await one.tick()
        assert one.acting.done == []
        (told,) = await one.told()
        assert "by now the request has run out" in told
        assert (await one.now(request)).told == told
        assert await refusals(one) == [("U1", told)]


async def _claimed(one: Requests, request: Approval, state: ActionState) -> None:
    """The crash came after the action was claimed."""
    row = ActionRow(
        id="row-1",
        confirmation=f"approval:{request.id}",
        bound=request.bound,
        user="U1",
        account="cat@example.com",
        account_guid="user-cat",
        channel="C1",
        claimed_at=one.clock.at,
    )
    begun = AuditEvent(id="begun", at=one.clock.at, kind=AuditKind.CONTINUE, outcome=AuditOutcome.BEGUN)
    assert await one.store.actions.claim(row, begun, one.clock.at) is None
    if state is not ActionState.CLAIMED:
        settled = replace(row, state=state, reason="no role", settled_at=one.clock.at)
        assert await one.store.actions.settle(settled, replace(begun, id="settled"))


@pytest.mark.parametrize(
    ("state", "said"), [(ActionState.DONE, "It is done"), (ActionState.UNCLEAR, "It is not clear whether")]
)
async def test_what_was_sent_before_the_crash_is_told_and_not_done_again(
    tmp_path: Path, state: ActionState, said: str
) -> None:
    async with requests(tmp_path) as one:
        await _claimed(one, await _left(one), state)
        one.clock.pass_by(PATIENCE.total_seconds())
        await one.tick()
        assert one.acting.done == []
        (told,) = await one.told()
        assert said in told


async def test_what_was_refused_before_the_crash_is_told_to_the_asker(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        await _claimed(one, await _left(one), ActionState.REFUSED)
        one.clock.pass_by(PATIENCE.total_seconds())
        await one.tick()
        assert one.acting.done == []
        (channel,), (direct,) = await one.told(), await one.told("U1")
        assert "no role" not in channel
        assert "no role" in direct


async def test_what_is_claimed_is_left_to_whoever_settles_it(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        request = await _left(one)
        await _claimed(one, request, ActionState.CLAIMED)
        one.clock.pass_by(PATIENCE.total_seconds())
        await one.tick()
        assert one.acting.done == []
        assert (await one.now(request)).told == ""


async def _stale(one: Requests) -> Approval:
    request = await one.asked()
    await one.post.tick()
    await one.decline(request)
    return request


async def test_edits_wait_for_the_budget_that_all_share(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        await _stale(one)
        while one.post.edits.take():
            pass
        await one.tick()
        assert one.slack.redrawn == []
        one.clock.pass_by(61)
        await one.tick()
        assert len(one.slack.redrawn) == 1


async def test_a_request_that_was_sent_without_its_words_does_not_get_them_by_an_edit(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        request = await _stale(one)
        await one.store.outbox.redrawn(f"approval:{request.id}", INSTEAD)
        await one.tick()
        await one.tick()
        assert one.slack.redrawn == []


async def test_a_message_that_was_deleted_is_not_edited_again(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        await _stale(one)
        one.slack.edit_script.append(Declined("Slack says message_not_found", shut=True))
        await one.tick()
        await one.tick()
        assert len(one.slack.redrawn) == 1


async def test_an_edit_that_slack_did_not_take_comes_again_when_slack_says(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        request = await _stale(one)
        one.slack.edit_script.extend([Declined("wait", wait=7), Unclear("time-out"), Posted("1.1")])
        for seconds, edits in ((0, 1), (6, 1), (1, 2), (0, 3), (0, 3)):
            one.clock.pass_by(seconds)
            await one.tick()
            assert len(one.slack.redrawn) == edits
        assert (await one.now(request)).shown == (await one.now(request)).revision


async def test_one_request_that_fails_holds_no_other_up(tmp_path: Path) -> None:
    async with requests(tmp_path) as one:
        first = await _left(one)
        other = await one.asked(action=Action.CANCEL)
        one.clock.pass_by(PATIENCE.total_seconds())
        one.acting.problem = RuntimeError("a bug")
        await one.decline(other)
        await one.post.tick(4, 2)
        await one.tick()
        assert (await one.now(first)).told == ""
        assert len(one.slack.redrawn) >= 1
