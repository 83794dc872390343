"""What the bot's process holds at one moment, as the kernel and the bot itself tell it."""

import os
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

KIB = 1024


@dataclass(frozen=True, slots=True)
class Sample:
    """`at` is in simulated hours since the start, memory (of its own, not of files) and database in KiB.

    `tasks` are asyncio tasks; None where the bot could not be asked.
    """

    at: float
    memory: int
    files: int
    sockets: int
    threads: int
    database: int
    tasks: int | None = None

    def to_json(self) -> dict[str, float | int | None]:
        return asdict(self)


def sampled(pid: int, folder: Path, at: float, metrics: str = "") -> Sample:
    """A sample of a process whose database lies in `folder`. ProcessLookupError or FileNotFoundError where it ended.

    `metrics` is what its `/metrics` says.
    """
    status = Path(f"/proc/{pid}/status").read_text()
    opened = _opened(pid)
    return Sample(
        at=at,
        memory=_number(status, "RssAnon"),
        files=len(opened),
        sockets=sum(name.startswith("socket:") for name in opened),
        threads=_number(status, "Threads"),
        database=sum(file.stat().st_size for file in folder.glob("deploybot.db*")) // KIB,
        tasks=_tasks(metrics),
    )


def _number(status: str, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+)", status, re.MULTILINE)
    if not found:
        raise ProcessLookupError(f"the process has no {name} any more")
    return int(found[1])


def _opened(pid: int, read: Callable[[str], str] = os.readlink) -> list[str]:
    """What each open file descriptor is; one that is closed just now is not among them."""
    opened = []
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            opened.append(read(f"/proc/{pid}/fd/{name}"))
        except FileNotFoundError:
            continue
    return opened


def _tasks(metrics: str) -> int | None:
    found = re.search(r"^deploybot_tasks ([0-9.e+]+)$", metrics, re.MULTILINE)
    return round(float(found[1])) if found else None
