"""The control endpoints that act as a person: type, click, fill in, send, close."""

from dataclasses import dataclass

from starlette.requests import Request

from deploybot.demo.workspace.control.asked import channel_of, json_body, message_of, text_in, told, topmost_view
from deploybot.demo.workspace.interactions import Interactions
from deploybot.demo.workspace.records import JsonObject
from deploybot.demo.workspace.refusals import RefusedError
from deploybot.demo.workspace.rendering import shown_message
from deploybot.demo.workspace.state import Workspace


@dataclass(frozen=True, slots=True)
class Acting:
    workspace: Workspace
    interactions: Interactions

    async def command(self, request: Request) -> JsonObject:
        """`{person, channel, text: "/deployments app=x"}`: type a slash command."""
        given = await json_body(request)
        if given.get("thread_ts"):
            raise RefusedError("not_supported_in_threads")
        person = self.workspace.person(text_in(given, "person"))
        name, _, text = text_in(given, "text").strip().partition(" ")
        channel = channel_of(self.workspace, person, text_in(given, "channel"))
        return told(await self.interactions.command(person, channel, name, text.strip()))

    async def say(self, request: Request) -> JsonObject:
        """`{person, channel, text, thread_ts?}`: write a message; `@name` in it becomes a mention."""
        given = await json_body(request)
        person = self.workspace.person(text_in(given, "person"))
        channel = channel_of(self.workspace, person, text_in(given, "channel"))
        message = self.interactions.say(person, channel, text_in(given, "text"), given.get("thread_ts"))
        return {"message": shown_message(self.workspace, message)}

    async def click(self, request: Request) -> JsonObject:
        """`{person, channel, ts | view_id, block_id, action_id, value?}`: use an element; `value` suits its kind."""
        given = await json_body(request)
        person = self.workspace.person(text_in(given, "person"))
        ids = text_in(given, "block_id"), text_in(given, "action_id")
        if given.get("view_id"):
            view = topmost_view(self.workspace, person, given)
            return told(await self.interactions.click_in_view(person, view, *ids, given.get("value")))
        message = message_of(self.workspace, person, given)
        return told(await self.interactions.click(person, message, *ids, given.get("value")))

    async def suggest(self, request: Request) -> JsonObject:
        """`{person, channel, ts | view_id, block_id, action_id, value?}`: type `value` into an external menu.

        The answer has `options`: what the app offers then, in groups where it does so; none where it could not.
        """
        given = await json_body(request)
        person = self.workspace.person(text_in(given, "person"))
        ids = text_in(given, "block_id"), text_in(given, "action_id")
        in_view = bool(given.get("view_id"))
        holder = (topmost_view if in_view else message_of)(self.workspace, person, given)
        return {"options": await self.interactions.suggest(person, holder, *ids, str(given.get("value") or ""))}

    async def submit(self, request: Request) -> JsonObject:
        """`{person, view_id?}`: send the topmost form. With `errors` in the answer it wasn't sent, or came back."""
        given = await json_body(request)
        person = self.workspace.person(text_in(given, "person"))
        view = topmost_view(self.workspace, person, given)
        answer = await self.interactions.submit(person, view)
        known = self.workspace.views.get(view.id)
        return {**told(answer), "errors": dict(known.errors) if known else {}}

    async def close(self, request: Request) -> JsonObject:
        """`{person, view_id?}`: close the topmost modal."""
        given = await json_body(request)
        person = self.workspace.person(text_in(given, "person"))
        self.interactions.close(person, topmost_view(self.workspace, person, given))
        return {}
