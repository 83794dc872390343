"""A text that must not be shown: tokens and codes travel as this, so that no `repr`, log or error tells them."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Secret:
    """Call `reveal` only where the text goes to the host that it is for."""

    _text: str = field(repr=False)

    def reveal(self) -> str:
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __str__(self) -> str:
        return "**********"
