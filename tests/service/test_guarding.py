"""A forgotten canary: its starter is reminded, the channel told, the cancel announced, then done; each once."""

from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace

from deploybot.domain.access import Effect, Right, Rule
from deploybot.domain.acting import Action, ActionState, Bound
from deploybot.domain.guard import NOTICE, GuardRule
from deploybot.domain.held import INSTEAD
from deploybot.domain.outgoing import GuardBody
from deploybot.domain.pattern import Pattern
from deploybot.domain.ports import Posted, Unclear
from deploybot.errors import UpstreamError, UserError
from deploybot.service.acting import Result
from deploybot.service.guarding import LEASE
from tests.fake_directory import WITH_GUESTS
from tests.service.guarded import HOUR, WAITING, watch


async def test_the_channel_is_reminded_told_warned_and_then_it_is_canceled(tmp_path: Path) -> None:
    async with watch(tmp_path) as one:
        await one.after(0.9)
        assert one.said == []
        for hours in (0.1, 0.5, 0.5, 0.5, 1.335, 0.05, 0.2, 1):
            await one.after(hours)
        texts = [text for channel, text in one.said if channel == "C1"]
        assert len(texts) == len(one.said) == 4
        assert "waited at step 2 of 4 for 60 min" in texts[0]
        assert "ann@example.com, whom I can't tell alone" in texts[0]
        assert "nobody has decided" in texts[1]
        assert "before 2026-11-23 14:00 UTC, I cancel it then: guard 1 says so" in texts[2]
        assert "I have canceled it." in texts[3]
        bound = Bound(action=Action.CANCEL, foundation="eu", guid="d-1", stand=WAITING)
        assert one.acts.asked == [(bound, "guard:eu/d-1/2", "guard 1")]


async def test_who_started_it_is_reminded_alone_where_their_account_is_linked(tmp_path: Path) -> None:
    async with watch(tmp_path) as one:
        await one.link("U7", "user-ann")
        await one.after(1)
        ((channel, text),) = one.said
        assert channel == "U7"
        assert "and you started it" in text
        await one.after(1)
        assert [channel for channel, _ in one.said] == ["U7", "C1"]
        assert "U7" not in one.said[1][1]


async def test_a_link_of_somebody_else_is_not_reminded(tmp_path: Path) -> None:
    async with watch(tmp_path) as one:
        await one.link("U7", "user-bob")
        await one.after(1)
        assert [channel for channel, _ in one.said] == ["C1"]


async def test_of_an_unknown_starter_the_reminder_says_so(tmp_path: Path) -> None:
    async with watch(tmp_path) as one:
        await one.seen(replace(one.canary, by="", by_guid=""))
        await one.after(1)
        ((_, text),) = one.said
        assert "I can't find out who started it" in text


async def test_once_it_moved_on_nothing_more_is_said_or_done(tmp_path: Path) -> None:
    async with watch(tmp_path) as one:
        for hours in (1, 1, 1.9):
            await one.after(hours)
        assert len(one.said) == 3
        await one.seen(replace(one.canary, reason="DEPLOYING", step=3, status_changed_at=one.clock.at))
        await one.after(5)
        assert len(one.said) == 3
        assert one.acts.asked == []


async def test_a_later_step_is_waited_for_anew(tmp_path: Path) -> None:
    async with watch(tmp_path) as one:
        await one.after(1)
        await one.seen(replace(one.canary, step=3, status_changed_at=one.clock.at))
        await one.after(0.9)
        assert len(one.said) == 1
        await one.after(0.2)
        assert len(one.said) == 2


async def test_after_an_outage_the_cancel_is_announced_before_it_is_done(tmp_path: Path) -> None:
    async with watch(tmp_path) as one:
        await one.after(99)
        assert len(one.said) == 1
        assert "If nobody continues or cancels it before" in one.said[0][1]
        one.clock.pass_by(NOTICE.total_seconds() - 60)
        await one.guarding.tick(one.clock.at)
        assert one.acts.asked == []
        one.clock.pass_by(60 + 2)
        await one.guarding.tick(one.clock.at)
        assert len(one.acts.asked) == 1


