"""A Slack user's own Cloud Foundry account: what is kept of it, and what the login server grants."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from deploybot.domain.secret import Secret
from deploybot.errors import UserError

SCOPES = ("openid", "cloud_controller.read", "cloud_controller.write")
"""All that is asked for: enough to act as oneself, never more."""
ADMIN_SCOPES = frozenset(
    {"cloud_controller.admin", "cloud_controller.admin_read_only", "cloud_controller.global_auditor", "uaa.admin"}
)
"""What a link must not carry unless the configuration allows it; nor any other scope whose last word is `admin`."""
_ADMIN_WORDS = frozenset({"admin", "admin_read_only"})
UNOPENED = "it can't be opened with the keys that are configured"
"""Why a link is broken for as long as the key that it was sealed with is missing."""


class NotLinkedError(UserError):
    """Somebody has no account of their own on a foundation yet, and needs one."""

    def __init__(self, foundation: str) -> None:
        super().__init__(f"You are not linked with {foundation} yet: type /deployments link {foundation} first.")
        self.foundation = foundation


def admin_scopes(scopes: Iterable[str]) -> tuple[str, ...]:
    """Those that make somebody an admin of anything, such as `clients.admin` too; in the order of the alphabet."""
    return tuple(sorted({one for one in scopes if one in ADMIN_SCOPES or one.rpartition(".")[2] in _ADMIN_WORDS}))


@dataclass(frozen=True, slots=True)
class LoginServer:
    """Where people log in: the page with the one-time passcode, and the host, to be shown."""

    passcode_url: str
    host: str


@dataclass(frozen=True, slots=True)
class Grant:
    """What the login server gave for a passcode or a refresh token; `refresh` is the one to keep from now on."""

    access: Secret = field(repr=False)
    expires_in: float
    refresh: Secret = field(repr=False)
    scopes: tuple[str, ...]
    account_guid: str
    account: str


@dataclass(frozen=True, slots=True)
class Link:
    """A Slack user's link on one foundation. `broken` says in words why it can't be used any more, "" while it can."""

    user: str
    foundation: str
    account_guid: str
    account: str
    scopes: tuple[str, ...]
    linked_at: datetime
    refresh: Secret = field(repr=False)
    used_at: datetime | None = None
    broken: str = ""
    revision: int = 1
    """Counts the refresh tokens, so that a rotated one replaces just the one that it came from."""
