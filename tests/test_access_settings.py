"""Access rules in the configuration: what they become, and what is said when they are wrong."""

from pathlib import Path

import pytest

from deploybot.domain.access import Effect, Right, Rule
from deploybot.domain.pattern import Pattern
from deploybot.errors import ConfigError, UserError
from deploybot.settings.access import to_pattern
from deploybot.settings.loading import load

ENVIRON = {"CF_NAME": "eu", "CF_API": "https://api.cf.example", "CF_CLIENT_ID": "bot", "CF_CLIENT_SECRET": "s3cret"}


def _rules(tmp_path: Path, text: str) -> tuple[Rule, ...]:
    file = tmp_path / "bot.toml"
    file.write_text(text)
    return load(file, ENVIRON, transport=None).access.to_rules()


def _problems(tmp_path: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        _rules(tmp_path, text)
    return caught.value.problems


def test_without_rules_there_are_none(tmp_path: Path) -> None:
    assert _rules(tmp_path, "") == ()


def test_a_rule_is_written_with_lists_or_single_words(tmp_path: Path) -> None:
    text = """
        [[access.rules]]
        who = "members"
        may = "read"

        [[access.rules]]
        name = "on call"
        who = ["@on-call", "S0123ABC", "U0123ABC"]
        where = ["C0123ABC", "direct"]
        may = ["continue", "cancel"]
        on = ["foundation=eu space=production", "app=check*,payments org=shop"]
        approvals = 1

        [[access.rules]]
        who = "everyone"
        may = "cancel"
        on = "foundation=e*"
        effect = "deny"
    """
    reading, acting, denying = _rules(tmp_path, text)
    assert reading == Rule("rule 1", ("members",), frozenset({Right.READ}))
    assert acting == Rule(
        name='the rule "on call"',
        who=("@on-call", "S0123ABC", "U0123ABC"),
        may=frozenset({Right.CONTINUE, Right.CANCEL}),
        where=("C0123ABC", "direct"),
        on=(
            Pattern(foundations=("eu",), spaces=("production",)),
            Pattern(orgs=("shop",), apps=("check*", "payments")),
        ),
        approvals=1,
    )
    assert (denying.name, denying.effect) == ("rule 3", Effect.DENY)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('who = "members"', "access.rules.1.may: is needed, but not set"),
        ('who = []\nmay = "read"', "access.rules.1.who: "),
        (
            'who = "alice"\nmay = "read"',
            "access.rules.1.who.1: 'alice' is nobody: write members, everyone, a user's id",
        ),
        ('who = ["members", "u1"]\nmay = "read"', "access.rules.1.who.2: 'u1' is nobody"),
        ('who = "members"\nmay = "fly"', "access.rules.1.may.1: must be 'read', 'subscribe', 'watch'"),
        ('who = "members"\nmay = "read"\nwhere = "#ops"', "access.rules.1.where.1: '#ops' is no place: write channels"),
        ('who = "members"\nmay = "read"\non = "state=failed"', "access.rules.1.on.1: 'state=failed' is no app"),
        ('who = "members"\nmay = "read"\non = ""', "access.rules.1.on.1: '' is no app: write foundation="),
        ('who = "members"\nmay = "read"\non = "subscribe app=x"', "access.rules.1.on.1: 'subscribe app=x' is no app"),
        ('who = "members"\nmay = "read"\non = "spac=x"', "access.rules.1.on.1: "),
        ('who = "members"\nmay = "read"\non = "on=ue"', "access.rules.1.on: there is no foundation 'ue': write eu"),
        (
            'who = "members"\nmay = "read"\neffect = "forbid"',
            "access.rules.1.effect: must be 'allow' or 'deny'",
        ),
        ('who = "members"\nmay = "cancel"\napprovals = 2', "access.rules.1.approvals: "),
        ('who = "members"\nmay = "read"\napprovals = 1', "access.rules.1: approvals are for rules that allow continue"),
        ('who = "members"\nmay = "cancel"\neffect = "deny"\napprovals = 1', "access.rules.1: approvals are for rules"),
        (
            'wo = "members"\nwho = "members"\nmay = "read"',
            "rules.1.wo: there is no such setting: did you mean who?",
        ),
        ('who = "members"\nmay = "read"\nefect = "deny"', "did you mean effect?"),
    ],
)
def test_what_is_wrong_with_a_rule_is_told_in_one_sentence(tmp_path: Path, line: str, said: str) -> None:
    problems = _problems(tmp_path, f"[[access.rules]]\n{line}\n")
    assert len(problems) == 1
    assert said in problems[0]
    assert "\n" not in problems[0]


def test_mistyped_keys_beside_the_rules_have_near_ones_as_well(tmp_path: Path) -> None:
    text = '[access]\nrule = []\n[[guards]]\non = "app=x"\nchanel = "C0123ABC"\n'
    problems = _problems(tmp_path, text)
    assert "access.rule: there is no such setting: did you mean rules?" in problems
    assert "guards.1.chanel: there is no such setting: did you mean channel?" in problems


@pytest.mark.parametrize("text", ["", "checkout", "app=x public", "app=x by=kim", "sort=created app=x", "help"])
def test_only_places_say_what_a_rule_is_about(text: str) -> None:
    with pytest.raises(UserError):
        to_pattern(text)
