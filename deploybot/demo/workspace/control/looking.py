"""The control endpoints that look: at people and channels, as a person at messages and modals, at what passed."""

from dataclasses import dataclass

from starlette.requests import Request

from deploybot.demo.workspace.control.asked import channel_of, query_number, query_text
from deploybot.demo.workspace.faults import FaultBoard
from deploybot.demo.workspace.inspector import Inspector
from deploybot.demo.workspace.manifest import App
from deploybot.demo.workspace.records import JsonObject
from deploybot.demo.workspace.refusals import RefusedError
from deploybot.demo.workspace.rendering import shown_channel, shown_message, shown_view, slack_group, slack_user
from deploybot.demo.workspace.socketmode import SocketMode
from deploybot.demo.workspace.state import Workspace
from deploybot.demo.workspace.wiring import Wiring

LONGEST_WAIT = 30.0
"""Seconds that a request for changes may wait at most."""


@dataclass(frozen=True, slots=True)
class Looking:
    workspace: Workspace
    app: App
    wiring: Wiring
    sockets: SocketMode
    inspector: Inspector
    faults: FaultBoard

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
        person = self.workspace.person(query_text(request, "person"))
        channel = channel_of(self.workspace, person, query_text(request, "channel"))
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
        person = self.workspace.person(query_text(request, "person"))
        stack = self.workspace.stack(person.id)
        return {
            "seq": self.workspace.feed.seq,
            "views": [shown_view(self.workspace, view) for view in stack],
        }

    async def changes(self, request: Request) -> JsonObject:
        """The changes after `?after=`, waiting up to `?seconds=` for the first one."""
        after, seconds = query_number(request, "after"), query_number(request, "seconds")
        changes = await self.workspace.feed.wait_after(int(after), min(seconds, LONGEST_WAIT))
        return {"seq": self.workspace.feed.seq, "changes": [change.to_json() for change in changes]}

    async def inspected(self, request: Request) -> JsonObject:
        """Every payload that passed, both ways, after the entry numbered `?after=`."""
        after = int(query_number(request, "after"))
        return {"entries": [entry.to_json() for entry in self.inspector.after(after)]}

    async def list_sockets(self, _request: Request) -> JsonObject:
        return {"connections": [connection.to_json() for connection in self.sockets.connections()]}

    async def list_faults(self, _request: Request) -> JsonObject:
        return {"faults": self.faults.to_json()}
