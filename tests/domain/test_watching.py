"""What a look means for a watch."""

from datetime import timedelta

from msgspec.structs import replace

from deploybot.domain.deployment import App, Deployment, Person
from deploybot.domain.ledger import Kind
from deploybot.domain.outcome import Outcome, OutcomeRules
from deploybot.domain.outgoing import Draft, WatchReplyBody
from deploybot.domain.watch import Bar, Watch
from deploybot.domain.watching import (
    ENDED,
    GONE,
    TOO_LONG,
    Followed,
    Fresh,
    Seen,
    expected_seconds,
    first_view,
    follow,
    over,
    unseen,
)
from tests.domain.making import NOW, entry
from tests.domain.watched import HALF, after, deployment, seen, watch

RULES = OutcomeRules()


def followed(one: Watch, look: Seen) -> Followed:
    return follow(one, look, RULES, 5.0)


def body(draft: Draft) -> WatchReplyBody:
    assert isinstance(draft.body, WatchReplyBody)
    return draft.body


def kinds(result: Followed) -> list[Kind | str]:
    bodies = [body(draft) for draft in result.replies]
    return [one.transition.kind if one.transition else one.text for one in bodies]


def test_a_look_that_sees_nothing_new_shows_the_time_and_the_bar_and_tells_nothing() -> None:
    result = followed(watch(), seen(deployment(), progress=HALF))
    view = result.watch.view
    assert (view.as_of, view.entry) == (after(5), entry())
    assert view.bar == Bar(new_running=3, new_wanted=4, new_crashed=1, old_running=2, old_wanted=2, goal=6)
    assert (result.watch.worded_at, result.watch.urgent_at, result.watch.changed_at) == (None, None, NOW)
    assert result.replies == ()


def test_where_nobody_can_tell_instances_the_bar_goes_and_the_words_stay() -> None:
    before = followed(watch(), seen(deployment(), progress=HALF)).watch
    result = followed(before, seen(deployment(), seconds=10))
    assert result.watch.view.bar is None
    assert result.watch.view.entry == before.view.entry


def test_a_pause_and_a_continue_are_told_once_each_in_the_thread_and_ping_nobody() -> None:
    begun = watch(view=replace(watch().view, entry=entry(strategy="canary", step=1, steps=2)))
    paused = followed(begun, seen(deployment(reason="PAUSED", step=1, changed=after(4))))
    again = followed(paused.watch, seen(deployment(reason="PAUSED", step=1, changed=after(4)), seconds=10))
    on = followed(again.watch, seen(deployment(step=2, changed=after(14)), seconds=15))
    assert [kinds(one) for one in (paused, again, on)] == [[Kind.PAUSED], [], [Kind.CONTINUED]]
    assert [draft.key for one in (paused, on) for draft in one.replies] == ["watch:w-1:1", "watch:w-1:2"]
    assert all(draft.thread == "watch:w-1" and draft.channel == "C1" for draft in (*paused.replies, *on.replies))
    assert not any(body(draft).mentions for draft in (*paused.replies, *on.replies))
    assert paused.watch.urgent_at == after(5)
    assert (on.watch.worded_at, on.watch.urgent_at) == (after(15), after(5))
    assert paused.watch.view.weights == (20, 60)


def test_the_end_pings_those_who_watch_once() -> None:
    begun = watch(watchers=("U1", "U2"))
    done = deployment(value="FINALIZED", reason="DEPLOYED", changed=after(4))
    ended = followed(begun, seen(done, progress=HALF))
    assert kinds(ended) == [Kind.SUCCEEDED]
    assert body(ended.replies[0]).mentions == ("<@U1>", "<@U2>")
    assert ended.watch.view.bar is None
    assert (ended.watch.ended_at, ended.watch.over_at, ended.watch.urgent_at) == (after(5), None, after(5))
    later = followed(ended.watch, seen(done, seconds=10))
    assert later == Followed(ended.watch)


def test_an_end_that_is_no_news_in_words_still_pings() -> None:
    failed = entry(outcome=Outcome.FAILED, failed=True, stalled=True, error="crashing", last_error="crashing")
    begun = watch(view=replace(watch().view, entry=failed))
    ended = followed(begun, seen(deployment(value="FINALIZED", reason="DEGENERATE", changed=after(4))))
    assert kinds(ended) == ["It has ended."]
    assert body(ended.replies[0]).mentions == ("<@U1>",)


def test_ten_minutes_after_the_end_the_watch_is_over_and_says_so_in_the_message_only() -> None:
    done = deployment(value="FINALIZED", reason="DEPLOYED", changed=after(4))
    ended = followed(watch(), seen(done)).watch
    assert followed(ended, seen(done, seconds=604)).watch.over_at is None
    finished = followed(ended, seen(done, seconds=605))
    assert (finished.watch.over_at, finished.watch.view.over) == (after(605), ENDED)
    assert finished.replies == ()
    assert unseen(ended, after(605), "away").watch.over_at == after(605)


