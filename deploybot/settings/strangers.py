"""Environment variables that look like settings of deploybot, but are none: a mistyped one must not go unnoticed."""

from collections.abc import Iterator, Mapping

from deploybot.domain.near import is_within, nearest
from deploybot.settings.environment import CHOOSING, ENVIRONMENT, GIVEN, is_of_kubernetes

_OURS = "DEPLOYBOT_"
_FOR_TESTS = frozenset({"DEPLOYBOT_FAILPOINT"})
_SPELLINGS = frozenset({*ENVIRONMENT, *CHOOSING, *(f"{name}_FILE" for name in GIVEN)})
_MISTYPED = tuple(name for name in sorted(_SPELLINGS) if name.startswith(("SLACK_", "CF_", "DATABASE_")))
_OF_OTHERS = frozenset({"CF_APP", "CF_HOME", "SLACK_API_TOKEN"})
"""Near to ours, and well known: of pipelines, of the cf CLI, of other Slack apps."""
_SHORT = 9


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """A sentence for each variable that is set and must be a mistake, with what was meant."""
    return [problem for name, value in environ.items() if value for problem in _problem(name, value)]


def _problem(name: str, value: str) -> Iterator[str]:
    if name in _SPELLINGS or name in _FOR_TESTS or name in _OF_OTHERS or is_of_kubernetes(name, value):
        return
    near = nearest(name, _SPELLINGS, n=1) if name.startswith(_OURS) else _near_miss(name)
    if near:
        yield f"{name}: there is no such variable: did you mean {near[0]}?"
    elif name.startswith(_OURS):
        yield f"{name}: there is no such variable: take it away, or see deploybot config init for all there are"


def _near_miss(name: str) -> tuple[str, ...]:
    """The one of ours that is a slip or two away; one slip only where it is short."""
    within = (ours for ours in _MISTYPED if is_within(1 if len(ours) <= _SHORT else 2, name, ours))
    return tuple(within)[:1]
