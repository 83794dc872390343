"""Who may read the record sees what their rules allow, nothing else is counted, and that they looked is on it."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from secrets import token_hex

import pytest
import pytest_asyncio
from msgspec import structs

from deploybot.domain.access import Effect, Right, Rule
from deploybot.domain.audit import AuditAsk, AuditKind, AuditOutcome
from deploybot.domain.audit_question import AuditTurn, first_turn
from deploybot.domain.grammar import parse
from deploybot.domain.pattern import Pattern
from deploybot.errors import UserError
from deploybot.service.auditing import Auditing, AuditPage
from deploybot.settings.model import StoreSettings
from deploybot.store.opening import Store, open_store
from tests.fake_directory import FakeDirectory
from tests.store.making import NOON, event

NOW = NOON + timedelta(hours=1)
ALL = Rule("auditors", ("U1",), frozenset({Right.AUDIT}))
PROD = Rule("prod-auditors", ("U1",), frozenset({Right.AUDIT}), on=(Pattern(spaces=("prod",)),))


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """Twelve continues in prod and in test by turns, a minute apart, and a link, which is about no app."""
    async with open_store(StoreSettings(data_dir=tmp_path)) as opened:
        for number in range(12):
            space = "prod" if number % 2 else "test"
            at = NOON + timedelta(minutes=number)
            await _note(opened, f"e{number}", AuditKind.CONTINUE, at=at, app="checkout", org="shop", space=space)
        await _note(opened, "link", AuditKind.LINK, at=NOON + timedelta(minutes=30))
        yield opened


async def _note(store: Store, id_: str, kind: AuditKind, at: datetime, **more: str) -> None:
    await store.actions.note(structs.replace(event(id_, kind, foundation="eu", user="U7", **more), at=at))


def turn(text: str = "audit") -> AuditTurn:
    return first_turn(parse(text), NOW)


async def page(store: Store, *rules: Rule, asked: str = "audit", user: str = "U1", channel: str = "C1") -> AuditPage:
    audits = Auditing(store.actions, FakeDirectory(), rules, partial(token_hex, 8))
    return await audits.page(turn(asked), user, channel, NOW)


def ids(found: AuditPage) -> list[str]:
    return [one.id for one in found.events]


async def test_who_may_see_all_of_it_sees_the_newest_first(store: Store) -> None:
    found = await page(store, ALL)
    assert found.total == 13
    assert ids(found) == ["link", *(f"e{number}" for number in range(11, 2, -1))]
    assert not found.narrowed


async def test_who_may_see_some_apps_sees_and_counts_only_these(store: Store) -> None:
    found = await page(store, PROD, asked="audit per_page=4")
    assert (found.total, ids(found), found.narrowed) == (6, ["e11", "e9", "e7", "e5"], True)
    further = await page(store, PROD, asked="audit per_page=4 page=2")
    assert (further.total, ids(further)) == (6, ["e3", "e1"])
    assert ids(await page(store, PROD, asked="audit per_page=4 page=3")) == []


@pytest.mark.parametrize("per_page", [1, 3, 5, 25])
async def test_the_pages_together_are_all_of_it_once(store: Store, per_page: int) -> None:
    for rule, total in ((ALL, 13), (PROD, 6)):
        turned: list[str] = []
        for number in range(1, 20):
            turned += ids(await page(store, rule, asked=f"audit per_page={per_page} page={number}"))
        assert len(turned) == len(set(turned)) == total


async def test_what_may_not_be_read_is_not_on_the_record_either(store: Store) -> None:
    reads = Rule("test-only", ("U1",), frozenset({Right.READ}), on=(Pattern(spaces=("test",)),))
    found = await page(store, ALL, reads)
    assert (found.total, ids(found)) == (6, ["e10", "e8", "e6", "e4", "e2", "e0"])


async def test_a_deny_hides_what_it_is_about_and_all_of_which_nobody_knows_what_it_is_about(store: Store) -> None:
    deny = Rule("not-prod", ("U1",), frozenset({Right.AUDIT}), on=(Pattern(spaces=("prod",)),), effect=Effect.DENY)
    found = await page(store, ALL, deny)
    assert found.total == 6
    assert "link" not in ids(found)


@pytest.mark.parametrize(
    ("rules", "user", "channel"),
    [
        ((), "U1", "C1"),
        ((ALL,), "U2", "C1"),
        ((Rule("readers", ("U1",), frozenset({Right.READ, Right.CANCEL})),), "U1", "C1"),
        ((Rule("ops-only", ("U1",), frozenset({Right.AUDIT}), where=("C9",)),), "U1", "C1"),
        ((ALL, Rule("nobody", ("U1",), frozenset({Right.AUDIT}), effect=Effect.DENY)), "U1", "C1"),
        ((ALL, Rule("nobody", ("U1",), frozenset({Right.READ}), effect=Effect.DENY)), "U1", "C1"),
    ],
)
async def test_nobody_else_sees_anything_and_that_they_tried_is_on_the_record(
    store: Store, rules: tuple[Rule, ...], user: str, channel: str
) -> None:
    with pytest.raises(UserError, match="/deployments access"):
        await page(store, *rules, user=user, channel=channel)
    _, (tried, *_) = await store.actions.audit(AuditAsk(), 0, 1)
    assert (tried.kind, tried.outcome, tried.user) == (AuditKind.READ_AUDIT, AuditOutcome.REFUSED, user)
    assert tried.rule == ""


async def test_that_it_was_read_is_on_the_record_and_not_in_its_own_answer(store: Store) -> None:
    found = await page(store, ALL, asked="audit continue app=checkout per_page=5 page=2")
    assert all(one.kind is AuditKind.CONTINUE for one in found.events)
    _, (read, *_) = await store.actions.audit(AuditAsk(kinds=("audit",)), 0, 5)
    assert (read.user, read.channel, read.at, read.rule) == ("U1", "C1", NOW, "auditors")
    assert read.told == "audit continue app=checkout per_page=5, from event 6 on"
    assert read.outcome is AuditOutcome.DONE


async def test_a_later_page_of_a_question_shows_nothing_that_happened_since(store: Store) -> None:
    await _note(store, "later", AuditKind.CANCEL, at=NOW + timedelta(seconds=1))
    assert ids(await page(store, ALL))[0] == "link"


async def test_a_question_that_cannot_be_asked_is_told_so(store: Store) -> None:
    with pytest.raises(UserError, match="Nothing can lie between"):
        await page(store, ALL, asked="audit since=1h until=2h")
