"""Looks at the database: reachable, of this version's form, writable, with room, and its links opened by our keys."""

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from deploybot.domain.finding import Finding, Level
from deploybot.domain.secret import Secret
from deploybot.errors import ConfigError
from deploybot.service.aside import aside
from deploybot.settings.model import StoreSettings
from deploybot.store.examining_directory import AREA, directory_findings, look_at
from deploybot.store.migrating import HEAD, known_revisions
from deploybot.store.opening import place_of, refusal_of
from deploybot.store.peeking import Peek, Server, file_of, peek
from deploybot.store.sealing import Seals

CHECKS: Mapping[str, tuple[str, str]] = {
    "reachable": (
        "Whether the database can be opened: the SQLite file, or PostgreSQL by its URL.",
        "As it says: the URL, the server, the password, or the file's permissions.",
    ),
    "form": (
        "Whether the tables are those of this version. An older form is brought up to date at the next start, for "
        "good; a newer one is refused.",
        "Run the newer version, or give this one another database.",
    ),
    "writable": (
        "Whether something can be written. It is tried, and taken back.",
        "Give the bot's user, or its role, the right to write; end what holds the database locked.",
    ),
    "silenced": (
        "Channels that the bot itself stopped telling, since posting there failed. What a person paused is left out.",
        "Put right what it says, then resume the subscriptions there: `/deployments subscriptions`.",
    ),
    "size": ("How large the database is.", "Nothing has to be done; `DEPLOYBOT_RETENTION` bounds it."),
    "directory": (
        "SQLite: whether the directory is the bot's alone (mode 0700), writable, and on a local disk.",
        "Change its owner or mode, or set `DEPLOYBOT_DATA_DIR` to another one.",
    ),
    "disk-space": (
        "SQLite: whether there is room where the file is. Under 500 MB is a warning, under 50 MB a failure.",
        "Make room, or shorten `DEPLOYBOT_RETENTION`.",
    ),
    "server-version": (
        "PostgreSQL: its version. Those before 15 are not what deploybot is tested with.",
        "Upgrade the server when you can.",
    ),
    "create-rights": (
        "PostgreSQL: whether the role may make the tables at the first start, and change them after an upgrade.",
        "Grant it `CREATE` on the schema, and make it the owner of the tables.",
    ),
    "connections": (
        "PostgreSQL: whether ten more connections can be opened, which a replica may need.",
        "Raise `max_connections` or the role's limit, or run fewer replicas.",
    ),
    "clock": (
        "PostgreSQL: how far the server's clock is from this machine's. Replicas agree by their clocks on whose turn "
        "it is.",
        "Set both clocks by NTP.",
    ),
    "link-keys": (
        "Whether the configured keys open the linked accounts that are stored, and whether an older key can go.",
        "Add the key that they were sealed with behind the new one, or have those people link again.",
    ),
}
"""What each check looks at, and what to do where it is not well."""

_LONGEST = 10.0
_POOL = 10
_TESTED = 150000
_OFF = 10.0
_MEGA = 1_000_000


@dataclass(frozen=True, slots=True)
class StoreExamination:
    """The port `Examination`. `keys` is None where it is not known which are configured; `now` in seconds."""

    settings: StoreSettings
    keys: Sequence[Secret] | None
    now: Callable[[], float]

    @property
    def area(self) -> str:
        return AREA

    async def findings(self, until: float) -> tuple[Finding, ...]:
        if self.settings.database_url:
            return tuple(await self._of_database(until))
        try:
            there = await aside(partial(look_at, self.settings.data_dir.absolute()))
        except OSError as error:
            says = f"{self.settings.data_dir} can't be looked at ({error.strerror})"
            return (Finding(AREA, "directory", Level.FAILURE, says, "check DEPLOYBOT_DATA_DIR and its permissions"),)
        found = tuple(directory_findings(there))
        if not await aside(file_of(self.settings).exists):
            says = f"there is no database in {self.settings.data_dir} yet: the first start makes it"
            return (*found, Finding(AREA, "form", Level.NOTE, says))
        return (*await self._of_database(until), *found)

    async def _of_database(self, until: float) -> list[Finding]:
        seconds = max(1.0, min(_LONGEST, until - asyncio.get_running_loop().time()))
        try:
            told = await aside(partial(peek, self.settings, seconds, self.now))
        except ConfigError as error:
            return [Finding(AREA, "reachable", Level.FAILURE, error.problems[0], "correct DATABASE_URL")]
        except (SQLAlchemyError, OSError) as error:
            return [unreachable(error, self.settings)]
        return [*database_findings(told), *server_findings(told), *key_findings(told, self.keys)]


def unreachable(error: Exception, settings: StoreSettings) -> Finding:
    """Why the database can't be used, in its own words, with what to look at."""
    reason = refusal_of(error) if isinstance(error, SQLAlchemyError) else type(error).__name__
    fix = next((fix for words, fix in _FIXES if re.search(words, reason)), _CHECK)
    return Finding(AREA, "reachable", Level.FAILURE, f"{place_of(settings)} can't be used ({reason})", fix)


