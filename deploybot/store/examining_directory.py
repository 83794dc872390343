"""Looks at the directory that holds the SQLite file: whether it is the bot's alone, local, and has room."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deploybot.domain.finding import Finding, Level

AREA = "database"
_FEW, _TOO_FEW = 500, 50
"""Megabytes free: from here on a warning, from here on a failure."""
_MEGA = 1_000_000
_OTHERS = 0o077
_REMOTE = frozenset(
    "nfs nfs4 cifs smb3 smbfs ncpfs afs 9p ceph glusterfs lustre beegfs gpfs virtiofs".split()  # noqa: SIM905
) | {"fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.s3fs"}
_ELSEWHERE = "set DEPLOYBOT_DATA_DIR to a directory on a local disk that the bot may write to, or use PostgreSQL"


@dataclass(frozen=True, slots=True)
class Directory:
    """What the file system says. `at` is the directory, or the nearest one that there is on the way to it."""

    wanted: Path
    at: Path
    is_directory: bool
    writable: bool
    mode: int
    owner: int
    me: int
    free: int
    """Bytes."""
    filesystem: str
    """As the kernel calls its type, "" where it does not tell."""


def look_at(wanted: Path) -> Directory:
    """What there is; nothing is made. OSError where even that can't be asked."""
    at = next(one for one in (wanted, *wanted.parents) if one.exists())
    told, room = at.stat(), os.statvfs(at)
    return Directory(
        wanted,
        at,
        is_directory=at.is_dir(),
        writable=os.access(at, os.W_OK | os.X_OK),
        mode=told.st_mode & 0o777,
        owner=told.st_uid,
        me=os.geteuid(),
        free=room.f_bavail * room.f_frsize,
        filesystem=filesystem_of(at.resolve(), _mounts()),
    )


def _mounts() -> str:
    file = Path("/proc/self/mounts")
    return file.read_text(errors="replace") if file.exists() else ""


def filesystem_of(path: Path, mounts: str) -> str:
    """The type of what is mounted there, by a table as in /proc/mounts; the last of several at one place counts."""
    rows = [line.split() for line in mounts.splitlines()]
    found = [(Path(_unescaped(row[1])), row[2]) for row in rows if len(row) > 2]
    there = [(len(place.parts), kind) for place, kind in found if path.is_relative_to(place)]
    deepest = max((depth for depth, _ in there), default=0)
    return next((kind for depth, kind in reversed(there) if depth == deepest), "")


def _unescaped(place: str) -> str:
    """Blanks and the like stand there as octal numbers."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), place)


def directory_findings(told: Directory) -> Iterator[Finding]:
    """What is not as it should be there, and a line where all is."""
    bad = [*_of_access(told), *_of_room(told)]
    yield from bad
    if not bad:
        free = f"{told.free // _MEGA} MB are free"
        yield Finding(AREA, "directory", Level.OK, f"{told.at} is writable and on a local disk, where {free}")


def _of_access(told: Directory) -> Iterator[Finding]:
    if not told.is_directory:
        yield Finding(AREA, "directory", Level.FAILURE, f"{told.at} is no directory", _ELSEWHERE)
    elif not told.writable:
        says = f"{told.at} can't be written to by the user that runs this (number {told.me})"
        yield Finding(AREA, "directory", Level.FAILURE, says, f"give it to the bot's user, or {_ELSEWHERE}")
    if told.filesystem in _REMOTE:
        says = (
            f"{told.at} is on a network file system ({told.filesystem}), where SQLite's write-ahead log does not work"
        )
        yield Finding(AREA, "directory", Level.FAILURE, says, _ELSEWHERE)
    if told.at != told.wanted:
        return
    if told.mode & _OTHERS:
        says = f"others on this machine may look into {told.at} (mode {told.mode:04o}), where people's data is kept"
        yield Finding(AREA, "directory", Level.WARNING, says, f"chmod 700 {told.at}")
    if told.owner != told.me:
        says = f"{told.at} is of the user with the number {told.owner}, and this runs as {told.me}"
        fix = "run doctor as the bot's user: what it says of permissions holds for who runs it"
        yield Finding(AREA, "directory", Level.NOTE, says, fix)


def _of_room(told: Directory) -> Iterator[Finding]:
    megabytes = told.free // _MEGA
    if megabytes < _FEW:
        level = Level.FAILURE if megabytes < _TOO_FEW else Level.WARNING
        says = f"only {megabytes} MB are free at {told.at}; where none is, nothing is kept, and so nothing is told"
        fix = "make room there, or shorten store.retention (DEPLOYBOT_RETENTION)"
        yield Finding(AREA, "disk-space", level, says, fix)
