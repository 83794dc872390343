"""All that `deploybot doctor` looks at, as a page of the documentation: written from what examines."""

from collections.abc import Iterator, Mapping

from deploybot.cf import checks as foundation_checks
from deploybot.service import access_check, audience_check, examining, guard_examining
from deploybot.settings import examining as settings_examining
from deploybot.slack import examined_calls as slack_calls
from deploybot.slack import examining as slack_examining
from deploybot.slack import examining_channels, examining_groups
from deploybot.store import examining as store_examining
from deploybot.store import examining_directory as directory_examining

Checks = Mapping[str, tuple[str, str]]

CHECKS: Mapping[str, Checks] = {
    settings_examining.AREA: settings_examining.CHECKS,
    access_check.AREA: {**access_check.CHECKS, **examining_groups.CHECKS, **audience_check.CHECKS},
    guard_examining.AREA: guard_examining.CHECKS,
    slack_calls.AREA: {**slack_examining.CHECKS, **examining_channels.CHECKS},
    directory_examining.AREA: store_examining.CHECKS,
    foundation_checks.AREA: foundation_checks.CHECKS,
    "any area": examining.CHECKS,
}
"""By area: the name of each check, what it looks at, and what to do where it is not well."""

_HEAD = """\
# What doctor looks at

Every check of `deploybot doctor`, by the area under which its findings stand. The names are for scripts to rely on:
`deploybot doctor --json` has them as `check`. How to read a finding: [Doctor](../operate/doctor.md).
This page is written from the code.
"""


def checks_page() -> str:
    """The page as Markdown."""
    return "\n".join([_HEAD, *(line for area in CHECKS for line in _section(area, CHECKS[area]))])


def _section(area: str, checks: Checks) -> Iterator[str]:
    yield from (f"## {area[0].upper()}{area[1:]}", "", "| check | what it looks at | what to do |", "|---|---|---|")
    yield from (f"| `{name}` | {looks_at} | {fix} |" for name, (looks_at, fix) in checks.items())
    yield ""
