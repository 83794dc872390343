"""What waits in a channel becomes threads or one summary, and never more messages than a channel can bear."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from deploybot.domain.composing import ComposingRules, compose
from deploybot.domain.ledger import Kind
from deploybot.domain.outgoing import AlertBody, Listed, ReplyBody, SummaryBody
from deploybot.domain.storage import Composed
from tests.domain.outgoing_factories import CHANNEL, NOW, Waiting, ago, pending, waiting

RULES = ComposingRules()
ONCALL = "<!subteam^S1>"


def keys(composed: tuple[Composed, ...]) -> list[str]:
    return [one.draft.key for one in composed]


def summary_of(composed: tuple[Composed, ...]) -> SummaryBody:
    (body,) = [one.draft.body for one in composed if isinstance(one.draft.body, SummaryBody)]
    return body


def test_a_deployment_begins_with_a_message_of_its_own() -> None:
    (root,) = compose(pending(waiting("d1", Kind.PAUSED, 2)), NOW, RULES)
    assert root.draft.key == f"alert:{CHANNEL}:eu:d1:2"
    assert root.draft.body == AlertBody(foundation="eu", guid="d1")
    assert (root.draft.thread, root.draft.listed) == ("", (Listed("eu", "d1"),))
    assert [announcement.ordinal for announcement in root.tells] == [2]


def test_a_failure_that_begins_a_thread_pings_in_a_reply() -> None:
    root, ping = compose(pending(waiting("d1", Kind.FAILED, 3, mentions=(ONCALL,))), NOW, RULES)
    assert isinstance(ping.draft.body, ReplyBody)
    assert (ping.draft.key, ping.draft.thread) == (f"reply:{CHANNEL}:eu:d1:3", root.draft.key)
    assert ping.draft.body.mentions == (ONCALL,)
    assert (len(root.tells), ping.tells) == (1, ())


def test_a_failure_without_anybody_to_ping_needs_no_reply() -> None:
    assert len(compose(pending(waiting("d1", Kind.FAILED)), NOW, RULES)) == 1


def test_what_follows_goes_into_the_thread_and_only_failures_ping() -> None:
    told = waiting("d1", Kind.SUCCEEDED, 4, mentions=(ONCALL,)), waiting("d1", Kind.STALLED, 3, mentions=(ONCALL,))
    composed = compose(pending(*told, threads={"d1": "the-root"}), NOW, RULES)
    bodies = [one.draft.body for one in composed if isinstance(one.draft.body, ReplyBody)]
    assert [(body.transition.ordinal, body.mentions) for body in bodies] == [(3, (ONCALL,)), (4, ())]
    assert {one.draft.thread for one in composed} == {"the-root"}
    assert [len(one.tells) for one in composed] == [1, 1]


def test_a_thread_begins_anew_under_another_key_where_its_first_message_was_deleted() -> None:
    first = compose(pending(waiting("d1", ordinal=1)), NOW, RULES)
    again = compose(pending(waiting("d1", ordinal=2)), NOW, RULES)
    assert first[0].draft.thread == again[0].draft.thread == ""
    assert keys(first) != keys(again)


def test_more_deployments_than_the_budget_become_one_summary() -> None:
    failed = waiting("d9", Kind.FAILED, 2, mentions=(ONCALL,), subscriptions=("s2", "s1"))
    told = [waiting(f"d{number}") for number in range(3)]
    (summary,) = compose(pending(*told, failed, waiting("d9", Kind.PAUSED, 1)), NOW, RULES)
    body = summary_of((summary,))
    assert body.counts == (("failed", 1), ("paused", 1), ("started", 3))
    assert [shown.kind for shown, _ in body.lines] == [Kind.FAILED, Kind.PAUSED, *[Kind.STARTED] * 3]
    assert (body.deployments, body.mentions, body.why) == (4, (ONCALL,), "5 changes in a minute")
    assert [listed.guid for listed in summary.draft.listed] == ["d0", "d1", "d2", "d9"]
    assert (summary.draft.key, summary.draft.subscriptions) == (f"summary:{CHANNEL}:eu:d0:1", ("s1", "s2"))
    assert len(summary.tells) == 5


def test_a_summary_names_the_most_important_and_lists_all() -> None:
    told = [waiting(f"d{number}") for number in range(199)]
    (summary,) = compose(pending(*told, waiting("bad", Kind.FAILED)), NOW, RULES)
    body = summary_of((summary,))
    assert (len(body.lines), body.lines[0][0].guid) == (RULES.lines, "bad")
    assert (body.deployments, len(summary.draft.listed), len(summary.tells)) == (200, 200, 200)


def test_without_budget_deployments_wait_while_threads_go_on() -> None:
    told = waiting("new"), waiting("old", Kind.PAUSED, 2)
    full = pending(*told, threads={"old": "root"}, recent=(ago(1), ago(59.9)))
    assert keys(compose(full, NOW, RULES)) == [f"reply:{CHANNEL}:eu:old:2"]
    assert len(compose(full, NOW + timedelta(seconds=0.1), RULES)) == 2


def test_many_replies_at_once_become_a_summary() -> None:
    told = [waiting(f"d{number}", Kind.PAUSED, 2) for number in range(RULES.replies + 1)]
    threads = {f"d{number}": f"root-{number}" for number in range(RULES.replies + 1)}
    assert len(compose(pending(*told[1:], threads=threads), NOW, RULES)) == RULES.replies
    (summary,) = compose(pending(*told, threads=threads), NOW, RULES)
    assert summary_of((summary,)).deployments == RULES.replies + 1


def test_what_was_noticed_late_is_told_in_one_message_that_says_why() -> None:
    told = waiting("d1", Kind.FAILED, 2, late=True), waiting("d2", Kind.SUCCEEDED, 2, late=True), waiting("d3")
    fresh, late = compose(pending(*told, threads={"d1": "root"}), NOW, RULES)
    assert isinstance(fresh.draft.body, AlertBody)
    body = summary_of((late,))
    assert (body.deployments, body.why) == (2, "eu could not be seen for a while")


def test_what_quiet_hours_held_back_is_told_in_one_message() -> None:
    held = waiting("d1", not_before=NOW, noticed_at=ago(3600))
    asleep = waiting("d2", not_before=NOW + timedelta(hours=1), noticed_at=ago(3600))
    fresh = waiting("d3", not_before=ago(600), noticed_at=ago(1))
    composed = compose(pending(held, asleep, fresh), NOW, RULES)
    assert summary_of(composed).why == "held back while this channel was not to be disturbed"
    told = [announcement.guid for one in composed for announcement in one.tells]
    assert sorted(told) == ["d1", "d3"]


def test_a_change_stays_with_what_was_held_back_of_its_deployment() -> None:
    told = waiting("d1", Kind.PAUSED, 1, late=True), waiting("d1", Kind.SUCCEEDED, 2)
    (summary,) = compose(pending(*told, threads={"d1": "root"}), NOW, RULES)
    assert summary_of((summary,)).counts == (("paused", 1), ("succeeded", 1))


def test_nothing_more_is_composed_where_slack_takes_nothing() -> None:
    assert compose(pending(waiting("d1"), queued=RULES.queue), NOW, RULES) == ()
    assert compose(pending(waiting("d1"), queued=RULES.queue - 1), NOW, RULES) != ()


@dataclass
class Channel:
    """A channel that is composed at every tick, as a store would do it."""

    waiting: list[tuple[datetime, Waiting]] = field(default_factory=list)
    threads: dict[str, str] = field(default_factory=dict)
    roots: list[datetime] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    told: dict[tuple[str, int], timedelta] = field(default_factory=dict)

    def tick(self, now: datetime) -> None:
        shown = pending(
            *(item for _, item in self.waiting), threads=self.threads, recent=tuple(reversed(self.roots[-3:]))
        )
        for composed in compose(shown, now, RULES):
            self._post(composed, now)

    def _post(self, composed: Composed, now: datetime) -> None:
        draft = composed.draft
        self.keys.append(draft.key)
        if not draft.thread:
            self.roots.append(now)
        if isinstance(draft.body, AlertBody):
            self.threads[draft.body.guid] = draft.key
        assert not draft.thread or draft.thread in self.threads.values()
        for announcement in composed.tells:
            (since,) = [at for at, item in self.waiting if item[0] == announcement]
            self.waiting = [known for known in self.waiting if known[1][0] != announcement]
            assert (announcement.guid, announcement.ordinal) not in self.told
            self.told[announcement.guid, announcement.ordinal] = now - since


arrivals = st.lists(
    st.tuples(st.floats(0, 180), st.sampled_from(Kind), st.booleans(), st.integers(0, 30)), min_size=1, max_size=200
)


@settings(max_examples=50)
@given(arrivals=arrivals, phase=st.floats(0, 1), every=st.floats(0.3, 5))
def test_a_channel_is_told_everything_once_within_a_minute_and_never_flooded(
    arrivals: list[tuple[float, Kind, bool, int]], phase: float, every: float
) -> None:
    channel, ordinals, coming = Channel(), dict.fromkeys(range(31), 0), []
    for seconds, kind, late, number in sorted(arrivals, key=lambda one: one[0]):
        ordinals[number] += 1
        at = NOW + timedelta(seconds=seconds)
        coming.append((at, waiting(f"d{number}", kind, ordinals[number], mentions=(ONCALL,), late=late, noticed_at=at)))
    now = NOW + timedelta(seconds=phase)
    while coming or channel.waiting:
        channel.waiting += [known for known in coming if known[0] <= now]
        coming = [known for known in coming if known[0] > now]
        channel.tick(now)
        now += timedelta(seconds=every)
    assert len(channel.told) == len(arrivals)
    assert len(set(channel.keys)) == len(channel.keys)
    assert max(channel.told.values()) <= timedelta(seconds=60 + every)
    minute = timedelta(seconds=60)
    assert all(after - before >= minute for before, after in zip(channel.roots, channel.roots[2:], strict=False))


@settings(max_examples=20)
@given(st.lists(st.floats(0, 60), min_size=200, max_size=200), st.floats(0, 60))
def test_two_hundred_deployments_in_a_minute_are_two_messages_a_minute(times: list[float], phase: float) -> None:
    channel, coming = Channel(), sorted(times)
    for second in range(130):
        now = NOW + timedelta(seconds=second + phase)
        arrived = [at for at in coming if at <= second + phase]
        coming = coming[len(arrived) :]
        channel.waiting += [(now, waiting(f"d{at}-{number}-{second}")) for number, at in enumerate(arrived)]
        channel.tick(now)
    assert len(channel.told) == 200
    assert all(
        (after - before).total_seconds() >= 60 for before, after in zip(channel.roots, channel.roots[2:], strict=False)
    )
    assert len(channel.roots) <= 4
