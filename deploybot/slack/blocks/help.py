"""What can be asked, from the grammar's own table."""

from collections.abc import Iterator

from deploybot.domain.grammar import HelpLine, help_lines, help_remarks, help_text
from deploybot.slack.blocks.elements import context, header, plain_text, section
from deploybot.slack.limits import Block, Message, View, fit_message, fit_view
from deploybot.slack.text import code, escape

COMMAND = "/deployments"
_LINES = 8
"""How many lines go into one section, whose text Slack limits to 3,000 characters."""


def help_message(topic: str | None) -> Message:
    """Help as a message; a UserError for a topic that there is not."""
    text = "\n".join(map(escape, help_text(topic).splitlines()))
    return fit_message(lambda _: {"text": text, "blocks": list(_blocks(topic))})


def help_view(topic: str | None) -> View:
    """Help in a modal."""
    return fit_view(
        lambda _: {
            "type": "modal",
            "title": plain_text("Help"),
            "close": plain_text("Close"),
            "blocks": list(_blocks(topic)),
        }
    )


def _blocks(topic: str | None) -> Iterator[Block]:
    lines = help_lines(topic)
    remarks = help_remarks(topic)
    yield header(f"{COMMAND}: what can be done" if topic is None else f"{COMMAND} help {topic}")
    for start in range(0, len(lines), _LINES):
        yield section([_line(line) for line in lines[start : start + _LINES]])
    if remarks:
        yield context(list(map(escape, remarks)))


def _line(line: HelpLine) -> str:
    """The example only where it shows more than the usage does."""
    example = "" if line.usage == line.example else f" For example {code(f'{COMMAND} {line.example}')}"
    return f"{code(line.usage)} {escape(line.meaning)}{example}"
