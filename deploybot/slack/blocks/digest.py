"""A digest: counts against the period before, failures first, then what waits, the rest folded, and how much of the
time was seen.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from deploybot.domain.entry_row import row_of
from deploybot.domain.outcome import Outcome
from deploybot.domain.outgoing import DigestBody, DigestLine
from deploybot.domain.page import Row
from deploybot.domain.words import SIGNS, app_name, rollout, where
from deploybot.slack.blocks.alert import details_button
from deploybot.slack.blocks.change import counted_kinds
from deploybot.slack.blocks.elements import actions, context, header, repeated, repeated_text, section
from deploybot.slack.blocks.listed import list_button
from deploybot.slack.blocks.look import Look
from deploybot.slack.blocks.pings import pings
from deploybot.slack.blocks.row import row_lines, row_text
from deploybot.slack.blocks.window import window_line
from deploybot.slack.limits import TOP_TEXT, Block, Message, fit_message
from deploybot.slack.text import code, date, escape, size

MOST_FAILED, MOST_OPEN, MOST_REST = 10, 8, 20
_REST_IN_SECTION = 10
LATE = "late: deploybot was not running when it was due"


def digest_message(message: int, body: DigestBody, listed: int, look: Look, *, repeat: bool = False) -> Message:
    """The digest; `message` is its number in the outbox, `listed` how many deployments its button lists."""
    return fit_message(
        lambda width: {
            "text": repeated_text(_text(body, look, width), repeat),
            "blocks": [*digest_blocks(message, body, listed, look, width), *repeated(repeat)],
        }
    )


def digest_blocks(message: int, body: DigestBody, listed: int, look: Look, width: int) -> Iterator[Block]:
    """The digest's blocks alone, for where it is shown within something else."""
    yield header(_head(body))
    if remarks := [*([code(body.filters, 4 * width)] if body.filters else []), *([LATE] if body.late else [])]:
        yield context(remarks)
    yield section([_sum(body)])
    if pinged := _pinged(body):
        yield section([pinged])
    yield from _group("Failed", body.failed[:MOST_FAILED], look, width)
    yield from _group("Waiting or stuck", body.open[:MOST_OPEN], look, width)
    yield from _folded(body.rest[:MOST_REST], look, width)
    if more := _more(body):
        yield context([more])
    yield from actions([list_button(message, listed)] if listed else [])
    yield context([window_line(body, width)])


def _group(title: str, lines: Sequence[DigestLine], look: Look, width: int) -> Iterator[Block]:
    """Deployments with all that is to know of them, and a Details button each."""
    for number, line in enumerate(lines):
        row, more = _row(line)
        about = row_lines(row, width, several_foundations=look.several_foundations)
        heading = f"*{title}*" if not number else ""
        yield section([heading, *about, escape(more, 2 * width)], details_button(row))


def _row(line: DigestLine) -> tuple[Row, str]:
    """The row, and what is left to add: of one under way the note says the same as its reason, but since when."""
    row = row_of(line.entry)
    if line.note and line.entry.is_active:
        return replace(row, verdict=replace(row.verdict, why=line.note)), ""
    return row, line.note


def _folded(lines: Sequence[DigestLine], look: Look, width: int) -> Iterator[Block]:
    """The rest, a line each."""
    told = [_folded_line(line, look, width) for line in lines]
    for start in range(0, len(told), _REST_IN_SECTION):
        yield section(told[start : start + _REST_IN_SECTION])


def _folded_line(line: DigestLine, look: Look, width: int) -> str:
    """`✅ succeeded *checkout* shop/prod · rolling · by ada · Today, 10:00`"""
    row, more = _row(line)
    place = where(row, several_foundations=look.several_foundations)
    name = " ".join(filter(None, [f"*{escape(app_name(row), width)}*", escape(place, width)]))
    by = f"by {escape(line.entry.by, width)}" if line.entry.by else ""
    parts = [escape(rollout(row), width), by, date(line.entry.created_at), escape(more, width)]
    head = f"{SIGNS[row.verdict.outcome]} {row.verdict.outcome} {name}"
    return " · ".join(filter(None, [head, *parts]))


def _line(line: DigestLine, look: Look, width: int, *, with_why: bool) -> str:
    """One deployment as one line of the text."""
    row, more = _row(line)
    told = row_text(row, width, several_foundations=look.several_foundations, with_why=with_why)
    return ", ".join(filter(None, [f"{SIGNS[row.verdict.outcome]} {told}", escape(more, 2 * width)]))


def _head(body: DigestBody) -> str:
    total = sum(count for _, count in body.counts)
    if not total:
        return "Digest: nothing happened"
    return f"Digest: {total:,} deployment{'' if total == 1 else 's'}, {_count(body, Outcome.FAILED)} failed"


def _count(body: DigestBody, outcome: Outcome) -> int:
    return dict(body.counts).get(outcome, 0)


def _sum(body: DigestBody) -> str:
    """`❌ 3 failed (2 more than in the period before), ✅ 12 succeeded (as many as before)`"""
    before = dict(body.before)
    words = [word for word, _ in body.counts] + [word for word in before if word not in dict(body.counts)]
    counts = dict(body.counts)
    parts = [_compared(word, counts.get(word, 0), before) for word in words if counts.get(word) or before.get(word)]
    told = ", ".join(parts) or "No deployment began, changed or ended in this time"
    return f"{told}; {older:,} still open from before" if (older := _from_before(body)) else told


def _from_before(body: DigestBody) -> int:
    """How many wait or are stuck without anything new in this time: they are listed, but in no count."""
    listed = len(body.failed) + len(body.open) + len(body.rest) + body.more
    return max(0, listed - sum(count for _, count in body.counts))


def _compared(word: str, count: int, before: dict[str, int]) -> str:
    told = counted_kinds([(word, count)]) or f"no {escape(word, 40)}"
    if not before:
        return told
    more = count - before.get(word, 0)
    if not more:
        return f"{told} (as many as in the period before)"
    return f"{told} ({abs(more):,} {'more' if more > 0 else 'fewer'} than in the period before)"


def _pinged(body: DigestBody) -> str:
    return pings([body.mention]) if body.failed or _count(body, Outcome.FAILED) else ""


def _more(body: DigestBody) -> str:
    """How many are neither named nor folded here."""
    cut = [len(body.failed) - MOST_FAILED, len(body.open) - MOST_OPEN, len(body.rest) - MOST_REST]
    more = body.more + sum(max(0, one) for one in cut)
    return f"and {more:,} more" if more else ""


def _text(body: DigestBody, look: Look, width: int) -> str:
    """What matters most first, and at the end the window in any case; lines in between as far as there is room."""
    late = LATE if body.late else ""
    head = "\n".join(filter(None, [", ".join(filter(None, [_head(body), late])), _sum(body), _pinged(body)]))
    end = window_line(body, width)
    important = [*body.failed[:MOST_FAILED], *body.open[:MOST_OPEN]]
    named = [*important, *body.rest[:MOST_REST]]
    told, room = [head], TOP_TEXT - size(head) - size(end) - 120
    for number, line in enumerate(named):
        text = _line(line, look, width, with_why=number < len(important))
        room -= size(text) + 1
        if room < 0:
            told.append(f"and {len(named) - number + _beyond(body, named):,} more")
            break
        told.append(text)
    else:
        told.append(_more(body))
    return "\n".join(filter(None, [*told, end]))


def _beyond(body: DigestBody, named: Sequence[DigestLine]) -> int:
    return body.more + len(body.failed) + len(body.open) + len(body.rest) - len(named)
