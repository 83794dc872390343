"""Which apps something configured is about, as words for names and guids; what is not known may count either way."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from deploybot.domain.wildcard import matches

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pattern:
    """Names or guids, `*` in them for anything, compared without case; an empty tuple is any."""

    foundations: tuple[str, ...] = ()
    orgs: tuple[str, ...] = ()
    spaces: tuple[str, ...] = ()
    apps: tuple[str, ...] = ()

    @property
    def is_any(self) -> bool:
        """Whether it fits every app there is."""
        return all(not words or "*" in words for words in (self.foundations, self.orgs, self.spaces, self.apps))


def one_fits(words: Sequence[str], name: str, guid: str, *, unknown: bool) -> bool:
    """Whether one of the words fits a name or its guid, each "" where not known.

    What is not known fits any word that may mean it where `unknown` is set, else only `*`.
    """
    if not words or (unknown and not name):
        return True
    if unknown and not guid and any(map(_GUID.fullmatch, words)):
        return True
    return any(word == "*" or any(matches(word, known) for known in (name, guid) if known) for word in words)
