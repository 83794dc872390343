"""What is left where a process died amid an action: it is looked at, recorded and told, and never sent again."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from deploybot.domain.acting import Action, ActionState
from deploybot.domain.audit import AuditOutcome
from deploybot.domain.outgoing import NoticeBody
from tests.service.acted import Bot, CrashError, House, bound, crash, house, later


@pytest_asyncio.fixture
async def there(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as made:
        await made.log_in("alice", "carol")
        yield made


@pytest_asyncio.fixture
async def bot(there: House) -> Bot:
    return await there.bot()


async def told(bot: Bot) -> list[tuple[str, str]]:
    """All that waits in the outbox: to whom, and what."""
    claims = await bot.store.outbox.claim(later(100), later(130), "test", 10)
    return [(one.draft.channel, one.draft.body.text) for one in claims if isinstance(one.draft.body, NoticeBody)]


async def test_a_crash_before_the_request_is_told_and_nothing_is_sent(there: House, bot: Bot) -> None:
    paused = there.deployment()
    dying = await there.bot(checkpoint=crash("act.claimed"))
    with pytest.raises(CrashError):
        await dying.confirm(bound(paused))
    await bot.acting.tick(later(30))
    assert await told(bot) == []
    await bot.acting.tick(later(61))
    ((person, said),) = await told(bot)
    assert person == "Ualice"
    assert "I was stopped at" in said
    assert "I looked: nothing has happened so far. It is now paused at step 1 of 4." in said
    assert "I do not send it again by myself" in said
    assert there.posts == 0
    begun, unclear = await bot.record()
    assert (begun.outcome, unclear.outcome) == (AuditOutcome.BEGUN, AuditOutcome.UNCLEAR)
    assert unclear.told == said
    assert unclear.action == begun.action


async def test_a_crash_after_the_request_is_told_as_done_where_cloud_foundry_says_so(there: House, bot: Bot) -> None:
    paused = there.deployment()
    dying = await there.bot(checkpoint=crash("act.sent"))
    with pytest.raises(CrashError):
        await dying.confirm(bound(paused, Action.CANCEL))
    await bot.acting.tick(later(61))
    ((_, said),) = await told(bot)
    assert "I looked: it was done. It is now being canceled." in said
    assert there.posts == 1
    _, done = await bot.record()
    assert done.outcome is AuditOutcome.DONE
    assert done.event_guid
    (row,) = await bot.store.actions.of_deployment("eu", paused.guid)
    assert (row.state, row.event_guid) == (ActionState.DONE, done.event_guid)


async def test_what_somebody_else_did_meanwhile_is_not_taken_for_ours(there: House, bot: Bot) -> None:
    paused = there.deployment()
    dying = await there.bot(checkpoint=crash("act.claimed"))
    with pytest.raises(CrashError):
        await dying.confirm(bound(paused))
    there.by_cli(paused.guid, "continue", "carol")
    await bot.acting.tick(later(61))
    ((_, said),) = await told(bot)
    assert "it has moved on. It is now rolling out, step 2 of 4. carol@example.com continued it at" in said
    _, unclear = await bot.record()
    assert (unclear.outcome, unclear.event_guid) == (AuditOutcome.UNCLEAR, "")
    assert there.posts == 0


async def test_what_is_left_is_settled_and_told_once(there: House) -> None:
    paused = there.deployment()
    dying = await there.bot(checkpoint=crash("act.claimed"))
    with pytest.raises(CrashError):
        await dying.confirm(bound(paused))
    bots = [await there.bot(), await there.bot()]
    for _ in range(2):
        for one in bots:
            await one.acting.tick(later(61))
    assert len(await told(bots[0])) == 1
    assert [event.outcome.value for event in await bots[0].record()] == ["begun", "unclear"]


async def test_while_it_is_nobodys_no_other_click_is_sent_and_afterwards_one_may_be(there: House, bot: Bot) -> None:
    paused = there.deployment()
    dying = await there.bot(checkpoint=crash("act.claimed"))
    with pytest.raises(CrashError):
        await dying.confirm(bound(paused))
    meanwhile = await bot.confirm(bound(paused), "Ucarol", "V2")
    assert meanwhile.state is ActionState.REFUSED
    assert "alice@example.com is continuing it just now, so I sent nothing more" in meanwhile.told
    again = await bot.confirm(bound(paused), "Ualice", "V1")
    assert again.state is ActionState.CLAIMED
    await bot.acting.tick(later(61))
    same = await bot.confirm(bound(paused), "Ualice", "V1")
    assert same.state is ActionState.UNCLEAR
    assert "nothing has happened so far" in same.told
    assert there.posts == 0


async def test_a_process_that_slept_through_its_claim_sends_nothing(there: House, bot: Bot) -> None:
    """It is frozen with its claim, another one settles that, and a person may have tried again."""
    paused = there.deployment()
    asleep = [0.0]
    slow = await there.bot(checkpoint=lambda at: asleep.__setitem__(0, 600.0) if at == "act.claimed" else None)
    awake = slow.acting.sending.monotonic
    slow.acting.sending = replace(slow.acting.sending, monotonic=lambda: awake() + asleep[0])
    result = await slow.confirm(bound(paused))
    assert result.state is ActionState.REFUSED
    assert "took too long" in result.told
    assert there.posts == 0
    assert there.done(paused.guid) == []


async def test_where_the_foundation_cannot_be_looked_at_that_is_told(there: House, bot: Bot) -> None:
    paused = there.deployment()
    dying = await there.bot(checkpoint=crash("act.sent"))
    with pytest.raises(CrashError):
        await dying.confirm(bound(paused))
    there.trouble(outage=True)
    await bot.acting.tick(later(61))
    ((_, said),) = await told(bot)
    assert "I could not look at it: eu" in said
    assert "Look at it before you try again" in said
    assert there.posts == 1


async def test_a_late_answer_is_on_the_record_even_where_another_gave_it_up(there: House, bot: Bot) -> None:
    paused = there.deployment()
    slow = await there.bot()
    sending = slow.acting.sending

    class Slow:
        name = "eu"

        async def act(self, *asked, **more):  # type: ignore[no-untyped-def]
            acted = await sending.actions["eu"].act(*asked, **more)
            await bot.acting.tick(later(61))
            return acted

    slow.acting.sending = replace(sending, actions={"eu": Slow()})
    result = await slow.confirm(bound(paused))
    assert result.state is ActionState.DONE
    assert [event.outcome.value for event in await bot.record()] == ["begun", "done", "done"]
    assert there.posts == 1


async def test_the_guards_action_is_told_in_its_channel_in_the_place_of_what_the_guard_would_have_said(
    there: House, bot: Bot
) -> None:
    paused = there.deployment()
    dying = await there.bot(checkpoint=crash("act.claimed"))
    with pytest.raises(CrashError):
        await dying.acting.perform_as_bot(bound(paused, Action.CANCEL), "guard:1", "the guard", "C1", later(0), 1e12)
    await bot.acting.tick(later(61))
    assert await bot.store.outbox.sent_at(["guard:1:cancel"]) == {"guard:1:cancel": None}
    ((channel, text),) = await told(bot)
    assert channel == "C1"
    assert "I was stopped at" in text
    assert "nothing has happened so far" in text
    assert [event.outcome.value for event in await bot.record()] == ["begun", "unclear"]
