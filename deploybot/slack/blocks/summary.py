"""Many changes in one message: how many of each kind, the most important ones, and a button that lists all."""

from collections.abc import Iterator

from deploybot.domain.entry_row import row_of
from deploybot.domain.ledger import Entry, Transition
from deploybot.domain.outgoing import SummaryBody
from deploybot.slack.blocks.change import change_lines, change_text, counted_kinds
from deploybot.slack.blocks.elements import actions, context, header, repeated, repeated_text, section
from deploybot.slack.blocks.listed import list_button
from deploybot.slack.blocks.look import Look
from deploybot.slack.blocks.page import menu
from deploybot.slack.blocks.pings import pings
from deploybot.slack.limits import TOP_TEXT, Block, Message, fit_message
from deploybot.slack.text import escape, size

MOST_LINES = 15
_LINES_IN_TEXT = 10


def summary_message(message: int, body: SummaryBody, listed: int, look: Look, *, repeat: bool = False) -> Message:
    """The summary; `message` is its number in the outbox, `listed` how many deployments the button lists."""
    return fit_message(
        lambda width: {
            "text": repeated_text(_text(body, look, width), repeat),
            "blocks": [*_blocks(message, body, listed, look, width), *repeated(repeat)],
        }
    )


def _blocks(message: int, body: SummaryBody, listed: int, look: Look, width: int) -> Iterator[Block]:
    yield header(_head(body))
    if body.why:
        yield context([escape(body.why, 4 * width)])
    yield section([" ".join(filter(None, [counted_kinds(body.counts), pings(body.mentions)])) or "Nothing changed."])
    for change, entry in body.lines[:MOST_LINES]:
        lines = change_lines(change, entry, width, several_foundations=look.several_foundations)
        yield section(lines, menu(row_of(entry), look.console))
    if more := _unnamed(body):
        yield context([more])
    yield from actions([list_button(message, listed)] if listed else [])


def _head(body: SummaryBody) -> str:
    changes = sum(count for _, count in body.counts)
    of = f" of {_many(body.deployments, 'deployment')}" if body.deployments else ""
    return f"{_many(changes, 'change')}{of}"


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _unnamed(body: SummaryBody) -> str:
    """How many deployments have no line of their own."""
    named = {(entry.foundation, entry.guid) for _, entry in body.lines[:MOST_LINES]}
    more = body.deployments - len(named)
    return f"and {_many(more, 'more deployment')}" if more > 0 else ""


def _text(body: SummaryBody, look: Look, width: int) -> str:
    """The counts and who is pinged come first; then lines, as many as the text holds."""
    parts = [_head(body), counted_kinds(body.counts), pings(body.mentions), escape(body.why, 4 * width)]
    text = ", ".join(filter(None, parts))
    for change, entry in body.lines[:_LINES_IN_TEXT]:
        line = _line(change, entry, look, width)
        if size(text) + size(line) + 60 > TOP_TEXT:
            break
        text += f"\n{line}"
    more = _unnamed(body)
    return "\n".join(filter(None, [text, more]))


def _line(change: Transition, entry: Entry, look: Look, width: int) -> str:
    return change_text(change, entry, width, several_foundations=look.several_foundations)
