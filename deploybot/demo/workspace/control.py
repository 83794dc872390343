"""The control endpoints, by which a page or a test acts as a person, looks around, and throws the fault switches."""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from deploybot.demo.workspace.delivery import Answer
from deploybot.demo.workspace.faults import FaultBoard, parse_fault
from deploybot.demo.workspace.inspector import Inspector
from deploybot.demo.workspace.interactions import Interactions
from deploybot.demo.workspace.manifest import App
from deploybot.demo.workspace.people import Channel, Person, with_member
from deploybot.demo.workspace.records import JsonObject, Message, View
from deploybot.demo.workspace.refusals import RefusedError
from deploybot.demo.workspace.rendering import shown_channel, shown_message, shown_view, slack_group, slack_user
from deploybot.demo.workspace.socketmode import SocketMode
from deploybot.demo.workspace.state import Workspace
from deploybot.demo.workspace.wiring import Wiring

LONGEST_WAIT = 30.0
Endpoint = Callable[[Request], Awaitable[JsonObject]]


@dataclass(frozen=True, slots=True)
class Controls:
    """All that the control endpoints reach."""

    workspace: Workspace
    app: App
    interactions: Interactions
    wiring: Wiring
    sockets: SocketMode
    faults: FaultBoard
    inspector: Inspector
    token: str

    def routes(self) -> list[Route | WebSocketRoute]:
        looking: dict[str, Endpoint] = {
            "workspace": self.everything,
            "messages": self.messages,
            "views": self.views,
            "changes": self.changes,
            "inspector": self.inspected,
            "sockets": self.list_sockets,
            "faults": self.list_faults,
        }
        acting: dict[str, Endpoint] = {
            "command": self.command,
            "message": self.say,
            "click": self.click,
            "submit": self.submit,
            "close": self.close,
            "sockets": self.set_sockets,
            "faults": self.set_faults,
            "redeliver": self.redeliver,
            "delivery": self.set_delivery,
            "channel": self.set_channel,
        }
        return [
            *(Route(f"/{name}", self._guarded(endpoint), methods=["GET"]) for name, endpoint in looking.items()),
            *(Route(f"/{name}", self._guarded(endpoint), methods=["POST"]) for name, endpoint in acting.items()),
            WebSocketRoute("/stream", self.stream),
        ]

    def _guarded(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            if not self._allowed(_bearer(request)):
                return JSONResponse({"ok": False, "error": "invalid_control_token"}, 401)
            try:
                return JSONResponse({"ok": True, **await endpoint(request)})
            except RefusedError as refused:
                return JSONResponse(refused.to_json(), 400)

        return answer

    def _allowed(self, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self.token.encode())

    # Looking

    async def everything(self, _request: Request) -> JsonObject:
        """Team, people, channels, groups, the app and its commands: what a client needs to start."""
        workspace, now = self.workspace, self.workspace.clock.now()
        team, bot = workspace.team, workspace.bot
        return {
            "seq": workspace.feed.seq,
            "team": {"id": team.id, "name": team.name, "domain": team.domain},
            "people": [slack_user(person, team.id, now) for person in workspace.people.values()],
            "channels": [shown_channel(bot, channel) for channel in workspace.channels.values()],
            "groups": [slack_group(group, team.id, with_users=True) for group in workspace.cast.groups],
            "app": {
                "id": bot.app_id,
                "name": self.app.name,
                "bot_id": bot.bot_id,
                "bot_user_id": bot.user_id,
                "commands": [
                    {"command": known.command, "description": known.description, "usage_hint": known.usage_hint}
                    for known in self.app.commands
                ],
            },
            "request_url": self.wiring.request_url,
            "connections": [connection.to_json() for connection in self.sockets.connections()],
        }

    async def messages(self, request: Request) -> JsonObject:
        """What a person sees in a channel, oldest first: `?person=&channel=`, with `thread_ts` that thread alone."""
        person = self.workspace.person(_query(request, "person"))
        channel = self._channel(person, _query(request, "channel"))
        if person.id not in channel.members:
            raise RefusedError("channel_not_found")
        thread_ts = request.query_params.get("thread_ts")
        shown = [
            shown_message(self.workspace, message)
            for message in self.workspace.messages(channel.id)
            if message.ephemeral_to in (None, person.id)
            and (thread_ts is None or thread_ts in (message.ts, message.thread_ts))
        ]
        return {"seq": self.workspace.feed.seq, "channel": channel.id, "messages": shown}

    async def views(self, request: Request) -> JsonObject:
        """The modals a person has open, the topmost last: `?person=`."""
        person = self.workspace.person(_query(request, "person"))
        stack = self.workspace.stack(person.id)
        return {
            "seq": self.workspace.feed.seq,
            "views": [shown_view(self.workspace, view) for view in stack],
        }

    async def changes(self, request: Request) -> JsonObject:
        """The changes after `?after=`, waiting up to `?seconds=` for the first one."""
        after, seconds = _number(request, "after"), _number(request, "seconds")
        changes = await self.workspace.feed.wait_after(int(after), min(seconds, LONGEST_WAIT))
        return {"seq": self.workspace.feed.seq, "changes": [change.to_json() for change in changes]}

    async def inspected(self, request: Request) -> JsonObject:
        """Every payload that passed, both ways, after the entry numbered `?after=`."""
        after = int(_number(request, "after"))
        return {"entries": [entry.to_json() for entry in self.inspector.after(after)]}

    async def list_sockets(self, _request: Request) -> JsonObject:
        return {"connections": [connection.to_json() for connection in self.sockets.connections()]}

    async def list_faults(self, _request: Request) -> JsonObject:
        return {"faults": self.faults.to_json()}

    # Acting as a person

    async def command(self, request: Request) -> JsonObject:
        """`{person, channel, text: "/deployments app=x"}`: type a slash command."""
        given = await _body(request)
        if given.get("thread_ts"):
            raise RefusedError("not_supported_in_threads")
        person = self.workspace.person(_text(given, "person"))
        name, _, text = _text(given, "text").strip().partition(" ")
        channel = self._channel(person, _text(given, "channel"))
        return _told(await self.interactions.command(person, channel, name, text.strip()))

    async def say(self, request: Request) -> JsonObject:
        """`{person, channel, text, thread_ts?}`: write a message; `@name` in it becomes a mention."""
        given = await _body(request)
        person = self.workspace.person(_text(given, "person"))
        channel = self._channel(person, _text(given, "channel"))
        message = self.interactions.say(person, channel, _text(given, "text"), given.get("thread_ts"))
        return {"message": shown_message(self.workspace, message)}

    async def click(self, request: Request) -> JsonObject:
        """`{person, channel, ts | view_id, block_id, action_id, value?}`: use an element; `value` suits its kind."""
        given = await _body(request)
        person = self.workspace.person(_text(given, "person"))
        ids = _text(given, "block_id"), _text(given, "action_id")
        if given.get("view_id"):
            view = self._view(person, given)
            return _told(await self.interactions.click_in_view(person, view, *ids, given.get("value")))
        message = self._message(person, given)
        return _told(await self.interactions.click(person, message, *ids, given.get("value")))

    async def submit(self, request: Request) -> JsonObject:
        """`{person, view_id?}`: send the topmost form. With `errors` in the answer it wasn't sent, or came back."""
        given = await _body(request)
        person = self.workspace.person(_text(given, "person"))
        view = self._view(person, given)
        answer = await self.interactions.submit(person, view)
        known = self.workspace.views.get(view.id)
        return {**_told(answer), "errors": dict(known.errors) if known else {}}

    async def close(self, request: Request) -> JsonObject:
        """`{person, view_id?}`: close the topmost modal."""
        given = await _body(request)
        person = self.workspace.person(_text(given, "person"))
        self.interactions.close(person, self._view(person, given))
        return {}

    # Switches

    async def set_sockets(self, request: Request) -> JsonObject:
        """`{action: "dead"|"cut"|"disconnect", connection?, reason?}`: without `connection` it concerns all."""
        given = await _body(request)
        connection = given.get("connection")
        match given.get("action"):
            case "dead":
                self.sockets.kill(connection)
            case "cut":
                self.sockets.cut(connection)
            case "disconnect":
                await self.sockets.disconnect(str(given.get("reason") or "warning"), connection)
            case _:
                raise RefusedError("invalid_arguments", detail="action: dead, cut or disconnect")
        return await self.list_sockets(request)

    async def set_faults(self, request: Request) -> JsonObject:
        """`{faults: [{kind, where?, methods?, times?, retry_after?, seconds?}]}`: these, and no others."""
        given = await _body(request)
        self.faults.set_all(tuple(parse_fault(fault) for fault in given.get("faults", [])))
        self.workspace.feed.add("faults", {"faults": self.faults.to_json()})
        return await self.list_faults(request)

    async def redeliver(self, request: Request) -> JsonObject:
        """`{number?}`: send a payload again, unchanged: the last one if no number is given."""
        given = await _body(request)
        return _told(await self.wiring.redeliver(given.get("number")))

    async def set_delivery(self, request: Request) -> JsonObject:
        """`{request_url: "http://..." | null}`: HTTP to this address (is it `verified`?), or Socket Mode."""
        given = await _body(request)
        url = given.get("request_url")
        verified = await self.wiring.switch(url, self.workspace.ids.token())
        return {"request_url": url, "verified": verified}

    async def set_channel(self, request: Request) -> JsonObject:
        """`{channel, is_archived?, bot_is_member?}`: archive a channel, or send the bot out of it."""
        given = await _body(request)
        channel = self.workspace.channel(_text(given, "channel"))
        if "is_archived" in given:
            channel = replace(channel, is_archived=bool(given["is_archived"]))
        if "bot_is_member" in given:
            bot = self.workspace.bot.user_id
            channel = with_member(channel, bot, present=bool(given["bot_is_member"]))
        self.workspace.put_channel(channel)
        return {"channel": shown_channel(self.workspace.bot, channel)}

    async def stream(self, socket: WebSocket) -> None:
        """Every change as it happens, from `?after=` on; the token is the query's, as browsers send no headers."""
        if not self._allowed(socket.query_params.get("token", "")):
            await socket.close()
            return
        await socket.accept()
        after = int(socket.query_params.get("after") or self.workspace.feed.seq)
        telling = asyncio.ensure_future(self._tell(socket, after))
        try:
            while (await socket.receive())["type"] != "websocket.disconnect":
                pass
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)

    async def _tell(self, socket: WebSocket, after: int) -> None:
        await socket.send_json({"type": "hello", "seq": self.workspace.feed.seq})
        while True:
            for change in await self.workspace.feed.wait_after(after, LONGEST_WAIT):
                await socket.send_json(change.to_json())
                after = change.seq

    def _channel(self, person: Person, name: str) -> Channel:
        bot = self.workspace.bot
        if name in (bot.user_id, f"@{bot.name}"):
            return self.workspace.direct_message_with(person)
        return self.workspace.channel(name)

    def _message(self, person: Person, given: JsonObject) -> Message:
        channel = self._channel(person, _text(given, "channel"))
        message = self.workspace.message(channel.id, _text(given, "ts"))
        if message is None:
            raise RefusedError("message_not_found")
        return message

    def _view(self, person: Person, given: JsonObject) -> View:
        """The topmost modal; a `view_id` has to be its id, as a person reaches no other."""
        stack = self.workspace.stack(person.id)
        if not stack or given.get("view_id") not in (None, stack[-1].id):
            raise RefusedError("view_not_found")
        return stack[-1]


def _told(answer: Answer | None) -> JsonObject:
    """`sent` false: kept in the client. `acknowledged` false: `failure` says what the person was told."""
    if answer is None:
        return {"sent": False, "acknowledged": False, "failure": None, "body": None}
    acknowledged = answer.failure is None
    return {"sent": True, "acknowledged": acknowledged, "failure": answer.failure, "body": answer.body}


def _bearer(request: Request) -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer ")


async def _body(request: Request) -> JsonObject:
    try:
        parsed: Any = json.loads(await request.body() or b"{}")
    except ValueError:
        raise RefusedError("invalid_json") from None
    if not isinstance(parsed, dict):
        raise RefusedError("invalid_json")
    return parsed


def _text(given: JsonObject, name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise RefusedError("invalid_arguments", detail=f"{name}: a text is missing")
    return value


def _query(request: Request, name: str) -> str:
    return _text(dict(request.query_params), name)


def _number(request: Request, name: str) -> float:
    try:
        return float(request.query_params.get(name) or 0)
    except ValueError:
        raise RefusedError("invalid_arguments", detail=f"{name}: a number") from None
