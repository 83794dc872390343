"""Continue and cancel as values: what an action is bound to, so that it is done to what somebody saw or not at all."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import msgspec

from deploybot.domain.deployment import Deployment
from deploybot.domain.ledger import Entry
from deploybot.domain.secret import Secret
from deploybot.errors import UserError

_VERSION = "1"
_MOST = 2000
"""Characters that Slack lets a button's value hold."""
_NOT_MINE = "This button is not one of mine any more: ask for the deployment again with /deployments show."


class Action(StrEnum):
    """What can be done to a deployment. https://v3-apidocs.cloudfoundry.org/#cancel-a-deployment"""

    CONTINUE = "continue"
    CANCEL = "cancel"


class Stand(msgspec.Struct, frozen=True, gc=False):
    """Where a deployment stands, as a button or a form saw it: the server's status words and the canary's step."""

    value: str = ""
    reason: str = ""
    step: int | None = None


def stand_of(deployment: Deployment) -> Stand:
    """Where a deployment stands as the server tells it."""
    steps = deployment.canary_steps
    return Stand(deployment.value or "", deployment.reason or "", steps.current if steps else None)


def stand_of_entry(entry: Entry) -> Stand:
    """Where a deployment stands as the ledger has it."""
    return Stand(entry.value, entry.reason, entry.step)


class Bound(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """An action on one deployment in one stand: what a button means, and what is done at most once.

    `stand` is None where somebody typed a guid: then it is the stand that the confirm dialog shows.
    """

    action: Action
    foundation: str
    guid: str
    stand: Stand | None = None


_Full = tuple[Action, str, str, str, str, int | None]
_Bare = tuple[Action, str, str]


def bound_text(bound: Bound) -> str:
    """As the text that a button carries; it fits unless a server's own words are absurdly long."""
    named = (bound.action.value, bound.foundation, bound.guid)
    stand = () if bound.stand is None else (bound.stand.value, bound.stand.reason, bound.stand.step)
    return f"{_VERSION} {msgspec.json.encode((*named, *stand)).decode()}"


def parse_bound(text: str) -> Bound:
    """What `bound_text` wrote, and nothing else; a UserError otherwise."""
    version, _, rest = text.partition(" ")
    if version != _VERSION or len(text) > _MOST:
        raise UserError(_NOT_MINE)
    bound = _bound(rest)
    if bound is None or bound_text(bound) != text:
        raise UserError(_NOT_MINE)
    return bound


def _bound(text: str) -> Bound | None:
    for shape in (_Full, _Bare):
        try:
            action, foundation, guid, *stand = msgspec.json.decode(text, type=shape)
        except (msgspec.DecodeError, UnicodeError):
            continue
        return Bound(action=action, foundation=foundation, guid=guid, stand=Stand(*stand) if stand else None)
    return None


def possible(stand: Stand) -> tuple[Action, ...]:
    """What Cloud Foundry would do in this stand (reference: cloud-foundry, 1.4 and 3.1).

    A CANCELING one is left alone: cancelling it again does nothing but write another audit event.
    """
    match stand.value, stand.reason:
        case "ACTIVE", "PAUSED":
            return (Action.CONTINUE, Action.CANCEL)
        case "ACTIVE", "DEPLOYING":
            return (Action.CANCEL,)
        case _:
            return ()


@dataclass(frozen=True, slots=True)
class Done:
    """Cloud Foundry took it. `request_id` is its own id of the request."""

    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """Cloud Foundry certainly did nothing, and why in words for the person."""

    reason: str
    status: int | None = None
    request_id: str = ""
    unlinked: bool = False
    """Whether the person's token itself was refused, so that the account has to be linked anew."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Cloud Foundry may have done it: it did not say, or said 500 or 502 after it may have acted."""

    reason: str
    request_id: str = ""


Acted = Done | Refused | Unknown


class ActionState(StrEnum):
    """Claimed, and perhaps sent; done; refused, or given up before it was sent; nobody knows."""

    CLAIMED = "claimed"
    DONE = "done"
    REFUSED = "refused"
    UNCLEAR = "unclear"


class ActionRow(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One try of an action: at most one request to Cloud Foundry, ever.

    `confirmation` is the id of the form (or the request, or the guard's stage) that it comes from and is unique: the
    same one delivered twice is one try. In one stand of a deployment only one try may be CLAIMED or DONE.
    """

    id: str
    confirmation: str
    bound: Bound
    user: str
    """Slack id of who acts; "" for the bot itself."""
    account: str
    """The Cloud Foundry account that acts, as people read it."""
    account_guid: str
    channel: str
    claimed_at: datetime
    state: ActionState = ActionState.CLAIMED
    reason: str = ""
    request_id: str = ""
    event_guid: str = ""
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Credential:
    """Whose token an action is done with: a person's access token, or None for the bot's own."""

    account: str
    account_guid: str
    token: Secret | None = field(default=None, repr=False)
