"""What is found while the configuration is read: problems, with which nothing starts, and warnings."""

from dataclasses import dataclass, field


def in_one_line(sentence: str) -> str:
    """The sentence without what would end its line or move a cursor; names in a file may hold anything."""
    return "".join(letter if letter.isprintable() else " " for letter in sentence)


@dataclass(slots=True)
class Remarks:
    """One sentence each: `what is set: what is wrong with it: what to do`. No sentence quotes a secret."""

    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
