"""The Web API methods that a bot of this kind calls, and which scope each needs."""

from collections.abc import Callable
from dataclasses import dataclass

from deploybot.demo.workspace.methods import chat, conversations, directory, modals
from deploybot.demo.workspace.methods.desk import Desk
from deploybot.demo.workspace.records import JsonObject


@dataclass(frozen=True, slots=True)
class Method:
    """`answer` gets the arguments and returns the body without `ok`, or raises `RefusedError`.

    `scope` is what the bot token must have been granted; where it depends on the channel the method asks itself.
    """

    answer: Callable[[Desk, JsonObject], JsonObject]
    scope: str | None = None
    app_token: bool = False
    app_answer: Callable[[Desk, JsonObject], JsonObject] | None = None
    """What the app-level token is answered, where either token will do."""


METHODS: dict[str, Method] = {
    "auth.test": Method(directory.auth_test, app_answer=directory.app_auth_test),
    "bots.info": Method(directory.bot_info, "users:read"),
    "apps.connections.open": Method(directory.open_connection, app_token=True),
    "chat.postMessage": Method(chat.post_message, "chat:write"),
    "chat.update": Method(chat.update, "chat:write"),
    "chat.delete": Method(chat.delete, "chat:write"),
    "chat.postEphemeral": Method(chat.post_ephemeral, "chat:write"),
    "views.open": Method(modals.open_modal),
    "views.update": Method(modals.update),
    "views.push": Method(modals.push),
    "conversations.info": Method(conversations.info),
    "conversations.members": Method(conversations.members),
    "conversations.open": Method(conversations.open_direct_message, "im:write"),
    "conversations.history": Method(conversations.history),
    "conversations.replies": Method(conversations.replies),
    "users.info": Method(directory.user_info, "users:read"),
    "users.list": Method(directory.list_users, "users:read"),
    "usergroups.list": Method(directory.list_groups, "usergroups:read"),
    "usergroups.users.list": Method(directory.list_group_members, "usergroups:read"),
}
