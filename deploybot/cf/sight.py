"""What the bot's account sees and may do at a foundation, as its API answers, in findings."""

from dataclasses import dataclass

from deploybot.cf.claims import Claims
from deploybot.cf.scopes import Duties, may_write, sees_all
from deploybot.cf.server import Server
from deploybot.domain.finding import Finding


@dataclass(frozen=True, slots=True)
class Sight:
    """How many there are of each that the account sees; None where that could not be asked.

    `looked_at` spaces were asked about, in `acts_in` of which it may continue and cancel.
    """

    deployments: int | None
    spaces: int | None
    events: int | None
    looked_at: int = 0
    acts_in: int | None = None


def sight_findings(api: Server, claims: Claims, sight: Sight, duties: Duties) -> tuple[Finding, ...]:
    """In the order of importance."""
    checks = (_roles(api, claims, sight), _acting(api, claims, sight, duties), _events(api, claims, sight))
    return tuple(each for each in checks if each)


def _roles(api: Server, claims: Claims, sight: Sight) -> Finding | None:
    if sight.spaces is None or sight.deployments is None:
        return None
    seen = f"{_many(sight.spaces, 'space')} and {_many(sight.deployments, 'deployment')}"
    if sight.spaces or sight.deployments:
        return api.ok("roles", f"the bot's account sees {seen} at {api.foundation}")
    if sees_all(claims):
        return api.note("roles", f"there is no space at {api.foundation} yet, and so nothing to see")
    return api.warning(
        "roles",
        f"the bot's account sees no space at {api.foundation}, and so no deployment: it has no roles there",
        f"give it roles, such as Space Auditor, in the spaces it shall see at {api.host} (`cf set-space-role`, with "
        "`--client` for a UAA client), or the scope cloud_controller.global_auditor",
    )


def _acting(api: Server, claims: Claims, sight: Sight, duties: Duties) -> Finding | None:
    if not duties.acts or not may_write(claims):
        return None
    if sight.acts_in is None:
        says = f"nobody could find out where the bot's account may continue and cancel at {api.foundation}"
        return api.note("act", says, f"look for its roles at {api.host}: `cf space-users ORG SPACE`")
    of = f"{sight.acts_in} of {_many(sight.looked_at, 'space')} looked at"
    if sight.acts_in:
        return api.ok("act", f"the bot's account may continue and cancel at {api.foundation} in {of}")
    return api.failure(
        "act",
        f"the bot's own account has to act at {api.foundation} ({duties.named}), but it may do so in {of}",
        f"give it the role Space Supporter where it shall act at {api.host}: `cf set-space-role CLIENT ORG SPACE "
        "space_supporter --client`",
    )


def _events(api: Server, claims: Claims, sight: Sight) -> Finding | None:
    if sight.events is None or not sight.deployments:
        return None
    if sight.events:
        return api.ok("audit-events", f"the bot's account sees who started deployments at {api.foundation}")
    lost = "who started a deployment is not shown, and by= finds nothing"
    if sees_all(claims):
        says = f"{api.foundation} keeps no record of who started deployments, or not for so long: {lost}"
        return api.note("audit-events", says)
    return api.note(
        "audit-events",
        f"the bot's account sees deployments at {api.foundation}, but not who started them: {lost}",
        "space Managers and Org Managers see no audit events: give it Space Auditor as well",
    )


def _many(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
