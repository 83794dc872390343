"""The pure parts of the simulated workspace: escaping, typing, ids, rate limits, short-lived grants, masking."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.demo.workspace.escaping import echoed, escaped, fully_escaped
from deploybot.demo.workspace.grants import Grants
from deploybot.demo.workspace.ids import Ids
from deploybot.demo.workspace.inspector import masked
from deploybot.demo.workspace.people import a_small_shop
from deploybot.demo.workspace.ratelimits import Bucket, take
from deploybot.demo.workspace.refusals import RefusedError
from deploybot.demo.workspace.timing import Timing
from deploybot.demo.workspace.typed import as_command_text, as_message_text

SHOP = a_small_shop("deploybot")


class HandClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = 1_790_000_000.0

    def now(self) -> float:
        return self.time


@pytest.mark.parametrize(
    ("given_text", "stored"),
    [
        ("a & b < c > d", "a &amp; b &lt; c &gt; d"),
        ("a &amp; b", "a &amp; b"),
        ("<@U1> in <#C1|general> <!here>", "<@U1> in <#C1|general> <!here>"),
        ("<!date^1^{time}|x>", "<!date^1^{time}|x>"),
        ("<https://x.y/?a=1&b=2|label>", "<https://x.y/?a=1&b=2|label>"),
        ("x <script> y", "x &lt;script&gt; y"),
    ],
)
def test_slack_stores_text_escaped_but_keeps_its_own_sequences(given_text: str, stored: str) -> None:
    assert escaped(given_text) == stored


@given(st.text(alphabet="&<>ampltg;@!#| hU1"))
def test_escaping_twice_changes_nothing(text: str) -> None:
    assert escaped(escaped(text)) == escaped(text)


@given(st.text())
def test_fully_escaped_text_holds_no_markup(text: str) -> None:
    assert not set("<>") & set(fully_escaped(text))


def test_only_mrkdwn_is_echoed_escaped() -> None:
    block = {
        "type": "section",
        "text": {"type": "mrkdwn", "text": "<"},
        "fields": [{"type": "plain_text", "text": "<"}],
    }
    assert echoed([block]) == [block | {"text": {"type": "mrkdwn", "text": "&lt;"}}]


def test_typed_names_become_mentions_in_messages() -> None:
    text = as_message_text("@deploybot #oncall https://x.y/z a@b.c @nobody", SHOP.people, SHOP.channels)
    assert text == "<@U0DEPLOY01> <#C0ONCALL01|> <https://x.y/z> a@b.c @nobody"


def test_a_command_keeps_its_text_unless_the_manifest_asks_for_escaping() -> None:
    typed = "by=@alice in #checkout"
    plain = as_command_text(typed, SHOP.people, SHOP.channels, should_escape=False, entities=False)
    linked = as_command_text(typed, SHOP.people, SHOP.channels, should_escape=True, entities=False)
    assert plain == typed
    assert linked == "by=<@U0ALICE001|alice> in <#C0CHECKOUT|checkout>"


@given(st.lists(st.floats(1_700_000_000, 1_900_000_000)))
def test_timestamps_rise_whatever_the_clock_does(times: list[float]) -> None:
    ids = Ids(lambda: "t")
    stamps = [ids.ts(now) for now in times]
    assert stamps == sorted(set(stamps))


@given(st.lists(st.floats(0, 3), max_size=30))
def test_never_more_than_one_message_a_second_passes(pauses: list[float]) -> None:
    now, bucket, passed = 1_790_000_000.0, None, 0
    start = now
    for pause in pauses:
        now += pause
        bucket, wait = take(bucket, now, 1.0, 1)
        passed += wait is None
        assert wait is None or wait == 1
    assert passed <= 1 + (now - start)


def test_a_burst_may_be_allowed_and_the_limit_switched_off() -> None:
    bucket: Bucket | None = None
    waits = []
    for _ in range(3):
        bucket, wait = take(bucket, 100.0, 2.0, 2)
        waits.append(wait)
    assert waits == [None, None, 2]
    assert take(bucket, 100.0, 0.0, 1)[1] is None


def test_a_trigger_is_good_once_and_for_three_seconds() -> None:
    clock = HandClock()
    grants = Grants(clock, Ids(lambda: "t"), Timing(), "T1")
    used, late = grants.new_trigger("U1"), grants.new_trigger("U1")
    assert grants.exchange(used).person == "U1"
    for trigger_id, error in ((used, "exchanged_trigger_id"), ("x", "invalid_trigger_id")):
        with pytest.raises(RefusedError, match=error):
            grants.exchange(trigger_id)
    clock.time += 3.01
    with pytest.raises(RefusedError, match="expired_trigger_id"):
        grants.exchange(late)


def test_a_response_url_is_good_for_half_an_hour() -> None:
    clock = HandClock()
    grants = Grants(clock, Ids(lambda: "t"), Timing(), "T1")
    path = grants.new_response_url("actions", "U1", "C1", origin="1.0")
    clock.time += 1800
    assert grants.response_url(path).uses_left == 5
    clock.time += 0.01
    with pytest.raises(RefusedError, match="expired_url"):
        grants.response_url(path)


def test_secrets_are_masked_wherever_they_stand() -> None:
    shown = masked({"a": ["xoxb-1", "/actions/T1/1/0123456789ab"], "url": "ws://h/link?ticket=0123456789"}, ["xoxb-1"])
    assert shown == {"a": ["***", "/actions/T1/1/***"], "url": "ws://h/link?ticket=***"}
