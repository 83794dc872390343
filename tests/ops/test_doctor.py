"""The report: worst first, one line a finding with its fix, an exit code that scripts rely on."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.domain.finding import Finding, Level
from deploybot.ops.doctor import (
    BROKEN,
    SOUND,
    UNREADABLE,
    exit_code,
    ordered,
    report,
    report_json,
    verdict,
    without_secrets,
)
from deploybot.ops.redaction import Redaction
from tests.fake_examination import finding
from tests.ops.secret_shapes import SHAPES

REDACTION = Redaction(["hunter2-of-the-client"])
AREAS = ("configuration", "access", "guards", "slack", "database", "foundation eu", "foundation us")
findings = st.lists(
    st.builds(finding, st.sampled_from(Level), st.sampled_from(("a", "b")), st.sampled_from(AREAS), st.text()),
    max_size=12,
)


def shown(found: list[Finding], width: int | None = None) -> list[str]:
    return [f"  {line.mark}{line.text}" if line.mark else line.text for line in report(found, width)]


def test_areas_come_in_one_order_and_the_worst_of_each_first() -> None:
    given_ = [
        finding(area="foundation us"),
        finding(area="foundation eu"),
        finding(area="database"),
        finding(Level.NOTE, "n"),
        finding(Level.FAILURE, "f"),
        finding(Level.WARNING, "w"),
        finding(area="configuration"),
        finding(area="access"),
    ]
    assert [(one.area, one.check) for one in ordered(given_)] == [
        ("configuration", "a-check"),
        ("access", "a-check"),
        ("slack", "f"),
        ("slack", "w"),
        ("slack", "n"),
        ("database", "a-check"),
        ("foundation eu", "a-check"),
        ("foundation us", "a-check"),
    ]


def test_a_finding_is_a_line_with_its_mark_in_words_and_its_fix_beneath() -> None:
    assert shown([finding(), finding(Level.FAILURE, "scopes", says="chat:write is missing")]) == [
        "slack",
        "  FAILURE  scopes: chat:write is missing",
        "           fix: mend it",
        "  ok       a-check: it is so",
        "",
        "1 failure; 1 thing is well. First, for slack: chat:write is missing: mend it",
    ]


def test_long_sentences_go_on_beneath_each_other_where_the_terminal_ends() -> None:
    lines = shown([finding(Level.WARNING, says="word " * 40)], width=60)
    assert max(map(len, lines)) <= 60
    assert lines[2].startswith("           word")
    assert max(map(len, shown([finding(says="word " * 40)]))) > 200


def test_the_verdict_says_what_to_do_first() -> None:
    assert verdict([finding(), finding()]) == "All is well: 2 things were looked at."
    assert verdict([finding(Level.NOTE), finding()]) == "Nothing is wrong: 1 note; 1 thing is well."
    two = [finding(Level.WARNING), Finding("database", "form", Level.FAILURE, "it is newer", "run that version")]
    assert verdict(two) == "1 failure, 1 warning; 0 things are well. First, for database: it is newer: run that version"


def test_exit_codes_are_for_scripts() -> None:
    assert exit_code([], readable=True) == SOUND
    assert exit_code([finding(Level.WARNING), finding(Level.NOTE)], readable=True) == SOUND
    assert exit_code([finding(Level.FAILURE)], readable=True) == BROKEN
    assert exit_code([finding(Level.FAILURE)], readable=False) == UNREADABLE


def test_json_has_the_version_the_worst_level_and_every_field() -> None:
    told = json.loads(report_json([finding(), finding(Level.WARNING, "clock")], "1.2.3"))
    assert told == {
        "deploybot": "1.2.3",
        "worst": "warning",
        "findings": [
            {"area": "slack", "check": "clock", "level": "warning", "says": "it is so", "fix": "mend it"},
            {"area": "slack", "check": "a-check", "level": "ok", "says": "it is so", "fix": ""},
        ],
    }


@given(findings)
def test_ordering_keeps_every_finding_once(found: list[Finding]) -> None:
    assert sorted(map(repr, ordered(found))) == sorted(map(repr, found))


@given(findings)
def test_each_area_stands_once_above_what_belongs_to_it(found: list[Finding]) -> None:
    headings = [line.text for line in report(found, None) if not line.mark and line.text in AREAS]
    assert sorted(headings) == sorted({one.area for one in found})


@pytest.mark.parametrize("echoed", ["hunter2-of-the-client", *(SHAPES[name][0] for name in ("bot token", "jwt"))])
def test_what_a_server_repeats_of_a_secret_is_not_told_on(echoed: str) -> None:
    says = f"the login server says: no such thing as {echoed} here"
    (told,) = without_secrets([Finding("slack", "login", Level.FAILURE, says, f"look at {echoed}")], REDACTION)
    assert (told.says, told.fix) == ("the login server says: no such thing as [hidden] here", "look at [hidden]")


def test_what_is_said_about_secrets_stays_as_it_is() -> None:
    found = Finding(
        "slack",
        "app-token",
        Level.FAILURE,
        "Slack takes the bot's token: @deploybot in Acme (T1); CF_CLIENT_SECRET: is empty",
        "write it like postgresql://user:password@db.example.com/bot, xoxb-... from Basic Information",
    )
    assert without_secrets([found], REDACTION) == (found,)
