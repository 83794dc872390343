"""Every call of the notifier is noted with what came of it, and its answer is passed on as it is."""

from collections import deque
from collections.abc import Awaitable, Callable

import pytest

from deploybot.domain.outgoing import AlertBody, Outdated
from deploybot.domain.ports import Declined, Posted, Unclear
from deploybot.domain.telemetry import Delivered
from deploybot.slack.noted_notifier import NotedNotifier
from tests.fake_notifier import START, Clock, FakeNotifier
from tests.fake_telemetry import FakeTelemetry
from tests.slack.told import claim

Call = Callable[[NotedNotifier], Awaitable[object]]


def post(notifier: NotedNotifier) -> Awaitable[object]:
    return notifier.post(claim(AlertBody(foundation="eu", guid="d1")))


def update(notifier: NotedNotifier) -> Awaitable[object]:
    told = claim(AlertBody(foundation="eu", guid="d1"))
    assert told.entry
    return notifier.update(Outdated(7, told.draft.channel, "1.1", told.entry))


def find(notifier: NotedNotifier) -> Awaitable[object]:
    return notifier.find("C1", "k", START, "")


def delete(notifier: NotedNotifier) -> Awaitable[object]:
    return notifier.delete("C1", "1.1")


@pytest.mark.parametrize(
    ("call", "fake", "name", "outcome", "answer"),
    [
        (post, {}, "post", "posted", None),
        (post, {"script": deque(["declined"])}, "post", "declined", Declined("Slack says odd_error")),
        (post, {"script": deque(["lost"])}, "post", "unclear", Unclear("broken connection")),
        (update, {"edit_script": deque([Posted("1.1")])}, "update", "posted", Posted("1.1")),
        (update, {}, "update", "gone", Declined("Slack says message_not_found", shut=True)),
        (update, {"edit_script": deque([Unclear("time-out")])}, "update", "unclear", Unclear("time-out")),
        (find, {}, "find", "gone", ()),
        (find, {"may_look": False}, "find", "declined", None),
        (find, {"find_script": deque([Unclear("busy")])}, "find", "unclear", Unclear("busy")),
        (delete, {}, "delete", "gone", True),
        (delete, {"refused_deletes": 1}, "delete", "declined", False),
    ],
)
async def test_a_call_is_noted_with_what_came_of_it(
    call: Call, fake: dict[str, object], name: str, outcome: str, answer: object
) -> None:
    clock, telemetry = Clock(), FakeTelemetry()
    told = await call(NotedNotifier(FakeNotifier(clock, **fake), telemetry, clock))  # type: ignore[arg-type]
    assert telemetry.of(Delivered) == [Delivered(name, outcome, 0.0)]
    assert [(span.name, span.facts) for span in telemetry.spans] == [("slack delivery", {"call": name})]
    assert isinstance(told, Posted) if name == "post" and outcome == "posted" else told == answer


async def test_what_was_posted_is_found_again() -> None:
    clock, telemetry = Clock(), FakeTelemetry()
    notifier, told = NotedNotifier(FakeNotifier(clock), telemetry, clock), claim(AlertBody(foundation="eu", guid="d1"))
    posted = await notifier.post(told)
    assert isinstance(posted, Posted)
    assert await notifier.find(told.draft.channel, told.draft.key, START, told.thread_ts) == (posted.ts,)
    assert [(one.call, one.outcome) for one in telemetry.of(Delivered)] == [("post", "posted"), ("find", "found")]
