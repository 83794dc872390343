"""A person at the keyboard, for tests: types, clicks, fills in forms in the simulated workspace, and waits to see."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, TypeVar

import httpx

from deploybot.demo.workspace.server import create_workspace
from deploybot.demo.workspace.serving import listening, served, url_of
from deploybot.demo.workspace.timing import Timing

JsonObject = dict[str, Any]
Seen = TypeVar("Seen")

BOT_TOKEN = "xoxb-simulated-bot-token"
APP_TOKEN = "xapp-simulated-app-token"
SIGNING_SECRET = "simulated-signing-secret"
CONTROL_TOKEN = "simulated-control-token"
EAGER = Timing(post_interval=0, event_retries=(0.0, 0.05, 0.05))
"""Slack's rules without its longer pauses: no limit on posts per second, events repeated at once."""

MANIFEST: JsonObject = {
    "display_information": {"name": "deploybot"},
    "features": {
        "bot_user": {"display_name": "deploybot"},
        "slash_commands": [
            {"command": "/deployments", "description": "What is being deployed", "usage_hint": "[app=name]"}
        ],
    },
    "oauth_config": {
        "scopes": {
            "bot": [
                "commands", "chat:write", "app_mentions:read", "users:read", "usergroups:read", "channels:read",
                "groups:read", "im:write", "channels:history", "groups:history",
            ]
        }
    },
    "settings": {
        "event_subscriptions": {"bot_events": ["app_mention"]},
        "interactivity": {"is_enabled": True},
        "socket_mode_enabled": True,
    },
}  # fmt: skip


class SlackRefusedError(AssertionError):
    """The workspace would not do what the test asked of it; `answer` says why."""

    def __init__(self, answer: JsonObject) -> None:
        super().__init__(str(answer))
        self.answer = answer


@dataclass
class SlackClient:
    """Acts as people through the control endpoints. Channels are `#name`, people are names; waits have a deadline."""

    url: str
    http: httpx.AsyncClient
    patience: float = 10.0

    async def __aenter__(self) -> "SlackClient":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.aclose()

    @property
    def api_url(self) -> str:
        """The base URL of the Web API, as the bot is given it."""
        return f"{self.url}/api/"

    async def command(self, person: str, channel: str, text: str, **more: Any) -> JsonObject:
        """Type a slash command; the answer says whether it was acknowledged, and with what body."""
        return await self.post("command", person=person, channel=channel, text=text, **more)

    async def say(self, person: str, channel: str, text: str, thread_ts: str | None = None) -> JsonObject:
        """Write a message and return it; `@deploybot` in it is a mention."""
        answer = await self.post("message", person=person, channel=channel, text=text, thread_ts=thread_ts)
        message: JsonObject = answer["message"]
        return message

    async def click(
        self, person: str, where: Mapping[str, Any], action_id: str, value: Any = None, block_id: str | None = None
    ) -> JsonObject:
        """Use the element `action_id` of a message or a view, both as this client returns them."""
        place = {"view_id": where["id"]} if "root_view_id" in where else dict(_address(where))
        block_id = block_id or block_of(where, action_id)
        return await self.post("click", person=person, **place, block_id=block_id, action_id=action_id, value=value)

    async def options(
        self, person: str, where: Mapping[str, Any], action_id: str, typed: str = "", block_id: str | None = None
    ) -> list[JsonObject]:
        """What an external menu offers somebody who types so much into it."""
        place = {"view_id": where["id"]} if "root_view_id" in where else dict(_address(where))
        block_id = block_id or block_of(where, action_id)
        answer = await self.post("options", person=person, **place, block_id=block_id, action_id=action_id, value=typed)
        offered: list[JsonObject] = answer["options"]
        return offered

    async def submit(self, person: str) -> JsonObject:
        """Send the topmost form; `errors` of the answer says what is wrong with it, if anything."""
        return await self.post("submit", person=person)

    async def close(self, person: str) -> None:
        await self.post("close", person=person)

    async def messages(self, person: str, channel: str, thread_ts: str | None = None) -> list[JsonObject]:
        """What the person sees in a channel (or in one thread of it), oldest first."""
        thread = {} if thread_ts is None else {"thread_ts": thread_ts}
        messages: list[JsonObject] = (await self.get("messages", person=person, channel=channel, **thread))["messages"]
        return messages

    async def views(self, person: str) -> list[JsonObject]:
        """The person's open modals, the topmost last."""
        views: list[JsonObject] = (await self.get("views", person=person))["views"]
        return views

    async def wait_for_message(
        self,
        person: str,
        channel: str,
        matches: Callable[[JsonObject], bool] = lambda message: "bot_id" in message,
        thread_ts: str | None = None,
    ) -> JsonObject:
        """The newest message that the person sees and that matches (any of the bot's, if nothing is said)."""

        async def look() -> JsonObject | None:
            seen = [message for message in await self.messages(person, channel, thread_ts) if matches(message)]
            return seen[-1] if seen else None

        return await self.wait_for(look, f"a message for {person} in {channel}")

    async def wait_for_view(self, person: str, matches: Callable[[JsonObject], bool] = lambda view: True) -> JsonObject:
        """The person's topmost modal, once there is one that matches."""

        async def look() -> JsonObject | None:
            stack = await self.views(person)
            return stack[-1] if stack and matches(stack[-1]) else None

        return await self.wait_for(look, f"a modal for {person}")

    async def wait_for_connections(self, count: int = 1) -> list[JsonObject]:
        """The open Socket Mode connections, once there are as many as that."""

        async def look() -> list[JsonObject] | None:
            connections: list[JsonObject] = (await self.get("sockets"))["connections"]
            return connections if len(connections) == count else None

        return await self.wait_for(look, f"{count} Socket Mode connections")

    async def wait_for_change(self, kind: str, after: int = 0) -> JsonObject:
        """The first change of this kind after the feed's number `after`: `notice`, `message_posted`, ..."""

        async def look() -> JsonObject | None:
            changes = (await self.get("changes", after=after))["changes"]
            return next((change for change in changes if change["type"] == kind), None)

        return await self.wait_for(look, f"a change of the kind {kind}")

    async def wait_for(self, look: Callable[[], Awaitable[Seen | None]], what: str) -> Seen:
        """What `look` returns, as soon as it isn't None; it is asked again after every change of the workspace."""
        try:
            async with asyncio.timeout(self.patience):
                seq = 0
                while (seen := await look()) is None:
                    seq = (await self.get("changes", after=seq, seconds=0.2))["seq"]
                return seen
        except TimeoutError:
            raise AssertionError(f"waited {self.patience} s for {what}") from None

    async def inspected(self, via: str | None = None) -> list[JsonObject]:
        """Every payload that passed so far, both ways."""
        entries: list[JsonObject] = (await self.get("inspector"))["entries"]
        return [entry for entry in entries if via in (None, entry["via"])]

    async def set_faults(self, *faults: JsonObject) -> None:
        """`{"kind": "rate_limited", "methods": ["chat.postMessage"], "times": 2}` and the like; none clears them."""
        await self.post("faults", faults=list(faults))

    async def sockets(self, action: str, **more: Any) -> None:
        """`dead`, `cut`, or `disconnect` with a `reason`."""
        await self.post("sockets", action=action, **more)

    async def post(self, what: str, **body: Any) -> JsonObject:
        given = {key: value for key, value in body.items() if value is not None}
        return _answered(await self.http.post(f"/_control/{what}", json=given))

    async def get(self, what: str, **query: Any) -> JsonObject:
        return _answered(await self.http.get(f"/_control/{what}", params=query))


