"""What the rules of access leave impossible, or open: for operators, before somebody runs into it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from deploybot.domain.access import Effect, Right, Rule
from deploybot.domain.finding import Finding, Level
from deploybot.domain.pattern import one_fits

AREA = "access"
CHECKS: Mapping[str, tuple[str, str]] = {
    "rules": (
        "Whether there are rules at all, and whether one lets anybody continue or cancel. Without any, members of the "
        "workspace read, subscribe and watch, and nobody acts.",
        "Add `[[access.rules]]`, if people are to act from Slack.",
    ),
    "linking": (
        "Whether those whom rules let act can do so: where `act_as` is `person` they need accounts of their own, and "
        "linking those needs a key.",
        'Set `DEPLOYBOT_LINK_KEYS`, or `act_as = "bot"`.',
    ),
    "approvals": (
        "Whether a second person can agree: only who is linked can show that they did not start it themselves.",
        "Set `DEPLOYBOT_LINK_KEYS`, or leave `approvals` out.",
    ),
}
"""What each check looks at, and what to do where it is not well."""

_ACTS = frozenset({Right.CONTINUE, Right.CANCEL})
_WRITE_RULES = "add [[access.rules]] that let somebody continue or cancel, if people are to act from Slack"
_MAKE_A_KEY = (
    "set DEPLOYBOT_LINK_KEYS to a Fernet key: "
    "python3 -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'"
)


@dataclass(frozen=True, slots=True)
class AccessExamination:
    """`as_bot` says of each foundation whether the bot's own account acts there, `linking` whether there is a key."""

    rules: tuple[Rule, ...]
    as_bot: Mapping[str, bool]
    linking: bool

    @property
    def area(self) -> str:
        return AREA

    async def findings(self, until: float) -> tuple[Finding, ...]:  # noqa: ARG002 - nobody is asked
        return access_findings(self.rules, self.as_bot, linking=self.linking)


def access_findings(rules: Sequence[Rule], as_bot: Mapping[str, bool], *, linking: bool) -> tuple[Finding, ...]:
    """What these rules mean where linking is on or off."""
    acting = [rule for rule in rules if rule.effect is Effect.ALLOW and rule.may & _ACTS]
    return (_of_rules(rules, acting), *_of_linking(acting, as_bot, linking), *_of_approvals(acting, as_bot, linking))


def _of_rules(rules: Sequence[Rule], acting: Sequence[Rule]) -> Finding:
    if not rules:
        says = (
            "there is no rule, so members of the workspace read, subscribe and watch, and nobody continues or cancels"
        )
        return Finding(AREA, "rules", Level.NOTE, says, _WRITE_RULES)
    if not acting:
        says = f"none of the {len(rules)} rules lets anybody continue or cancel"
        return Finding(AREA, "rules", Level.NOTE, says, _WRITE_RULES)
    return Finding(AREA, "rules", Level.OK, f"{len(acting)} of {len(rules)} rules let people continue or cancel")


def _of_linking(acting: Sequence[Rule], as_bot: Mapping[str, bool], linking: bool) -> Iterator[Finding]:
    own = [name for name, by_bot in as_bot.items() if not by_bot and _any_about(acting, name)]
    if not own:
        return
    names = ", ".join(own)
    if linking:
        yield Finding(AREA, "linking", Level.OK, f"people act with their own accounts at {names}, and can link them")
        return
    says = f"rules let people continue or cancel at {names} with their own accounts, but linking is off: nobody can"
    yield Finding(AREA, "linking", Level.FAILURE, says, _MAKE_A_KEY)


def _of_approvals(acting: Sequence[Rule], as_bot: Mapping[str, bool], linking: bool) -> Iterator[Finding]:
    """Where people act with their own accounts, without a key, nobody asks in the first place."""
    asking = [rule for rule in acting if rule.approvals]
    there = [name for name, by_bot in as_bot.items() if by_bot and _any_about(asking, name)]
    if not there or linking:
        return
    names = ", ".join(rule.name for rule in asking)
    says = (
        f"{names} asks for a second person at {', '.join(there)}, but linking is off: "
        "nobody can agree to continue or cancel what a person started"
    )
    yield Finding(AREA, "approvals", Level.FAILURE, says, _MAKE_A_KEY)


def _any_about(rules: Sequence[Rule], foundation: str) -> bool:
    return any(_is_about(rule, foundation) for rule in rules)


def _is_about(rule: Rule, foundation: str) -> bool:
    return not rule.on or any(one_fits(one.foundations, foundation, foundation, unknown=False) for one in rule.on)
