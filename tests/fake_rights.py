"""What the bot's own account may do, in memory."""

from collections.abc import Collection
from dataclasses import dataclass, field


@dataclass
class FakeRights:
    """`spaces` are the guids where it may act: None is everywhere. `asked` are the spaces of each question."""

    name: str = "eu"
    spaces: frozenset[str] | None = None
    tells: bool = True
    asked: list[frozenset[str]] = field(default_factory=list)

    async def spaces_to_act_in(self, space_guids: Collection[str], until: float) -> frozenset[str] | None:
        self.asked.append(frozenset(space_guids))
        if not self.tells:
            return None
        return frozenset(space_guids) if self.spaces is None else self.spaces & frozenset(space_guids)
