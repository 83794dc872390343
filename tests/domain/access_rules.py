"""Rules, viewers and apps for tests of access: some to begin with, and Hypothesis strategies for all kinds of them."""

from typing import Any

from hypothesis import strategies as st

from deploybot.domain.access import Audience, Effect, Right, Rule, Someone, Target, Where
from deploybot.domain.pattern import Pattern

ONCALL, DIRECT_MESSAGE, NOWHERE = Where("C0ONCALL"), Where("D0ALICE", direct=True), Where()
SHOP = Target("eu", "shop", "production", "checkout", "org-1", "space-1", "app-1")


def rule(*who: str, may: Right | set[Right] = Right.CONTINUE, name: str = "a rule", **more: Any) -> Rule:
    """An allow for these, to continue, anywhere and for every app, of which a test changes what it is about."""
    rights = frozenset({may} if isinstance(may, Right) else may)
    return Rule(name, who or ("members",), rights, **more)


def deny(*who: str, **more: Any) -> Rule:
    return rule(*who, effect=Effect.DENY, **{"name": "a deny", **more})


_IDS = ("U0ALICE", "U0BOB", "U0CAROL")
_GROUPS = ("@oncall", "S0SHOP")
_NAMES = ("", "shop", "prod", "eu")
_words = st.lists(st.sampled_from(("shop", "prod", "eu", "p*", "*", "*o*")), max_size=2).map(tuple)
patterns = st.builds(Pattern, _words, _words, _words, _words)
_some = st.frozensets(st.sampled_from(_GROUPS))

rules = st.builds(
    Rule,
    st.uuids().map(str),
    st.lists(st.sampled_from((*_IDS, *_GROUPS, "members", "everyone")), min_size=1, max_size=3).map(tuple),
    st.frozensets(st.sampled_from((Right.READ, Right.WATCH, Right.CONTINUE)), min_size=1),
    st.lists(st.sampled_from(("C1", "C2", "D1", "channels", "direct")), max_size=2).map(tuple),
    st.lists(patterns, max_size=2).map(tuple),
    st.sampled_from(Effect),
    st.integers(0, 1),
)
rights = st.sampled_from((Right.READ, Right.WATCH, Right.CONTINUE))
places = st.sampled_from((Where("C1"), Where("C2"), Where("D1", direct=True), Where()))
people = st.builds(Someone, st.sampled_from(_IDS), _some, st.booleans(), st.frozensets(st.sampled_from(_GROUPS)))
_name = st.sampled_from(_NAMES)
targets = st.builds(Target, _name, _name, _name, _name)


def audience(there: list[Someone], *, public: bool = False) -> Audience:
    """All that these are to rules, as the directory would put it."""
    words = [one.groups | {one.user} for one in there]
    known = frozenset().union(*words, *(one.unsure for one in there))
    return Audience(
        only_members=all(one.is_member for one in there),
        known=None if public else known,
        shared=frozenset() if public else frozenset.intersection(*words),
    )


crowds = st.lists(people, min_size=1, max_size=3, unique_by=lambda one: one.user)
audiences = st.builds(lambda there, public: audience(there, public=public), crowds, st.booleans())
viewers = people | audiences
