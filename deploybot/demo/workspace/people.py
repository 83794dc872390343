"""Who and what there is in the simulated workspace: teams, people, channels, user groups, all frozen."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Team:
    id: str
    domain: str
    name: str


@dataclass(frozen=True, slots=True)
class Person:
    """A member. `tz` is an IANA zone name; a guest is restricted, and a single-channel guest ultra-restricted too."""

    id: str
    name: str
    real_name: str
    team: str
    tz: str = "Europe/Berlin"
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_admin: bool = False
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class Channel:
    """A conversation. `members` are user ids; a direct message has the bot and one person."""

    id: str
    name: str
    members: frozenset[str]
    is_private: bool = False
    is_im: bool = False
    is_archived: bool = False
    is_ext_shared: bool = False
    topic: str = ""


@dataclass(frozen=True, slots=True)
class UserGroup:
    id: str
    handle: str
    name: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bot:
    """The installed app's face in the workspace: its app id, its bot id and its user id."""

    app_id: str
    bot_id: str
    user_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody and everything that a workspace begins with. The first team is the one the app is installed in."""

    teams: tuple[Team, ...]
    people: tuple[Person, ...]
    channels: tuple[Channel, ...]
    groups: tuple[UserGroup, ...]
    bot: Bot

    @property
    def team(self) -> Team:
        return self.teams[0]


def utc_offset(person: Person, now: float) -> int:
    """The person's offset from UTC at the Unix time `now`, in seconds, as `users.info` tells it."""
    offset = datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(person.tz)).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def with_member(channel: Channel, user: str, *, present: bool) -> Channel:
    members = channel.members | {user} if present else channel.members - {user}
    return replace(channel, members=members)


def a_small_shop(bot_name: str) -> Cast:
    """The cast of the demo: a shop's workspace with a guest, a partner's engineer and a channel without the bot."""
    shop = Team("T0SHOP0001", "corner-shop", "Corner Shop")
    partner = Team("T0PARTNER1", "partner-gmbh", "Partner GmbH")
    bot = Bot("A0DEPLOY01", "B0DEPLOY01", "U0DEPLOY01", bot_name)
    alice = Person("U0ALICE001", "alice", "Alice Abel", shop.id, is_admin=True)
    bob = Person("U0BOB00001", "bob", "Bob Brandt", shop.id, tz="America/New_York")
    carol = Person("U0CAROL001", "carol", "Carol Chandra", shop.id, tz="Asia/Kolkata", is_restricted=True)
    dave = Person("U0DAVE0001", "dave", "Dave Doyle", partner.id, tz="Europe/London")
    itself = Person(bot.user_id, bot.name, bot.name, shop.id, tz="UTC", is_bot=True)
    us, all_of_us = {alice.id, bob.id}, {alice.id, bob.id, carol.id}
    channels = (
        Channel("C0GENERAL1", "general", frozenset(all_of_us | {bot.user_id}), topic="What concerns everybody"),
        Channel("C0CHECKOUT", "checkout", frozenset(all_of_us | {bot.user_id}), topic="The checkout team"),
        Channel("C0ONCALL01", "oncall", frozenset(us | {bot.user_id}), is_private=True, topic="Behind the door"),
        Channel("C0RANDOM01", "random", frozenset(us), topic="No bots here"),
        Channel("C0PARTNER1", "partner", frozenset({*us, dave.id, bot.user_id}), is_ext_shared=True),
        Channel("C0OLDSHOP1", "old-shop", frozenset(us | {bot.user_id}), is_archived=True),
        *(direct_message(person, bot) for person in (alice, bob, carol)),
    )
    groups = (
        UserGroup("S0CHECKOUT", "checkout-team", "Checkout team", (alice.id, carol.id)),
        UserGroup("S0OPERATOR", "operators", "Platform operators", (bob.id,)),
    )
    return Cast((shop, partner), (alice, bob, carol, dave, itself), channels, groups, bot)


def direct_message(person: Person, bot: Bot) -> Channel:
    return Channel("D" + person.id[1:], person.name, frozenset({person.id, bot.user_id}), is_im=True)
