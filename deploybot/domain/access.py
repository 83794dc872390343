"""May this person do this here? Rules as values, and the one function that decides by them and says which rule it was.

Deny by default for actions. Where no rule names reading (or subscribing, or watching), members of the workspace may,
and nobody else; as soon as one does, only what rules allow is allowed. A deny wins over every allow. Of several allows
the one that asks for the most approvals counts.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from deploybot.domain.deployment import App
from deploybot.domain.ledger import Entry
from deploybot.domain.wildcard import matches


class Right(StrEnum):
    """What a rule may allow or deny. Doing anything with a deployment needs `read` for it too."""

    READ = "read"
    SUBSCRIBE = "subscribe"
    WATCH = "watch"
    CONTINUE = "continue"
    CANCEL = "cancel"
    AUDIT = "audit"


USUAL = frozenset({Right.READ, Right.SUBSCRIBE, Right.WATCH})
"""What members may do where no rule speaks of it."""

MEMBERS, EVERYONE = "members", "everyone"
"""Words of `who`: full members of the workspace; and whoever is there, guests and people of other companies too."""
CHANNELS, DIRECT = "channels", "direct"
"""Words of `where`: any channel; and direct messages with the bot."""


class Effect(StrEnum):
    ALLOW = "allow"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Pattern:
    """Which apps a rule is about: names or guids, `*` for anything, compared without case; an empty tuple is any."""

    foundations: tuple[str, ...] = ()
    orgs: tuple[str, ...] = ()
    spaces: tuple[str, ...] = ()
    apps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """`name` is how explanations call it. `who` holds user ids, group ids, `@handles` of groups, MEMBERS or EVERYONE;
    `where` channel ids, CHANNELS or DIRECT, empty for anywhere; `on` patterns of which one must fit, empty for all.
    """

    name: str
    who: tuple[str, ...]
    may: frozenset[Right]
    where: tuple[str, ...] = ()
    on: tuple[Pattern, ...] = ()
    effect: Effect = Effect.ALLOW
    approvals: int = 0
    """How many other people must agree to a continue or cancel: 0 or 1."""


@dataclass(frozen=True, slots=True)
class Someone:
    """A person of the bot's own workspace. `groups` holds ids and `@handles` of those that rules name."""

    user: str
    groups: frozenset[str] = frozenset()
    is_member: bool = True
    """False for guests."""


@dataclass(frozen=True, slots=True)
class Audience:
    """All who can read a channel. `known` holds the user ids, and the groups (ids and `@handles`) that some of them are
    in; None where that is not known, so that anybody may be among them.
    """

    only_members: bool
    known: frozenset[str] | None = None


Viewer = Someone | Audience


@dataclass(frozen=True, slots=True)
class Where:
    """A conversation: its id, "" for none (a terminal, a modal), and whether it is a direct message with the bot."""

    channel: str = ""
    direct: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """An app and where it lives: names and guids, "" where not known. What is not known fits `*` and nothing else."""

    foundation: str
    org: str = ""
    space: str = ""
    app: str = ""
    org_guid: str = ""
    space_guid: str = ""
    app_guid: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """`rule` is the name of the rule that decided, "" where it was the default; `why` says so in words."""

    allowed: bool
    rule: str
    why: str
    approvals: int = 0


def decide(rules: Sequence[Rule], viewer: Viewer, right: Right, where: Where, target: Target) -> Decision:
    """Whether the viewer has this one right, and which rule says so."""
    speaking = [rule for rule in rules if right in rule.may]
    fitting = [rule for rule in speaking if _is_there(rule, where) and _fits(rule, target)]
    for rule in fitting:
        if rule.effect is Effect.DENY and _may_concern(rule.who, viewer):
            return Decision(False, rule.name, f"{rule.name} denies it")
    allowing = [rule for rule in fitting if rule.effect is Effect.ALLOW and _concerns_all(rule.who, viewer)]
    if allowing:
        first = max(allowing, key=lambda rule: rule.approvals)
        return Decision(True, first.name, f"{first.name} allows it", first.approvals)
    if speaking or right not in USUAL:
        return Decision(False, "", "no rule allows it")
    if not _is_member(viewer):
        return Decision(False, "", "without a rule only members of the workspace may")
    return Decision(True, "", "members of the workspace may, since no rule speaks of it")


def decide_act(rules: Sequence[Rule], viewer: Viewer, right: Right, where: Where, target: Target) -> Decision:
    """The same for what is done with a deployment: who may not read it may do nothing with it."""
    reading = decide(rules, viewer, Right.READ, where, target)
    return decide(rules, viewer, right, where, target) if reading.allowed else reading


def groups_named(rules: Iterable[Rule]) -> frozenset[str]:
    """The groups (ids and `@handles`) that rules speak of: whose members have to be known."""
    return frozenset(who for rule in rules for who in rule.who if who.startswith(("@", "S")))


