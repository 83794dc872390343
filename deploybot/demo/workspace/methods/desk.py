"""What every Web API method may use: the workspace, the app's scopes, and what is granted for a short time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from deploybot.demo.workspace.grants import Grants
from deploybot.demo.workspace.people import Channel
from deploybot.demo.workspace.ratelimits import Bucket
from deploybot.demo.workspace.records import JsonObject
from deploybot.demo.workspace.refusals import RefusedError
from deploybot.demo.workspace.state import Workspace
from deploybot.demo.workspace.timing import Timing

Item = TypeVar("Item")


@dataclass(slots=True)
class Access:
    """What the app may do at the moment: the scopes it was granted, and why its tokens are refused, if they are."""

    scopes: frozenset[str]
    refusal: str = ""
    app_refusal: str = ""
    """Why the app-level token is refused."""
    messages_tab: bool = True
    """Whether the app may write to people directly."""


@dataclass(frozen=True, slots=True)
class Desk:
    """`new_socket_url` gives the address for one Socket Mode connection; `buckets` holds the posts per channel."""

    workspace: Workspace
    grants: Grants
    timing: Timing
    access: Access
    new_socket_url: Callable[[], str]
    buckets: dict[str, Bucket] = field(default_factory=dict)

    @property
    def scopes(self) -> frozenset[str]:
        return self.access.scopes

    def require(self, scope: str) -> None:
        """Refuse as Slack does where the app was not granted this scope."""
        if scope not in self.scopes:
            raise RefusedError("missing_scope", needed=scope, provided=",".join(sorted(self.scopes)))

    def visible_channel(self, channel_id: str) -> Channel:
        """The channel, as far as the bot may know of it: a private one without the bot does not exist for it."""
        channel = self.workspace.channels.get(channel_id)
        hidden = channel is not None and (channel.is_private or channel.is_im)
        if channel is None or (hidden and not self.is_in(channel)):
            raise RefusedError("channel_not_found")
        return channel

    def is_in(self, channel: Channel) -> bool:
        return self.workspace.bot.user_id in channel.members


def text_arg(args: JsonObject, name: str, missing: str = "invalid_arguments") -> str:
    """A required argument; `missing` is Slack's word when there is none."""
    value = args.get(name)
    if not isinstance(value, str) or not value:
        needed = [f"[ERROR] missing required field: {name}"]
        raise RefusedError(missing, response_metadata={"messages": needed})
    return value


def flag_arg(args: JsonObject, name: str) -> bool:
    """An optional flag, in a form `true` or `1`."""
    return args.get(name) in (True, "true", "1", 1)


def number_arg(args: JsonObject, name: str, default: int, most: int) -> int:
    try:
        number = int(args.get(name) or default)
    except (TypeError, ValueError):
        raise RefusedError("invalid_arguments") from None
    if not 1 <= number <= most:
        raise RefusedError("invalid_limit")
    return number


def cut_page(all_of_it: Sequence[Item], args: JsonObject, most: int) -> tuple[Sequence[Item], str]:
    """The page that `cursor` and `limit` ask for, 100 unless said, and the cursor of the next one, "" for none.

    https://docs.slack.dev/apis/web-api/pagination
    """
    limit = number_arg(args, "limit", 100, most)
    prefix, _, start = str(args.get("cursor") or "next:0").partition(":")
    if prefix != "next" or not start.isdecimal():
        raise RefusedError("invalid_cursor")
    end = int(start) + limit
    return all_of_it[int(start) : end], f"next:{end}" if end < len(all_of_it) else ""
