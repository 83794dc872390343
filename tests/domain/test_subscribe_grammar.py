"""What a channel may be told by itself, as people ask for it, and the one sentence where that is not understood."""

import pytest

from deploybot.domain.grammar import help_text, parse, to_text
from deploybot.domain.ledger import Kind
from deploybot.domain.query import Command, Query, SubscribeAsk, Verb
from deploybot.errors import UserError


def asked(text: str) -> SubscribeAsk:
    command = parse(text)
    assert command.verb is Verb.SUBSCRIBE
    assert command.query == Query()
    assert command.subscribe is not None
    return command.subscribe


def sentence(text: str) -> str:
    with pytest.raises(UserError) as problem:
        parse(text)
    return str(problem.value)


@pytest.mark.parametrize(
    ("text", "ask"),
    [
        ("subscribe", SubscribeAsk()),
        ("SUBSCRIBE app=checkout", SubscribeAsk(Query(apps=("checkout",)))),
        ("subscribe every=15m", SubscribeAsk(schedule="every=15m")),
        ("subscribe every=60m", SubscribeAsk(schedule="every=1h")),
        ('subscribe at="mon-fri 09:00"', SubscribeAsk(schedule='at="mon-fri 09:00"')),
        ("subscribe at=9:00,16:30", SubscribeAsk(schedule='at="09:00,16:30"')),
        ('subscribe cron="0 9 * * Mon"', SubscribeAsk(schedule='cron="0 9 * * mon"')),
        ("subscribe on=failed,paused", SubscribeAsk(on=(Kind.PAUSED, Kind.FAILED))),
        ("subscribe on=Failed on=failed", SubscribeAsk(on=(Kind.FAILED,))),
        (
            "subscribe on=finished",
            SubscribeAsk(on=(Kind.FAILED, Kind.SUCCEEDED, Kind.CANCELED, Kind.SUPERSEDED, Kind.ENDED)),
        ),
        ("subscribe on=all", SubscribeAsk(on=tuple(Kind))),
        ("subscribe foundation=eu on=failed", SubscribeAsk(Query(foundations=("eu",)), on=(Kind.FAILED,))),
        ("subscribe tz=europe/berlin", SubscribeAsk(tz="Europe/Berlin")),
        ("subscribe quiet=22:00-07:00", SubscribeAsk(quiet="22:00-07:00")),
        ("subscribe quiet=22–7", SubscribeAsk(quiet="22:00-07:00")),
        ("subscribe proof", SubscribeAsk(proof=True)),
        ("subscribe proof=yes", SubscribeAsk(proof=True)),
        ("subscribe proof=no", SubscribeAsk()),
        (
            "subscribe space=prod state=failed by=ann label=env=prod strategy=canary every=1d",
            SubscribeAsk(
                Query(spaces=("prod",), states=("failed",), by=("ann",), label="env=prod", strategies=("canary",)),
                "every=1d",
            ),
        ),
    ],
)
def test_a_wish_is_understood(text: str, ask: SubscribeAsk) -> None:
    assert asked(text) == ask


@pytest.mark.parametrize(
    ("typed", "mention"),
    [
        ("@oncall", "@oncall"),
        ("@On-Call.eu", "@on-call.eu"),
        ("<!subteam^S012AB|@oncall>", "group:S012AB"),
        ("<!subteam^S012AB>", "group:S012AB"),
        ("<@U012AB|ann>", "user:U012AB"),
        ('"<@W012AB>"', "user:W012AB"),
        ("<!here|here>", "here"),
        ("<!here>", "here"),
        ("@here", "here"),
        ("me", "me"),
        ("group:S012AB", "group:S012AB"),
    ],
)
def test_a_mention_keeps_the_id_that_slack_sends(typed: str, mention: str) -> None:
    assert asked(f"subscribe mention={typed} app=x") == SubscribeAsk(Query(apps=("x",)), mention=mention)


def test_the_list_of_subscriptions_takes_nothing_but_public() -> None:
    assert parse("subscriptions") == Command(Verb.SUBSCRIPTIONS)
    assert parse("subscriptions public") == Command(Verb.SUBSCRIPTIONS, public=True)
    assert "Write subscriptions alone" in sentence("subscriptions app=x")


