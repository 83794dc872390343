"""What people do, as the app hears it: commands, messages, clicks, forms sent and closed, and what its answers do."""

from dataclasses import dataclass, replace
from typing import Any

from deploybot.demo.workspace import payloads
from deploybot.demo.workspace.delivery import Answer, Kind, Parcel, deliver_event
from deploybot.demo.workspace.elements import WITHOUT_STATE, Found, action, chosen, find, state_of
from deploybot.demo.workspace.entering import complaints
from deploybot.demo.workspace.errands import Errands
from deploybot.demo.workspace.grants import Grants
from deploybot.demo.workspace.manifest import App, Command
from deploybot.demo.workspace.people import Channel, Person
from deploybot.demo.workspace.records import JsonObject, Message, Notice, StateValues, View, with_value
from deploybot.demo.workspace.refusals import RefusedError
from deploybot.demo.workspace.responses import Responses
from deploybot.demo.workspace.state import Workspace
from deploybot.demo.workspace.submitting import Submissions
from deploybot.demo.workspace.suggesting import Suggestions
from deploybot.demo.workspace.timing import Timing
from deploybot.demo.workspace.typed import as_command_text, as_message_text
from deploybot.demo.workspace.wiring import Wiring

TROUBLE = "We had some trouble connecting. Try again?"


@dataclass(frozen=True, slots=True)
class Rules:
    """Where the workspace is found, and what Slack leaves open: whether a command's text comes with entities."""

    public_url: str
    timing: Timing
    entities_in_commands: bool = False


