"""Near words, for "did you mean"."""

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST = 64
"""Longer words are compared by their beginning, so that a hostile one costs nothing."""


def nearest(word: str, candidates: Iterable[str], n: int = 3) -> tuple[str, ...]:
    """Up to `n` candidates that a person may have meant, nearest first, compared without case."""
    by_folded = {candidate.casefold()[:_LONGEST]: candidate for candidate in candidates}
    close = get_close_matches(word.casefold()[:_LONGEST], by_folded, n=n, cutoff=0.6)
    return tuple(by_folded[folded] for folded in close)


def is_within(most: int, word: str, other: str) -> bool:
    """Whether at most so many slips lie between two words: a letter more, less, another, or two swapped."""
    if abs(len(word) - len(other)) > most or len(set(word) ^ set(other)) > 2 * most:
        return False
    return _slips(word, other) <= most


def _slips(word: str, other: str) -> int:
    """The distance of optimal string alignment, row by row."""
    before: list[int] = []
    above = list(range(len(other) + 1))
    for down, letter in enumerate(word, 1):
        row = [down]
        for across, another in enumerate(other, 1):
            best = min(above[across] + 1, row[-1] + 1, above[across - 1] + (letter != another))
            if down > 1 and across > 1 and (letter, another) == (other[across - 2], word[down - 2]):
                best = min(best, before[across - 2] + 1)
            row.append(best)
        before, above = above, row
    return above[-1]
