"""What examinations found, as a report: in an order to be read, for people, for programs, and as an exit code."""

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import msgspec

from deploybot.domain.finding import Finding, Level, worst
from deploybot.ops.redaction import Redaction

SOUND, BROKEN, UNREADABLE = 0, 1, 2
"""Exit codes: nothing worse than a warning; a failure; the configuration is wrong, so that the bot would not start."""

MARKS = {Level.OK: "ok", Level.NOTE: "note", Level.WARNING: "warning", Level.FAILURE: "FAILURE"}

_AREAS = ("configuration", "access", "guards", "slack", "database")
_WORST_FIRST = (Level.FAILURE, Level.WARNING, Level.NOTE, Level.OK)
_INDENT = 11
"""Columns before a sentence: two, the longest mark, two."""
_NARROWEST = 40


@dataclass(frozen=True, slots=True)
class Line:
    """One line for people. `mark` is what stands out, as bad as `level` says; None for a heading and what goes on."""

    text: str
    mark: str = ""
    level: Level | None = None


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """By area (the foundations last, by name); within an area the worst first, else as they were found."""
    return tuple(sorted(findings, key=lambda one: (*_place(one.area), _WORST_FIRST.index(one.level))))


def _place(area: str) -> tuple[int, str]:
    return (_AREAS.index(area), "") if area in _AREAS else (len(_AREAS), area)


def without_secrets(findings: Iterable[Finding], redaction: Redaction) -> tuple[Finding, ...]:
    """The findings as they may be shown to others: servers, whose words they quote, may repeat what they were sent."""
    return tuple(replace(one, says=redaction.sentence(one.says), fix=redaction.sentence(one.fix)) for one in findings)


def report(findings: Sequence[Finding], width: int | None) -> Iterator[Line]:
    """All findings and the verdict as lines of at most so many columns; None: one line a sentence."""
    for area, group in groupby(ordered(findings), key=lambda one: one.area):
        yield Line(area)
        for finding in group:
            yield from _lines(finding, width)
    yield Line("")
    yield from (Line(text) for text in _wrapped(verdict(findings), width))


def _lines(finding: Finding, width: int | None) -> Iterator[Line]:
    room = None if width is None else max(width, _NARROWEST) - _INDENT
    first, *more = _wrapped(f"{finding.check}: {finding.says}", room)
    mark = MARKS[finding.level]
    yield Line(" " * (_INDENT - 2 - len(mark)) + first, mark, finding.level)
    fix = _wrapped(f"fix: {finding.fix}", room) if finding.fix else []
    yield from (Line(" " * _INDENT + text) for text in (*more, *fix))


def _wrapped(text: str, width: int | None) -> list[str]:
    if width is None:
        return [text]
    return textwrap.wrap(text, max(width, _NARROWEST), break_on_hyphens=False, break_long_words=False) or [""]


def verdict(findings: Iterable[Finding]) -> str:
    """How it stands, in a sentence, and what to do first where something is wrong."""
    found = ordered(findings)
    counts = Counter(one.level for one in found)
    words = [_counted(level, counts[level]) for level in _WORST_FIRST[:-1] if counts[level]]
    if not words:
        return f"All is well: {counts[Level.OK]} things were looked at."
    bad = worst(found)
    said = f"{', '.join(words)}; {_well(counts[Level.OK])}."
    if bad is Level.NOTE:
        return f"Nothing is wrong: {said}"
    first = next(one for one in found if one.level is bad)
    return f"{said} First, for {first.area}: {first.says}: {first.fix}"


def _counted(level: Level, count: int) -> str:
    return f"{count} {level}{'' if count == 1 else 's'}"


def _well(count: int) -> str:
    return f"{count} {'thing is' if count == 1 else 'things are'} well"


def report_json(findings: Iterable[Finding], version: str) -> bytes:
    """`{"deploybot": version, "worst": level, "findings": [{area, check, level, says, fix}]}`"""
    found = ordered(findings)
    told = {"deploybot": version, "worst": worst(found), "findings": found}
    return msgspec.json.format(msgspec.json.encode(told), indent=2)


def exit_code(findings: Iterable[Finding], *, readable: bool) -> int:
    """`readable`: whether the bot would start with this configuration."""
    if not readable:
        return UNREADABLE
    return BROKEN if worst(findings) is Level.FAILURE else SOUND
