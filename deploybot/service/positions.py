"""Pages of a question that lists exact seconds: the server takes no bounds beside them, so rows are counted off."""

import asyncio
from dataclasses import dataclass, replace

from deploybot.domain.page import Total, Trouble
from deploybot.domain.paging import Move, Turn
from deploybot.service.walking import Found, Route, Source, keyed
from deploybot.service.windows import Opening, Window, past_the_end, tried, unique

_ROWS = 500
"""Rows of one request."""

_REQUESTS = 4
"""Requests to one source: a list of seconds rarely has more rows than one of them brings."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What one source has in the listed seconds. `complete` is False where there is more than is read."""

    rows: tuple[Found, ...]
    complete: bool = True
    problems: tuple[str, ...] = ()
    trouble: Trouble | None = None


async def counted_off(opening: Opening, turn: Turn) -> Window:
    """The window of a turn, by position. Raises a UserError past the end."""
    read = await asyncio.gather(*(_read(opening, source) for source in opening.sources))
    rows = Route(opening.sort).in_order(row for one in read for row in one.rows)
    kept = await opening.keep(rows) if opening.keep else rows
    complete = all(one.complete for one in read)
    skip = _skip(opening, turn, len(kept))
    if skip and skip >= len(kept) and complete and not opening.lacking:
        raise past_the_end(skip, opening.count, len(kept))
    cut = any(not one.complete and not one.trouble for one in read)
    more = () if not cut else (f"only the first {len(rows):,} deployments of these seconds are shown: list fewer",)
    return Window(
        rows=tuple(kept[skip : skip + opening.count]),
        total=Total(len(kept), exact=complete),
        before=skip,
        more_before=skip > 0,
        more_after=len(kept) > skip + opening.count,
        seen=len(rows),
        problems=unique([*(problem for one in read for problem in one.problems), *more]),
        troubles=unique(one.trouble for one in read if one.trouble),
    )


def _skip(opening: Opening, turn: Turn, rows: int) -> int:
    if turn.move is Move.LAST:
        return max(0, rows - 1) // opening.count * opening.count
    return turn.shown if turn.move is Move.AT else 0


async def _read(opening: Opening, source: Source) -> _Read:
    ask = Route(opening.sort).ask(source, None, _ROWS)
    read = _Read(())
    for page in range(1, _REQUESTS + 1):
        answer = await tried(source, replace(ask, page=page), opening.budget)
        if isinstance(answer, Trouble):
            return replace(read, complete=False, trouble=answer)
        rows = (*read.rows, *keyed(source.foundation, answer, opening.sort))
        read = _Read(rows, answer.sent < _ROWS, (*read.problems, *answer.problems))
        if read.complete:
            return read
    return read