def test_outside_subscribe_on_still_means_the_foundation() -> None:
    assert parse("on=eu").query == Query(foundations=("eu",))


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("subscribe", "subscribe"),
        (
            "subscribe proof quiet=22-7 every=60m on=eu".replace("on=eu", "foundation=eu"),
            "subscribe foundation=eu every=1h quiet=22:00-07:00 proof=yes",
        ),
        ("subscribe on=all tz=UTC mention=@a", "subscribe on=all mention=@a tz=UTC"),
        ("subscribe on=succeeded,failed", "subscribe on=failed,succeeded"),
    ],
)
def test_canonical_text_holds_only_what_was_asked(typed: str, canonical: str) -> None:
    assert to_text(parse(typed)) == canonical
    assert parse(canonical) == parse(typed)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("subscribe every=1m", "use every=5m up to every=7d"),
        ("subscribe every=1h at=09:00", "Give one schedule: keep one of every=, at= and cron=."),
        ("subscribe every=1h every=2h", "Give one schedule"),
        ("subscribe every=1h on=failed", "Choose one: every=, at= or cron= for a digest, or on= for alerts"),
        ("subscribe at=mon-fri 09:00", 'put a value with blanks into quotes, like at="mon-fri 09:00".'),
        ("subscribe cron=0 9 * * mon", 'like cron="0 9 * * mon-fri".'),
        ('subscribe cron="0 9 * * 1"', "Name the weekdays in cron="),
        ("subscribe on=eu", "on=eu is no event: they are failed, stalled, paused"),
        ("subscribe on=eu", "For a foundation write foundation=eu."),
        ("subscribe on=faild", "did you mean failed?"),
        ("subscribe quiet=22:00", "like quiet=22:00-07:00"),
        ("subscribe quiet=07:00-07:00", "would never end"),
        ("subscribe mention=oncall", "write a user group like mention=@oncall, a person, me or here."),
        ("subscribe mention=@a,@b", "mention takes one value"),
        ("subscribe proof=maybe", "write proof=yes, or leave it out"),
        ("subscribe tz=Berlin", "I know no time zone Berlin"),
        ("subscribe created>2h", "Leave created out of subscribe: a subscription tells what is new by itself."),
        ("subscribe since=2h", "Leave since out of subscribe: a subscription tells what is new by itself."),
        ("subscribe sort=created", "Leave sort out of subscribe: it is for lists only."),
        ("subscribe per_page=5", "Leave per_page out"),
        ("subscribe evry=1h", "I know no filter evry: did you mean every?"),
        ("subscribe sate=failed", "I know no filter sate: did you mean state?"),
        ("subscribe xyzzy=1", "I know no filter xyzzy: use app, space, org, foundation, state,"),
        ("subscribe xyzzy=1", "every, at, cron, on, quiet, mention, proof."),
        ("subscribe every:15m", "Write every= instead of every:"),
        ("subscribe every", "every needs a value: for example every=1h."),
        ("subscribe failed", "did you mean on=failed?"),
        ("subscribe prof", "did you mean proof?"),
        ("subscribe checkout", "write subscribe app=checkout for that app."),
        ("subscribe @oncall", "write mention=@oncall to have failures ping it."),
        ("subscribe public every=1h", "Leave public out of subscribe"),
        ("every=1h", "every belongs to subscribe: for example subscribe every=1h."),
        ("app=x mention=@oncall", "mention belongs to subscribe: for example subscribe mention=@oncall."),
        ("evry=1h", "did you mean every?"),
        ("subscrbe every=1h", "did you mean subscribe?"),
        ("quiet", "quiet needs a value"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence_with_the_way_out(text: str, told: str) -> None:
    assert told in sentence(text)


def test_help_tells_all_that_subscribe_takes() -> None:
    text = help_text("subscribe")
    for word in ("every=", "at=", "cron=", "on=", "quiet=", "mention=", "proof="):
        assert f"subscribe {word}" in text
    assert "subscribe on=finished: Succeeded, failed, canceled or superseded, or just ended." in help_text("on")
    assert "foundation" in help_text("on")
