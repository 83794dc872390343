"""What a status means: the documented table, the recorded rollouts, and the filters built on them."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from deploybot.domain.deployment import Deployment, Status, StatusDetails
from deploybot.domain.outcome import Memory, Outcome, OutcomeRules, judge, matches, possible, span
from tests.recordings import timeline, world

RULES = OutcomeRules()
NOW = datetime(2026, 11, 23, 10, 0, 0, tzinfo=UTC)
TABLE = Path(__file__).parents[2] / "docs" / "outcomes.md"


def _table() -> list[dict[str, str]]:
    lines = [line for line in TABLE.read_text().splitlines() if line.startswith("| ")]
    head, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return [dict(zip(head, row, strict=True)) for row in rows]


def _deployments(given: dict[str, str]) -> Iterator[tuple[Deployment, Memory | None]]:
    """Every deployment that a row of the table speaks of, just inside and outside its limits."""
    strategies: list[str | None] = ["rolling", "canary", None] if given["strategy"] == "-" else [given["strategy"]]
    errors_for: dict[str, list[str | None]] = {"-": ["boom", None], "yes": ["boom"], "no": [None, ""]}
    errors = errors_for[given["error"]]
    quiets = {"-": [0, 86_400], "over 10 min": [601, 86_400], "up to 10 min": [0, 600]}[given["quiet"]]
    gaps = {"-": [0, 30, 31], "over 30 s": [31, 4000], "up to 30 s": [0, 30]}[given["unhealthy"]]
    values: list[str | None] = ["ACTIVE", "FINALIZED", None] if given["value"] == "-" else [given["value"]]
    reason = None if given["reason"] == "null" else given["reason"]
    memory = {"-": None, "failed": Memory(failed=True), "stalled": Memory(stalled=True)}[given["remembered"]]
    for strategy, error, quiet, gap, value in itertools.product(strategies, errors, quiets, gaps, values):
        changed = NOW - timedelta(seconds=quiet)
        details = StatusDetails(changed - timedelta(seconds=gap), changed, error)
        yield Deployment("g", strategy=strategy, status=Status(value, reason, details)), memory


@pytest.mark.parametrize("given", _table(), ids=lambda given: " ".join(given.values()))
def test_the_documented_table_is_the_rule(given: dict[str, str]) -> None:
    cases = list(_deployments(given))
    assert {judge(deployment, NOW, RULES, memory).outcome for deployment, memory in cases} == {given["outcome"]}


def test_the_table_names_every_outcome() -> None:
    assert {row["outcome"] for row in _table()} == set(Outcome)


def _recorded(name: str) -> list[str]:
    """The outcomes of a recorded rollout, judged at each instant, without repetitions."""
    outcomes = []
    for line in timeline(name):
        if "action" not in line and line["deployment"] and "guid" in line["deployment"]:
            deployment = msgspec.convert(line["deployment"], Deployment)
            now = datetime.fromisoformat(line["at"])
            outcomes.append(judge(deployment, now, RULES).outcome)
    return [outcome for outcome, _ in itertools.groupby(outcomes)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a_rolling_success", ["in progress", "succeeded"]),
        ("b_never_healthy_cancelled", ["in progress", "canceling", "failed"]),
        ("c_canary_20_60_continued", ["in progress", "paused", "in progress", "paused", "in progress", "succeeded"]),
        ("d_canary_paused_cancelled", ["in progress", "paused", "canceling", "canceled"]),
        ("e_superseded", ["in progress", "superseded"]),
        ("f_error_clears_then_stopped", ["in progress", "erroring", "in progress", "canceling", "canceled"]),
        ("g_unexpected_error_clears_then_deployed", ["in progress", "erroring", "in progress", "succeeded"]),
    ],
)
def test_each_recorded_rollout_has_the_outcomes_that_a_person_saw(name: str, expected: list[str]) -> None:
    assert _recorded(name) == expected


def test_a_canary_of_which_nothing_is_remembered_says_that_its_health_is_not_known() -> None:
    details = StatusDetails(NOW - timedelta(hours=1), NOW)
    canary = Deployment("g", strategy="canary", status=Status("FINALIZED", "CANCELED", details))
    assert judge(canary, NOW, RULES).why == "it was canceled; was it healthy? not known"


@pytest.mark.parametrize(
    "deployment",
    [
        Deployment("g"),
        Deployment("g", status=Status()),
        Deployment("g", status=Status("ACTIVE", "DEPLOYING")),
        Deployment("g", strategy="rolling", status=Status("FINALIZED", "CANCELED")),
        Deployment("g", status=Status("ACTIVE", "PAUSED")),
    ],
)
def test_whatever_is_missing_there_is_an_outcome_with_a_reason(deployment: Deployment) -> None:
    verdict = judge(deployment, NOW, RULES)
    assert verdict.outcome not in (Outcome.FAILED, Outcome.STALLED)
    assert verdict.why


PEOPLES_WORDS = ("active", "done", "failed", "stalled", "paused", "succeeded")
WORDS = (*PEOPLES_WORDS, "ACTIVE", "FINALIZED", "DEPLOYING", "CANCELING", "DEPLOYED", "CANCELED", "SUPERSEDED")


@pytest.mark.parametrize("word", WORDS)
def test_the_prefilter_of_a_word_loses_no_row_and_an_exact_one_lets_no_other_through(word: str) -> None:
    prefilter = possible(word)
    for row in _world():
        verdict = judge(row, NOW, RULES)
        passes = (prefilter.values is None or row.value in prefilter.values) and (
            prefilter.reasons is None or row.reason in prefilter.reasons
        )
        matching = matches((word,), row, verdict)
        assert passes or not matching
        assert matching or not (passes and prefilter.exact)


def _world() -> list[Deployment]:
    recorded = [msgspec.convert(row, Deployment) for row in world()["deployments"]]
    return recorded + [deployment for given in _table() for deployment, _ in _deployments(given)]


def test_a_word_of_the_api_means_the_status_and_not_our_verdict() -> None:
    details = StatusDetails(NOW - timedelta(hours=1), NOW)
    failed = Deployment("g", strategy="rolling", status=Status("FINALIZED", "CANCELED", details))
    verdict = judge(failed, NOW, RULES)
    assert verdict.outcome is Outcome.FAILED
    assert matches(("CANCELED",), failed, verdict)
    assert matches(("failed",), failed, verdict)
    assert not matches(("stalled", "active"), failed, verdict)


@pytest.mark.parametrize(
    ("seconds", "text"), [(-5, "0 s"), (59, "59 s"), (60, "1 min"), (7199, "119 min"), (7200, "2 h"), (172_800, "2 d")]
)
def test_a_length_of_time_is_told_in_its_largest_unit(seconds: int, text: str) -> None:
    assert span(timedelta(seconds=seconds)) == text
