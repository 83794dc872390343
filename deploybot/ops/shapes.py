"""What gives a secret away in a text: the shapes of tokens, and the names that stand before what must not be shown.

Each pattern takes what it begins with, or gives up within a bounded number of characters: a text of any kind is read
in a time that grows with its length.
"""

import re

MASK = "[hidden]"

_NAMES = (
    r"token|secret|passw(?:or)?d|passcode|passphrase|pwd|api[_-]?key|private[_-]?key|link[_-]?keys|authori[sz]ation"
    r"|cookie|jsessionid|ticket|assertion|signature|code_verifier|credential|trigger_id|response_url"
)
SECRET_NAME = re.compile(_NAMES, re.IGNORECASE)
"""Names of what is secret as a whole."""

_QUOTED = r'"(?:[^"\\]|\\++.)*+"?|' + r"'(?:[^'\\]|\\++.)*+'?"
_ESCAPED = r"(?P<quote>\\{1,4}[\"'])(?:(?!(?<!\\)(?P=quote)).)*+(?:(?P=quote))?"
"""Quotes within quotes. What is escaped in them does not end them, however often it was escaped."""
_LINES = re.compile(r"(?P<name>authori[sz]ation|cookie)(?P<between>\s{0,8}[:=]\s{0,8})[^\r\n]++", re.IGNORECASE)
"""A header as it is written in HTTP: its value goes to the end of the line."""

_NAMED = re.compile(
    rf"(?P<name>(?:{_NAMES})[\w.-]{{0,32}})"
    r"(?P<between>\\{0,4}[\"']?\s{0,8}(?:=>|[:=]|%3[AaDd]|,(?=\s{0,8}b?\\{0,4}[\"']))\s{0,8}b?)"
    rf"(?:\[hidden\]|{_QUOTED}|{_ESCAPED}|[^\s,;&\"'\\<>)}}\]]++)",
    re.IGNORECASE,
)
"""`client_secret=...` in a form, `"token": "..."` in JSON, `(b'authorization', b'...')` as a library shows a header."""

_KEY = re.compile(r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)", re.DOTALL)
_ADDRESS = re.compile(r"(?P<kept>[a-z][a-z0-9+.-]{0,24}:/{1,3})[^\s/\"'<>@]*(?:@[^\s/\"'<>@]*)*@", re.IGNORECASE)
_DATABASE = re.compile(
    r"(?P<kept>\b(?:postgres|mysql|redis|amqp|mongodb)[a-z0-9+]{0,24}:/{1,3})[^\s\"'<>]{1,512}@", re.IGNORECASE
)
_SOCKET = re.compile(r"(?P<kept>wss?://[^/\s\"'<>?]{0,255})[^\s\"'<>]*+", re.IGNORECASE)
_HOOK = re.compile(r"(?P<kept>hooks\.slack(?:-gov)?\.com)(?:/|%2F)[^\s\"'<>|\\]*+", re.IGNORECASE)
_REVOKED = re.compile(r"(?P<kept>/oauth/token/(?:revoke|list)/)[^\s\"'?]++", re.IGNORECASE)
_SCHEME = re.compile(r"(?P<kept>\b(?:bearer|basic)(?:\s|%20|\+|:){1,8})[\w.~+/=%-]{8,}+", re.IGNORECASE)
_SHAPES = re.compile(
    r"(?i:xox[a-z](?:[.-][\w-]++)++|xapp-[\w-]++|xwfp-[\w-]++)"  # Slack's tokens
    r"|eyJ[\w-]{8,}+(?:\.[\w-]*+){0,4}"  # a JWT
    r"|gAAAAA[\w-]{20,}+={0,2}"  # what is encrypted with a Fernet key
    r"|(?<![\w-])[\w-]{43}=(?![\w=])|(?<![\w+/])[\w+/]{43}=(?![\w=])"  # a Fernet key, or 32 other random bytes
    r"|(?<![0-9])[0-9]{6,16}\.[0-9]{6,16}\.[0-9a-f]{16,}+"  # a trigger of Slack
    r"|(?<![\w-])[0-9a-f]{32}(?:-r)?(?![\w-])"  # an opaque token of UAA
    r"|(?<![A-Za-z0-9])(?=[0-9a-z]*+[A-Z])(?=[0-9A-Z]*+[a-z])(?=[A-Za-z]*+[0-9])[A-Za-z0-9]{32,}+"  # a passcode
)


def without_shapes(text: str) -> str:
    """The text with a mask wherever something stands that looks like a secret, or is named like one."""
    if "PRIVATE KEY" in text:
        text = _KEY.sub(MASK, text)
    if ":/" in text:
        text = _without_addresses(text)
    text = _HOOK.sub(rf"\g<kept>/{MASK}", text)
    text = _REVOKED.sub(rf"\g<kept>{MASK}", text)
    text = _LINES.sub(rf"\g<name>\g<between>{MASK}", text)
    text = _SCHEME.sub(rf"\g<kept>{MASK}", text)
    text = _SHAPES.sub(MASK, text)
    return _NAMED.sub(rf"\g<name>\g<between>{MASK}", text)


def without_tokens(text: str) -> str:
    """The same for what can't be taken for anything else: sentences about secrets name them all the time."""
    for shape in (_KEY, _HOOK, _REVOKED, _SHAPES):
        text = shape.sub(MASK, text)
    return text


def _without_addresses(text: str) -> str:
    """Without who logs in in addresses, and without what a socket's address has behind its host."""
    text = _SOCKET.sub(rf"\g<kept>/{MASK}", text)
    text = _DATABASE.sub(rf"\g<kept>{MASK}@", text)
    return _ADDRESS.sub(rf"\g<kept>{MASK}@", text)
