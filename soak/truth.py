"""What truly happened, held against what the bot told: nothing lost, nothing twice, nothing wrong in its log."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from deploybot.demo.foundation.refusals import RefusedError
from deploybot.demo.foundation.simulation import Simulation
from soak.scene import TOLD, Scene
from tests.e2e.crashes import Rows, rows_of

Told = tuple[str, str, int, str]
"""Channel, deployment, ordinal and kind of a transition."""
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Truth:
    """How each new rollout ended by the foundation's own word, what the ledger and Slack hold of it, and the log."""

    ends: dict[str, str]
    kept_ends: dict[str, str]
    transitions: tuple[Told, ...]
    told: tuple[Told, ...]
    keys: tuple[str, ...]
    shown: tuple[str, ...]
    tracebacks: int = 0

    def problems(self) -> tuple[str, ...]:
        """What is not as it must be, in sentences."""
        wrong_ends = [guid for guid, reason in self.ends.items() if self.kept_ends.get(guid) != reason]
        lost, doubled = set(self.transitions) - set(self.told), _twice(self.told)
        missing, twice = Counter(self.keys) - Counter(self.shown), Counter(self.shown) - Counter(self.keys)
        found = (
            _problem("rollouts have another end in the ledger, or none", wrong_ends),
            _problem("transitions were told nobody", lost),
            _problem("transitions were told twice", doubled),
            _problem("messages are missing in Slack", missing),
            _problem("messages are in Slack that should not be, or twice", twice),
            f"{self.tracebacks} tracebacks are in the log" if self.tracebacks else "",
        )
        return tuple(filter(None, found))


def _problem(what: str, which: object) -> str:
    some: list[object] = list(which)  # type: ignore[call-overload]
    return f"{len(some)} {what}: {some[:SHOWN]}" if some else ""


def _twice(told: Sequence[Told]) -> list[Told]:
    return [one for one, count in Counter(told).items() if count > 1]


def cancel_all(simulation: Simulation) -> None:
    """End what is under way, as people do at the end of a day."""
    for row in list(simulation.world.active_deployments()):
        if row.status_reason != "CANCELING":
            try:
                simulation.act(row, "cancel", simulation.deployers(row.space_guid)[0])
            except RefusedError:
                continue  # the updater was quicker


def ends(scene: Scene, old: frozenset[str]) -> dict[str, str]:
    """How each rollout that began since ended."""
    return {row.guid: str(row.status_reason) for row in scene.foundation.world.deployments if row.guid not in old}


def is_settled(scene: Scene, ended: dict[str, str]) -> bool:
    """Whether all of that is in the ledger, told, sent and beyond doubt."""
    with rows_of("", scene.folder) as rows:
        return rows.closed() >= set(ended) and not (rows.untold() or rows.unsent() or rows.doubtful())


def left(scene: Scene, ended: dict[str, str]) -> str:
    """What is not settled, and how much was done so far."""
    with rows_of("", scene.folder) as rows:
        return f"{len(set(ended) - rows.closed())} open, {rows.untold()} untold, {rows.unsent()} unsent"


def done(scene: Scene) -> int:
    """Grows with all that comes about."""
    with rows_of("", scene.folder) as rows:
        return rows.done()


def truth(scene: Scene, ended: dict[str, str]) -> Truth:
    """All of it, once everything is settled."""
    messages = [one for channel in scene.workspace.channels for one in scene.workspace.messages(channel)]
    shown = [str(one.metadata["event_payload"]["key"]) for one in messages if one.metadata]
    log = scene.bot.logged()
    with rows_of("", scene.folder) as rows:
        return Truth(
            ends=ended,
            kept_ends={guid: rows.reason(guid) for guid in ended},
            transitions=tuple((TOLD, *one) for one in rows.transitions() if one[0] in ended),
            told=tuple(one for one in _told(rows) if one[0] == TOLD and one[1] in ended),
            keys=tuple(rows.message_keys()),
            shown=tuple(shown),
            tracebacks=len(re.findall("^Traceback", log, re.MULTILINE)),
        )


def _told(rows: Rows) -> list[Told]:
    joined = (
        "SELECT a.channel, a.guid, a.ordinal, json_extract(t.body, '$.kind') AS kind FROM announcements a "
        "JOIN messages m ON m.id = a.told_by "
        "JOIN transitions t ON t.guid = a.guid AND t.ordinal = a.ordinal WHERE m.sent_at IS NOT NULL"
    )
    return [(row.channel, row.guid, row.ordinal, row.kind) for row in rows.all(joined)]
