"""Continue and cancel against a simulated foundation: the right person, the right step, once, on the record."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from dataclasses import replace as changed
from pathlib import Path

import pytest
import pytest_asyncio
from msgspec.structs import replace

from deploybot.domain.access import Effect, Right, Rule, Where
from deploybot.domain.acting import Action, ActionState, Bound, Stand, possible
from deploybot.domain.audit import AuditKind, AuditOutcome
from deploybot.domain.consequences import NO_UNDO
from deploybot.domain.query import Query
from deploybot.errors import UpstreamError, UserError
from deploybot.service.acting import Result
from tests.service.acted import HERE, PEOPLE, RULE, STATES, Bot, House, bound, house, now

ROLES_IN = {
    "payments-eu": {"space_developer", "space_supporter", "cloud_controller.admin", "none"},
    "acme-retail": {"space_developer", "space_auditor", "organization_manager", "cloud_controller.admin", "none"},
}


@pytest_asyncio.fixture
async def there(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as made:
        await made.log_in(*PEOPLE)
        yield made


@pytest_asyncio.fixture
async def bot(there: House) -> Bot:
    return await there.bot()


async def test_a_continue_is_done_as_the_person_and_on_the_record(there: House, bot: Bot) -> None:
    paused = there.deployment()
    result = await bot.confirm(bound(paused))
    assert result.state is ActionState.DONE
    assert result.told == "Continued as alice@example.com. It is now rolling out, step 2 of 4."
    assert result.row
    assert result.row.app
    assert there.done(paused.guid) == ["continue by user-alice"]
    begun, done = await bot.record()
    assert (begun.outcome, done.outcome) == (AuditOutcome.BEGUN, AuditOutcome.DONE)
    assert (done.kind, done.user, done.account, done.account_guid) == (
        AuditKind.CONTINUE,
        "Ualice",
        "alice@example.com",
        "user-alice",
    )
    assert (done.org, done.space, done.app, done.channel) == ("payments-eu", "production", result.row.app.name, "C1")
    assert (begun.value, begun.reason, begun.step) == ("ACTIVE", "PAUSED", 1)
    assert begun.rule == "the rule of tests"
    assert done.request_id
    assert done.event_guid in {event.guid for event in there.served.foundation.world.audit_events}
    assert done.action == begun.action
    assert there.hurried == ["eu"]
    assert there.passed == ["act.claimed", "act.sent", "act.settled"]


async def test_a_proposal_tells_what_will_happen_and_does_nothing(there: House, bot: Bot) -> None:
    paused = there.deployment()
    asked = replace(bound(paused), stand=None)
    proposal = await bot.acting.propose(asked, "Ualice", HERE, now(), time.monotonic() + 20)
    assert proposal.bound == bound(paused)
    assert "step 2 of 4: 20 % -> 60 %" in proposal.consequences[0]
    assert (proposal.account, proposal.approvals, proposal.rule) == ("alice@example.com", 0, "the rule of tests")
    canceling = await bot.acting.propose(bound(paused, Action.CANCEL), "Ualice", HERE, now(), time.monotonic() + 20)
    assert NO_UNDO in canceling.consequences
    assert there.posts == 0
    assert await bot.record() == []


@pytest.mark.parametrize("org", ["payments-eu", "acme-retail"])
@pytest.mark.parametrize("state", STATES)
async def test_every_role_in_every_state_ends_as_cloud_foundry_has_it(
    there: House, bot: Bot, state: str, org: str
) -> None:
    """By the rules that were recorded: developers and supporters of the space may, and admins; no other role."""
    roles: set[str] = set()
    for action, person in itertools.product(Action, PEOPLE):
        deployment = there.deployment(state, org=org)
        wanted, before = bound(deployment, action), there.posts
        own = there.roles(person, deployment)
        may = not own.isdisjoint({"space_developer", "space_supporter", "cloud_controller.admin"})
        try:
            told = await bot.confirm(wanted, f"U{person}", f"{state}-{action}-{person}")
        except UserError:
            assert action not in possible(wanted.stand or Stand())
            assert there.posts == before
        else:
            assert told.state is (ActionState.DONE if may else ActionState.REFUSED)
            assert ("takes Space Developer or Space Supporter" in told.told) is not may
            assert there.done(deployment.guid) == ([f"{action} by user-{person}"] if may else [])
            assert there.posts == before + 1
        roles |= own or {"none"}
        there.put(there.now(deployment.guid), "deployed")
    assert roles >= ROLES_IN[org]


async def test_a_token_that_may_only_read_is_told_so(there: House, bot: Bot) -> None:
    there.tokens["Ualice"] = await there.token("alice", "cloud_controller.read")
    paused = there.deployment()
    result = await bot.confirm(bound(paused))
    assert result.state is ActionState.REFUSED
    assert "lacks the scope cloud_controller.write" in result.told
    assert there.done(paused.guid) == []


async def test_a_token_that_is_over_is_told_and_renewed_next_time(there: House, bot: Bot) -> None:
    paused = there.deployment()
    there.tokens["Ualice"] = "rubbish"
    result = await bot.confirm(bound(paused))
    assert result.state is ActionState.REFUSED
    assert "link your account again" in result.told
    assert [one.account for one in bot.credentials.rejected] == ["alice@example.com"]
    await there.log_in("alice")
    assert (await bot.confirm(bound(paused), confirmation="V2")).state is ActionState.DONE


async def test_the_bots_own_account_may_only_read_and_says_so(there: House, bot: Bot) -> None:
    paused = there.deployment()
    result = await bot.acting.perform_as_bot(
        bound(paused, Action.CANCEL), "guard:1", "the guard of production", "C1", now(), time.monotonic() + 20
    )
    assert result.state is ActionState.REFUSED
    assert "The bot's own account may only read" in result.told
    begun, refused = await bot.record()
    assert (begun.user, begun.account, begun.rule) == ("", "the bot's own account", "the guard of production")
    assert refused.outcome is AuditOutcome.REFUSED


async def test_who_is_not_linked_is_told_what_to_do(there: House, bot: Bot) -> None:
    paused = there.deployment()
    with pytest.raises(UserError, match="/deployments link"):
        await bot.confirm(bound(paused), "Ustranger")
    (refused,) = await bot.record()
    assert (refused.outcome, refused.user, refused.rule) == (AuditOutcome.REFUSED, "Ustranger", "the rule of tests")
    assert there.posts == 0


class _NobodyToAsk:
    async def ask(self, *_: object) -> Result:
        raise UserError("Nobody can be asked here.")


async def test_where_nobody_can_be_asked_the_refusal_is_on_the_record(there: House) -> None:
    bot = await there.bot(rules=(changed(RULE, approvals=1),), approves=_NobodyToAsk())
    with pytest.raises(UserError, match="Nobody can be asked here"):
        await bot.confirm(bound(there.deployment()))
    (refused,) = await bot.record()
    assert (refused.outcome, refused.told) == (AuditOutcome.REFUSED, "Nobody can be asked here.")
    assert there.posts == 0


async def test_without_a_rule_nobody_acts_and_the_refusal_is_on_the_record(there: House) -> None:
    bot = await there.bot(rules=())
    paused = there.deployment()
    with pytest.raises(UserError, match=r"You may not continue .* here, since no rule allows it"):
        await bot.confirm(bound(paused))
    (refused,) = await bot.record()
    assert (refused.outcome, refused.decision) == (AuditOutcome.REFUSED, "no rule allows it")
    assert there.posts == 0


async def test_what_somebody_may_not_read_is_for_them_not_there(there: House) -> None:
    hidden = Rule("the secret one", ("Ubob",), frozenset({Right.READ}), effect=Effect.DENY)
    bot = await there.bot(rules=(RULE, hidden))
    paused = there.deployment()
    with pytest.raises(UserError, match="I can see no deployment with the guid") as secret:
        await bot.confirm(bound(paused), "Ubob")
    nowhere = Bound(action=Action.CONTINUE, foundation="eu", guid="d-nowhere", stand=bound(paused).stand)
    with pytest.raises(UserError) as absent:
        await bot.confirm(nowhere, "Ubob")
    assert str(secret.value).replace(paused.guid, "X") == str(absent.value).replace("d-nowhere", "X")
    with pytest.raises(UserError):
        await bot.acting.find(paused.guid, Query(), Action.CANCEL, "Ubob", HERE, now(), time.monotonic() + 20)
    assert [event.rule for event in await bot.record()] == ["the secret one", ""]


async def test_a_deployment_is_found_by_guid_and_as_the_newest_of_an_app(there: House, bot: Bot) -> None:
    paused = there.deployment()
    app = there.served.foundation.world.apps[paused.app_guid].name
    for subject in (paused.guid, app):
        found = await bot.acting.find(
            subject,
            Query(spaces=("production",), orgs=("payments-eu",)),
            Action.CANCEL,
            "Ualice",
            HERE,
            now(),
            time.monotonic() + 20,
        )
        assert (found.action, found.foundation, found.guid, found.stand) == (Action.CANCEL, "eu", paused.guid, None)


async def test_a_name_of_several_apps_is_no_ground_to_act_on_the_newest(there: House, bot: Bot) -> None:
    paused = there.deployment()
    app = there.served.foundation.world.apps[paused.app_guid].name
    for subject, query in ((app, Query()), (app, Query(spaces=("production",))), (f"{app[:-1]}*", Query())):
        with pytest.raises(UserError, match=r"means \d+ apps: eu/.*Say which one with space="):
            await bot.acting.find(subject, query, Action.CANCEL, "Ualice", HERE, now(), time.monotonic() + 20)


async def test_a_button_of_another_foundation_is_told(there: House, bot: Bot) -> None:
    with pytest.raises(UserError, match="no foundation called us any more"):
        await bot.confirm(replace(bound(there.deployment()), foundation="us"))


async def test_a_confirmation_without_a_stand_does_nothing(there: House, bot: Bot) -> None:
    with pytest.raises(UserError, match="nobody has seen where it stands"):
        await bot.confirm(replace(bound(there.deployment()), stand=None))
    assert there.posts == 0


async def test_who_was_overtaken_by_the_cf_cli_is_told_by_whom_and_nothing_is_sent(there: House, bot: Bot) -> None:
    paused = there.deployment()
    asked = bound(paused)
    there.by_cli(paused.guid, "continue", "carol")
    proposal = await bot.acting.propose(asked, "Ualice", HERE, now(), time.monotonic() + 20)
    assert "It has moved on. It is now rolling out, step 2 of 4. carol@example.com continued it" in proposal.moved
    result = await bot.confirm(asked)
    assert result.state is ActionState.REFUSED
    assert "Nothing was done. It has moved on." in result.told
    assert result.row
    assert result.row.deployment.canary_steps
    assert there.posts == 0
    assert there.done(paused.guid) == ["continue by user-carol"]
    assert [event.outcome for event in await bot.record()] == [AuditOutcome.REFUSED] * 2


async def test_a_step_that_looks_the_same_later_is_another_step(there: House, bot: Bot) -> None:
    paused = there.deployment(step=1)
    asked = bound(paused)
    there.put(paused, "paused", canary_current_step=2)
    result = await bot.confirm(asked)
    assert result.state is ActionState.REFUSED
    assert "paused at step 2 of 4" in result.told
    assert there.posts == 0


async def test_what_moves_on_while_it_is_claimed_is_not_sent(there: House) -> None:
    paused = there.deployment()
    asked = bound(paused)
    bot = await there.bot(checkpoint=lambda at: there.by_cli(paused.guid, "cancel") if at == "act.claimed" else None)
    result = await bot.confirm(asked)
    assert result.state is ActionState.REFUSED
    assert "It is now being canceled. alice@example.com canceled it" in result.told
    assert there.posts == 0


async def test_without_a_previous_version_there_is_nothing_to_cancel(there: House, bot: Bot) -> None:
    first = there.deployment()
    there.put(first, "paused", previous_droplet_guid=None)
    with pytest.raises(UserError, match="no previous version to put back"):
        await bot.confirm(bound(first, Action.CANCEL))
    assert there.posts == 0


async def test_a_confirmation_that_is_delivered_twice_is_done_once(there: House, bot: Bot) -> None:
    paused = there.deployment()
    first = await bot.confirm(bound(paused))
    again = await bot.confirm(bound(paused))
    assert (again.told, again.state) == (first.told, first.state)
    assert there.done(paused.guid) == ["continue by user-alice"]
    assert len(await bot.record()) == 2


async def test_a_confirmation_that_is_delivered_twice_at_once_is_done_once(there: House) -> None:
    bots = [await there.bot(), await there.bot()]
    paused = there.deployment()
    results = await asyncio.gather(*(one.confirm(bound(paused)) for one in bots for _ in range(3)))
    assert there.posts == 1
    assert there.done(paused.guid) == ["continue by user-alice"]
    assert sum(result.told.startswith("Continued as") for result in results) >= 1


@pytest.mark.parametrize("others", list(Action))
async def test_of_two_who_click_at_once_one_does_it(there: House, others: Action) -> None:
    """In two processes, whatever the second one clicked: it was shown for a stand that is gone."""
    bots = [await there.bot(), await there.bot()]
    paused = there.deployment()
    clicks = [(bots[0], Action.CONTINUE, "alice"), (bots[1], others, "carol")] * 3
    results = await asyncio.gather(
        *(
            one.confirm(bound(paused, action), f"U{name}", f"view-{number}")
            for number, (one, action, name) in enumerate(clicks)
        )
    )
    assert there.posts == 1
    assert len(there.done(paused.guid)) == 1
    assert [result.state for result in results].count(ActionState.DONE) == 1
    record = await bots[0].record()
    assert sorted(event.outcome.value for event in record) == ["begun", "done", *["refused"] * 5]


@pytest.mark.parametrize("fault", ["done_but_error", "done_but_cut"])
async def test_what_was_done_and_answered_with_trouble_is_looked_at_and_not_sent_again(
    there: House, bot: Bot, fault: str
) -> None:
    paused = there.deployment()
    there.trouble(**{fault: 1.0})
    result = await bot.confirm(bound(paused))
    assert result.state is ActionState.DONE
    assert result.told.startswith("It is unclear whether Cloud Foundry took it: eu ")
    assert "I looked: it was done. It is now rolling out, step 2 of 4." in result.told
    assert there.posts == 1
    assert there.done(paused.guid) == ["continue by user-alice"]
    _, done = await bot.record()
    assert done.event_guid
    assert done.told == result.told


async def test_an_answer_that_never_comes_is_looked_after(there: House, bot: Bot) -> None:
    paused = there.deployment()
    there.trouble(done_but_slow=1.0)
    result = await bot.confirm(bound(paused, Action.CANCEL), seconds=1.5)
    assert result.state is ActionState.DONE
    assert "it was done. It is now being canceled." in result.told
    assert there.done(paused.guid) == ["cancel by user-alice"]
    assert there.posts == 1


async def test_what_seems_not_done_is_unclear_and_may_be_tried_again_later_only(there: House, bot: Bot) -> None:
    paused = there.deployment()
    there.trouble(undone_error=1.0)
    result = await bot.confirm(bound(paused))
    assert result.state is ActionState.UNCLEAR
    assert "I looked: nothing has happened so far. It is now paused at step 1 of 4." in result.told
    assert there.done(paused.guid) == []
    there.trouble()
    again = await bot.confirm(bound(paused), confirmation="V2")
    assert again.state is ActionState.REFUSED
    assert "unclear whether it was done" in again.told
    assert there.posts == 1
    much_later = await bot.acting.confirm(
        bound(paused), "V3", "Ualice", HERE, now().replace(year=now().year + 1), time.monotonic() + 20
    )
    assert much_later.state is ActionState.DONE


async def test_a_foundation_that_cannot_be_asked_is_an_upstream_error_and_nothing_is_done(
    there: House, bot: Bot
) -> None:
    paused = there.deployment()
    there.trouble(outage=True)
    with pytest.raises(UpstreamError):
        await bot.confirm(bound(paused), seconds=2)
    there.trouble()
    assert await bot.record() == []
    assert there.done(paused.guid) == []


async def test_where_a_rule_wants_a_second_person_nothing_is_sent_by_one(there: House) -> None:
    rule = Rule("four eyes", RULE.who, RULE.may, approvals=1)
    bot = await there.bot(rules=(rule,))
    paused = there.deployment()
    proposal = await bot.acting.propose(bound(paused), "Ualice", HERE, now(), time.monotonic() + 20)
    assert (proposal.approvals, proposal.rule) == (1, "four eyes")
    with pytest.raises(UserError, match="A second person has to agree"):
        await bot.confirm(bound(paused))
    assert there.posts == 0
    agreed = await bot.acting.perform(bound(paused), "approval:1", "Ualice", Where("C1"), now(), time.monotonic() + 20)
    assert agreed.state is ActionState.DONE
    assert there.done(paused.guid) == ["continue by user-alice"]
