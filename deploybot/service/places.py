"""The channels that the bot must post to, whoever asked for it: rules, guards, subscriptions, watches."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Places:
    """`why` says for each channel's id what is told there; `lacking` why these may not be all, "" where they are."""

    why: Mapping[str, str]
    lacking: str = ""


Asked = Callable[[], Awaitable[Places]]
"""Asked for by several; whoever answers may remember."""
