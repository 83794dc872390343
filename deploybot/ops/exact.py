"""Finds the bot's own secrets in a text, as they are and as they are written in addresses, forms, JSON and headers."""

import html
import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus, unquote, urlsplit

from deploybot.ops.shapes import MASK

LEAST = 4
"""A secret of fewer characters is not looked for: it stands in too many words."""
_LEAST_ENCODED = 6
_ENCODED = re.compile(r"[\w+/=-]*+")
_BACK = re.compile(r"[\w+/=-]")


class Exact:
    """Masks these secrets wherever they stand in a text."""

    def __init__(self, secrets: Iterable[str]) -> None:
        whole = {part for secret in secrets for part in _parts(secret) if len(part) >= LEAST}
        self._written = _any_of({form for part in whole for form in _forms(part)})
        self._encoded = _any_of({form for part in whole if len(part) >= _LEAST_ENCODED for form in _in_base64(part)})

    def masked(self, text: str) -> str:
        """The text without them. It takes a time that grows with the text's length times the number of secrets."""
        if self._written:
            text = self._written.sub(MASK, text)
        return _without_runs(text, self._encoded) if self._encoded else text


def _any_of(forms: Iterable[str]) -> re.Pattern[str] | None:
    """The longest first, since one secret may begin with another."""
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    return re.compile("|".join(map(re.escape, longest_first))) if longest_first else None


def _parts(secret: str) -> Iterator[str]:
    """The secret, and the password in it where it is an address."""
    yield secret
    try:
        password = urlsplit(secret).password
    except ValueError:
        return
    if password:
        yield password
        yield unquote(password)


def _forms(secret: str) -> Iterator[str]:
    yield secret
    yield from (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1])
    yield html.escape(secret)
    for quoted in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        yield quoted
        yield re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), quoted)


def _in_base64(secret: str) -> Iterator[str]:
    """What every text in base64 has in it that has the secret in it, wherever in a group of three bytes that begins."""
    for before in range(3):
        raw = b"\0" * before + secret.encode(errors="surrogatepass")
        first, end = -(-before * 8 // 6), len(raw) * 8 // 6
        for letters in (b"+/", b"-_"):
            yield b64encode(raw, altchars=letters).decode()[first:end]


def _without_runs(text: str, pattern: re.Pattern[str]) -> str:
    """Masks whole runs of base64 in which the pattern is found: what stands beside it belongs to the same header."""
    kept, end = [], 0
    for found in pattern.finditer(text):
        if found.start() < end:
            continue
        begin = found.start()
        while begin > end and _BACK.match(text[begin - 1]):
            begin -= 1
        kept += [text[end:begin], MASK]
        run = _ENCODED.match(text, found.end())
        end = run.end() if run else found.end()
    return "".join([*kept, text[end:]])
