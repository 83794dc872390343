"""What the workspace holds at this moment, and the few ways in which it changes; every change goes to the feed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from deploybot.demo.workspace.changes import Feed
from deploybot.demo.workspace.ids import Ids
from deploybot.demo.workspace.people import Bot, Cast, Channel, Person, Team, direct_message
from deploybot.demo.workspace.records import Message, Notice, StateValues, View
from deploybot.demo.workspace.refusals import RefusedError
from deploybot.demo.workspace.rendering import channel_change, message_change, notice_change, view_change
from deploybot.demo.workspace.timing import Clock


class Workspace:
    """The only holder of people, channels, messages and open modals. Its values are frozen; it swaps them."""

    def __init__(self, cast: Cast, clock: Clock, ids: Ids) -> None:
        self.cast = cast
        self.clock = clock
        self.ids = ids
        self.feed = Feed()
        self.people: dict[str, Person] = {person.id: person for person in cast.people}
        self.channels: dict[str, Channel] = {channel.id: channel for channel in cast.channels}
        self.views: dict[str, View] = {}
        self._messages: dict[str, dict[str, Message]] = {channel.id: {} for channel in cast.channels}
        self._stacks: dict[str, tuple[str, ...]] = {}
        self._held: list[Message] | None = None
        self._entered: dict[tuple[str, str, str], StateValues] = {}

    @property
    def bot(self) -> Bot:
        return self.cast.bot

    @property
    def team(self) -> Team:
        return self.cast.team

    def team_of(self, person: Person) -> Team:
        return next(team for team in self.cast.teams if team.id == person.team)

    def person(self, name_or_id: str) -> Person:
        wanted = name_or_id.removeprefix("@")
        for person in self.people.values():
            if wanted in (person.id, person.name):
                return person
        raise RefusedError("user_not_found")

    def channel(self, name_or_id: str) -> Channel:
        wanted = name_or_id.removeprefix("#")
        for channel in self.channels.values():
            if wanted == channel.id or (wanted == channel.name and not channel.is_im):
                return channel
        raise RefusedError("channel_not_found")

    def put_channel(self, channel: Channel) -> None:
        self.channels[channel.id] = channel
        self._messages.setdefault(channel.id, {})
        self.feed.add("channel_changed", channel_change(self.bot, channel))

    def direct_message_with(self, person: Person) -> Channel:
        """The conversation of this person and the bot, begun if there is none."""
        channel = direct_message(person, self.bot)
        if channel.id not in self.channels:
            self.put_channel(channel)
        return self.channels[channel.id]

    @contextmanager
    def holding_back(self) -> Iterator[list[Message]]:
        """Messages that are put inside are kept in the list instead: nobody sees them before they are put again."""
        held: list[Message] = []
        self._held = held
        try:
            yield held
        finally:
            self._held = None

    def put_message(self, message: Message) -> None:
        if self._held is not None:
            self._held.append(message)
            return
        known = message.ts in self._messages[message.channel]
        self._messages[message.channel][message.ts] = message
        self._tell_message("message_changed" if known else "message_posted", message)

    def entered(self, person: str, message: Message) -> StateValues:
        """What this person has chosen in the message's elements; nobody else sees that."""
        return self._entered.get((person, message.channel, message.ts), {})

    def enter(self, person: str, message: Message, state: StateValues) -> None:
        self._entered[person, message.channel, message.ts] = state

    def enter_in_view(self, view: View, state: StateValues) -> View:
        """Keep what a person entered in a modal, without telling the page what it has just told us."""
        self.views[view.id] = replace(view, state=state)
        return self.views[view.id]

    def remove_message(self, message: Message) -> None:
        del self._messages[message.channel][message.ts]
        self._tell_message("message_deleted", message)

    def message(self, channel: str, ts: str) -> Message | None:
        return self._messages.get(channel, {}).get(ts)

    def messages(self, channel: str) -> Iterator[Message]:
        """The channel's messages, oldest first, ephemeral ones included."""
        return iter(sorted(self._messages[channel].values(), key=lambda message: message.ts))

    def replies(self, parent: Message) -> tuple[Message, ...]:
        """The visible answers in a message's thread, oldest first."""
        return tuple(
            message
            for message in self.messages(parent.channel)
            if message.thread_ts == parent.ts and message.ts != parent.ts and not message.ephemeral_to
        )

    def notify(self, notice: Notice) -> None:
        self.feed.add("notice", notice_change(notice), notice.person)

    def stack(self, person: str) -> tuple[View, ...]:
        """The modals this person has open, the topmost last."""
        return tuple(self.views[view_id] for view_id in self._stacks.get(person, ()))

    def open_view(self, view: View) -> None:
        """Show a modal alone: whatever was open goes."""
        self.close_views(view.person)
        self.push_view(view)

    def push_view(self, view: View) -> None:
        self.views[view.id] = view
        self._stacks[view.person] = (*self._stacks.get(view.person, ()), view.id)
        self._tell_view("view_opened", view)

    def put_view(self, view: View) -> None:
        self.views[view.id] = view
        self._tell_view("view_changed", view)

    def close_view(self, view: View) -> None:
        self._stacks[view.person] = tuple(known for known in self._stacks[view.person] if known != view.id)
        del self.views[view.id]
        self._tell_view("view_closed", view)

    def close_views(self, person: str) -> tuple[View, ...]:
        closed = self.stack(person)
        for view in reversed(closed):
            self.close_view(view)
        return closed

    def set_errors(self, view: View, errors: Mapping[str, str]) -> None:
        self.put_view(replace(view, errors=errors))

    def _tell_view(self, kind: str, view: View) -> None:
        self.feed.add(kind, view_change(self, view), view.person)

    def _tell_message(self, kind: str, message: Message) -> None:
        self.feed.add(kind, message_change(self, message), message.ephemeral_to)