def _is_there(rule: Rule, where: Where) -> bool:
    if not rule.where:
        return True
    kind = DIRECT if where.direct else CHANNELS if where.channel else ""
    return kind in rule.where or where.channel in rule.where


def _fits(rule: Rule, target: Target) -> bool:
    """What is not known about an app fits any pattern of a deny, and of an allow only `*`."""
    unknown = rule.effect is Effect.DENY
    return not rule.on or any(_fits_one(pattern, target, unknown=unknown) for pattern in rule.on)


def _fits_one(pattern: Pattern, target: Target, *, unknown: bool) -> bool:
    return (
        _any_of(pattern.foundations, unknown, target.foundation)
        and _any_of(pattern.orgs, unknown, target.org, target.org_guid)
        and _any_of(pattern.spaces, unknown, target.space, target.space_guid)
        and _any_of(pattern.apps, unknown, target.app, target.app_guid)
    )


def _any_of(words: Sequence[str], unknown: bool, *names: str) -> bool:
    known = [name for name in names if name]
    if not words or (unknown and not names[0]):
        return True
    return any(word == "*" or any(matches(word, name) for name in known) for word in words)


def _concerns_all(who: Sequence[str], viewer: Viewer) -> bool:
    """Whether an allow is for this viewer: for an audience only what is for all who may be there."""
    if EVERYONE in who or (MEMBERS in who and _is_member(viewer)):
        return True
    return isinstance(viewer, Someone) and (viewer.user in who or not viewer.groups.isdisjoint(who))


def _may_concern(who: Sequence[str], viewer: Viewer) -> bool:
    """Whether a deny is for this viewer: for an audience what may be for anybody there."""
    match viewer:
        case Audience(known=None):
            return True
        case Audience(known=frozenset() as known):
            return EVERYONE in who or MEMBERS in who or not known.isdisjoint(who)
        case _:
            return _concerns_all(who, viewer)


def _is_member(viewer: Viewer) -> bool:
    return viewer.is_member if isinstance(viewer, Someone) else viewer.only_members


def _all_seen(_: Target) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody may read: asked for every app before anything is counted or shown.

    `everything` says that nothing is hidden, so that nobody need look; `why_nothing` is a sentence where nothing at
    all can be seen.
    """

    sees: Callable[[Target], bool] = field(default=_all_seen, compare=False)
    everything: bool = True
    why_nothing: str = ""

    def app(self, foundation: str, app: App | None) -> bool:
        """Whether this app may be seen; one that is not known only where everything may."""
        return self.everything or (app is not None and self.sees(target_of(foundation, app)))

    def entry(self, entry: Entry) -> bool:
        """Whether this deployment of the ledger may be seen."""
        return self.everything or self.sees(target_of_entry(entry))


ALL_SEEN = Sight()
"""The operator's, in a terminal: what the bot's own credential sees."""


def sight_of(rules: Sequence[Rule], viewer: Viewer, where: Where) -> Sight:
    """What a viewer may read in a conversation."""
    speaking = [rule for rule in rules if Right.READ in rule.may]
    if not speaking:
        if _is_member(viewer):
            return ALL_SEEN
        return Sight(lambda _: False, everything=False, why_nothing=_NOTHING_BY_DEFAULT[type(viewer)])
    here = [rule for rule in speaking if _is_there(rule, where)]
    denying = [rule for rule in here if rule.effect is Effect.DENY and _may_concern(rule.who, viewer)]
    allowing = [rule for rule in here if rule.effect is Effect.ALLOW and _concerns_all(rule.who, viewer)]
    if any(not rule.on for rule in denying) or not allowing:
        return Sight(lambda _: False, everything=False, why_nothing=_NOTHING_BY_RULE[type(viewer)])
    if not denying and any(not rule.on for rule in allowing):
        return ALL_SEEN
    return Sight(lambda target: decide(rules, viewer, Right.READ, where, target).allowed, everything=False)


_NOTHING_BY_DEFAULT = {
    Someone: "Guests may read nothing here unless a rule allows it: ask the people who run me.",
    Audience: (
        "There are guests or people of other companies in this channel, or I can't tell who is, so I show nothing to "
        "all here: ask for yourself alone, or have the people who run me allow it with a rule."
    ),
}
_NOTHING_BY_RULE = {
    Someone: "You may read nothing here: /deployments access says why.",
    Audience: "Nothing may be shown to all in this channel: /deployments access says why.",
}


def target_of(foundation: str, app: App) -> Target:
    """An app as what rules are about."""
    space = app.space
    org = space.org if space else None
    return Target(
        foundation=foundation,
        org=org.name if org else "",
        space=space.name if space else "",
        app=app.name,
        org_guid=org.guid if org else "",
        space_guid=space.guid if space else "",
        app_guid=app.guid,
    )


def target_of_entry(entry: Entry) -> Target:
    """A deployment of the ledger as what rules are about."""
    return Target(entry.foundation, entry.org, entry.space, entry.app, entry.org_guid, entry.space_guid, entry.app_guid)
