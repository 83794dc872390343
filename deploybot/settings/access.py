"""What can be set about who may do what: access rules, linking of accounts, the forgotten canary guard."""

import re
from base64 import b64decode
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator

from deploybot.domain.access import Effect, Right, Rule
from deploybot.domain.grammar import parse
from deploybot.domain.guard import GuardRule
from deploybot.domain.pattern import Pattern
from deploybot.domain.query import Command, Query
from deploybot.domain.secret import Secret
from deploybot.errors import UserError
from deploybot.settings.section import Duration, Number, Section


def _listed(value: object) -> object:
    """One text stands for a list of one."""
    return [value] if isinstance(value, str) else value


def to_pattern(text: str) -> Pattern:
    """`foundation=eu org=shop space=prod* app=checkout` as a pattern; a UserError for anything else."""
    command = parse(text)
    query = command.query
    asked = Query(foundations=query.foundations, orgs=query.orgs, spaces=query.spaces, apps=query.apps)
    if asked == Query() or command != Command(query=asked):
        raise UserError(f"{text!r} is no app: write foundation=, org=, space= or app=, or leave on out for all")
    return Pattern(query.foundations, query.orgs, query.spaces, query.apps)


def _checked(text: str) -> str:
    try:
        to_pattern(text)
    except UserError as problem:
        raise ValueError(str(problem)) from problem
    return text


def _written(pattern: str, wanted: str) -> AfterValidator:
    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"{text!r} is {wanted}")
        return text

    return AfterValidator(check)


_On = Annotated[str, AfterValidator(_checked)]
_Who = Annotated[
    str,
    _written(
        r"members|everyone|@\S+|[UWS][A-Z0-9]{2,}",
        "nobody: write members, everyone, a user's id (U0123ABC), or a user group (@oncall or S0123ABC)",
    ),
]
_Channel = Annotated[
    str,
    _written(r"channels|direct|[CGD][A-Z0-9]{2,}", "no place: write channels, direct, or a channel's id (C0123ABC)"),
]


class RuleSettings(Section):
    """One rule of who may do what, where in Slack, and to which apps. A deny wins over every allow."""

    name: str = ""
    """What explanations call it; without one they tell its number."""
    who: Annotated[tuple[_Who, ...], BeforeValidator(_listed), Field(min_length=1)]
    """Users' ids (U0123ABC), user groups (@oncall or S0123ABC), `members`, or `everyone` with guests."""
    may: Annotated[tuple[Right, ...], BeforeValidator(_listed), Field(min_length=1)]
    """What the rule is about."""
    where: Annotated[tuple[_Channel, ...], BeforeValidator(_listed)] = ()
    """Channels' ids (C0123ABC), `channels` or `direct`; left out: anywhere."""
    on: Annotated[tuple[_On, ...], BeforeValidator(_listed)] = ()
    """Which apps, in the words of /deployments; left out: all."""
    effect: Effect = Effect.ALLOW
    """Whether the rule gives these rights or takes them away."""
    approvals: Annotated[int, Field(ge=0, le=1), Number] = 0
    """How many other people must agree to a continue or cancel."""

    @model_validator(mode="after")
    def _asks_for_approvals_of_actions(self) -> Self:
        if self.approvals and (self.effect is Effect.DENY or not {Right.CONTINUE, Right.CANCEL} & set(self.may)):
            raise ValueError("approvals are for rules that allow continue or cancel: leave them out of this one")
        return self


class AccessSettings(Section):
    """Without any rule members read, subscribe and watch what the bot's credential sees, and nobody acts."""

    rules: tuple[RuleSettings, ...] = ()
    """The rules; their order does not matter."""
    approval_expires: Duration = timedelta(minutes=30)
    """So long a second person may agree."""

    def to_rules(self) -> tuple[Rule, ...]:
        """The rules as the domain knows them; those without a name are called by their number."""
        return tuple(
            Rule(
                name=f'the rule "{one.name}"' if one.name else f"rule {number}",
                who=one.who,
                may=frozenset(one.may),
                where=one.where,
                on=tuple(map(to_pattern, one.on)),
                effect=one.effect,
                approvals=one.approvals,
            )
            for number, one in enumerate(self.rules, start=1)
        )


def _to_key(key: SecretStr) -> SecretStr:
    """A Fernet key is 32 bytes, in base64 with - and _."""
    try:
        raw = b64decode(key.get_secret_value(), altchars=b"-_", validate=True)
    except ValueError:
        raw = b""
    if len(raw) != _KEY_BYTES:
        raise ValueError(
            "this is no Fernet key: make one with "
            "python3 -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'"
        )
    return key


_KEY_BYTES = 32
_Key = Annotated[SecretStr, AfterValidator(_to_key)]


class LinkingSettings(Section):
    """People connect their own Cloud Foundry accounts. Without a key that is off."""

    keys: Annotated[tuple[_Key, ...], BeforeValidator(lambda v: v.split() if isinstance(v, str) else v)] = ()
    """Fernet keys: the first one encrypts, all open what is stored, so that keys can be changed."""
    allow_admin: bool = False
    """Whether a link may carry an admin scope."""

    def to_keys(self) -> tuple[Secret, ...]:
        return tuple(Secret(key.get_secret_value()) for key in self.keys)


class GuardSettings(Section):
    """What to do about canaries that wait too long. Each step only where its time is set."""

    name: str = ""
    """What messages call it; without one they tell its number."""
    on: Annotated[tuple[_On, ...], BeforeValidator(_listed), Field(min_length=1)]
    """Which apps, in the words of /deployments: space=production."""
    channel: Annotated[str, _written(r"[CG][A-Z0-9]{2,}", "no channel: write its id (C0123ABC)")]
    """The id of the channel that is told."""
    remind_after: Duration | None = None
    """After so long whoever started it is reminded, in a direct message if their account is linked."""
    tell_after: Duration | None = None
    """After so long the channel is told."""
    cancel_after: Duration | None = None
    """After so long it is canceled with the bot's own credential; the channel is told of that a while before."""

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        times = [one for one in (self.remind_after, self.tell_after, self.cancel_after) if one is not None]
        if not times:
            raise ValueError("set remind_after, tell_after or cancel_after: without any of them it does nothing")
        if times != sorted(times):
            raise ValueError("remind_after, tell_after and cancel_after must not be shorter than the one before")
        return self

    def to_rule(self, number: int) -> GuardRule:
        """As the domain knows it; one without a name is called by its number."""
        return GuardRule(
            name=f'the guard "{self.name}"' if self.name else f"guard {number}",
            on=tuple(map(to_pattern, self.on)),
            channel=self.channel,
            remind_after=self.remind_after,
            tell_after=self.tell_after,
            cancel_after=self.cancel_after,
        )


ActAs = Literal["person", "bot"]
