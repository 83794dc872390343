"""Rich text blocks: sections, lists, quotes, preformatted text; see the rich_text block in Slack's reference."""

from collections.abc import Mapping

from deploybot.demo.workspace.rules import limits
from deploybot.demo.workspace.rules.shapes import Check, array, flag, record, tagged, text, whole, word

MANY = 10_000
WORD = text(limits.ID, least=1)
STYLE = record(
    {},
    {
        "bold": flag,
        "italic": flag,
        "strike": flag,
        "code": flag,
        "underline": flag,
        "highlight": flag,
        "client_highlight": flag,
        "unlink": flag,
    },
)
STYLED = {"style": STYLE}

INLINE: Mapping[str, Check] = {
    "text": record({"type": WORD, "text": text(limits.TEXT, least=1)}, STYLED),
    "link": record(
        {"type": WORD, "url": text(limits.BUTTON_URL, least=1)},
        {"text": text(limits.TEXT), "unsafe": flag, **STYLED},
    ),
    "emoji": record({"type": WORD, "name": WORD}, {"unicode": WORD, "skin_tone": whole(1, 6), **STYLED}),
    "user": record({"type": WORD, "user_id": WORD}, STYLED),
    "channel": record({"type": WORD, "channel_id": WORD}, STYLED),
    "usergroup": record({"type": WORD, "usergroup_id": WORD}, STYLED),
    "team": record({"type": WORD, "team_id": WORD}, STYLED),
    "broadcast": record({"type": WORD, "range": word("here", "channel", "everyone")}, STYLED),
    "color": record({"type": WORD, "value": WORD}, STYLED),
    "date": record(
        {"type": WORD, "timestamp": whole(0, 99_999_999_999), "format": text(limits.TEXT, least=1)},
        {"url": text(limits.BUTTON_URL, least=1), "fallback": text(limits.TEXT), **STYLED},
    ),
}
PARTS = array(tagged(INLINE, "rich text element"), 0, MANY)
BORDER = {"border": whole(0, 1)}
SECTION = record({"type": WORD, "elements": PARTS})

SECTIONS: Mapping[str, Check] = {
    "rich_text_section": SECTION,
    "rich_text_preformatted": record({"type": WORD, "elements": PARTS}, {"language": WORD, **BORDER}),
    "rich_text_quote": record({"type": WORD, "elements": PARTS}, BORDER),
    "rich_text_list": record(
        {
            "type": WORD,
            "style": word("bullet", "ordered"),
            "elements": array(tagged({"rich_text_section": SECTION}, "list item"), 1, MANY),
        },
        {"indent": whole(0, 8), "offset": whole(0, MANY), **BORDER},
    ),
}
RICH_TEXT_FIELDS: Mapping[str, Check] = {"elements": array(tagged(SECTIONS, "rich text part"), 1, MANY)}
RICH_TEXT = record({"type": word("rich_text"), **RICH_TEXT_FIELDS}, {"block_id": text(limits.ID)})
