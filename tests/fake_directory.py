"""The one fake of the Directory port: people and channels in memory, and a Slack that may keep silent."""

from dataclasses import dataclass, field

from deploybot.domain.access import Audience, Someone

MEMBERS_ONLY = Audience(only_members=True, known=frozenset())
WITH_GUESTS = Audience(only_members=False, known=frozenset())


@dataclass
class FakeDirectory:
    """Whoever is not among `people` is a member without groups; whatever is not among `channels` has members only.

    A channel that is None is one of which Slack does not tell. `asked` are the channels that were asked about.
    """

    people: dict[str, Someone] = field(default_factory=dict)
    channels: dict[str, Audience | None] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def someone(self, user: str) -> Someone:
        return self.people.get(user, Someone(user))

    async def audience(self, channel: str) -> Audience | None:
        self.asked.append(channel)
        return self.channels.get(channel, MEMBERS_ONLY)
