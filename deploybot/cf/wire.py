"""Bytes -> values: reads the Cloud Controller's JSON straight into structs, and a page row by row when one is bad."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from urllib.parse import urlsplit

import msgspec

from deploybot.domain.deployment import Deployment, Link, ToOne
from deploybot.domain.slim import SlimDeployment

T = TypeVar("T")
SHOWN_GUID = 64
BAD_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class UnreadableError(ValueError):
    """The body is not the JSON that was asked for. The text says where it departs, without quoting the body."""


class Row(msgspec.Struct, frozen=True, gc=False):
    """What every resource has. Everything but the guid may be missing or null."""

    guid: str


class ToSpace(msgspec.Struct, frozen=True, gc=False):
    space: ToOne | None = None


class ToOrganization(msgspec.Struct, frozen=True, gc=False):
    organization: ToOne | None = None


class ToApp(msgspec.Struct, frozen=True, gc=False):
    app: ToOne | None = None


class AppRow(Row, frozen=True):
    name: str | None = None
    relationships: ToSpace | None = None


class SpaceRow(Row, frozen=True):
    name: str | None = None
    relationships: ToOrganization | None = None


class OrgRow(Row, frozen=True):
    name: str | None = None


class ToUserAndSpace(ToSpace, frozen=True, gc=False):
    user: ToOne | None = None


class RoleRow(Row, frozen=True):
    type: str | None = None
    relationships: ToUserAndSpace | None = None


class InstanceRow(msgspec.Struct, frozen=True, gc=False):
    """`state` is RUNNING, STARTING, CRASHED, STOPPING, DOWN, UNKNOWN or a word nobody knows yet."""

    state: str | None = None


class ProcessRow(Row, frozen=True):
    """`instances` is how many are wanted now; `process_instances` is there when it was asked to be embedded."""

    type: str | None = None
    instances: int | None = None
    relationships: ToApp | None = None
    process_instances: tuple[InstanceRow, ...] | None = None


class ActorRow(msgspec.Struct, frozen=True, gc=False):
    guid: str | None = None
    name: str | None = None


class TargetRow(msgspec.Struct, frozen=True, gc=False):
    guid: str | None = None


class EventFacts(msgspec.Struct, frozen=True, gc=False):
    deployment_guid: str | None = None


class EventRow(Row, frozen=True):
    type: str | None = None
    created_at: datetime | None = None
    actor: ActorRow | None = None
    target: TargetRow | None = None
    data: EventFacts | None = None


class RevisionRow(Row, frozen=True):
    version: int | None = None
    description: str | None = None


class RateLimits(msgspec.Struct, frozen=True, gc=False):
    enabled: bool | None = None
    general_limit: int | None = None
    reset_interval_in_minutes: float | None = None


class Info(msgspec.Struct, frozen=True, gc=False):
    """What `GET /v3/info` tells that a client may go by."""

    rate_limits: RateLimits | None = None


class Pagination(msgspec.Struct, frozen=True, gc=False):
    """Past the last page `total_results` is 0 and the links are no use: only page 1 tells the true total."""

    total_results: int | None = None
    total_pages: int | None = None
    first: Link | None = None
    last: Link | None = None
    next: Link | None = None
    previous: Link | None = None


class Included(msgspec.Struct, frozen=True, gc=False):
    spaces: tuple[SpaceRow, ...] | None = None
    organizations: tuple[OrgRow, ...] | None = None


class _Page(msgspec.Struct, Generic[T], frozen=True, gc=False):
    resources: tuple[T, ...]
    pagination: Pagination | None = None
    included: Included | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list. `sent` counts the undecodable rows too; there is a sentence in `problems` for each."""

    rows: tuple[T, ...]
    sent: int
    pagination: Pagination
    included: Included
    problems: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """`total_results` as the server says it: 0 past the end. Where it says nothing, what was sent."""
        told = self.pagination.total_results
        return self.sent if told is None else told

    @property
    def next_path(self) -> str | None:
        """Path and query of the next page. The host in the link is not believed: it is the server's guess."""
        link = self.pagination.next
        if not link or not link.href:
            return None
        try:
            parts = urlsplit(link.href)
        except ValueError as error:
            raise UnreadableError("the link to the next page is none") from error
        return f"/{parts.path.lstrip('/')}" + (f"?{parts.query}" if parts.query else "")


class Resource(Generic[T]):
    """One kind of resource: its noun for people, and how one of them or a page of them is read."""

    def __init__(self, noun: str, shape: type[T]) -> None:
        self.noun = noun
        self._one = msgspec.json.Decoder(shape)
        self._page: msgspec.json.Decoder[_Page[T]] = msgspec.json.Decoder(_Page[shape])  # type: ignore[valid-type]

    def one(self, body: bytes) -> T:
        """A single resource; UnreadableError when it is none."""
        try:
            return self._one.decode(body)
        except BAD_JSON as error:
            raise UnreadableError(str(error)) from error

    def page(self, body: bytes) -> Page[T]:
        """A page at once, or row by row when a row is bad; UnreadableError when it is no page at all."""
        try:
            page = self._page.decode(body)
        except BAD_JSON:
            return self._row_by_row(body)
        rows = page.resources
        return Page(rows, len(rows), page.pagination or Pagination(), page.included or Included())

    def _row_by_row(self, body: bytes) -> Page[T]:
        try:
            page = _ANY_ROWS.decode(body)
        except BAD_JSON as error:
            raise UnreadableError(str(error)) from error
        rows, problems = [], []
        for raw in page.resources:
            try:
                rows.append(self._one.decode(raw))
            except BAD_JSON as error:
                problems.append(f"The {self.noun}{_guid_of(raw)} can't be read: {error}.")
        pagination, included = _tolerated(page.pagination, Pagination()), _tolerated(page.included, Included())
        return Page(tuple(rows), len(page.resources), pagination, included, tuple(problems))


def read_info(body: bytes) -> Info:
    """A foundation's own description; UnreadableError when it is none."""
    try:
        return _INFO.decode(body)
    except BAD_JSON as error:
        raise UnreadableError(str(error)) from error


_INFO = msgspec.json.Decoder(Info)


class _AnyRows(msgspec.Struct, frozen=True):
    resources: tuple[msgspec.Raw, ...]
    pagination: msgspec.Raw = msgspec.Raw(b"null")
    included: msgspec.Raw = msgspec.Raw(b"null")


class _Guid(msgspec.Struct, frozen=True):
    guid: str


_ANY_ROWS = msgspec.json.Decoder(_AnyRows)


def _guid_of(raw: msgspec.Raw) -> str:
    try:
        return " " + msgspec.json.decode(raw, type=_Guid).guid[:SHOWN_GUID]
    except BAD_JSON:
        return " without a guid"


def _tolerated(raw: msgspec.Raw, nothing: T) -> T:
    """What stands beside the rows never hides them."""
    try:
        return msgspec.json.decode(raw, type=type(nothing) | None) or nothing
    except BAD_JSON:
        return nothing


DEPLOYMENTS = Resource("deployment", Deployment)
SLIM_DEPLOYMENTS = Resource("deployment", SlimDeployment)
APPS = Resource("app", AppRow)
SPACES = Resource("space", SpaceRow)
ORGS = Resource("org", OrgRow)
PROCESSES = Resource("process", ProcessRow)
EVENTS = Resource("audit event", EventRow)
REVISIONS = Resource("revision", RevisionRow)
ROLES = Resource("role", RoleRow)
