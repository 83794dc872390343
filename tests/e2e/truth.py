"""An independent little model of the answers: what a question in plain parts means, computed from recorded rows alone.

It shares nothing with the bot but the way to quote a word. Rows are plain JSON, times are seconds since 1970.
"""

import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from deploybot.domain.grammar import quoted

Recorded = Mapping[str, Any]
Place = tuple[int, str, str]
"""A row's place in the total order: second, foundation, guid."""

ZONES = ("UTC", "Europe/Berlin", "America/Sao_Paulo", "Pacific/Auckland", "Asia/Kolkata")
STALL_SECONDS, UNHEALTHY_SECONDS = 600, 30


def seconds(text: str | None) -> int:
    return int(datetime.fromisoformat(text).timestamp()) if text else 0


@dataclass(frozen=True)
class Bounds:
    """`created>=2026-11-01`: how it is written, and the half-open seconds or the listed ones that it means."""

    text: str
    since: int | None = None
    until: int | None = None
    listed: frozenset[int] = frozenset()

    def holds(self, row: Recorded, key: str) -> bool:
        """The server's own equality misses the last microsecond of a second."""
        at = seconds(row[key])
        if self.listed:
            return at in self.listed and not row["_hidden"][f"{key}_exact"].endswith(".999999Z")
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)


@dataclass(frozen=True)
class Asked:
    """A question in parts; its text is what the bot is given, its parts are what the model goes by."""

    apps: tuple[str, ...] = ()
    spaces: tuple[str, ...] = ()
    orgs: tuple[str, ...] = ()
    foundations: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    guids: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    reason: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    strategy: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    label: tuple[str, ...] = ()
    created: tuple[Bounds, ...] = ()
    updated: tuple[Bounds, ...] = ()
    sort: str = "-created"
    per_page: int = 10
    tz: str = "UTC"

    @property
    def text(self) -> str:
        names = {"app": self.apps, "space": self.spaces, "org": self.orgs, "on": self.foundations, "guid": self.guids}
        words = {"state": self.state, "status": self.status, "states": self.states, "strategy": self.strategy}
        parts = [f"{key}={','.join(map(quoted, values))}" for key, values in (names | words).items() if values]
        parts += [f"reason={','.join(self.reason)}"] if self.reason else []
        parts += [f"by={','.join(map(quoted, self.by))}"] if self.by else []
        parts += [f'label="{",".join(self.label)}"'] if self.label else []
        parts += [each.text for each in (*self.created, *self.updated)]
        return " ".join([*parts, f"sort={self.sort}", f"per_page={self.per_page}", f"tz={self.tz}"])


