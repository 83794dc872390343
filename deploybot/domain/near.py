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
