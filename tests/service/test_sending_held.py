"""What waited long is posted only if all in the channel may still read of it, and is neither lost nor doubled."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploybot.domain.access import ALL_SEEN, Sight
from deploybot.domain.held import INSTEAD
from deploybot.domain.ledger import Kind
from deploybot.domain.outgoing import AlertBody, Body, Draft, GuardBody
from tests.domain.outgoing_factories import entry
from tests.fake_notifier import CrashedError
from tests.service.post_office import Post, posting

LONG, SHORT = 301, 200
NOTHING = Sight(lambda target: False, everything=False)
THIS = Sight(lambda target: target.app == "app-of-d1", everything=False)


@dataclass
class Channel:
    """What all in the channel may read, and how often that was asked."""

    sight: Sight | None = ALL_SEEN
    asked: list[str] = field(default_factory=list)

    async def sights(self, channel: str) -> Sight | None:
        self.asked.append(channel)
        return self.sight


def draft(key: str, channel: str = "C1", thread: str = "") -> Draft:
    return Draft(key=key, channel=channel, body=GuardBody(entry=entry("d1"), text="d1 waits"), thread=thread)


def bodies(post: Post) -> list[Body]:
    return [claim.draft.body for _, claim in post.slack.posts]


async def test_what_waited_long_names_nothing_that_not_all_there_may_read_by_now(tmp_path: Path) -> None:
    channel = Channel(NOTHING)
    async with posting(tmp_path, sights=channel.sights) as post:
        await post.add(draft("k1"), draft("k2", thread="k1"))
        post.clock.pass_by(LONG)
        await post.tick(5, every=1)
        assert post.slack.keys("C1") == ["k1", "k2"]
        assert bodies(post) == [INSTEAD, INSTEAD]
        first, reply = post.slack.messages
        assert reply.thread_ts == first.ts
        assert [state for (state,) in post.rows("state")] == ["sent", "sent"]
        assert "app-of-d1" not in str(post.rows("body"))


async def test_what_all_may_still_read_is_posted_as_it_was_composed(tmp_path: Path) -> None:
    channel = Channel(THIS)
    async with posting(tmp_path, sights=channel.sights) as post:
        await post.add(draft("k1"))
        post.clock.pass_by(LONG)
        await post.tick(3, every=1)
        assert bodies(post) == [draft("k1").body]


@pytest.mark.parametrize(("place", "waited"), [("C1", SHORT), ("U1", LONG), ("D1", LONG)])
async def test_what_is_new_or_for_one_person_is_not_asked_about(tmp_path: Path, place: str, waited: float) -> None:
    channel = Channel(NOTHING)
    async with posting(tmp_path, sights=channel.sights) as post:
        await post.add(draft("k1", place))
        post.clock.pass_by(waited)
        await post.tick(3, every=1)
        assert bodies(post) == [draft("k1").body]
        assert channel.asked == []


async def test_while_nobody_can_tell_it_waits_and_comes_once_afterwards(tmp_path: Path) -> None:
    channel = Channel(None)
    async with posting(tmp_path, sights=channel.sights) as post:
        await post.add(draft("k1"))
        post.clock.pass_by(LONG)
        await post.tick(10, every=10)
        assert post.slack.posts == []
        channel.sight = ALL_SEEN
        await post.tick(10, every=10)
        assert bodies(post) == [draft("k1").body]


@pytest.mark.parametrize("point", ["send.claimed", "send.begun", "send.posted"])
async def test_wherever_the_sender_dies_it_is_there_once_and_names_nothing(tmp_path: Path, point: str) -> None:
    channel = Channel(NOTHING)

    def die(name: str) -> None:
        if name == point:
            raise CrashedError

    async with posting(tmp_path, sights=channel.sights, dies_at=die) as post:
        await post.add(draft("k1"))
        post.clock.pass_by(LONG)
        await post.crash()
        await post.tick(10, every=60)
        assert post.slack.keys("C1") == ["k1"]
        assert set(bodies(post)) == {INSTEAD}


async def test_an_alert_that_waited_is_brought_up_to_date_once_all_may_read_it_again(tmp_path: Path) -> None:
    channel = Channel(ALL_SEEN)
    async with posting(tmp_path, sights=channel.sights) as post:
        post.slack.script.extend(["declined"] * 100)
        await post.happens("d1")
        await post.tick(2, every=LONG)
        post.slack.script.clear()
        channel.sight = NOTHING
        declined = len(post.slack.posts)
        await post.tick(10, every=60)
        assert bodies(post)[declined:] == [INSTEAD]
        assert post.slack.edits == []
        channel.sight = ALL_SEEN
        await post.happens("d1", kind=Kind.FAILED, ordinal=2)
        await post.tick(5, every=1)
        assert len(post.slack.edits) == 1
        assert not [one for one in bodies(post)[declined:] if isinstance(one, AlertBody)]
