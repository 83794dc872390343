"""Whoever is pinged by a message: the only tokens of Slack's that come from a stored value and stay what they are."""

import re
from collections.abc import Sequence

from deploybot.slack.text import escape

_MENTION = re.compile(r"<(?:@[UW][A-Z0-9]{1,30}|!subteam\^S[A-Z0-9]{1,30}|!here|!channel)>")
_PERSON = re.compile(r"[UW][A-Z0-9]{1,30}")
_CHANNEL = re.compile(r"(<#[CGD][A-Z0-9]{1,30}>)")
_MOST = 40


def pings(mentions: Sequence[str]) -> str:
    """The mentions that Slack acts on, with blanks between; anything else is nobody's mention and left out."""
    return " ".join(list(dict.fromkeys(one for one in mentions if _MENTION.fullmatch(one)))[:_MOST])


def person(user: str) -> str:
    """A person as a link that pings them, where it is news to them or their own doing; a name where it is no id."""
    return (
        f"<@{user}>" if user.isalnum() and user.isascii() and user[:1] in {"U", "W"} else escape(user, 40) or "nobody"
    )


def with_channels(text: str, width: int = 3000) -> str:
    """A sentence of the bot's own for mrkdwn: the channels in it stay links, all else is harmless."""
    parts = _CHANNEL.split(text)
    return "".join(part if at % 2 else _escaped(part, width) for at, part in enumerate(parts))


def _escaped(part: str, width: int) -> str:
    """Escaping trims a text, but not the blanks that part it from what comes before and after."""
    before, after = " " * part[:1].isspace(), " " * part[-1:].isspace()
    return f"{before}{escape(part, width)}{after}" if part.strip() else before
