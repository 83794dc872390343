"""Continue and cancel over HTTP: one POST, and what its answer, or the lack of one, says about what was done."""

from deploybot.cf.answer import Answer
from deploybot.cf.auth import TOKEN
from deploybot.cf.client import Client
from deploybot.cf.departure import Departure
from deploybot.cf.encode import segment
from deploybot.cf.failures import RESOURCE_NOT_FOUND, CloudFoundryError, RedirectedError, request_id
from deploybot.domain.acting import Acted, Action, Credential, Done, Refused, Unknown

NOT_AUTHORIZED = 10003
REQUEST_TIMEOUT = 408
NO_DROPLET = "Unable to assign current droplet"


class CloudFoundryActions:
    """The port `Actions` over a foundation's client.

    What an answer means is in the reference of the API, and was observed:
    https://v3-apidocs.cloudfoundry.org/#cancel-a-deployment
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    @property
    def name(self) -> str:
        return self._client.name

    async def act(self, action: Action, guid: str, as_: Credential, until: float) -> Acted:
        """Send one POST, once. What did not certainly fail is Unknown; a token goes to this foundation's API only."""
        if as_.token and not TOKEN.fullmatch(as_.token.reveal()):
            return _unlinked(as_)
        departure = Departure()
        path = f"/v3/deployments/{segment(guid)}/actions/{action.value}"
        try:
            answer = await self._client.post(path, until, token=as_.token, departure=departure)
        except CloudFoundryError as error:
            return _failed(error, as_, sent=departure.begun)
        return _taken(answer)


def _taken(answer: Answer) -> Acted:
    """Cloud Controller answers with nothing at all; a page with words is somebody else's, whatever its status."""
    told = request_id(answer.headers) or ""
    if answer.body:
        return Unknown("something else than Cloud Foundry seems to have answered", told)
    return Done(told)


def _failed(error: CloudFoundryError, as_: Credential, *, sent: bool) -> Acted:
    told = error.request_id or ""
    if not sent:
        return Refused(f"Nothing was sent, since {error.foundation} {error.reason}.", error.status, told)
    if isinstance(error, RedirectedError):
        return Refused(f"{error.foundation} {error.reason}.", error.status, told)
    if error.status is None or error.status >= 500 or error.status < 400 or error.status == REQUEST_TIMEOUT:
        return Unknown(f"{error.foundation} {error.reason}", told)
    if error.status == 401 and as_.token:
        return _unlinked(as_, told)
    return Refused(_in_words(error, as_), error.status, told)


def _unlinked(as_: Credential, told: str = "") -> Refused:
    reason = (
        f"Cloud Foundry did not accept the token of {as_.account}: try again, and link your account again if that "
        "stays so."
    )
    return Refused(reason, 401, told, unlinked=True)


def _in_words(error: CloudFoundryError, as_: Credential) -> str:
    """Why Cloud Foundry did nothing. It says "not found" to whoever has no role for it in the space."""
    who = f"The account {as_.account}" if as_.token else "The bot's own account"
    if error.status == 404 and RESOURCE_NOT_FOUND in error.codes:
        return f"{who} has no role that may do this in that space: it takes Space Developer or Space Supporter."
    if error.status == 403 and NOT_AUTHORIZED in error.codes:
        return f"{who} may only read: its token lacks the scope cloud_controller.write."
    if any(detail.startswith(NO_DROPLET) for detail in error.details):
        return "Cloud Foundry can't put the previous version back, since its droplet is gone."
    return f"{error.foundation} {error.reason.removesuffix('.')}."
