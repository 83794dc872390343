"""A second person's agreement to an action: the request as a value, and who may agree."""

from datetime import datetime
from enum import StrEnum

import msgspec

from deploybot.domain.acting import Bound


class ApprovalState(StrEnum):
    """Open; agreed (and the action claimed); declined by somebody; over; void, since the deployment moved on."""

    OPEN = "open"
    AGREED = "agreed"
    DECLINED = "declined"
    EXPIRED = "expired"
    VOID = "void"


class Approval(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A request: who asked for what, who started the deployment, until when, and what became of it.

    `bound.stand` is never None. The action is done with the asker's own account. `starter` is the Cloud Foundry
    account from the audit event (guid and as people read it); `starter_is_person` is False for a client or where it is
    unknown: then the asker alone is excluded, and the request says so.
    """

    id: str
    bound: Bound
    app: str
    space: str
    org: str
    asked_by: str
    """Slack id."""
    asked_account: str
    asked_account_guid: str
    channel: str
    asked_at: datetime
    expires_at: datetime
    rule: str = ""
    starter: str = ""
    starter_guid: str = ""
    starter_is_person: bool = False
    state: ApprovalState = ApprovalState.OPEN
    decided_by: str = ""
    decided_account: str = ""
    decided_at: datetime | None = None
    told: str = ""
    """What came of it in words."""
    revision: int = 1
    shown: int = 0
    """The revision that the request's message shows."""
