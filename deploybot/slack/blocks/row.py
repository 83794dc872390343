"""One deployment as a person reads it: state in sign and word, where, how far, who, when, what is wrong and why."""

from collections.abc import Iterator

from deploybot.domain.outcome import Outcome
from deploybot.domain.page import Row
from deploybot.domain.words import SIGNS, app_name, rollout, untold_error, where
from deploybot.slack.text import ago, code, escape, utc


def row_lines(row: Row, width: int, *, several_foundations: bool) -> list[str]:
    """A row as lines of mrkdwn. Foreign text is at most `width` long a field, twice that for errors and reasons."""
    outcome = row.verdict.outcome
    place = where(row, several_foundations=several_foundations)
    return [
        f"{SIGNS[outcome]} *{outcome}*  *{escape(app_name(row), width)}*"
        + (f"  {escape(place, width)}" if place else ""),
        " · ".join(_facts(row, width)),
        escape(row.verdict.why, 2 * width),
        f"Error: {escape(error, 2 * width)}" if (error := untold_error(row)) else "",
    ]


def row_text(row: Row, width: int, *, several_foundations: bool, with_why: bool) -> str:
    """A row as one line for screen readers and notifications: nothing essential is only in the blocks."""
    place = where(row, several_foundations=several_foundations)
    created = row.deployment.created_at
    facts = [
        f"{row.verdict.outcome}: {escape(app_name(row), width)}" + (f" in {escape(place, width)}" if place else ""),
        escape(rollout(row), 2 * width),
        f"by {escape(row.by.shown, width)}" if row.by else "",
        utc(created) if created else "",
        escape(row.verdict.why, 2 * width) if with_why and row.verdict.outcome is not Outcome.SUCCEEDED else "",
        f"error: {escape(error, width)}" if (error := untold_error(row) if with_why else row.deployment.error) else "",
    ]
    return ", ".join(filter(None, facts))


def _facts(row: Row, width: int) -> Iterator[str]:
    yield escape(rollout(row), 2 * width)
    if row.deployment.revision and row.deployment.revision.version is not None:
        yield f"revision {row.deployment.revision.version}"
    yield f"by {escape(row.by.shown, width)}" if row.by else "by somebody unknown"
    if row.deployment.created_at:
        yield ago(row.deployment.created_at)


def guid_code(row: Row) -> str:
    """The deployment's guid as a code span, to be copied."""
    return code(row.deployment.guid)
