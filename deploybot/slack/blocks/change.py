"""One change of a deployment in a line: what happened in sign and word, to what, why, and with which error."""

from collections.abc import Sequence

from deploybot.domain.entry_row import row_of
from deploybot.domain.ledger import Entry, Kind, Transition
from deploybot.domain.outcome import Outcome
from deploybot.domain.words import SIGNS, app_name, where
from deploybot.slack.text import date, escape, utc

KIND_SIGNS = {
    Kind.STARTED: SIGNS[Outcome.IN_PROGRESS],
    Kind.PAUSED: SIGNS[Outcome.PAUSED],
    Kind.CONTINUED: "▶️",
    Kind.STALLED: SIGNS[Outcome.STALLED],
    Kind.RECOVERED: "💚",
    Kind.FAILED: SIGNS[Outcome.FAILED],
    Kind.SUCCEEDED: SIGNS[Outcome.SUCCEEDED],
    Kind.CANCELED: SIGNS[Outcome.CANCELED],
    Kind.SUPERSEDED: SIGNS[Outcome.SUPERSEDED],
    Kind.ENDED: SIGNS[Outcome.UNKNOWN],
}


def change_lines(change: Transition, entry: Entry, width: int, *, several_foundations: bool) -> list[str]:
    """A change as lines of mrkdwn: what happened, then why and the error."""
    what = f"*{_what(entry, width)}*{_place(entry, width, several=several_foundations)}"
    return [
        f"{KIND_SIGNS[change.kind]} *{change.kind}*{_step(change)}: {what} · {date(change.at)}{_late(change)}",
        *_reasons(change, entry, width),
    ]


def change_text(change: Transition, entry: Entry, width: int, *, several_foundations: bool) -> str:
    """The same as one line for screen readers and notifications."""
    head = (
        f"{KIND_SIGNS[change.kind]} {change.kind}{_step(change)}: "
        f"{_what(entry, width)}{_place(entry, width, several=several_foundations)}, {utc(change.at)}{_late(change)}"
    )
    return ", ".join([head, *_reasons(change, entry, width)])


def counted_kinds(counts: Sequence[tuple[str, int]]) -> str:
    """`❌ 3 failed, ✅ 12 succeeded`: numbers by kind or outcome in the order given; none of nothing."""
    return ", ".join(f"{_sign(word)}{count:,} {escape(word, 40)}" for word, count in counts if count)


def _sign(word: str) -> str:
    signs = {**{str(kind): sign for kind, sign in KIND_SIGNS.items()}, **{str(one): s for one, s in SIGNS.items()}}
    return f"{signs[word]} " if word in signs else ""


def _step(change: Transition) -> str:
    if change.step is None or change.kind not in {Kind.PAUSED, Kind.CONTINUED}:
        return ""
    return f" at step {change.step}" + (f" of {change.steps}" if change.steps else "")


def _what(entry: Entry, width: int) -> str:
    return escape(app_name(row_of(entry)), width)


def _place(entry: Entry, width: int, *, several: bool) -> str:
    place = where(row_of(entry), several_foundations=several)
    return f" in {escape(place, width)}" if place else ""


def _late(change: Transition) -> str:
    return f", noticed {utc(change.noticed_at)}" if change.late else ""


def _reasons(change: Transition, entry: Entry, width: int) -> list[str]:
    """Why it happened, who began it, what took its place; an error that the reason does not tell already."""
    by = f"started by {escape(entry.by, width)}" if change.kind is Kind.STARTED and entry.by else ""
    why = "" if change.kind in {Kind.STARTED, Kind.SUCCEEDED, Kind.PAUSED} else change.why
    other = f"by deployment {escape(change.other, width)}" if change.other else ""
    error = f"Error: {escape(change.error, 2 * width)}" if change.error and change.error not in why else ""
    return [part for part in (by, escape(why, 2 * width), other, error) if part]
