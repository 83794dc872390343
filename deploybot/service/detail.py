"""`/deployments show`: one deployment in full, by its guid or as the newest of an app."""

import asyncio
import re
from dataclasses import dataclass, replace
from datetime import datetime

from deploybot.domain.access import ALL_SEEN, Sight
from deploybot.domain.advice import advice
from deploybot.domain.deployment import Event, Revision
from deploybot.domain.page import Detail, Trouble
from deploybot.domain.paging import FIRST, key_of
from deploybot.domain.ports import Foundation
from deploybot.domain.query import Query, Sort
from deploybot.domain.question import counted
from deploybot.errors import UpstreamError, UserError
from deploybot.service.listing import Listing
from deploybot.service.rows import to_rows
from deploybot.service.scope import choose
from deploybot.service.seeing import seen_by
from deploybot.service.walking import Found

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


async def detail(
    listing: Listing, subject: str, query: Query, now: datetime, until: float, sight: Sight = ALL_SEEN
) -> Detail:
    """The deployment of this guid, else the newest one of the app of this name or guid that fits the filters.

    Raises a UserError where there is none, and an UpstreamError where no foundation could tell. What
    the sight leaves out is as if it were not there.
    """
    located = await locate(listing, subject, query, now, until, sight)
    return await _full(listing, located.found, now, until, located.notes, located.troubles)


@dataclass(frozen=True, slots=True)
class Located:
    """One deployment, with what is to be said about the search for it."""

    found: Found
    notes: tuple[str, ...] = ()
    troubles: tuple[Trouble, ...] = ()


async def locate(
    listing: Listing, subject: str, query: Query, now: datetime, until: float, sight: Sight = ALL_SEEN
) -> Located:
    """The deployment that `detail` is about, without what is around it; raises the same."""
    foundations = choose(seen_by(sight, listing.foundations), query.foundations)
    if _GUID.fullmatch(subject):
        found, troubles = await _by_guid(foundations, subject, query, until)
        if found:
            return Located(found, (), troubles)
    return await _newest(listing, foundations, subject, query, now, until, sight)


async def _by_guid(
    foundations: tuple[Foundation, ...], guid: str, query: Query, until: float
) -> tuple[Found | None, tuple[Trouble, ...]]:
    """The first foundation that has it ends the search: one that is slow takes no time from the rest of the answer."""
    asked = [asyncio.create_task(_tried(foundation, guid, query, until)) for foundation in foundations]
    troubles: list[Trouble] = []
    try:
        for coming in asyncio.as_completed(asked):
            match await coming:
                case Found() as found:
                    return found, tuple(troubles)
                case Trouble() as trouble:
                    troubles.append(trouble)
        return None, tuple(troubles)
    finally:
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)


async def _tried(foundation: Foundation, guid: str, query: Query, until: float) -> Found | Trouble | None:
    try:
        deployment = await foundation.deployment(guid, until)
    except UpstreamError as error:
        return Trouble(error.foundation, error.reason)
    return Found(foundation, key_of(foundation.name, deployment, query.sort), deployment) if deployment else None


async def _newest(
    listing: Listing,
    foundations: tuple[Foundation, ...],
    subject: str,
    query: Query,
    now: datetime,
    until: float,
    sight: Sight,
) -> Located:
    asked = replace(query, apps=(subject,), per_page=1, page=1, sort=Sort())
    try:
        page = await listing.page(asked, FIRST, now, until, sight)
    except UserError as problem:
        if _GUID.fullmatch(subject) and repr(subject) in str(problem):
            raise UserError(
                f"I can see no deployment and no app with the guid {subject}; it may be pruned, or not visible to me."
            ) from problem
        raise
    if not page.rows and page.troubles:
        raise UpstreamError(page.troubles[0].foundation, page.troubles[0].reason)
    if not page.rows:
        raise UserError(f"I can see no deployment of {subject} that fits; ask app={subject} to see all of them.")
    row = page.rows[0]
    foundation = next(one for one in foundations if one.name == row.foundation)
    found = Found(foundation, key_of(row.foundation, row.deployment, query.sort), row.deployment)
    notes = (*page.notes, f"the newest of {counted(page.total, asked)}") if page.next else page.notes
    return Located(found, notes, page.troubles)


async def _full(
    listing: Listing,
    found: Found,
    now: datetime,
    until: float,
    notes: tuple[str, ...],
    troubles: tuple[Trouble, ...],
) -> Detail:
    rows, events, revision = await asyncio.gather(
        to_rows([found], listing.rules, now, until),
        _events(found, until),
        _revision(found, until),
    )
    row = rows.rows[0]
    return Detail(
        row=row,
        as_of=now,
        advice=advice(row),
        events=events,
        revision=revision,
        several_foundations=len(listing.foundations) > 1,
        notes=notes,
        troubles=(*troubles, *rows.troubles),
    )


async def _events(found: Found, until: float) -> tuple[Event, ...] | None:
    return await found.foundation.events(found.deployment, until)


async def _revision(found: Found, until: float) -> Revision | None:
    return await found.foundation.revision(found.deployment, until)
