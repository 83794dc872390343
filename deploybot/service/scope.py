"""Which apps a question is about: names, spaces and orgs become guids, foundation by foundation."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from deploybot.domain.access import Target, target_of
from deploybot.domain.deployment import App, Org, Space
from deploybot.domain.near import nearest
from deploybot.domain.page import Trouble
from deploybot.domain.ports import DeploymentsAsk, Foundation
from deploybot.domain.query import Query
from deploybot.domain.wildcard import is_wildcard, matches
from deploybot.errors import UpstreamError, UserError
from deploybot.service.seeing import MOST_APPS
from deploybot.service.walking import Source

GUIDS_PER_REQUEST = 100
"""More would not fit the request line that the proxies in front of a Cloud Controller accept."""

_MOST_SOURCES = 40
"""Up to so many requests list the deployments of a known set of apps; beyond, all are walked and checked here."""

_MOST_NAMED = 5
"""How many of the apps that share a name are named in the note about it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What to ask of whom. `only` holds the apps that rows must belong to where the request cannot say so."""

    sources: tuple[Source, ...] = ()
    only: frozenset[str] | None = None
    targets: tuple[Target, ...] | None = None
    """The apps that are meant; None where it is all that there are."""
    notes: tuple[str, ...] = ()
    troubles: tuple[Trouble, ...] = ()


@dataclass(frozen=True, slots=True)
class _Named:
    """What one foundation made of the question's names. `apps` is None where all apps are meant."""

    foundation: Foundation
    apps: tuple[App, ...] | None = None
    spaces: tuple[Space, ...] = ()
    orgs: tuple[Org, ...] = ()
    complete: bool = True


async def scope_of(
    foundations: Sequence[Foundation], query: Query, ask: DeploymentsAsk, until: float, *, everything: bool = True
) -> Scope:
    """The sources that answer a question. A UserError where a name is nowhere to be found.

    Where not everything may be seen, the apps that the foundations tell of are all that is asked about.
    """
    chosen = choose(foundations, query.foundations)
    answers = await asyncio.gather(*(_tried(foundation, query, until, everything) for foundation in chosen))
    named = [answer for answer in answers if isinstance(answer, _Named)]
    troubles = tuple(answer for answer in answers if isinstance(answer, Trouble))
    notes = [*await _missing(named, query, until, bool(troubles)), *_shared_names(named, query)]
    notes += [_incomplete(one.foundation.name, everything) for one in named if not one.complete]
    return Scope(
        sources=tuple(source for one in named for source in _sources(one, ask)),
        only=_only(named),
        targets=_targets(named),
        notes=tuple(notes),
        troubles=troubles,
    )


@dataclass(frozen=True, slots=True)
class NamedApps:
    """Apps by the name of their foundation; a sentence for each name that is nowhere, who could not be asked."""

    apps: tuple[tuple[str, App], ...] = ()
    notes: tuple[str, ...] = ()
    troubles: tuple[Trouble, ...] = ()


async def apps_of(foundations: Sequence[Foundation], query: Query, until: float) -> NamedApps:
    """The apps that the names of a question mean, all where there are none. A UserError where none are left."""
    chosen = choose(foundations, query.foundations)
    answers = await asyncio.gather(*(_tried(foundation, query, until, False) for foundation in chosen))
    named = [answer for answer in answers if isinstance(answer, _Named)]
    troubles = tuple(answer for answer in answers if isinstance(answer, Trouble))
    notes = await _missing(named, query, until, bool(troubles))
    notes += [_incomplete(one.foundation.name, False) for one in named if not one.complete]
    return NamedApps(
        tuple((one.foundation.name, app) for one in named for app in one.apps or ()), tuple(notes), troubles
    )


def _incomplete(foundation: str, everything: bool) -> str:
    """How many apps there are is told only to who may see them all."""
    if everything:
        return f"{foundation} has more than {MOST_APPS:,} apps; only the first of them were looked at"
    return f"not all apps of {foundation} could be looked at; narrow with space= or org="


