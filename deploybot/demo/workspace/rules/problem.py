"""One reason why Slack would refuse a payload, and where in it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """`pointer` is a JSON pointer into the call's arguments, `error` is Slack's word for the whole refusal."""

    pointer: str
    reason: str
    error: str = "invalid_blocks"

    def told(self) -> str:
        """As Slack writes it: `must be less than 76 characters [json-pointer:/blocks/0/text/text]`."""
        return f"{self.reason} [json-pointer:{self.pointer}]"
