"""Where the bot's own account may continue and cancel: by what its token says, and by its roles in spaces."""

from collections.abc import AsyncIterator, Collection, Sequence

import structlog

from deploybot.cf import wire
from deploybot.cf.claims import Claims, claims_in
from deploybot.cf.client import Client
from deploybot.cf.encode import many, path
from deploybot.cf.failures import CloudFoundryError, GarbledError
from deploybot.cf.names import BATCH, batches
from deploybot.cf.pages import pages

log = structlog.get_logger(__name__)

ADMIN, WRITE = "cloud_controller.admin", "cloud_controller.write"
ROLES = ("space_developer", "space_supporter")
"""Either may cancel and continue. https://v3-apidocs.cloudfoundry.org/#cancel-a-deployment"""
PER_PAGE = 500


class CloudFoundryRights:
    """The port `OwnRights` over a foundation's client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @property
    def name(self) -> str:
        return self._client.name

    async def spaces_to_act_in(self, space_guids: Collection[str], until: float) -> frozenset[str] | None:
        """Those of these spaces in which it may continue and cancel; None where that can't be found out."""
        try:
            return await self._found(sorted(set(space_guids)), until)
        except CloudFoundryError as error:
            log.warning("own rights not found out", foundation=self.name, reason=error.reason)
            return None

    async def _found(self, space_guids: Sequence[str], until: float) -> frozenset[str]:
        claims = _claims(self.name, (await self._client.own_token(until)).reveal())
        if ADMIN in claims.scope:
            return frozenset(space_guids)
        if WRITE not in claims.scope:
            return frozenset()
        return frozenset([guid async for guid in self._spaces_with_role(claims.user_guid, space_guids, until)])

    async def _spaces_with_role(self, user_guid: str, space_guids: Sequence[str], until: float) -> AsyncIterator[str]:
        for batch in batches(space_guids, BATCH):
            pairs = [("types", many(ROLES)), ("user_guids", many((user_guid,))), ("space_guids", many(batch))]
            asked = path("/v3/roles", [*pairs, ("per_page", str(PER_PAGE))])
            async for page in pages(self._client, wire.ROLES, asked, until):
                for row in page.rows:
                    if (guid := _space_of(row, user_guid)) in batch:
                        yield guid


def _claims(foundation: str, token: str) -> Claims:
    try:
        claims = claims_in(token)
    except wire.BAD_JSON as error:
        raise GarbledError(foundation, "gives tokens that do not say what they are for") from error
    if not claims.user_guid:
        raise GarbledError(foundation, "gives tokens that do not say whose they are")
    return claims


def _space_of(row: wire.RoleRow, user_guid: str) -> str:
    """The space of a role that lets this user act; "" for any other role, which a server may send all the same."""
    to = row.relationships
    user, space = (to.user, to.space) if to else (None, None)
    if row.type not in ROLES or not user or not user.data or user.data.guid != user_guid:
        return ""
    return (space and space.data and space.data.guid) or ""