async def test_what_was_never_announced_is_never_canceled(tmp_path: Path) -> None:
    """Slack does not take the announcement."""
    async with watch(tmp_path) as one:
        one.slack.script.extend(["declined"] * 1000)
        for _ in range(20):
            await one.after(1)
        assert one.acts.asked == []


async def test_while_the_foundation_cannot_be_seen_nothing_is_said(tmp_path: Path) -> None:
    async with watch(tmp_path) as one:
        lease = await one.store.leases.acquire("poll:eu", "me", one.clock.at, one.clock.at + timedelta(days=9))
        assert lease
        await one.store.ledger.record_failure(lease, "eu", one.clock.at, "not reachable")
        await one.after(9)
        assert one.said == []


DENIED = Rule("rule 1", ("everyone",), frozenset({Right.READ}), where=("C1",), effect=Effect.DENY)
ALLOWED = Rule("rule 2", ("members",), frozenset({Right.READ}))


async def test_a_channel_that_may_not_read_of_it_is_told_nothing_and_nothing_is_canceled(tmp_path: Path) -> None:
    async with watch(tmp_path, rules=(DENIED, ALLOWED)) as one:
        for _ in range(9):
            await one.after(1)
        assert one.said == []
        assert one.acts.asked == []


async def test_guests_who_join_stop_the_guard_even_after_the_announcement(tmp_path: Path) -> None:
    async with watch(tmp_path) as one:
        await one.after(3.9)
        one.people.channels["C1"] = WITH_GUESTS
        await one.after(1)
        one.people.channels["C1"] = None
        await one.after(1)
        assert len(one.said) == 1
        assert one.acts.asked == []


async def test_a_refusal_is_said_once_and_not_tried_again(tmp_path: Path) -> None:
    async with watch(tmp_path) as one:
        one.acts.problem = UserError("I may not act there: give me the role space_supporter.")
        await one.after(3.9)
        for _ in range(5):
            await one.after(1)
        assert len(one.acts.asked) == 1
        assert len(one.said) == 2
        assert "but I did not: I may not act there" in one.said[1][1]


async def test_an_announcement_that_was_sent_without_its_words_lets_nothing_be_canceled(tmp_path: Path) -> None:
    async with watch(tmp_path) as one:
        await one.after(3.9)
        assert "I cancel it then" in one.said[-1][1]
        await one.store.outbox.redrawn("guard:eu/d-1/2:announce", INSTEAD)
        for _ in range(5):
            await one.after(1)
        assert one.acts.asked == []


async def test_where_the_bot_may_not_cancel_it_says_so_once_and_announces_nothing(tmp_path: Path) -> None:
    async with watch(tmp_path) as one:
        one.rights.spaces = frozenset()
        for hours in (1, 1, 1.9, 0.2, 1, 9):
            await one.after(hours)
        texts = [text for _, text in one.said]
        assert len(texts) == 3
        assert "guard 1 wants it canceled, but I can't do that in shop/prod" in texts[2]
        assert "the role Space Supporter there, and the scope cloud_controller.write" in texts[2]
        assert not [text for text in texts if "I cancel it then" in text]
        assert one.acts.asked == []
        assert set(one.rights.asked) == {frozenset({one.canary.space_guid})}


async def test_once_the_bot_has_the_role_the_cancel_is_announced_with_all_its_notice(tmp_path: Path) -> None:
    async with watch(tmp_path) as one:
        one.rights.spaces = frozenset()
        await one.after(9)
        one.rights.spaces = None
        await one.after(1)
        assert "I cancel it then" in one.said[-1][1]
        assert one.acts.asked == []
        await one.after(0.2)
        assert len(one.acts.asked) == 1


