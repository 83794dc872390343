"""What a person typed, from what Slack made of it: entities, links, mentions, curly quotes, dashes and odd blanks."""

import re

_LINK = re.compile(r"<((?:https?|ftp)://[^<>|]*|mailto:[^<>|]*|tel:[^<>|]*|[@#!][^<>|]*)(?:\|([^<>]*))?>")

_BLANKS = (*range(0x20), *range(0x7F, 0xA1), 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000)
_HIDDEN = (0xAD, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A), 0xFEFF)
_HALVES = range(0xD800, 0xE000)
"""Half surrogates: no text at all, and nothing that could be sent anywhere."""

_AS_TYPED: dict[int, str] = {
    **dict.fromkeys(_BLANKS, " "),
    **dict.fromkeys((*_HIDDEN, *_HALVES), ""),
    **dict.fromkeys(map(ord, "“”„‟«»″"), '"'),
    **dict.fromkeys(map(ord, "‘’‚‛‹›′"), "'"),
    **dict.fromkeys(map(ord, "‐‑‒–−﹣－"), "-"),
    **dict.fromkeys(map(ord, "—―"), "--"),
    ord("≤"): "<=",
    ord("≥"): ">=",
    ord("≠"): "!=",
}


def as_typed(text: str) -> str:
    """The text before Slack and the keyboard changed it. Not to be applied twice: `&amp;lt;` means `&lt;`.

    Links become what they show, `<@U1|ann>` becomes `@ann`, `<#C1|ops>` `#ops`; entities are undone once, the
    ampersand last; quotes and dashes become ASCII, every blank a space, and what is invisible vanishes.
    https://docs.slack.dev/messaging/formatting-message-text
    """
    plain = _LINK.sub(_shown, text)
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        plain = plain.replace(entity, character)
    return _without_code_marks(plain.translate(_AS_TYPED).strip())


def is_kept(character: str) -> bool:
    """Whether the character means itself when typed alone; `&` and `<` may begin something that does not."""
    return ord(character) not in _AS_TYPED and character not in "&<"


def _shown(link: re.Match[str]) -> str:
    target, label = link[1], link[2] or ""
    match target[0]:
        case "@":
            return "@" + (label.removeprefix("@") or target[1:])
        case "#":
            return "#" + (label.removeprefix("#") or target[1:])
        case "!":
            return label or "@" + target[1:].partition("^")[0]
        case _:
            return label or target.removeprefix("mailto:").removeprefix("tel:")


def _without_code_marks(text: str) -> str:
    """A whole question in backticks is a question."""
    return text.strip("`").strip() if text.startswith("`") and text.endswith("`") else text
