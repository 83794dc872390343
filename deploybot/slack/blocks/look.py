"""What the messages that the bot posts by itself are drawn with, beside what they tell."""

from dataclasses import dataclass, field

from deploybot.slack.blocks.links import Console


@dataclass(frozen=True, slots=True)
class Look:
    """Where the web console is, and whether there are several foundations, so that they are named."""

    console: Console = field(default_factory=Console)
    several_foundations: bool = True