def connect(url: str, control_token: str = CONTROL_TOKEN) -> SlackClient:
    """A client for a workspace that is served at `url`, in this process or another."""
    headers = {"Authorization": f"Bearer {control_token}"}
    return SlackClient(url, httpx.AsyncClient(base_url=url, headers=headers, timeout=40, trust_env=False))


@asynccontextmanager
async def served_workspace(manifest: JsonObject = MANIFEST, **more: Any) -> AsyncIterator[SlackClient]:
    """A workspace under uvicorn on a free loopback port; keywords go to `create_workspace`."""
    listener = listening()
    given: JsonObject = {
        "bot_token": BOT_TOKEN,
        "app_token": APP_TOKEN,
        "signing_secret": SIGNING_SECRET,
        "control_token": CONTROL_TOKEN,
        "timing": EAGER,
    }
    app = create_workspace(manifest, public_url=url_of(listener), **(given | more))
    async with served(app, listener) as url, connect(url) as slack:
        yield slack


def elements(shown: Mapping[str, Any]) -> Iterable[tuple[str, JsonObject]]:
    """(block_id, element) for each element of a message or view that has an action_id."""
    for block in shown.get("blocks", []):
        held = [block.get("accessory"), block.get("element"), *(block.get("elements") or [])]
        for element in held:
            if isinstance(element, dict) and "action_id" in element:
                yield block["block_id"], element


def block_of(shown: Mapping[str, Any], action_id: str) -> str:
    found = [block_id for block_id, element in elements(shown) if element["action_id"] == action_id]
    known = sorted({element["action_id"] for _, element in elements(shown)})
    assert len(found) == 1, f"{action_id}: {len(found)} of them among {known}"
    return found[0]


def _address(message: Mapping[str, Any]) -> JsonObject:
    return {"channel": message["channel"], "ts": message["ts"]}


def _answered(response: httpx.Response) -> JsonObject:
    answer: JsonObject = response.json()
    if not answer["ok"]:
        raise SlackRefusedError(answer)
    return answer