async def test_while_nobody_knows_whether_the_bot_may_cancel_people_are_told_but_nothing_is_announced(
    tmp_path: Path,
) -> None:
    async with watch(tmp_path) as one:
        one.rights.tells = False
        for _ in range(5):
            await one.after(2)
        assert [text for _, text in one.said if "nobody has decided" in text] == [one.said[0][1]]
        assert len(one.said) == 1
        assert one.acts.asked == []
        one.rights.tells = True
        await one.after(0.1)
        assert "I cancel it then" in one.said[-1][1]


async def test_a_foundation_is_not_asked_about_a_space_with_every_look(tmp_path: Path) -> None:
    async with watch(tmp_path) as one:
        one.rights.tells = False
        await one.after(9)
        for _ in range(5):
            await one.after(10 / HOUR)
        assert len(one.rights.asked) < 3


async def test_while_the_foundation_does_not_answer_it_is_tried_again(tmp_path: Path) -> None:
    async with watch(tmp_path) as one:
        one.acts.problem = UpstreamError("eu", "it is away")
        await one.after(3.9)
        await one.after(1)
        assert len(one.said) == 1
        one.acts.problem = None
        await one.after(0.1)
        assert len(one.acts.asked) == 2
        assert "I have canceled it." in one.said[1][1]


async def test_what_no_guard_is_about_is_left_alone(tmp_path: Path) -> None:
    async with watch(tmp_path, guards=(GuardRule("guard 1", (Pattern(spaces=("dev",)),), "C1", timedelta(1)),)) as one:
        await one.after(99)
        assert one.said == []


async def test_what_was_said_loses_its_buttons_once_the_canary_has_moved_on(tmp_path: Path) -> None:
    async with watch(tmp_path) as one:
        await one.after(1)
        await one.after(1)
        messages = one.messages()
        await messages.tick(one.clock.at)
        assert one.slack.redrawn == []  # it waits still
        await one.seen(replace(one.canary, reason="DEPLOYING", step=3, status_changed_at=one.clock.at))
        one.slack.edit_script.extend([Posted("1"), Unclear("time-out")])
        for _ in range(3):
            await messages.tick(one.clock.at)
        bodies = [edit.body for _, edit in one.slack.redrawn]
        assert len(bodies) == 3  # the unclear one once more
        assert all(isinstance(body, GuardBody) and body.moved_on and body.entry.step == 3 for body in bodies)


async def test_without_a_budget_nothing_is_redrawn(tmp_path: Path) -> None:
    async with watch(tmp_path) as one:
        await one.after(1)
        await one.seen(replace(one.canary, reason="DEPLOYING", step=3))
        while one.post.edits.take():
            pass
        await one.messages().tick(one.clock.at)
        assert one.slack.redrawn == []


async def test_what_another_process_does_just_now_is_not_spoken_of_until_it_is_known_what_came_of_it(
    tmp_path: Path,
) -> None:
    async with watch(tmp_path) as one:
        await one.after(3.9)
        one.acts.result = Result("I am canceling it just now.", ActionState.CLAIMED)
        await one.after(1)
        assert len(one.acts.asked) == 1
        assert "just now" not in str(one.said)
        one.acts.result = Result("I was stopped while canceling it.", ActionState.UNCLEAR)
        await one.after(0.1)
        assert "I was stopped while canceling it." in one.said[-1][1]


async def test_of_two_processes_one_is_the_guard(tmp_path: Path) -> None:
    async with watch(tmp_path) as one:
        other = one.guard("other")
        await one.after(3.9)
        await other.tick(one.clock.at)
        await one.after(1)
        await other.tick(one.clock.at)
        assert len(one.acts.asked) == 1
        one.clock.pass_by(LEASE.total_seconds())
        await other.tick(one.clock.at)
        assert len(one.acts.asked) == 1  # what was said of it says that it was done