def choose(foundations: Sequence[Foundation], names: Sequence[str]) -> tuple[Foundation, ...]:
    """The foundations of these names, compared without case; all where none is named."""
    if not names:
        return tuple(foundations)
    known = {foundation.name.casefold(): foundation for foundation in foundations}
    for name in names:
        if name.casefold() not in known:
            raise UserError(f"I know no foundation called {name!r}; I know {', '.join(sorted(known))}.")
    return tuple({name.casefold(): known[name.casefold()] for name in names}.values())


async def _tried(foundation: Foundation, query: Query, until: float, everything: bool) -> _Named | Trouble:
    try:
        return await _named(foundation, query, until, everything)
    except UpstreamError as error:
        return Trouble(error.foundation, error.reason)


async def _named(foundation: Foundation, query: Query, until: float, everything: bool) -> _Named:
    if everything and not (query.apps or query.spaces or query.orgs):
        return _Named(foundation)
    spaces, orgs = await asyncio.gather(
        _spaces(foundation, query, until), foundation.find_orgs(query.orgs, until) if query.orgs else _nothing()
    )
    if query.orgs:
        spaces = tuple(space for space in spaces if space.org and space.org.guid in {org.guid for org in orgs})
    if (query.spaces and not spaces) or (query.orgs and not orgs):
        return _Named(foundation, (), spaces, orgs)
    apps, complete = await _apps(foundation, query, spaces, orgs, until)
    return _Named(foundation, apps, spaces, orgs, complete)


async def _nothing() -> tuple[Org, ...]:
    return ()


async def _spaces(foundation: Foundation, query: Query, until: float) -> tuple[Space, ...]:
    return await foundation.find_spaces(query.spaces, until) if query.spaces else ()


async def _apps(
    foundation: Foundation, query: Query, spaces: Sequence[Space], orgs: Sequence[Org], until: float
) -> tuple[tuple[App, ...], bool]:
    """The apps that are meant. Spaces are narrower than their orgs, so orgs are asked for only without them."""
    space_guids = tuple(space.guid for space in spaces)
    org_guids = () if spaces else tuple(org.guid for org in orgs)
    literal = [word for word in query.apps if not is_wildcard(word)]
    patterns = [word for word in query.apps if is_wildcard(word)]
    apps: list[App] = []
    complete = True
    if literal:
        found = await foundation.find_apps(names=literal, space_guids=space_guids, org_guids=org_guids, until=until)
        apps += found.apps
    if patterns or not query.apps:
        found = await foundation.find_apps(space_guids=space_guids, org_guids=org_guids, at_most=MOST_APPS, until=until)
        complete = found.complete
        apps += [app for app in found.apps if not patterns or any(matches(word, app.name) for word in patterns)]
    return tuple({app.guid: app for app in apps}.values()), complete


def _sources(named: _Named, ask: DeploymentsAsk) -> tuple[Source, ...]:
    if named.apps is None or _is_too_large(named):
        return (Source(named.foundation, ask),)
    guids = sorted(app.guid for app in named.apps)
    chunks = [guids[at : at + GUIDS_PER_REQUEST] for at in range(0, len(guids), GUIDS_PER_REQUEST)]
    return tuple(Source(named.foundation, replace(ask, app_guids=tuple(chunk))) for chunk in chunks)


def _is_too_large(named: _Named) -> bool:
    return len(named.apps or ()) > _MOST_SOURCES * GUIDS_PER_REQUEST


def _only(named: Sequence[_Named]) -> frozenset[str] | None:
    """The check sees the rows of all foundations, so it needs the apps of all."""
    if not any(map(_is_too_large, named)):
        return None
    return frozenset(app.guid for one in named for app in one.apps or ())


def _targets(named: Sequence[_Named]) -> tuple[Target, ...] | None:
    if any(one.apps is None for one in named):
        return None
    return tuple(target_of(one.foundation.name, app) for one in named for app in one.apps or ())