_CHECK = "check DATABASE_URL, or the directory that DEPLOYBOT_DATA_DIR names"
_FIXES = (
    ("password|authentication|role .* does not exist", "correct the user and the password in DATABASE_URL"),
    ("database .* does not exist", "make that database, or correct its name in DATABASE_URL"),
    ("pg_hba|SSL|certificate", "have the server take this machine's connections, or correct sslmode in DATABASE_URL"),
    ("refused|timeout|timed out|resolve|translate|unreachable", "check host and port in DATABASE_URL, and the server"),
    ("not a database", "set DEPLOYBOT_DATA_DIR to another directory, or bring the file back from a backup"),
    ("locked", "end what holds the file locked: only deploybot should have it open"),
    ("too many|remaining connection slots", "end connections that nobody needs, or raise max_connections"),
)


def database_findings(told: Peek) -> Iterator[Finding]:
    """What is true of either database."""
    yield _form(told.revision)
    if told.refused:
        says = f"nothing can be written ({told.refused}), so nothing is told and nobody can act"
        fix = "give the bot the right to write there, or end what holds the database locked"
        yield Finding(AREA, "writable", Level.FAILURE, says, fix)
    else:
        yield Finding(AREA, "writable", Level.OK, "the database can be written to")
    for channel, why in told.silenced:
        fix = "put that right, then resume what is paused there: /deployments subscriptions"
        yield Finding(AREA, "silenced", Level.WARNING, f"nothing is told in {channel} any more: {why}", fix)
    yield Finding(AREA, "size", Level.OK, f"it takes {told.size / _MEGA:.1f} MB")


def _form(revision: str | None) -> Finding:
    if revision is None:
        return Finding(AREA, "form", Level.NOTE, "the database is empty: the first start makes its tables")
    if revision == HEAD:
        return Finding(AREA, "form", Level.OK, f"its tables are those of this version (form {HEAD})")
    if revision in known_revisions():
        says = f"its tables are of form {revision}: the next start brings them to {HEAD}, for good"
        return Finding(AREA, "form", Level.NOTE, says, "make a backup first, if an older version may have to come back")
    says = f"it was brought to form {revision} by a newer deploybot, so this version does not start"
    return Finding(AREA, "form", Level.FAILURE, says, "run that version, or give this one another database")


def server_findings(told: Peek) -> Iterator[Finding]:
    """What is true of PostgreSQL only."""
    if server := told.server:
        yield _version(server)
        yield from _rights(server, told.revision)
        yield _connections(server)
        yield _clock(server)


def _version(server: Server) -> Finding:
    if server.number >= _TESTED:
        return Finding(AREA, "server-version", Level.OK, f"PostgreSQL {server.version}")
    says = f"PostgreSQL {server.version} is older than those that deploybot is tested with (15 and newer)"
    return Finding(AREA, "server-version", Level.NOTE, says, "upgrade the server when you can")


def _rights(server: Server, revision: str | None) -> Iterator[Finding]:
    if revision != HEAD and not server.may_create:
        says = "the role may not make tables in its schema, so the next start fails"
        yield Finding(AREA, "create-rights", Level.FAILURE, says, "GRANT CREATE ON SCHEMA public to the role")
    if server.foreign_tables:
        says = f"another role owns {', '.join(server.foreign_tables)}, so no upgrade can change them"
        level = Level.WARNING if revision == HEAD else Level.FAILURE
        yield Finding(AREA, "create-rights", level, says, "make the bot's role the owner of all its tables")


def _connections(server: Server) -> Finding:
    if server.free >= _POOL:
        return Finding(AREA, "connections", Level.OK, f"at least {_POOL} more connections can be opened")
    says = f"only {max(0, server.free)} more connections can be opened, and a replica may need {_POOL}"
    fix = "raise max_connections, or the limit of the role or database, or run fewer replicas"
    return Finding(AREA, "connections", Level.WARNING, says, fix)


def _clock(server: Server) -> Finding:
    if abs(server.ahead) < _OFF:
        return Finding(AREA, "clock", Level.OK, "this machine's clock and the server's agree")
    way = "behind" if server.ahead > 0 else "ahead of"
    says = f"this machine's clock is {abs(server.ahead):.0f} s {way} the database server's"
    return Finding(
        AREA, "clock", Level.WARNING, says, "set both clocks by NTP: replicas agree by theirs on whose turn it is"
    )


def key_findings(told: Peek, keys: Sequence[Secret] | None) -> Iterator[Finding]:
    """Whether the stored links can be opened. Without any, or where the keys are not known, nothing is said."""
    if keys is None or not told.sealed:
        return
    seals, count = Seals(keys), len(told.sealed)
    closed = sum(seals.open(sealed, user, foundation) is None for user, foundation, sealed in told.sealed)
    if not keys:
        says = f"{_links(count)} stored, but no key is configured: nobody can use their own account"
        yield Finding(AREA, "link-keys", Level.FAILURE, says, "set DEPLOYBOT_LINK_KEYS to the key that sealed them")
    elif closed:
        says = f"{closed} of {count} stored links can't be opened with the configured keys: those people can't act"
        fix = "add the key that sealed them to DEPLOYBOT_LINK_KEYS, behind the new one; else they have to link again"
        yield Finding(AREA, "link-keys", Level.FAILURE, says, fix)
    elif older := sum(seals.renewed(sealed) is not None for _, _, sealed in told.sealed):
        says = f"{older} of {count} stored links are sealed with an older key; the next start seals them with the first"
        yield Finding(AREA, "link-keys", Level.NOTE, says, "take the older key away only after that")
    else:
        yield Finding(AREA, "link-keys", Level.OK, f"{_links(count)} stored, and the first key opens all")


def _links(count: int) -> str:
    return f"{count} link{' is' if count == 1 else 's are'}"
