"""Laws: however a deployment's life is sampled, its end is told once, in order, and nothing is told twice."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.domain.deployment import CanaryStatus, CanarySteps, Deployment, Status, StatusDetails
from deploybot.domain.ledger import Entry, Kind, Transition
from deploybot.domain.outcome import OutcomeRules
from deploybot.domain.transition import Peer, Sight, notice
from tests.recordings import TIMELINES, timeline

RULES = OutcomeRules()
BEGAN = datetime(2026, 11, 23, 10, 0, 0, tzinfo=UTC)
SUCCESSOR = "d-2"
ENDS = {Kind.SUCCEEDED, Kind.CANCELED, Kind.SUPERSEDED, Kind.ENDED}
TROUBLE = {Kind.STALLED, Kind.FAILED}


@dataclass(frozen=True)
class Moment:
    """What the server has at an instant, as its updater and people move it."""

    now: datetime = BEGAN
    value: str = "ACTIVE"
    reason: str = "DEPLOYING"
    step: int | None = None
    steps: int | None = None
    healthy: datetime = BEGAN
    changed: datetime = BEGAN
    error: str | None = None
    updated: datetime = BEGAN

    def shown(self) -> Deployment:
        canary = CanaryStatus(CanarySteps(self.step, self.steps)) if self.steps else None
        status = Status(self.value, self.reason, StatusDetails(self.healthy, self.changed, self.error), canary)
        strategy = "canary" if self.steps else "rolling"
        return Deployment("d-1", created_at=BEGAN, updated_at=self.updated, status=status, strategy=strategy)

    def set(self, reason: str, value: str = "ACTIVE", **more: object) -> "Moment":
        return replace(self, value=value, reason=reason, changed=self.now, updated=self.now, **more)  # type: ignore[arg-type]

    def possible(self) -> list[str]:
        if self.value == "FINALIZED":
            return ["patch"]
        if self.reason == "PAUSED":
            return ["continue", "cancel", "supersede"]
        if self.reason == "CANCELING":
            return ["cancel", "canceled", "supersede"]
        arrive = "pause" if self.steps and not self._is_past_the_last_pause() else "deployed"
        return ["progress", "error", "cancel", "supersede", arrive]

    def _is_past_the_last_pause(self) -> bool:
        return self.step == self.steps and self.changed != BEGAN and self.healthy >= self.changed

    def after(self, what: str, seconds: int) -> "Moment":
        moved = replace(self, now=self.now + timedelta(seconds=seconds))
        now = moved.now
        match what:
            case "progress":
                return replace(moved, healthy=now, updated=now, error=None)
            case "error":
                return replace(moved, error="no memory", updated=now)
            case "pause":
                return moved.set("PAUSED", healthy=now, error=None)
            case "continue":
                return moved.set("DEPLOYING", step=min((self.step or 0) + 1, self.steps or 1))
            case "cancel":
                return moved.set("CANCELING") if self.reason != "CANCELING" else moved
            case "canceled":
                return moved.set("CANCELED", "FINALIZED", error=None)
            case "supersede":
                return moved.set("SUPERSEDED", "FINALIZED")
            case "deployed":
                return moved.set("DEPLOYED", "FINALIZED", healthy=now, error=None)
            case _:
                return replace(moved, updated=now)


@st.composite
def lives(draw: st.DrawFn) -> list[Moment]:
    """The moments of a whole life, waits of over ten minutes included, and sometimes a change of labels after it."""
    steps = draw(st.none() | st.integers(1, 3))
    moments = [Moment(step=1 if steps else None, steps=steps)]
    for _ in range(draw(st.integers(1, 14))):
        what = draw(st.sampled_from(moments[-1].possible()))
        seconds = draw(st.sampled_from((0, 1, 5, 15, 700)))
        moments.append(replace(moments[-1], now=moments[-1].now + timedelta(seconds=seconds)))
        moments.append(moments[-1].after(what, draw(st.sampled_from((0, 1, 5)))))
    if moments[-1].value == "ACTIVE":
        moments.append(moments[-1].after("supersede", 5))
    return moments


@st.composite
def samplings(draw: st.DrawFn) -> tuple[list[Moment], list[Moment]]:
    """A life, and some of its moments in order, some of them twice; its last one is always seen."""
    whole = draw(lives())
    some = sorted(draw(st.lists(st.integers(0, len(whole) - 1), max_size=12)))
    return whole, [whole[at] for at in some] + [whole[-1]]


@dataclass
class Watched:
    entry: Entry | None = None
    told: list[Transition] = field(default_factory=list)


def watched(moments: Sequence[Moment]) -> Watched:
    watch = Watched()
    for moment in moments:
        peers = [Peer(SUCCESSOR, moment.changed)]
        noticed = notice(watch.entry, Sight("eu", moment.shown(), moment.now), RULES, peers)
        watch.entry = noticed.entry
        watch.told += noticed.transitions
    return watch


def _facts(entry: Entry | None) -> dict[str, object]:
    """What an entry says of the deployment, less what depends on when it was looked at."""
    assert entry is not None
    known = msgspec.structs.asdict(entry)
    looked = ("first_seen_at", "changed_at", "ordinal", "why", "stalled", "failed", "last_error", "outcome")
    return {name: value for name, value in known.items() if name not in looked}


@given(samplings())
def test_each_end_is_told_once_and_is_the_last_that_is_told(sampled: tuple[list[Moment], list[Moment]]) -> None:
    watch = watched(sampled[1])
    ends = [one for one in watch.told if one.kind in ENDS or (one.kind is Kind.FAILED and one is watch.told[-1])]
    assert len(ends) == 1
    assert ends[0] is watch.told[-1]
    assert watch.entry is not None
    assert ends[0].outcome is watch.entry.outcome


@given(samplings())
def test_ordinals_are_consecutive_from_one_and_the_first_is_the_start(
    sampled: tuple[list[Moment], list[Moment]],
) -> None:
    watch = watched(sampled[1])
    assert [one.ordinal for one in watch.told] == list(range(1, len(watch.told) + 1))
    assert [one.kind for one in watch.told].count(Kind.STARTED) == 1
    assert watch.told[0].kind is Kind.STARTED
    assert watch.entry is not None
    assert watch.entry.ordinal == len(watch.told)


@given(samplings())
def test_trouble_and_recovery_alternate_and_so_do_pause_and_continue(
    sampled: tuple[list[Moment], list[Moment]],
) -> None:
    kinds = [one.kind for one in watched(sampled[1]).told]
    troubles = [kind for kind in kinds if kind in {Kind.STALLED, Kind.RECOVERED}]
    pauses = [kind for kind in kinds if kind in {Kind.PAUSED, Kind.CONTINUED}]
    stalls = [kind for kind in troubles if kind is Kind.STALLED]
    assert all(first is not second for first, second in itertools.pairwise(pauses))
    assert pauses[:1] in ([], [Kind.PAUSED])
    if Kind.FAILED not in kinds:
        assert all(first is not second for first, second in itertools.pairwise(troubles))
        assert troubles[:1] == stalls[:1]


@given(samplings())
def test_a_failure_is_told_as_failed_once_unless_it_recovered_in_between(
    sampled: tuple[list[Moment], list[Moment]],
) -> None:
    kinds = [one.kind for one in watched(sampled[1]).told if one.kind in {Kind.FAILED, Kind.RECOVERED}]
    assert all(first is not second or first is Kind.RECOVERED for first, second in itertools.pairwise(kinds))


@given(samplings())
def test_however_a_life_is_sampled_the_final_entry_says_the_same(
    sampled: tuple[list[Moment], list[Moment]],
) -> None:
    whole, some = sampled
    full, part = watched(whole), watched(some)
    assert _facts(part.entry) == _facts(full.entry)
    assert full.entry is not None
    assert part.entry is not None
    if not full.entry.stalled:
        assert part.entry.outcome is full.entry.outcome


@given(lives())
def test_seeing_the_same_twice_tells_nothing_new(whole: list[Moment]) -> None:
    twice = [moment for moment in whole for _ in range(2)]
    assert watched(twice).told == watched(whole).told
    assert watched(twice).entry == watched(whole).entry


@given(lives())
def test_whoever_is_superseded_knows_by_whom(whole: list[Moment]) -> None:
    watch = watched(whole)
    assert watch.entry is not None
    assert (watch.entry.superseded_by == SUCCESSOR) is (watch.entry.reason == "SUPERSEDED")


def _recorded(name: str, key: str = "deployment") -> Watched:
    """What is noticed of a recorded rollout, sampled every second by the real server."""
    watch = Watched()
    for line in timeline(name):
        shown = line.get(key)
        if "action" in line or not shown or "guid" not in shown:
            continue
        others = [line.get(other) for other in ("deployment", "second_deployment")]
        both = [msgspec.convert(other, Deployment) for other in others if other and "guid" in other]
        peers = [Peer(one.guid, one.created_at) for one in both if one.created_at]
        sight = Sight("eu", msgspec.convert(shown, Deployment), datetime.fromisoformat(line["at"]))
        noticed = notice(watch.entry, sight, RULES, peers)
        watch.entry = noticed.entry
        watch.told += noticed.transitions
    return watch


RECORDED = {
    "a_rolling_success": [("started", "08:31:49"), ("succeeded", "08:32:24")],
    "b_never_healthy_cancelled": [("started", "08:31:49"), ("failed", "08:32:34")],
    "c_canary_20_60_continued": [
        ("started", "08:31:50"),
        ("paused 1", "08:31:58"),
        ("continued 1", "08:32:05"),
        ("paused 2", "08:32:29"),
        ("continued 2", "08:32:36"),
        ("succeeded 2", "08:32:54"),
    ],
    "d_canary_paused_cancelled": [("started", "08:31:50"), ("paused 1", "08:31:58"), ("canceled 1", "08:32:08")],
    "e_superseded": [("started", "08:31:50"), ("superseded", "08:32:04")],
    "f_error_clears_then_stopped": [("started", "08:31:51"), ("canceled", "08:32:29")],
    "g_unexpected_error_clears_then_deployed": [("started", "08:31:51"), ("succeeded", "08:32:29")],
}


@pytest.mark.parametrize("name", TIMELINES)
def test_of_each_recorded_rollout_just_what_a_person_saw_is_told(name: str) -> None:
    told = [(f"{one.kind} {one.step or ''}".strip(), f"{one.at:%H:%M:%S}") for one in _recorded(name).told]
    assert told == RECORDED[name]


def test_the_recorded_superseded_rollout_knows_by_whom_and_the_other_one_succeeds() -> None:
    first, second = _recorded("e_superseded"), _recorded("e_superseded", "second_deployment")
    assert second.entry is not None
    assert first.told[-1].other == second.entry.guid
    assert [one.kind for one in second.told] == ["started", "succeeded"]
    assert second.entry.last_error.startswith("An unexpected error has occurred")


@pytest.mark.parametrize("name", TIMELINES)
def test_errors_that_came_and_went_in_a_recording_are_remembered(name: str) -> None:
    entry = _recorded(name).entry
    assert entry is not None
    assert entry.error == ""
    expected = {"f": "memory space_quota_exceeded", "g": "An unexpected error has occurred: RuntimeError"}
    assert entry.last_error == expected.get(name[0], "")