@dataclass
class Truth:
    """The rows of several foundations, and what a question about them has for an answer."""

    worlds: Mapping[str, Recorded]
    now: int
    _apps: dict[str, Mapping[str, tuple[Recorded, Recorded, Recorded]]] = field(default_factory=dict)
    _starters: dict[str, Mapping[str, tuple[str, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, world in self.worlds.items():
            orgs = {each["guid"]: each for each in world["organizations"]}
            spaces = {each["guid"]: each for each in world["spaces"]}
            homes = {each["guid"]: spaces[_related(each, "space")] for each in world["apps"]}
            self._apps[name] = {
                each["guid"]: (each, homes[each["guid"]], orgs[_related(homes[each["guid"]], "organization")])
                for each in world["apps"]
            }
            self._starters[name] = {
                each["data"]["deployment_guid"]: (each["actor"]["name"], each["actor"]["guid"])
                for each in world["audit_events"]
                if each["type"] == "audit.app.deployment.create"
            }

    def answer(self, asked: Asked) -> list[Place] | None:
        """The places of all rows that match, in order; None where the question can only be a person's mistake."""
        if self._is_a_mistake(asked):
            return None
        found = [
            (self._second(row, asked), name, row["guid"])
            for name, row in self._rows(asked)
            if self._matches(name, row, asked) and self._started_by(name, row["guid"], asked.by)
        ]
        return sorted(found, reverse=asked.sort.startswith("-"))

    def unknown_starters(self, asked: Asked) -> int:
        """How many rows match but for `by=`, and have no audit event that says who started them."""
        rows = self._rows(asked)
        return sum(self._matches(name, row, asked) and row["guid"] not in self._starters[name] for name, row in rows)

    def _rows(self, asked: Asked) -> Iterable[tuple[str, Recorded]]:
        for name in self._chosen(asked):
            for row in self.worlds[name]["deployments"]:
                yield name, row

    def _chosen(self, asked: Asked) -> list[str]:
        return [name for name in self.worlds if not asked.foundations or name in asked.foundations]

    def _second(self, row: Recorded, asked: Asked) -> int:
        return seconds(row["updated_at" if asked.sort.endswith("updated") else "created_at"])

    def _matches(self, name: str, row: Recorded, asked: Asked) -> bool:
        app, space, org = self._apps[name][row["relationships"]["app"]["data"]["guid"]]
        reason = row["status"]["reason"]
        needs_update = bool(asked.updated) or asked.sort.endswith("updated")
        return (
            _named(asked.apps, app, wildcards=True)
            and _named(asked.spaces, space)
            and _named(asked.orgs, org)
            and (not asked.guids or row["guid"] in asked.guids)
            and (not asked.status or row["status"]["value"] in asked.status)
            and (not asked.reason or (reason or "null") in asked.reason)
            and (not asked.states or row["_hidden"]["state"] in asked.states)
            and (not asked.strategy or row["strategy"] in asked.strategy)
            and (not asked.state or any(self._is_in(word, row) for word in asked.state))
            and all(_labelled(each, row["metadata"]["labels"]) for each in asked.label)
            and all(each.holds(row, "created_at") for each in asked.created)
            and not (needs_update and row["updated_at"] is None)
            and all(each.holds(row, "updated_at") for each in asked.updated)
        )

    def _is_in(self, word: str, row: Recorded) -> bool:
        status = row["status"]
        plain = {"succeeded": "DEPLOYED", "paused": "PAUSED"}
        values = {"active": "ACTIVE", "ACTIVE": "ACTIVE", "done": "FINALIZED", "FINALIZED": "FINALIZED"}
        if word in values:
            return bool(status["value"] == values[word])
        if word in ("failed", "stalled"):
            return word == self._went(row)
        return bool(status["reason"] == plain.get(word, word))

    def _went(self, row: Recorded) -> str:
        """`failed`, `stalled` or something else, by docs/outcomes.md."""
        status, details = row["status"], row["status"]["details"]
        healthy, changed = seconds(details["last_successful_healthcheck"]), seconds(details["last_status_change"])
        if (status["value"], status["reason"]) == ("ACTIVE", "DEPLOYING"):
            stuck = self.now - max(healthy, changed) > STALL_SECONDS
            return ("failed" if details.get("error") else "stalled") if stuck else ""
        ended_early = status["value"] == "FINALIZED" and status["reason"] in ("CANCELED", "SUPERSEDED")
        unhealthy = changed - healthy > UNHEALTHY_SECONDS
        return "failed" if ended_early and row["strategy"] == "rolling" and unhealthy else ""

    def _started_by(self, name: str, guid: str, by: Sequence[str]) -> bool:
        known = self._starters[name].get(guid)
        return not by or (known is not None and any(_alike(word, each) for word in by for each in known if each))

    def _is_a_mistake(self, asked: Asked) -> bool:
        """Times that nothing can lie between, or names of which there is not one where it was looked for."""
        if any(_is_empty(filters) for filters in (asked.created, asked.updated)):
            return True
        homes = [home for name in self._chosen(asked) for home in self._apps[name].values()]
        orgs = [each for name in self._chosen(asked) for each in self.worlds[name]["organizations"]]
        spaces = [
            each
            for name in self._chosen(asked)
            for each in self.worlds[name]["spaces"]
            if not asked.orgs
            or any(_named(asked.orgs, org) and org["guid"] == _related(each, "organization") for org in orgs)
        ]
        inside = [app for app, space, org in homes if _named(asked.spaces, space) and _named(asked.orgs, org)]
        lost = {
            "org": [word for word in asked.orgs if not any(_named((word,), each) for each in orgs)],
            "space": [word for word in asked.spaces if not any(_named((word,), each) for each in spaces)],
            "app": [word for word in asked.apps if not any(_named((word,), each, wildcards=True) for each in inside)],
        }
        if lost["org"] or lost["space"]:
            lost["app"] = []
        given = {"org": asked.orgs, "space": asked.spaces, "app": asked.apps}
        return any(words and len(words) == len(set(given[kind])) for kind, words in lost.items())


def _related(row: Recorded, kind: str) -> str:
    guid: str = row["relationships"][kind]["data"]["guid"]
    return guid


def _named(words: Sequence[str], thing: Recorded, *, wildcards: bool = False) -> bool:
    return not words or any(
        word.lower() == thing["guid"]
        or (_alike(word, thing["name"]) if wildcards else word.lower() == thing["name"].lower())
        for word in words
    )


def _alike(pattern: str, text: str) -> bool:
    return bool(re.fullmatch(".*".join(map(re.escape, pattern.lower().split("*"))), text.lower(), re.DOTALL))


def _labelled(requirement: str, labels: Mapping[str, str]) -> bool:
    if found := re.fullmatch(r"(\S+) (in|notin) \((.*)\)", requirement):
        inside = found[1] in labels and labels[found[1]] in [value for value in found[3].split(",") if value]
        return inside is (found[2] == "in")
    if found := re.fullmatch(r"([^!=]+)(!=|=)(.*)", requirement):
        equal = found[1] in labels and labels[found[1]] == found[3] != ""
        return equal is (found[2] == "=")
    return requirement[1:] not in labels if requirement.startswith("!") else requirement in labels


def _is_empty(filters: Sequence[Bounds]) -> bool:
    since = max((each.since for each in filters if each.since is not None), default=None)
    until = min((each.until for each in filters if each.until is not None), default=None)
    listed = [each.listed for each in filters if each.listed]
    if listed:
        common = frozenset.intersection(*listed)
        return not any((since is None or at >= since) and (until is None or at < until) for at in common)
    return since is not None and until is not None and since >= until


@dataclass
class Curious:
    """Draws questions about what there is; `chance` decides everything."""

    truth: Truth
    chance: random.Random

    def question(self) -> Asked:
        """One that a handful of pages answers."""
        asked = self._question()
        rows = len(self.truth.answer(asked) or ())
        return replace(asked, per_page=max(1, self.chance.choice([rows, rows + 1, rows // 2, rows // 3, rows // 5])))

    def _question(self) -> Asked:
        rows = [row for world in self.truth.worlds.values() for row in world["deployments"]]
        parts: dict[str, Callable[[], Any]] = {
            "apps": lambda: self._some(self._app_words()),
            "spaces": lambda: self._some(self._names("spaces")),
            "orgs": lambda: self._some(self._names("organizations")),
            "foundations": lambda: (self.chance.choice([*self.truth.worlds]),),
            "state": lambda: self._some([*STATES]),
            "guids": lambda: self._some([row["guid"] for row in rows], 12),
            "status": lambda: self._some(["ACTIVE", "FINALIZED", "active"]),
            "reason": lambda: self._some(["null", "DEPLOYED", "CANCELED", "PAUSED", "SUPERSEDED", "nonsense"]),
            "states": lambda: self._some(["PREPAUSED", "DEPLOYING", "PAUSED", "DEPLOYED", "CANCELED"]),
            "strategy": lambda: self._some(["rolling", "canary"], 1),
            "by": lambda: self._some(["DEV.e@example.test", "*.e@*", "deploybot-rw_bot", "nobody", "s*", "admin.e*"]),
            "label": lambda: self._some(LABELS),
        }
        chosen = self.chance.sample(sorted(parts), self.chance.choice([0, 1, 1, 2, 2, 3]))
        tz = self.chance.choice(ZONES)
        times: dict[str, Any] = {
            key: self._times(key, tz) for key in ("created", "updated") if self.chance.random() < 0.25
        }
        return Asked(
            **{name: parts[name]() for name in chosen},
            **times,
            sort=self.chance.choice(["-created", "-created", "created", "-updated", "updated"]),
            tz=tz,
        )

    def _some(self, values: Sequence[str], most: int = 3) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.chance.choice(values) for _ in range(self.chance.randint(1, most))))

    def _names(self, kind: str) -> list[str]:
        things = [each for world in self.truth.worlds.values() for each in world[kind]]
        return [self.chance.choice([each["name"], each["name"].upper(), each["guid"]]) for each in things]

    def _app_words(self) -> list[str]:
        return [*(name for name in self._names("apps") if "*" not in name), "*", "check*", "*-*", "*e*r*", "CHECKOUT"]

    def _times(self, key: str, tz: str) -> tuple[Bounds, ...]:
        kinds = (self._instant, self._instant, self._day, self._ago, self._list)
        return tuple(self.chance.choice(kinds)(key, tz) for _ in range(self.chance.choice([1, 1, 2])))

    def _instant(self, key: str, _: str) -> Bounds:
        at = self._time(key)
        return _spanning(key, self.chance.choice(OPS), at, seconds(at), seconds(at) + 1)

    def _time(self, key: str) -> str:
        rows = [row for world in self.truth.worlds.values() for row in world["deployments"]]
        at: str = self.chance.choice([row[f"{key}_at"] for row in rows if row[f"{key}_at"]])
        return at

    def _day(self, key: str, tz: str) -> Bounds:
        day = date.fromisoformat(self._time(key)[:10])
        since, until = (_midnight(each, tz) for each in (day, day + timedelta(days=1)))
        return _spanning(key, self.chance.choice(OPS), day.isoformat(), since, until)

    def _ago(self, key: str, _: str) -> Bounds:
        amount, unit = self.chance.choice([(30, "m"), (36, "h"), (9, "d"), (3, "w")])
        at = self.truth.now - amount * {"m": 60, "h": 3600, "d": 86400, "w": 604800}[unit]
        return _spanning(key, self.chance.choice(OPS[1:]), f"{amount}{unit}", at, at + 1)

    def _list(self, key: str, _: str) -> Bounds:
        listed = sorted({self._time(key) for _ in range(self.chance.randint(2, 20))} | {"2026-11-17T05:06:30Z"})
        return Bounds(f"{key}={','.join(listed)}", listed=frozenset(map(seconds, listed)))


STATES = (
    *("active", "done", "failed", "stalled", "paused", "succeeded", "failed", "ACTIVE", "FINALIZED"),
    *("DEPLOYING", "CANCELING", "DEPLOYED", "CANCELED", "SUPERSEDED", "PAUSED"),
)
LABELS = (
    *("env", "!env", "env=prod", "env!=prod", "env in (prod,staging)", "env notin (prod,dev)", "empty", "release="),
    *("example.com/team=core", "example.com/team", "!release", "release in (stable,r-1_2.3)", "env=PROD", "nokey"),
)
OPS = ("=", "<", "<=", ">", ">=")


def _spanning(key: str, op: str, text: str, since: int, until: int) -> Bounds:
    """What an operator means beside something that lasts from `since` to `until`."""
    meant = {
        "=": (since, until),
        "<": (None, since),
        "<=": (None, until),
        ">": (until, None),
        ">=": (since, None),
    }[op]
    return Bounds(f"{key}{op}{text}", *meant)


def _midnight(day: date, tz: str) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(tz)).timestamp())
