"""Links: kept sealed, opened by any key, replaced once, and never to be read in the database."""

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text

from deploybot.domain.audit import AuditEvent, AuditKind, AuditOutcome
from deploybot.domain.link import UNOPENED, Link
from deploybot.domain.secret import Secret
from deploybot.settings.model import StoreSettings
from deploybot.store.engine import open_database
from deploybot.store.opening import Store, open_store
from deploybot.store.sealing import Seals
from tests.store.making import at

OLD, NEW = (Secret(Fernet.generate_key().decode()) for _ in range(2))
TOKEN = "a-refresh-token-of-alice"


def link(user: str = "U1", foundation: str = "eu", token: str = TOKEN) -> Link:
    return Link(user, foundation, "guid-alice", "alice", ("openid",), at(0), Secret(token))


def event(id_: str = "e1", kind: AuditKind = AuditKind.LINK) -> AuditEvent:
    return AuditEvent(id=id_, at=at(0), kind=kind, outcome=AuditOutcome.DONE, user="U1", foundation="eu")


def everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def stored(settings: StoreSettings, column: str, table: str = "links") -> list[str]:
    url = settings.database_url.get_secret_value() if settings.database_url else ""
    database = open_database(url, settings.data_dir)
    try:
        async with database.reading() as connection:
            return list((await connection.execute(text(f"SELECT {column} FROM {table} ORDER BY 1"))).scalars())
    finally:
        await database.close()


async def test_a_link_is_read_as_it_was_stored_with_its_event(settings: StoreSettings) -> None:
    async with open_store(settings, link_keys=[OLD]) as store:
        await store.links.put(link(), event())
        assert await store.links.one("U1", "eu") == link()
        assert await store.links.of("U1") == (link(),)
        assert await store.links.of_account("eu", "guid-alice") == (link(),)
        assert await store.links.one("U2", "eu") is None
        assert await store.links.of_account("us", "guid-alice") == ()
    assert await stored(settings, "id", "audit") == ["e1"]


async def test_another_link_takes_the_place_of_the_first(settings: StoreSettings) -> None:
    async with open_store(settings, link_keys=[OLD]) as store:
        await store.links.put(replace(link(), broken="revoked", revision=7), event())
        await store.links.put(link(token="another"), event("e2"))
        assert await store.links.of("U1") == (link(token="another"),)


async def test_any_key_opens_and_the_first_one_seals(settings: StoreSettings) -> None:
    async with open_store(settings, link_keys=[OLD]) as store:
        await store.links.put(link(), event())
    async with open_store(settings, link_keys=[NEW, OLD]) as store:
        assert await store.links.one("U1", "eu") == link()
    async with open_store(settings, link_keys=[NEW]) as store:
        assert await store.links.one("U1", "eu") == link()


@pytest.mark.parametrize("keys", [[NEW], []])
async def test_what_no_key_opens_must_be_linked_anew_but_is_not_lost(
    settings: StoreSettings, keys: list[Secret]
) -> None:
    async with open_store(settings, link_keys=[OLD]) as store:
        await store.links.put(link(), event())
    async with open_store(settings, link_keys=keys) as store:
        assert await store.links.one("U1", "eu") is None
        (shown,) = await store.links.of("U1")
        assert (shown.broken, shown.account, bool(shown.refresh)) == (UNOPENED, "alice", False)
    async with open_store(settings, link_keys=[OLD]) as store:
        assert await store.links.one("U1", "eu") == link()


async def test_a_sealed_token_is_of_no_use_in_another_row(settings: StoreSettings) -> None:
    seals = Seals([OLD])
    sealed = seals.seal(Secret(TOKEN), "U1", "eu")
    assert seals.open(sealed, "U1", "eu") == Secret(TOKEN)
    assert seals.open(sealed, "U2", "eu") is None
    assert seals.open(sealed, "U1", "us") is None
    assert seals.open(sealed[:-2] + "xx", "U1", "eu") is None
    assert seals.open("no token at all é", "U1", "eu") is None


async def test_a_rotated_token_replaces_just_the_one_that_it_came_from(settings: StoreSettings) -> None:
    async with open_store(settings, link_keys=[OLD]) as store:
        await store.links.put(link(), event())
        first = replace(link(token="second"), used_at=at(5))
        assert await store.links.replace(link(), first)
        assert not await store.links.replace(link(), link(token="third"))
        assert await store.links.one("U1", "eu") == replace(first, revision=2)


async def test_a_link_made_anew_is_not_replaced_by_what_came_of_the_earlier_one(settings: StoreSettings) -> None:
    async with open_store(settings, link_keys=[OLD]) as store:
        await store.links.put(link(), event())
        anew = replace(link(token="anew"), linked_at=at(60))
        await store.links.put(anew, event("e2"))
        assert not await store.links.replace(link(), replace(link(), broken="revoked"))
        assert await store.links.one("U1", "eu") == anew


async def test_a_broken_link_keeps_no_token(settings: StoreSettings) -> None:
    async with open_store(settings, link_keys=[OLD]) as store:
        await store.links.put(link(), event())
        assert await store.links.replace(link(), replace(link(), broken="it was revoked"))
        (broken,) = await store.links.of("U1")
        assert (broken.broken, bool(broken.refresh)) == ("it was revoked", False)
    assert await stored(settings, "sealed") == [""]


async def test_a_removed_link_is_gone_and_only_that_is_on_the_record(settings: StoreSettings) -> None:
    async with open_store(settings, link_keys=[OLD]) as store:
        await store.links.put(link(), event())
        assert await store.links.remove("U1", "eu", event("e2", AuditKind.UNLINK))
        assert not await store.links.remove("U1", "eu", event("e3", AuditKind.UNLINK))
        assert await store.links.of("U1") == ()
    assert await stored(settings, "id", "audit") == ["e1", "e2"]


async def test_no_token_can_be_read_in_the_database_file(tmp_path: Path) -> None:
    settings = StoreSettings(data_dir=tmp_path)
    async with open_store(settings, link_keys=[OLD]) as store:
        await store.links.put(link(), event())
        await store.links.replace(link(), link(token=TOKEN + "-rotated"))
        written = everything_in(tmp_path)
    assert TOKEN.encode() not in written + everything_in(tmp_path)
    assert b"guid-alice" in written


async def test_neither_tokens_nor_keys_are_shown(store: Store) -> None:
    shown = repr((link(), Seals([OLD]), OLD, store))
    assert TOKEN not in shown
    assert OLD.reveal() not in shown
    with pytest.raises(RuntimeError, match="no key") as caught:
        await store.links.put(link(), event())
    assert TOKEN not in repr(caught.value)
    assert await store.links.of("U1") == ()
