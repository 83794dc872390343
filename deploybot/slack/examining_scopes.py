"""What the app was granted, against what the manifest asks for; pure."""

from collections.abc import Collection, Iterator, Mapping

from deploybot.domain.finding import Finding, Level
from deploybot.slack.examined_calls import AREA
from deploybot.slack.manifest import OPTIONAL_SCOPES, SCOPES

WITHOUT: Mapping[str, str] = {
    "app_mentions:read": "nobody can ask by mentioning the bot",
    "channels:history": "a message of which nobody knows whether it is in a public channel is sent again, and says so",
    "channels:read": "nobody knows who reads a public channel, so where rules hide anything nothing is told there",
    "chat:write": "the bot can post nothing",
    "commands": "there is no slash command",
    "groups:history": "a message of which nobody knows whether it is in a private channel is sent again, and says so",
    "groups:read": "nobody knows who reads a private channel, so where rules hide anything nothing is told there",
    "im:write": "nobody can be told directly",
    "usergroups:read": "rules can't go by user groups, and mentions can't ping them",
    "users:read": "nobody knows who is a guest, nor anybody's time zone",
}
"""What does not work without each scope."""

_REINSTALL = "add it under OAuth & Permissions of the Slack app (or paste `deploybot manifest`), and reinstall the app"


def scope_findings(granted: Collection[str] | None) -> Iterator[Finding]:
    """`granted` is None where Slack did not say."""
    if granted is None:
        says = "Slack did not say which scopes the app has"
        yield Finding(AREA, "scopes", Level.NOTE, says, "compare OAuth & Permissions with `deploybot manifest`")
        return
    lacking = [scope for scope in SCOPES if scope not in granted]
    for scope in lacking:
        optional = scope in OPTIONAL_SCOPES
        check, level = ("optional-scopes", Level.NOTE) if optional else ("scopes", Level.FAILURE)
        yield Finding(AREA, check, level, f"the app lacks {scope}: {WITHOUT[scope]}", _REINSTALL)
    if not set(lacking) - set(OPTIONAL_SCOPES):
        yield Finding(AREA, "scopes", Level.OK, "the app has all scopes that it needs")
    if more := sorted(set(granted) - set(SCOPES)):
        says = f"the app has scopes that it does not need: {', '.join(more)}"
        yield Finding(AREA, "extra-scopes", Level.NOTE, says, "remove them under OAuth & Permissions of the Slack app")
