"""What the bot's token lets it do, by its scopes, against what the settings want of it."""

from dataclasses import dataclass

from deploybot.cf.claims import Claims
from deploybot.cf.rights import ADMIN, WRITE
from deploybot.cf.server import Server
from deploybot.domain.finding import Finding

READ, AUDITOR, READS_ALL = (
    "cloud_controller.read",
    "cloud_controller.global_auditor",
    "cloud_controller.admin_read_only",
)
SEES_ALL = frozenset({ADMIN, READS_ALL, AUDITOR})
SHORT_LIFE = 120.0
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Duties:
    """What the settings have the bot's own account do: `acts_by` names those that have it continue or cancel."""

    acts_by: tuple[str, ...] = ()

    @property
    def acts(self) -> bool:
        return bool(self.acts_by)

    @property
    def named(self) -> str:
        return " and ".join(self.acts_by)


def may_read(claims: Claims) -> bool:
    return bool({*SEES_ALL, READ} & set(claims.scope))


def sees_all(claims: Claims) -> bool:
    return bool(SEES_ALL & set(claims.scope))


def may_write(claims: Claims) -> bool:
    return bool({ADMIN, WRITE} & set(claims.scope))


def token_findings(api: Server, login: Server, claims: Claims, duties: Duties) -> tuple[Finding, ...]:
    """In the order of importance."""
    who = _shown(claims.user_name or claims.client_id)
    checks = (
        _reading(api, claims, who, duties),
        _writing(api, claims, who, duties),
        _too_much(api, claims, who, duties),
    )
    return (*(each for each in checks if each), _life(login, claims, who))


def _reading(api: Server, claims: Claims, who: str, duties: Duties) -> Finding | None:
    if may_read(claims):
        return api.ok("read-scope", f"the token of {who} may read deployments at {api.host}")
    return api.failure(
        "read-scope",
        f"the token of {who} may not read anything at {api.host}: it has no scope for that",
        f"{_granting(claims, who, duties)}; or give it {READ} and roles",
    )


def _writing(api: Server, claims: Claims, who: str, duties: Duties) -> Finding | None:
    if duties.acts and not may_write(claims):
        return api.failure(
            "write-scope",
            f"the bot's own account has to act at {api.foundation} ({duties.named}), but the token of {who} "
            f"has not the scope {WRITE}",
            f"{_granting(claims, who, duties)}; give it the role Space Supporter where it shall act, or change "
            f"{duties.named}",
        )
    if WRITE in claims.scope and not duties.acts and ADMIN not in claims.scope:
        return api.note(
            "write-scope",
            f"the token of {who} has the scope {WRITE} at {api.foundation}, and no setting has the bot use it",
            _granting(claims, who, duties),
        )
    return None


def _too_much(api: Server, claims: Claims, who: str, duties: Duties) -> Finding | None:
    if ADMIN in claims.scope:
        more = "; give it the role Space Supporter where it shall act" if duties.acts else ""
        return api.warning(
            "too-many-rights",
            f"the token of {who} is an admin's ({ADMIN}) at {api.foundation}; the bot needs less",
            f"{_granting(claims, who, duties)}{more}",
        )
    if READS_ALL in claims.scope:
        return api.note(
            "too-many-rights",
            f"the token of {who} ({READS_ALL}) shows secrets of apps too at {api.foundation}; {AUDITOR} is enough",
            _granting(claims, who, duties),
        )
    return None


def _granting(claims: Claims, who: str, duties: Duties) -> str:
    """What makes an account with no more than it needs."""
    authorities = f"--authorities {AUDITOR},{WRITE}" if duties.acts else f"--authorities {AUDITOR}"
    if not claims.user_id:
        return f"run `uaac client update {who} {authorities}`"
    grant = "--authorized_grant_types client_credentials --secret SECRET"
    return f"use a UAA client in place of the user {who}: run `uaac client add deploybot {authorities} {grant}`"


def _shown(name: str) -> str:
    return name[:LONGEST_NAME] if name and name.isprintable() else "the bot's account"


def _life(login: Server, claims: Claims, who: str) -> Finding:
    if claims.life is None or claims.life <= 0:
        return login.ok("login", f"{login.named} logs the bot in as {who}")
    minutes = f"{claims.life / 60:.0f} minutes" if claims.life >= SHORT_LIFE else f"{claims.life:.0f} seconds"
    says = f"{login.named} logs the bot in as {who}, for {minutes} at a time"
    if claims.life >= SHORT_LIFE:
        return login.ok("login", says)
    return login.note(
        "login", says, f"so short a life means many logins: have {login.host} give tokens for ten minutes"
    )
