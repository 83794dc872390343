"""What bound services set on Cloud Foundry: settings by user-provided services, the database by any kind of PostgreSQL.

https://docs.cloudfoundry.org/devguide/deploy-apps/environment-variable.html#VCAP-SERVICES
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from deploybot.domain.near import nearest
from deploybot.settings.credentials import is_postgresql_url, to_database_url
from deploybot.settings.environment import GIVEN, Given
from deploybot.settings.remarks import Remarks

_GIVES_SETTINGS = "deploybot"
_DATABASE = "DATABASE_URL"
_CHOSEN = "DEPLOYBOT_DATABASE_SERVICE"
_PEM = "-----BEGIN CERTIFICATE"


@dataclass(frozen=True, slots=True)
class Service:
    """One binding. `words` is what it is called by the platform and by people."""

    name: str
    label: str
    words: tuple[str, ...]
    credentials: Mapping[str, Any] = field(repr=False)

    @property
    def origin(self) -> str:
        return f"VCAP_SERVICES service {self.name}"

    @property
    def database_url(self) -> str:
        """Of a PostgreSQL; "" where it is none, or does not say where it is."""
        return to_database_url(self.credentials) if self.is_postgresql else ""

    @property
    def has_certificate(self) -> bool:
        return any(isinstance(value, str) and _PEM in value for value in self.credentials.values())

    @property
    def is_postgresql(self) -> bool:
        called = any("postgres" in word.casefold() for word in self.words)
        return called or any(map(is_postgresql_url, self.credentials.values()))


def to_services(text: str, remarks: Remarks) -> tuple[Service, ...]:
    """The bindings in the text of VCAP_SERVICES; none, and a problem, where it is no such text."""
    try:
        kinds = json.loads(text) if text.strip() else {}
        return tuple(_service(label, one) for label, several in kinds.items() for one in several)
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        remarks.problems.append(
            "VCAP_SERVICES: is not what Cloud Foundry writes, JSON of services by their label: leave it to the platform"
        )
        return ()


def _service(label: str, one: Mapping[str, Any]) -> Service:
    name = str(one.get("name") or one.get("instance_name") or label)
    tags = [str(tag) for tag in one.get("tags") or ()]
    words = (label, name, str(one.get("instance_name") or ""), *tags)
    return Service(name, label, words, dict(one.get("credentials") or {}))


def with_services(given: Mapping[str, Given], services: Sequence[Service], remarks: Remarks) -> Mapping[str, Given]:
    """What the environment gives, and below it what bound services give: settings by their variables, the database.

    Cloud Foundry sets DATABASE_URL by itself, to the first bound database: that one counts as a service's.
    """
    bound = _settings(services, remarks)
    own = {name: one for name, one in given.items() if name != _DATABASE or not _is_by_platform(one, services)}
    explicit = {**bound, **own}
    chosen = explicit.get(_CHOSEN)
    if _DATABASE in explicit:
        if chosen:
            remarks.problems.append(f"{_CHOSEN} and {_DATABASE} are both set: unset one of them")
        return explicit
    database = _database(services, chosen.text if chosen else "", remarks) or given.get(_DATABASE)
    return {**explicit, _DATABASE: database} if database else explicit


def _settings(services: Sequence[Service], remarks: Remarks) -> Mapping[str, Given]:
    """What user-provided services named deploybot... give; of two that do not agree neither is preferred."""
    bound: dict[str, Given] = {}
    for service in services:
        for name, one in _settings_of(service, remarks):
            if bound.setdefault(name, one).text != one.text:
                where = f"{bound[name].origin} and service {service.name}"
                remarks.problems.append(f"{where}: both give {name}, and differ: take it out of one of them")
    return bound


def _settings_of(service: Service, remarks: Remarks) -> Iterator[tuple[str, Given]]:
    """The variables that a user-provided service named deploybot... gives."""
    if service.label != "user-provided" or not service.name.startswith(_GIVES_SETTINGS):
        return
    for name, value in service.credentials.items():
        if name not in GIVEN:
            if not service.database_url:
                near = nearest(name, GIVEN, n=1)
                meant = f"did you mean {near[0]}?" if near else "write the names of environment variables"
                remarks.problems.append(f"{service.origin}: there is no variable {name}: {meant}")
        elif not isinstance(value, str | int | float):
            remarks.problems.append(f"{service.origin}: {name} must be a text: write it in quotes")
        elif text := (str(value).lower() if isinstance(value, bool) else str(value).strip()):
            yield name, Given(text, service.origin)


def _is_by_platform(url: Given, services: Sequence[Service]) -> bool:
    uris = (service.credentials.get("uri") for service in services)
    return any(isinstance(uri, str) and _unschemed(uri) == _unschemed(url.text) for uri in uris)


def _unschemed(uri: str) -> str:
    """The platform writes postgres: for postgresql:."""
    return uri.strip().partition(":")[2]


def _database(services: Sequence[Service], chosen: str, remarks: Remarks) -> Given | None:
    databases = {service.name: service for service in services if service.database_url}
    if trouble := _why_not_one(list(databases), chosen):
        remarks.problems.append(trouble)
        return None
    if not databases:
        remarks.problems += map(_says_no_place, filter(_hides_its_place, services))
        return None
    database = databases[chosen or next(iter(databases))]
    if database.has_certificate:
        remarks.warnings.append(
            f"{database.origin}: its certificates are not used, so the server is not verified by them: "
            f"set {_DATABASE} with sslmode=verify-full and sslrootcert=PATH, if it must be"
        )
    return Given(database.database_url, database.origin)


def _why_not_one(names: Sequence[str], chosen: str) -> str:
    """Why it is not clear which of the bound databases is meant; "" where it is, or where there is none."""
    if chosen and chosen not in names:
        which = f"write {', '.join(names)}" if names else "bind one"
        return f"{_CHOSEN}: no PostgreSQL is bound as {chosen}: {which}"
    if len(names) > 1 and not chosen:
        return f"{_DATABASE}: several bound services are PostgreSQL: set {_CHOSEN} to one of {', '.join(names)}"
    return ""


def _hides_its_place(service: Service) -> bool:
    return service.is_postgresql and _DATABASE not in service.credentials


def _says_no_place(service: Service) -> str:
    return f"{service.origin}: it seems to be PostgreSQL, but does not say where: set {_DATABASE}"
