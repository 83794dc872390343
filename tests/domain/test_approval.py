"""Who may agree to an action: never who asked for it, never who started the deployment."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from deploybot.domain.acting import Action, Bound, Stand
from deploybot.domain.approval import (
    NOBODY_KNOWS,
    Approval,
    ApprovalState,
    Parties,
    Starter,
    decided_words,
    has_expired,
    has_moved,
    starter_in,
    starter_of,
    why_not_agree,
)
from deploybot.domain.deployment import Person
from tests.domain.making import NOW, entry

ANN = Starter("user-ann", "ann@example.com", is_person=True)
PIPELINE = Starter("ci-client", "ci-client")
PAUSED = Stand("ACTIVE", "PAUSED", 2)


def parties(
    *,
    approver: str = "U2",
    account: str = "user-bob",
    starter: Starter = ANN,
    asker_accounts: frozenset[str] = frozenset({"user-cat"}),
    past: frozenset[str] = frozenset(),
) -> Parties:
    return Parties("U1", asker_accounts, starter, approver, account, past)


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (parties(), ""),
        (parties(approver="U1"), "You asked for this yourself"),
        (parties(approver="U1", account=""), "You asked for this yourself"),
        (parties(approver=""), "You asked for this yourself"),
        (parties(account="user-cat"), "the same Cloud Foundry account"),
        (parties(account="user-ann"), "You started this deployment"),
        (parties(past=frozenset({"user-bob", "user-ann"})), "You were linked to the account that started"),
        (parties(past=frozenset({"user-bob", "user-dan"})), ""),
        (parties(account="", starter=NOBODY_KNOWS, past=frozenset({""})), ""),
        (parties(account=""), "started by ann@example.com, and I can't tell whether that is you"),
        (parties(account="", starter=PIPELINE), ""),
        (parties(account="user-bob", starter=PIPELINE), ""),
        (parties(account="", starter=NOBODY_KNOWS), ""),
        (parties(account="", starter=NOBODY_KNOWS, asker_accounts=frozenset({""})), ""),
        (parties(account="user-cat", starter=NOBODY_KNOWS), "the same Cloud Foundry account"),
        (parties(approver="U1", account="user-bob", starter=NOBODY_KNOWS), "You asked for this yourself"),
    ],
)
def test_who_may_agree(who: Parties, said: str) -> None:
    told = why_not_agree(who)
    assert said in told
    assert bool(told) == bool(said)


ACCOUNTS = st.sampled_from(["", "a1", "a2", "a3"])
USERS = st.sampled_from(["", "U1", "U2", "U3"])
STARTERS = st.just(NOBODY_KNOWS) | st.builds(
    Starter, st.sampled_from(["a1", "a2", "a3"]), st.just("name"), is_person=st.booleans()
)
ANYBODY = st.builds(Parties, USERS, st.frozensets(ACCOUNTS), STARTERS, USERS, ACCOUNTS)


@given(ANYBODY)
def test_nobody_who_asked_or_started_can_ever_agree(who: Parties) -> None:
    """The world: Slack users with an account each; the starter is an account, and may be linked or not."""
    asked = who.approver == who.asked_by or (who.approver_account and who.approver_account in who.asker_accounts)
    started = bool(who.approver_account) and who.approver_account == who.starter.guid
    may_have_started = who.starter.is_person and not who.approver_account
    if asked or started or may_have_started:
        assert why_not_agree(who)
    elif who.approver:
        assert not why_not_agree(who)


@pytest.mark.parametrize(
    ("person", "starter"),
    [
        (Person("user-ann", "ann@example.com"), ANN),
        (Person("ci-client", ""), PIPELINE),
        (Person("", "ann@example.com"), NOBODY_KNOWS),
        (None, NOBODY_KNOWS),
    ],
)
def test_a_starter_without_a_name_is_a_client(person: Person | None, starter: Starter) -> None:
    assert starter_of(person) == starter


@pytest.mark.parametrize(
    ("changes", "starter"),
    [
        ({}, ANN),
        ({"by": "ci-client", "by_guid": "ci-client"}, PIPELINE),
        ({"by": "", "by_guid": ""}, NOBODY_KNOWS),
    ],
)
def test_the_ledger_remembers_who_started_it(changes: dict[str, str], starter: Starter) -> None:
    assert starter_in(entry(**changes)) == starter


def test_of_what_the_ledger_does_not_know_nobody_knows_the_starter() -> None:
    assert starter_in(None) == NOBODY_KNOWS


REQUEST = Approval(
    id="a1",
    bound=Bound(action=Action.CONTINUE, foundation="eu", guid="d-1", stand=PAUSED),
    app="checkout",
    space="prod",
    org="shop",
    asked_by="U1",
    asked_account="cat@example.com",
    asked_account_guid="user-cat",
    channel="C1",
    asked_at=NOW,
    expires_at=NOW + timedelta(minutes=30),
)


def test_a_request_runs_out_at_its_instant() -> None:
    assert not has_expired(REQUEST, REQUEST.expires_at - timedelta(microseconds=1))
    assert has_expired(REQUEST, REQUEST.expires_at)


@pytest.mark.parametrize(
    "stand", [None, Stand("ACTIVE", "PAUSED", 3), Stand("ACTIVE", "DEPLOYING", 2), Stand("FINALIZED", "DEPLOYED", 2)]
)
def test_a_request_is_void_once_anything_moved(stand: Stand | None) -> None:
    assert has_moved(REQUEST, stand)
    assert not has_moved(REQUEST, PAUSED)


@pytest.mark.parametrize("state", ApprovalState)
def test_whoever_comes_late_is_told_what_became_of_it(state: ApprovalState) -> None:
    assert decided_words(replace(REQUEST, state=state)).endswith(".")