class Interactions:
    """Acts as a person. What the app is asked, it answers or not; the person is told when it did not."""

    def __init__(
        self,
        workspace: Workspace,
        app: App,
        wiring: Wiring,
        grants: Grants,
        responses: Responses,
        errands: Errands,
        rules: Rules,
        suggestions: Suggestions,
    ) -> None:
        self._suggestions = suggestions
        self._workspace, self._app, self._wiring, self._rules = workspace, app, wiring, rules
        self._grants, self._responses, self._errands = grants, responses, errands
        self._submissions = Submissions(workspace)

    async def command(self, person: Person, channel: Channel, name: str, text: str) -> Answer:
        """Type a slash command in a channel (in a thread there are none)."""
        _refuse_outsider(person, channel)
        command = self._app.command(name)
        if command is None:
            raise RefusedError("unknown_command", detail=f"{name} is not a valid command")
        path = self._grants.new_response_url("commands", person.id, channel.id, typed=f"{name} {text}".strip())
        payload = payloads.slash_command(
            self._workspace,
            person,
            channel,
            command=name,
            text=self._command_text(command, text),
            response_url=self._rules.public_url + path,
            trigger_id=self._grants.new_trigger(person.id),
        )
        answer = await self._wiring.deliver(Parcel(Kind.COMMAND, payload))
        if answer.failure:
            self._tell(person, answer.failure, f"{name} failed with the error “{answer.failure}”", channel)
        elif answer.body:
            self._apply_acknowledged(person, channel, path, answer.body)
        return answer

    def say(self, person: Person, channel: Channel, text: str, thread_ts: str | None) -> Message:
        """Write a message. The app hears of it if it is mentioned and a member, or if the message is to it alone."""
        _refuse_outsider(person, channel)
        workspace = self._workspace
        if thread_ts is not None and workspace.message(channel.id, thread_ts) is None:
            raise RefusedError("thread_not_found")
        message = Message(
            channel=channel.id,
            ts=workspace.ids.ts(workspace.clock.now()),
            author=person.id,
            text=as_message_text(text, workspace.people.values(), workspace.channels.values()),
            thread_ts=thread_ts,
        )
        workspace.put_message(message)
        for kind in self._events_of(channel, message):
            event = payloads.message_event(workspace, kind, message, workspace.ids.of("Ev"))
            self._errands.start(deliver_event(self._wiring, event, self._rules.timing.event_retries))
        return message

    async def click(self, person: Person, message: Message, block_id: str, action_id: str, value: Any) -> Answer | None:
        """Use an element of a message; the answer is None when it is one that keeps its value to itself."""
        self._refuse_unseen(person, message)
        blocks = list(message.blocks)
        found = self._suggestions.offered(person, message, find(blocks, block_id, action_id))
        state = _entered(self._workspace.entered(person.id, message), found, value)
        self._workspace.enter(person.id, message, state)
        if not found.dispatches:
            return None
        path = self._grants.new_response_url("actions", person.id, message.channel, origin=message.ts)
        payload = payloads.message_click(
            self._workspace,
            person,
            message,
            action=action(found, value, self._now_ts()),
            state=state_of(blocks, state),
            response_url=self._rules.public_url + path,
            trigger_id=self._grants.new_trigger(person.id),
        )
        return await self._interact(person, payload, channel=self._workspace.channels[message.channel])

    async def click_in_view(
        self, person: Person, view: View, block_id: str, action_id: str, value: Any
    ) -> Answer | None:
        """Use an element of the topmost modal."""
        blocks = view.payload["blocks"]
        found = self._suggestions.offered(person, view, find(blocks, block_id, action_id))
        view = self._workspace.enter_in_view(view, _entered(view.state, found, value))
        if not found.dispatches:
            return None
        payload = payloads.view_click(
            self._workspace,
            person,
            replace(view, state=state_of(blocks, view.state)),
            action=action(found, value, self._now_ts()),
            trigger_id=self._grants.new_trigger(person.id, view.id),
        )
        return await self._interact(person, payload, view=view)

    async def suggest(
        self, person: Person, holder: Message | View, block_id: str, action_id: str, typed: str
    ) -> list[JsonObject]:
        """Type into a menu whose entries the app tells, in a message or the topmost modal: what it offers then."""
        if isinstance(holder, Message):
            self._refuse_unseen(person, holder)
        return await self._suggestions.suggest(person, holder, block_id, action_id, typed)

    def _refuse_unseen(self, person: Person, message: Message) -> None:
        if person.id not in self._workspace.channels[message.channel].members:
            raise RefusedError("channel_not_found")
        if message.ephemeral_to not in (None, person.id):
            raise RefusedError("message_not_found")

    async def submit(self, person: Person, view: View) -> Answer | None:
        """Send the form. None if Slack itself would not send it: then the complaints stand under its inputs."""
        blocks = view.payload["blocks"]
        state = state_of(blocks, view.state)
        wrong = complaints(blocks, state)
        if wrong:
            self._workspace.set_errors(view, wrong)
            return None
        trigger_id = self._grants.new_trigger(person.id, view.id)
        payload = payloads.view_submission(self._workspace, person, replace(view, state=state), trigger_id)
        answer = await self._interact(person, payload, view=view)
        if answer.failure is None and view.id in self._workspace.views:
            self._settle(person, self._workspace.views[view.id], answer.body)
        return answer

    def close(self, person: Person, view: View) -> None:
        """Close the topmost modal, or all of them if it says so; the app hears of it where it asked to."""
        clears = bool(view.payload.get("clear_on_close"))
        closed = self._workspace.close_views(person.id) if clears else (view,)
        if not clears:
            self._workspace.close_view(view)
        for gone in closed:
            if gone.payload.get("notify_on_close"):
                payload = payloads.view_closed(self._workspace, person, gone, is_cleared=clears)
                self._errands.start(self._wiring.deliver(Parcel(Kind.INTERACTION, payload)))

    async def _interact(
        self, person: Person, payload: JsonObject, *, channel: Channel | None = None, view: View | None = None
    ) -> Answer:
        answer = await self._wiring.deliver(Parcel(Kind.INTERACTION, payload))
        if answer.failure:
            self._tell(person, answer.failure, TROUBLE, channel, view)
        return answer

    def _settle(self, person: Person, view: View, body: JsonObject | None) -> None:
        try:
            self._submissions.settle(person, view, body)
        except RefusedError as refused:
            self._tell(person, refused.error, f"{TROUBLE} {refused.to_json()}", view=view)

    def _apply_acknowledged(self, person: Person, channel: Channel, path: str, body: JsonObject) -> None:
        try:
            self._responses.acknowledged(path, body)
        except RefusedError as refused:
            self._tell(person, refused.error, str(refused.to_json()), channel)

    def _events_of(self, channel: Channel, message: Message) -> tuple[str, ...]:
        bot = self._workspace.bot
        if bot.user_id not in channel.members:
            return ()
        if channel.is_im:
            return ("message",) if "message.im" in self._app.bot_events else ()
        mentioned = f"<@{bot.user_id}>" in message.text
        return ("app_mention",) if mentioned and "app_mention" in self._app.bot_events else ()

    def _command_text(self, command: Command, text: str) -> str:
        return as_command_text(
            text,
            self._workspace.people.values(),
            self._workspace.channels.values(),
            should_escape=command.should_escape,
            entities=self._rules.entities_in_commands,
        )

    def _tell(
        self, person: Person, error: str, text: str, channel: Channel | None = None, view: View | None = None
    ) -> None:
        self._workspace.notify(
            Notice(person.id, error, text, channel.id if channel else None, view.id if view else None)
        )

    def _now_ts(self) -> str:
        return f"{self._workspace.clock.now():.6f}"


def _refuse_outsider(person: Person, channel: Channel) -> None:
    if person.id not in channel.members:
        raise RefusedError("channel_not_found")
    if channel.is_archived:
        raise RefusedError("is_archived")


def _entered(state: StateValues, found: Found, value: Any) -> StateValues:
    kind = found.element["type"]
    if kind in WITHOUT_STATE:
        return state
    entry = {"type": kind, **chosen(found.element, value)}
    return with_value(state, found.block["block_id"], found.element["action_id"], entry)
