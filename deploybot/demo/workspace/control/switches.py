"""The control endpoints that change the world around the bot: faults, sockets, delivery, channels."""

from dataclasses import dataclass, replace

from starlette.requests import Request

from deploybot.demo.workspace.control.asked import json_body, text_in, told
from deploybot.demo.workspace.faults import FaultBoard, parse_fault
from deploybot.demo.workspace.methods.desk import Access
from deploybot.demo.workspace.people import with_member
from deploybot.demo.workspace.records import JsonObject
from deploybot.demo.workspace.refusals import RefusedError
from deploybot.demo.workspace.rendering import shown_channel
from deploybot.demo.workspace.socketmode import SocketMode
from deploybot.demo.workspace.state import Workspace
from deploybot.demo.workspace.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Switches:
    workspace: Workspace
    wiring: Wiring
    sockets: SocketMode
    faults: FaultBoard
    access: Access

    async def set_sockets(self, request: Request) -> JsonObject:
        """`{action: "dead"|"cut"|"disconnect", connection?, reason?}`: without `connection` it concerns all."""
        given = await json_body(request)
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
        return {"connections": [connection.to_json() for connection in self.sockets.connections()]}

    async def set_faults(self, request: Request) -> JsonObject:
        """`{faults: [{kind, where?, methods?, times?, retry_after?, seconds?, shown_after?}]}`: these alone."""
        given = await json_body(request)
        self.faults.set_all(tuple(parse_fault(fault) for fault in given.get("faults", [])))
        self.workspace.feed.add("faults", {"faults": self.faults.to_json()})
        return {"faults": self.faults.to_json()}

    async def redeliver(self, request: Request) -> JsonObject:
        """`{number?}`: send a payload again, unchanged: the last one if no number is given."""
        given = await json_body(request)
        return told(await self.wiring.redeliver(given.get("number")))

    async def set_delivery(self, request: Request) -> JsonObject:
        """`{request_url: "http://..." | null}`: HTTP to this address (is it `verified`?), or Socket Mode."""
        given = await json_body(request)
        url = given.get("request_url")
        verified = await self.wiring.switch(url, self.workspace.ids.token())
        return {"request_url": url, "verified": verified}

    async def set_channel(self, request: Request) -> JsonObject:
        """`{channel, name?, is_archived?, bot_is_member?, joins?, leaves?}`: rename or archive a channel, send the bot
        out of it, have a person join or leave.
        """
        given = await json_body(request)
        channel = self.workspace.channel(text_in(given, "channel"))
        if "name" in given:
            channel = replace(channel, name=text_in(given, "name").removeprefix("#"))
        if "is_archived" in given:
            channel = replace(channel, is_archived=bool(given["is_archived"]))
        if "bot_is_member" in given:
            bot = self.workspace.bot.user_id
            channel = with_member(channel, bot, present=bool(given["bot_is_member"]))
        for key in given.keys() & {"joins", "leaves"}:
            person = self.workspace.person(text_in(given, key))
            channel = with_member(channel, person.id, present=key == "joins")
        self.workspace.put_channel(channel)
        return {"channel": shown_channel(self.workspace.bot, channel)}

    async def set_access(self, request: Request) -> JsonObject:
        """`{scopes?: [...], refusal?: "token_revoked" | "account_inactive" | null, app_refusal?}`: what the app may do.

        `refusal` is what calls with the bot's token are answered, `app_refusal` those with the app-level one.
        """
        given = await json_body(request)
        if "scopes" in given:
            self.access.scopes = frozenset(map(str, given["scopes"]))
        if "refusal" in given:
            self.access.refusal = str(given["refusal"] or "")
        if "app_refusal" in given:
            self.access.app_refusal = str(given["app_refusal"] or "")
        refusals = {"refusal": self.access.refusal or None, "app_refusal": self.access.app_refusal or None}
        return {"scopes": sorted(self.access.scopes), **refusals}
