"""Who `mention=` means: a user group or a person as Slack writes them, a handle, me or here."""

import re

from deploybot.domain.grammar_lexer import shortened
from deploybot.errors import UserError

_LINK = re.compile(r"""(mention\s*=\s*["']?)<(?:@([UW][A-Z0-9]+)|!subteam\^(S[A-Z0-9]+)|!(here))(?:\|[^<>]*)?>""", re.I)
_KNOWN = re.compile(r"(?:user:[UW][A-Z0-9]+|group:S[A-Z0-9]+)")
_HANDLE = re.compile(r"@[\w.-]{1,80}")
_WORDS = {"me": "me", "@me": "me", "here": "here", "@here": "here"}


def with_ids(text: str) -> str:
    """What Slack sent, with the id of whoever is mentioned in place of a link: as typed only the name would be left."""
    return _LINK.sub(_id, text)


def read_mention(text: str) -> str:
    """The canonical form: `@oncall`, `user:U1`, `group:S1`, `me` or `here`; a UserError for anything else."""
    if word := _WORDS.get(text.lower()):
        return word
    if _KNOWN.fullmatch(text):
        return text
    if _HANDLE.fullmatch(text):
        return text.lower()
    raise UserError(
        f"I can't read mention={shortened(text)}: write a user group like mention=@oncall, a person, me or here."
    )


def _id(link: re.Match[str]) -> str:
    before, user, group, _ = link.groups()
    return f"{before}user:{user}" if user else f"{before}group:{group}" if group else f"{before}here"
