"""Environment variables that look like settings of deploybot, but are none: a mistyped one must not go unnoticed."""

from collections.abc import Mapping

from deploybot.domain.near import is_within, nearest
from deploybot.settings.environment import CHOOSING, ENVIRONMENT, GIVEN, is_of_kubernetes
from deploybot.settings.remarks import Remarks

_OURS = "DEPLOYBOT_"
_FOR_TESTS = frozenset({"DEPLOYBOT_FAILPOINT"})
_SPELLINGS = frozenset({*ENVIRONMENT, *CHOOSING, *(f"{name}_FILE" for name in GIVEN)})
_MISTYPED = tuple(name for name in sorted(_SPELLINGS) if name.startswith(("SLACK_", "CF_", "DATABASE_")))
_OF_OTHERS = frozenset({"CF_APP", "CF_HOME", "SLACK_API_TOKEN"})
"""Near to ours, and well known: of pipelines, of the cf CLI, of other Slack apps."""
_SHORT = 9


def note_strangers(environ: Mapping[str, str], remarks: Remarks) -> None:
    """A sentence for each variable that is set and seems to be a mistake, with what was meant.

    It is a problem where it must be one, or where what was meant is missing. What is only near to one of ours that is
    set may well be another program's.
    """
    for name, value in environ.items():
        if value and not _is_known(name, value):
            _note(name, environ, remarks)


def _is_known(name: str, value: str) -> bool:
    return name in _SPELLINGS or name in _FOR_TESTS or name in _OF_OTHERS or is_of_kubernetes(name, value)


def _note(name: str, environ: Mapping[str, str], remarks: Remarks) -> None:
    near = nearest(name, _SPELLINGS, n=1) if name.startswith(_OURS) else _near_miss(name)
    if near:
        found = remarks.problems if name.startswith(_OURS) or not _is_given(near[0], environ) else remarks.warnings
        found.append(f"{name}: there is no such variable: did you mean {near[0]}?")
    elif name.startswith(_OURS):
        remarks.problems.append(
            f"{name}: there is no such variable: take it away, or see deploybot config init for all there are"
        )


def _is_given(name: str, environ: Mapping[str, str]) -> bool:
    """Whether this variable or its twin, which names a file, is set."""
    plain = name.removesuffix("_FILE")
    return bool(environ.get(plain) or environ.get(f"{plain}_FILE"))


def _near_miss(name: str) -> tuple[str, ...]:
    """The one of ours that is a slip or two away; one slip only where it is short."""
    within = (ours for ours in _MISTYPED if is_within(1 if len(ours) <= _SHORT else 2, name, ours))
    return tuple(within)[:1]
