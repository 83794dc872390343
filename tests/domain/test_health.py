"""Alive and ready, decided from facts: what is silent too long is told with its seconds, and by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.domain.health import PARTS, Facts, HealthRules, Seen, parts_of, why_not_alive

RULES = HealthRules()
NOW = 10_000.0
WELL = Facts(0.0, NOW - 1, {"send": NOW - 1}, Seen(NOW - 1), Seen(NOW - 1))
SECONDS = st.floats(0, NOW)
SEEN = st.builds(Seen, st.none() | SECONDS, st.sampled_from(["", "it is locked"]))
FACTS = st.builds(
    Facts, SECONDS, st.none() | SECONDS, st.dictionaries(st.sampled_from(["send", "poll"]), SECONDS), SEEN, SEEN
)


def reasons(facts: Facts) -> dict[str, str]:
    return {part.part: part.reason for part in parts_of(facts, NOW, RULES) if not part.ready}


def changed(**more: object) -> Facts:
    known = {"since": 0.0, "begun": WELL.begun, "running": WELL.running, "database": WELL.database, "slack": WELL.slack}
    return Facts(**{**known, **more})  # type: ignore[arg-type]


def test_a_bot_that_is_well_is_alive_and_ready() -> None:
    assert why_not_alive(WELL, NOW, RULES) == ""
    assert reasons(WELL) == {}
    assert tuple(part.part for part in parts_of(WELL, NOW, RULES)) == PARTS


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        (changed(begun=NOW - 31), "the scheduler has begun nothing for 31 s"),
        (changed(begun=None), "the scheduler has begun nothing for 10000 s"),
        (changed(running={"send": NOW - 901, "poll": NOW - 1}), "the turn poll goes on for 1 s; the turn send goes"),
    ],
)
def test_a_scheduler_that_begins_nothing_or_a_turn_without_end_is_not_alive(facts: Facts, told: str) -> None:
    assert why_not_alive(facts, NOW, RULES).startswith(told)
    assert reasons(facts) == {}


@pytest.mark.parametrize(
    ("facts", "part", "told"),
    [
        (changed(database=Seen(NOW - 1, "it is locked")), "database", "the database can't be used: it is locked"),
        (changed(database=Seen(NOW - 61)), "database", "the database has not answered for 61 s"),
        (changed(database=Seen()), "database", "the database has not answered since the start 10000 s ago"),
        (changed(slack=Seen(NOW - 91)), "slack", "Slack has been silent for 91 s"),
        (changed(slack=Seen(NOW - 91, "token_revoked")), "slack", "Slack has been silent for 91 s: token_revoked"),
        (changed(slack=Seen(trouble="TimeoutError")), "slack", "nothing was heard of Slack yet: TimeoutError"),
    ],
)
def test_each_part_is_told_by_itself_and_is_no_reason_to_restart(facts: Facts, part: str, told: str) -> None:
    assert reasons(facts) == {part: told}
    assert why_not_alive(facts, NOW, RULES) == ""


def test_one_call_that_failed_does_not_make_slack_away() -> None:
    assert reasons(changed(slack=Seen(NOW - 80, "TimeoutError"))) == {}


@given(FACTS)
def test_what_is_not_ready_says_why_and_what_is_ready_says_nothing(facts: Facts) -> None:
    for part in parts_of(facts, NOW, RULES):
        assert part.ready == (part.reason == "")
    assert tuple(part.part for part in parts_of(facts, NOW, RULES)) == PARTS


@given(FACTS, st.floats(0, 1e5))
def test_nobody_becomes_ready_or_alive_by_silence(facts: Facts, later: float) -> None:
    before = {part.part for part in parts_of(facts, NOW, RULES) if not part.ready}
    after = {part.part for part in parts_of(facts, NOW + later, RULES) if not part.ready}
    assert before <= after
    assert not why_not_alive(facts, NOW, RULES) or why_not_alive(facts, NOW + later, RULES)


@given(FACTS)
def test_what_was_silent_for_longer_than_its_rule_is_never_ready(facts: Facts) -> None:
    told = reasons(facts)
    assert ("slack" in told) == (facts.slack.at is None or NOW - facts.slack.at > RULES.slack)
    database = facts.database
    assert ("database" in told) == (bool(database.trouble) or database.at is None or NOW - database.at > RULES.database)
