"""Foreign text made harmless for Slack: it can neither ping, link, format nor hide, and it fits where it is put.

Slack asks to escape exactly `&`, `<` and `>`; everything else that its mrkdwn would act on is replaced by a look-alike
or parted by an invisible word joiner, so that names stay readable. https://docs.slack.dev/messaging/formatting-message-text
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

ELLIPSIS = "…"

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_LOOK_ALIKES = {"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"}
_JOINER = "\u2060"
_EMOJI = re.compile(r"(?!(?<=\d):\d\d(?!\d)):(?=[\w+'`-]+:)")  # a backtick's look-alike is a letter
"""What begins an emoji; not the colon of a time, as in `22:00-07:00`."""
_PING = re.compile(r"@(?=(?:here|channel|everyone|group)\b)|(?<!\w)([@#])(?=\w)", re.IGNORECASE)
_CONTROLS = frozenset({"Cc", "Cf", "Cs", "Cn"})
_KEPT = frozenset("\u200c\u200d")
"""The joiners that scripts and emoji need; all other format characters can hide or turn text around (U+202E)."""


def size(text: str) -> int:
    """The length as Slack counts it, taken the stricter way: in UTF-16 units."""
    return len(text) if text.isascii() else len(text) + sum(character > "\uffff" for character in text)


def clean(text: str) -> str:
    """The text on one line, without control characters, half surrogates and marks that change the reading direction."""
    line = " ".join(text.split())
    return line if line.isascii() and line.isprintable() else " ".join("".join(filter(_is_visible, line)).split())


def _is_visible(character: str) -> bool:
    return unicodedata.category(character) not in _CONTROLS or character in _KEPT


def plain(text: str, width: int = 3000) -> str:
    """Foreign text for a plain_text object: on one line and at most `width` long."""
    return _joined(clean(text), width)


def escape(text: str, width: int = 3000) -> str:
    """Foreign text for mrkdwn: harmless, on one line, and at most `width` long once escaped."""
    return _joined(_pieces(clean(text)), width)


def code(text: str, width: int = 255) -> str:
    """Foreign text as a code span, to be copied; its own backticks become look-alikes."""
    pieces = (_ENTITIES.get(character, character) for character in clean(text).replace("`", _LOOK_ALIKES["`"]))
    return f"`{_joined(pieces, width) or ' '}`"


def _pieces(text: str) -> Iterator[str]:
    """Each character as mrkdwn that shows it and does nothing else."""
    parted = _PING.sub(lambda found: found[0] + _JOINER, text).replace("://", f":{_JOINER}//")
    calm = _EMOJI.sub("∶", parted)
    for place, character in enumerate(calm):
        if character in _ENTITIES:
            yield _ENTITIES[character]
        elif character in _LOOK_ALIKES and not _is_inside_word(calm, place):
            yield _LOOK_ALIKES[character]
        else:
            yield character


def _is_inside_word(text: str, place: int) -> bool:
    """Whether Slack sees no formatting here: `my_app` keeps its underscore. Backticks are never safe."""
    around = text[place - 1 : place] + text[place + 1 : place + 2]
    return text[place] != "`" and len(around) == 2 and around.isalnum()


def _joined(pieces: Iterable[str], width: int) -> str:
    """The pieces in one, ended by an ellipsis where they would be longer than `width`."""
    kept: list[str] = []
    used = 0
    for piece in pieces:
        used += size(piece)
        kept.append(piece)
        if used > width:
            return _cut(kept, used, width)
    return "".join(kept)


def _cut(kept: list[str], used: int, width: int) -> str:
    while kept and used > width - len(ELLIPSIS):
        used -= size(kept.pop())
    return "".join(kept).rstrip() + ELLIPSIS if width > 0 else ""


def date(at: datetime, form: str = "{date_short_pretty}, {time}") -> str:
    """A moment as Slack's date token, shown in the viewer's own zone; where it can't be, in UTC.

    https://docs.slack.dev/messaging/formatting-message-text#date-formatting
    """
    return f"<!date^{int(at.timestamp())}^{form}|{utc(at)}>"


def ago(at: datetime) -> str:
    """A moment as a date token with both the time passed and the time itself."""
    return date(at, "{ago} ({date_short_pretty}, {time})")


def utc(at: datetime) -> str:
    """`2026-11-23 10:00 UTC`"""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
