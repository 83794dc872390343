"""What a failed Web API call means for a message: certainly not there, perhaps there, or hopeless until a person acts.

https://docs.slack.dev/reference/methods/chat.postMessage#errors
"""

import aiohttp
from slack_sdk.errors import SlackApiError

from deploybot.domain.ports import Declined, Unclear
from deploybot.slack.webapi import is_passing, reason_of, status_of

BAD_SHAPE = frozenset(
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_attachments",
        "invalid_arguments",
        "block_mismatch",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "markdown_text_conflict",
    }
)
"""Refusals of what the message looks like: a bug of ours, and plain text may still pass."""

NO_THREAD = frozenset(
    {
        "thread_not_found",
        "cannot_reply_to_message",
        "restricted_action_thread_locked",
        "restricted_action_non_threadable_channel",
    }
)
"""Refusals of a reply that the channel itself may take: its thread is gone or locked."""

GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
"""Refusals of an edit that no later try changes."""

NO_RIGHT_TO_LOOK = frozenset(
    {
        "missing_scope",
        "not_in_channel",
        "channel_not_found",
        "no_permission",
        "access_denied",
        "not_allowed_token_type",
        "method_not_supported_for_channel_type",
    }
)

_REINSTALL = "Slack does not accept my token any more: install the app again and give me its new token"
_ADMIN = "the workspace's rules do not let me post there: ask an admin to allow it"
_GONE_PERSON = "Slack does not let me write to this person"
HOPELESS_PEOPLE = frozenset({"user_not_found", "user_disabled", "user_not_visible", "cannot_dm_bot"})
"""Who is gone for good: nothing that anybody does lets a message through."""

TOKEN_TROUBLE = {
    "invalid_auth": _REINSTALL,
    "not_authed": _REINSTALL,
    "token_revoked": _REINSTALL,
    "token_expired": _REINSTALL,
    "account_inactive": "the app was removed from the workspace: install it again and give me its new token",
    "missing_scope": "I may not post: add the scope chat:write to the app and install it again",
    "org_login_required": "the workspace is being moved to another organization: wait until that is done",
    "team_access_not_granted": "the app may not act in this workspace any more: ask an admin to approve it again",
}
"""What concerns every channel, with what a person is to do about it."""

_CHANNEL_TROUBLE = {
    "is_archived": "the channel is archived: unarchive it",
    "not_in_channel": "I am not in the channel: invite me with /invite @{bot}",
    "channel_not_found": "I cannot see the channel: if it still exists, invite me with /invite @{bot}",
    "posting_to_general_channel_denied": _ADMIN,
    "posting_to_channel_denied": _ADMIN,
    "restricted_action": _ADMIN,
    "restricted_action_read_only_channel": _ADMIN,
    "restricted_action_thread_only_channel": _ADMIN,
    "ekm_access_denied": _ADMIN,
    "no_permission": _ADMIN,
    "access_denied": _ADMIN,
    **dict.fromkeys(HOPELESS_PEOPLE, _GONE_PERSON),
    "messages_tab_disabled": "people cannot get messages from me: enable the app's messages tab",
}

_LIMITED = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
_NOT_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ServerFingerprintMismatch,
    aiohttp.InvalidURL,
)
_WAIT = 30.0
"""Seconds before a refusal that nobody knows is worth another try."""
_LONGEST_WAIT = 3600.0


def meaning(problem: Exception, bot: str) -> Declined | Unclear:
    """What a failed call means for what it was to do. `bot` is the name by which people invite the bot."""
    if isinstance(problem, _NOT_SENT):
        return Declined(f"Slack cannot be reached: {type(problem).__name__}")
    if not isinstance(problem, SlackApiError):
        return Unclear(f"Slack did not answer: {type(problem).__name__}")
    word = reason_of(problem)
    if is_limit(problem):
        return Declined("Slack asks to wait", wait=wait_of(problem))
    if is_passing(problem) or word == "status 200":
        return Unclear(f"Slack is in trouble: {word}")
    told = TOKEN_TROUBLE.get(word) or _CHANNEL_TROUBLE.get(word)
    return Declined(told.format(bot=bot), shut=True) if told else Declined(f"Slack says {word}", wait=_WAIT)


def is_limit(problem: Exception) -> bool:
    """Did Slack take nothing because there was too much of it?"""
    return isinstance(problem, SlackApiError) and (status_of(problem) == 429 or reason_of(problem) in _LIMITED)


def wait_of(problem: SlackApiError) -> float:
    """The seconds of `Retry-After`, bounded; a proxy may answer without."""
    named = str(problem.response.headers.get("Retry-After") or "")
    return min(max(float(named), 1.0), _LONGEST_WAIT) if named.isdecimal() else _WAIT
