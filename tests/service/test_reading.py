"""What one person, and what all in a channel, may read: by the rules, and by who they are in Slack."""

import pytest

from deploybot.domain.access import ALL_SEEN, Audience, Effect, Right, Rule, Sight, Someone, Target
from deploybot.domain.pattern import Pattern
from deploybot.errors import UserError
from deploybot.service.reading import Reading, patient
from tests.fake_directory import WITH_GUESTS, FakeDirectory

GUEST = {"U-guest": Someone("U-guest", is_member=False)}
READ = frozenset({Right.READ})
SHOP = (Pattern(orgs=("shop",)),)


def reading(*rules: Rule, **channels: Audience | None) -> tuple[Reading, FakeDirectory]:
    directory = FakeDirectory(dict(GUEST), dict(channels))
    return Reading(rules, directory), directory


async def test_without_rules_guests_get_nothing_and_neither_do_channels_with_guests() -> None:
    here, _ = reading(C1=WITH_GUESTS)
    assert await here.of_person("U1", "C1") == ALL_SEEN
    assert (await here.of_person("U-guest", "C1")).why_nothing.startswith("Guests may read nothing here")
    assert (await here.aloud("C1")).why_nothing.startswith("There are guests or people of other companies")
    assert await here.aloud("C2") == ALL_SEEN


async def test_who_is_in_a_channel_is_not_asked_where_anybody_may_read_everything() -> None:
    here, directory = reading(Rule("rule 1", ("everyone",), READ), C1=None)
    assert await here.of_all("C1") == ALL_SEEN
    assert directory.asked == []


async def test_where_slack_does_not_tell_who_is_there_a_person_gets_a_sentence_and_nobody_sees_anything() -> None:
    here, _ = reading(C1=None)
    assert await here.of_all("C1") is None
    for channel in ("C1", ""):
        with pytest.raises(UserError, match="ask for yourself alone, or try again in a minute"):
            await here.aloud(channel)


async def test_a_direct_message_is_known_by_its_id() -> None:
    here, _ = reading(Rule("rule 1", ("members",), READ, where=("direct",)))
    assert await here.of_person("U1", "D1") == ALL_SEEN
    assert (await here.of_person("U1", "C1")).why_nothing


async def test_what_a_rule_is_about_is_seen_and_nothing_else() -> None:
    here, _ = reading(Rule("rule 1", ("everyone",), READ, on=SHOP), C1=WITH_GUESTS)
    sight = await here.of_all("C1")
    assert sight
    assert not sight.everything
    assert sight.sees(Target("eu", org="shop"))
    assert not sight.sees(Target("eu", org="bank"))
    assert not sight.sees(Target("eu"))


async def test_a_right_for_nothing_at_all_is_told_from_one_for_something() -> None:
    allow = Rule("rule 1", ("members",), frozenset({Right.SUBSCRIBE}), on=SHOP)
    deny = Rule("rule 2", ("U2",), frozenset({Right.SUBSCRIBE}), effect=Effect.DENY)
    here, _ = reading(allow, deny)
    rights = [await here.permits_something(Right.SUBSCRIBE, user, "C1") for user in ("U1", "U2", "U-guest")]
    assert rights == [True, False, False]
    bare, _ = reading()
    assert await bare.permits_something(Right.SUBSCRIBE, "U1", "C1")
    assert not await bare.permits_something(Right.SUBSCRIBE, "U-guest", "C1")
    assert not await bare.permits_something(Right.CANCEL, "U1", "C1")


async def test_a_slack_that_keeps_silent_is_not_asked_again_and_again() -> None:
    asked, now, answers = [], [100.0], [None, ALL_SEEN]

    async def sights(channel: str) -> Sight | None:
        asked.append(channel)
        return answers[len(asked) - 1]

    told = patient(sights, lambda: now[0])
    assert await told("C1") is None
    now[0] += 14
    assert await told("C1") is None
    assert asked == ["C1"]
    now[0] += 2
    assert await told("C1") == ALL_SEEN