def test_after_a_day_without_change_the_watch_is_over_and_tells_those_who_watch() -> None:
    day = timedelta(days=1).total_seconds()
    paused = entry(reason="PAUSED", outcome=Outcome.PAUSED, status_changed_at=NOW)
    begun = watch(view=replace(watch().view, entry=paused))
    look = deployment(reason="PAUSED", changed=NOW)
    assert followed(begun, seen(look, seconds=day - 1)).watch.over_at is None
    finished = followed(begun, seen(look, seconds=day))
    assert finished.watch.view.over == TOO_LONG
    assert body(finished.replies[0]).text == TOO_LONG
    assert body(finished.replies[0]).mentions == ("<@U1>",)


def test_while_the_foundation_is_away_the_message_says_since_when_and_looks_no_fresher() -> None:
    before = followed(watch(), seen(deployment(), progress=HALF)).watch
    blind = unseen(before, after(10), "did not answer in time").watch
    assert (blind.view.unseen_since, blind.view.unseen_why) == (after(5), "did not answer in time")
    assert blind.view.bar is None
    assert blind.view.entry == before.view.entry
    assert unseen(blind, after(60), "something else") == Followed(blind)
    back = followed(blind, seen(deployment(), seconds=70))
    assert (back.watch.view.unseen_since, back.watch.view.unseen_why) == (None, "")


def test_what_is_noticed_after_a_blind_time_is_told_as_late() -> None:
    blind = unseen(watch(), after(10), "away").watch
    result = followed(blind, seen(deployment(value="FINALIZED", reason="DEPLOYED", changed=after(11)), seconds=99))
    change = body(result.replies[0]).transition
    assert change
    assert change.late


def test_a_deployment_that_is_not_found_is_gone_until_it_is_there_again() -> None:
    gone = followed(watch(), seen())
    assert kinds(gone) == [GONE]
    assert body(gone.replies[0]).mentions == ("<@U1>",)
    assert followed(gone.watch, seen(seconds=10)) == Followed(gone.watch)
    back = followed(gone.watch, seen(deployment(), seconds=15)).watch
    assert (back.ended_at, back.view.entry.gone_at) == (None, None)


def test_a_view_is_never_older_than_the_one_before_whatever_the_clock_says() -> None:
    before = followed(watch(), seen(deployment(), seconds=5)).watch
    assert followed(before, seen(deployment(), seconds=3)).watch.view.as_of > before.view.as_of


def test_a_watch_that_is_ended_by_somebody_says_so_and_pings_only_where_it_is_to_be_told() -> None:
    quiet, loud = over(watch(), "stopped", after(1)), over(watch(), "no", after(1), tell=True)
    assert (quiet.watch.view.over, quiet.watch.over_at, quiet.replies) == ("stopped", after(1), ())
    assert body(loud.replies[0]).mentions == ("<@U1>",)
    assert loud.watch.urgent_at == loud.watch.view.as_of


def test_a_first_view_keeps_what_the_ledger_remembers() -> None:
    fresh = Fresh(deployment(step=2), NOW, App("app-1", "checkout"), Person("g", "ann"), HALF)
    known = entry(stalled=True, last_error="crashing", ordinal=4)
    view = first_view("eu", fresh, known, RULES, 240.0, 5.0)
    assert (view.entry.stalled, view.entry.last_error, view.entry.step) == (True, "crashing", 2)
    assert (view.expected, view.weights, view.as_of) == (240.0, (20, 60), NOW)
    unknown = first_view("eu", fresh, None, RULES, None, 5.0).entry
    assert (unknown.app, unknown.by, unknown.strategy) == ("checkout", "ann", "canary")


def test_who_began_it_may_become_known_later() -> None:
    begun = watch(view=replace(watch().view, entry=entry(by="", by_guid="")))
    result = followed(begun, seen(deployment(), people={"d-1": Person("g", "ann")}))
    assert result.watch.view.entry.by == "ann"
    assert result.watch.worded_at == after(5)


def test_the_usual_length_is_the_median_of_what_succeeded_with_the_same_strategy() -> None:
    def past(seconds: float, strategy: str = "rolling", reason: str = "DEPLOYED") -> Deployment:
        return deployment(value="FINALIZED", reason=reason, strategy=strategy, changed=after(seconds))

    rollouts = [past(100), past(300), past(200), past(9, "canary"), past(8, reason="CANCELED")]
    assert expected_seconds(rollouts, "rolling") == 200
    assert expected_seconds(rollouts, "recreate") is None
