"""A deployment as polls and long walks read it: little of it decoded at once, the rest when somebody asks."""

from datetime import datetime
from typing import TypeVar

import msgspec

from deploybot.domain.deployment import (
    CanaryStatus,
    CanarySteps,
    Link,
    Relationships,
    StatusDetails,
    app_guid_in,
)

T = TypeVar("T")
NOTHING = msgspec.Raw(b"null")


class SlimStatus(msgspec.Struct, frozen=True, gc=False):
    value: str | None = None
    reason: str | None = None
    details: msgspec.Raw = NOTHING
    canary: msgspec.Raw = NOTHING


class SlimDeployment(msgspec.Struct, frozen=True, gc=False):
    """What a Deployment tells, less what polls and walks leave unread, at a third of the price.

    What stays undecoded keeps the page that it came in alive: take what is needed and let the row go. Where the
    server sent something strange there, it counts as not said.
    """

    guid: str
    created_at: datetime | None = None
    updated_at: datetime | None = None
    status: SlimStatus | None = None
    strategy: str | None = None
    relationships: msgspec.Raw = NOTHING
    links: msgspec.Raw = NOTHING

    @property
    def app_guid(self) -> str | None:
        try:
            return _USUAL.decode(self.relationships).app.data.guid or self._unusual_app_guid
        except msgspec.ValidationError:
            return self._unusual_app_guid

    @property
    def value(self) -> str | None:
        return self.status.value if self.status else None

    @property
    def reason(self) -> str | None:
        return self.status.reason if self.status else None

    @property
    def details(self) -> StatusDetails:
        return (self.status and _told(_DETAILS, self.status.details)) or StatusDetails()

    @property
    def error(self) -> str | None:
        return self.details.error or None

    @property
    def canary_steps(self) -> CanarySteps | None:
        canary = self.status and _told(_CANARY, self.status.canary)
        return canary.steps if canary else None

    @property
    def is_active(self) -> bool:
        return self.value == "ACTIVE"

    @property
    def _unusual_app_guid(self) -> str | None:
        links = _told(_LINKS, self.links)
        return app_guid_in(_told(_RELATIONSHIPS, self.relationships), links.app if links else None)


class _UsualReference(msgspec.Struct, frozen=True, gc=False):
    guid: str


class _UsualToOne(msgspec.Struct, frozen=True, gc=False):
    data: _UsualReference


class _Usual(msgspec.Struct, frozen=True, gc=False):
    """The relationships of nearly every row: one look is enough there."""

    app: _UsualToOne


class _Links(msgspec.Struct, frozen=True, gc=False):
    app: Link | None = None


_USUAL = msgspec.json.Decoder(_Usual)
_RELATIONSHIPS = msgspec.json.Decoder(Relationships | None)
_LINKS = msgspec.json.Decoder(_Links | None)
_DETAILS = msgspec.json.Decoder(StatusDetails | None)
_CANARY = msgspec.json.Decoder(CanaryStatus | None)


def _told(decoder: msgspec.json.Decoder[T | None], raw: msgspec.Raw) -> T | None:
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError:
        return None
