"""May this person do this here? Rules as values, and the one function that decides by them and says which rule it was.

Deny by default for actions. Where no rule names reading (or subscribing, or watching), members of the workspace may,
and nobody else; as soon as one does, only what rules allow is allowed. A deny wins over every allow. Of several allows
the one that asks for the most approvals counts. What is not known (an app's names, who is in a group, where somebody
is) is no ground for an allow, and it is one for a deny or an approval.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from deploybot.domain.deployment import App
from deploybot.domain.ledger import Entry
from deploybot.domain.pattern import Pattern, one_fits


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
    """False for guests, and for somebody of whom that is not known."""
    unsure: frozenset[str] = frozenset()
    """The words of `who` (groups, MEMBERS) of which it is not known whether they mean this person."""


@dataclass(frozen=True, slots=True)
class Audience:
    """All who can read a channel. `known` holds the user ids, and the groups (ids and `@handles`) that some of them are
    in; None where that is not known, so that anybody may be among them: as in a public channel, which every member can
    open. `shared` holds what is true of every one of them: the groups that all are in, the id of a single person.
    """

    only_members: bool
    known: frozenset[str] | None = None
    shared: frozenset[str] = frozenset()


Viewer = Someone | Audience


@dataclass(frozen=True, slots=True)
class Where:
    """A conversation: its id, "" where not known (a modal, a terminal), and whether it is a direct message."""

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
    for rule in speaking:
        if rule.effect is Effect.DENY and may_hold(rule, viewer, where) and _fits(rule, target, unknown=True):
            return Decision(False, rule.name, f"{rule.name} denies it")
    allowing = [rule for rule in speaking if holds(rule, viewer, where) and _fits(rule, target, unknown=False)]
    if allowing:
        # one that may hold as well is looked at only for how many must agree
        maybe = [rule for rule in speaking if may_hold(rule, viewer, where) and _fits(rule, target, unknown=True)]
        first = max((*allowing, *maybe), key=lambda rule: rule.approvals)
        return Decision(True, first.name, f"{first.name} allows it", first.approvals)
    if speaking or right not in USUAL:
        return Decision(False, "", "no rule allows it")
    if not is_member(viewer):
        return Decision(False, "", "without a rule only members of the workspace may")
    return Decision(True, "", "members of the workspace may, since no rule speaks of it")


def decide_act(rules: Sequence[Rule], viewer: Viewer, right: Right, where: Where, target: Target) -> Decision:
    """The same for what is done with a deployment: who may not read it may do nothing with it."""
    reading = decide(rules, viewer, Right.READ, where, target)
    return decide(rules, viewer, right, where, target) if reading.allowed else reading


def groups_named(rules: Iterable[Rule]) -> frozenset[str]:
    """The groups (ids and `@handles`) that rules speak of: whose members have to be known."""
    return frozenset(who for rule in rules for who in rule.who if who.startswith(("@", "S")))


def holds(rule: Rule, viewer: Viewer, where: Where) -> bool:
    """Whether an allow certainly is for this viewer here, whatever the app; never for a deny."""
    return rule.effect is Effect.ALLOW and _is_there(rule, where) and _concerns_all(rule.who, viewer)


def may_hold(rule: Rule, viewer: Viewer, where: Where) -> bool:
    """Whether a rule may be for this viewer (of an audience: for anybody there) here, whatever the app."""
    somewhere = bool(where.channel) or where.direct
    return (not somewhere or _is_there(rule, where)) and _may_concern(rule.who, viewer)


def _is_there(rule: Rule, where: Where) -> bool:
    if not rule.where:
        return True
    kind = DIRECT if where.direct else CHANNELS if where.channel else ""
    return kind in rule.where or where.channel in rule.where


def _fits(rule: Rule, target: Target, *, unknown: bool) -> bool:
    """Whether a rule is about an app. With `unknown` what is not known fits any word, else only `*`."""
    return not rule.on or any(fits(pattern, target, unknown=unknown) for pattern in rule.on)


def fits(pattern: Pattern, target: Target, *, unknown: bool = False) -> bool:
    """Whether a pattern is about an app; what is not known about it fits any word with `unknown`, else only `*`."""
    return (
        one_fits(pattern.foundations, target.foundation, target.foundation, unknown=unknown)
        and one_fits(pattern.orgs, target.org, target.org_guid, unknown=unknown)
        and one_fits(pattern.spaces, target.space, target.space_guid, unknown=unknown)
        and one_fits(pattern.apps, target.app, target.app_guid, unknown=unknown)
    )


def _concerns_all(who: Sequence[str], viewer: Viewer) -> bool:
    """Whether words of `who` certainly mean this viewer; of an audience: everyone who may be there."""
    if EVERYONE in who or (MEMBERS in who and is_member(viewer)):
        return True
    return not _names_of(viewer).isdisjoint(who)


def _names_of(viewer: Viewer) -> frozenset[str]:
    return viewer.groups | {viewer.user} if isinstance(viewer, Someone) else viewer.shared


def _may_concern(who: Sequence[str], viewer: Viewer) -> bool:
    """Whether words of `who` may mean this viewer; of an audience: anybody who may be there."""
    if isinstance(viewer, Someone):
        return _concerns_all(who, viewer) or not viewer.unsure.isdisjoint(who)
    if viewer.known is None or EVERYONE in who or MEMBERS in who:
        return True
    return not (viewer.known | viewer.shared).isdisjoint(who)


def is_member(viewer: Viewer) -> bool:
    """Whether these are members of the workspace only."""
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
        return ALL_SEEN if is_member(viewer) else _nothing_seen(viewer, _NOTHING_BY_DEFAULT)
    denying = [rule for rule in speaking if rule.effect is Effect.DENY and may_hold(rule, viewer, where)]
    allowing = [rule for rule in speaking if holds(rule, viewer, where)]
    if not allowing or any(map(is_about_all, denying)):
        return _nothing_seen(viewer, _NOTHING_BY_RULE)
    if not denying and any(map(is_about_all, allowing)):
        return ALL_SEEN

    def sees(target: Target) -> bool:
        return any(_fits(rule, target, unknown=False) for rule in allowing) and not any(
            _fits(rule, target, unknown=True) for rule in denying
        )

    return Sight(sees, everything=False)


def _nothing_seen(viewer: Viewer, why: Mapping[type, str]) -> Sight:
    unsure = isinstance(viewer, Someone) and MEMBERS in viewer.unsure
    return Sight(lambda _: False, everything=False, why_nothing=_WHO_ARE_YOU if unsure else why[type(viewer)])


def is_about_all(rule: Rule) -> bool:
    """Whether a rule is about every app there is."""
    return not rule.on or any(pattern.is_any for pattern in rule.on)


_WHO_ARE_YOU = "Slack does not tell me who you are at the moment, so I show nothing: try again in a minute."
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