async def _missing(named: Sequence[_Named], query: Query, until: float, troubled: bool) -> list[str]:
    """A sentence for each name that no foundation knows; a UserError where nothing is left to ask about.

    Nothing where none could be asked.
    """
    if not named:
        return []
    missing = {
        "org": _unknown(query.orgs, [(org.name, org.guid) for one in named for org in one.orgs]),
        "space": _unknown(query.spaces, [(space.name, space.guid) for one in named for space in one.spaces]),
    }
    if not missing["org"] and not missing["space"]:
        missing["app"] = _unknown(query.apps, [(app.name, app.guid) for one in named for app in one.apps or ()])
    asked = {"org": query.orgs, "space": query.spaces, "app": query.apps}
    notes = [await _sentence(kind, word, named, query, until) for kind, words in missing.items() for word in words]
    nothing_left = any(words and len(words) == len(asked[kind]) for kind, words in missing.items())
    if notes and nothing_left and not troubled:
        raise UserError(" ".join(notes))
    return notes


def _unknown(words: Sequence[str], known: Sequence[tuple[str, str]]) -> list[str]:
    names = [name for pair in known for name in pair]
    return [word for word in words if not any(matches(word, name) for name in names)]


async def _sentence(kind: str, word: str, named: Sequence[_Named], query: Query, until: float) -> str:
    near = nearest(word, await _names(kind, named, until))
    hint = f" Did you mean {' or '.join(near)}?" if near else f" Check the name, or leave {kind}= out to see all."
    return f"I can see no {kind} called {word!r} in {_where(kind, named, query)}.{hint}"


def _where(kind: str, named: Sequence[_Named], query: Query) -> str:
    """Where a name was looked for: in the spaces or orgs asked for, else in whole foundations."""
    if kind == "app" and query.spaces:
        return f"space {' or '.join(query.spaces)}"
    if kind != "org" and query.orgs:
        return f"org {' or '.join(query.orgs)}"
    return " or ".join(one.foundation.name for one in named) or "any foundation"


async def _names(kind: str, named: Sequence[_Named], until: float) -> list[str]:
    """All names of a kind, to suggest near ones from: an extra, so a foundation that cannot tell is left out."""
    answers = await asyncio.gather(
        *(_names_in(kind, one, until) for one in named),
        return_exceptions=True,
    )
    for answer in answers:
        if isinstance(answer, BaseException) and not isinstance(answer, UpstreamError):
            raise answer
    return sorted({name for answer in answers if not isinstance(answer, BaseException) for name in answer})


async def _names_in(kind: str, named: _Named, until: float) -> list[str]:
    foundation = named.foundation
    if kind == "org":
        return [org.name for org in await foundation.find_orgs((), until)]
    if kind == "space":
        inside = {org.guid for org in named.orgs}
        return [
            space.name
            for space in await foundation.find_spaces((), until)
            if not inside or (space.org and space.org.guid in inside)
        ]
    spaces = [space.guid for space in named.spaces]
    orgs = [] if spaces else [org.guid for org in named.orgs]
    return [app.name for app in (await foundation.find_apps(space_guids=spaces, org_guids=orgs, until=until)).apps]


def _shared_names(named: Sequence[_Named], query: Query) -> list[str]:
    """A note for each name that several apps share: the answer is about all of them."""
    words = {word.casefold() for word in query.apps if not is_wildcard(word)}
    homes: dict[str, list[str]] = {}
    for one in named:
        for app in one.apps or ():
            if app.name.casefold() in words:
                homes.setdefault(app.name.casefold(), []).append(_home(app, one, len(named) > 1))
    return [_shared(name, sorted(places)) for name, places in homes.items() if len(places) > 1]


def _shared(name: str, places: Sequence[str]) -> str:
    named = ", ".join(places[:_MOST_NAMED])
    more = f" and {len(places) - _MOST_NAMED} more" if len(places) > _MOST_NAMED else ""
    return f"{name} is the name of {len(places)} apps: {named}{more}; narrow with space= or org="


def _home(app: App, named: _Named, several: bool) -> str:
    place = f"{app.space.org.name}/{app.space.name}" if app.space and app.space.org else "an unseen space"
    return f"{named.foundation.name}: {place}" if several else place
