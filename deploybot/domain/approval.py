"""A second person's agreement to an action: the request as a value, and who may agree."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec

from deploybot.domain.acting import Bound, Stand
from deploybot.domain.deployment import Person
from deploybot.domain.ledger import Entry


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
    consequences: tuple[str, ...] = ()
    """What the action will do, in sentences, as the asker read it."""
    steps: int | None = None
    """How many steps the canary has."""
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


@dataclass(frozen=True, slots=True)
class Starter:
    """Who started a deployment, as far as audit events tell: guid and as people read it, "" where nobody knows."""

    guid: str = ""
    name: str = ""
    is_person: bool = False


NOBODY_KNOWS = Starter()


def starter_of(person: Person | None) -> Starter:
    """The starter as an audit event names them: a client's name is empty, then its guid is its client id."""
    if person is None or not person.guid:
        return NOBODY_KNOWS
    return Starter(person.guid, person.shown, is_person=bool(person.name))


def starter_in(entry: Entry | None) -> Starter:
    """The starter as the ledger remembers them, also when the audit event is long gone."""
    if entry is None or not entry.by_guid:
        return NOBODY_KNOWS
    is_person = bool(entry.by) and entry.by != entry.by_guid
    return Starter(entry.by_guid, entry.by or entry.by_guid, is_person=is_person)


@dataclass(frozen=True, slots=True)
class Parties:
    """Who is who for a request, at the moment at which somebody wants to agree.

    `asker_accounts` are the guids of the Cloud Foundry accounts that the asker is linked with or acts with;
    `approver_account` is the guid of the approver's linked account on that foundation, "" without a link.
    """

    asked_by: str
    asker_accounts: frozenset[str]
    starter: Starter
    approver: str
    approver_account: str
    approver_past: frozenset[str] = frozenset()
    """The accounts that the approver was linked with before: linking another one makes nobody somebody else."""


def why_not_agree(parties: Parties) -> str:
    """A sentence why this person may not agree, "" where they may as far as who they are decides."""
    account, starter = parties.approver_account, parties.starter
    if not parties.approver or parties.approver == parties.asked_by:
        return "You asked for this yourself, so somebody else has to agree."
    if account and account in parties.asker_accounts:
        return "You are linked to the same Cloud Foundry account as the person who asked: somebody else has to agree."
    if account and account == starter.guid:
        return "You started this deployment, so somebody else has to agree."
    if starter.guid and starter.guid in parties.approver_past:
        return "You were linked to the account that started this deployment, so somebody else has to agree."
    if starter.is_person and not account:
        return (
            f"It was started by {starter.name}, and I can't tell whether that is you: connect your account with "
            "/deployments link, then agree."
        )
    return ""


def has_expired(approval: Approval, now: datetime) -> bool:
    """From `expires_at` on nobody can agree."""
    return now >= approval.expires_at


def has_moved(approval: Approval, stand: Stand | None) -> bool:
    """Whether the deployment is not where it was when it was asked for; None where it is no more."""
    return stand != approval.bound.stand


def decided_words(approval: Approval) -> str:
    """What became of a request that is not open any more, as a sentence for whoever comes late."""
    match approval.state:
        case ApprovalState.OPEN:
            return "It still waits for a second person."
        case ApprovalState.AGREED:
            return "Somebody has agreed already."
        case ApprovalState.DECLINED:
            return "It has been declined already."
        case ApprovalState.EXPIRED:
            return "The request has run out: ask again if it is still wanted."
        case ApprovalState.VOID:
            return "The deployment has moved on since, so the request is void."
