"""A login server in memory: hands out grants for codes, rotates what it is told to, and counts what it is asked."""

import asyncio
from collections.abc import Sequence

from deploybot.domain.link import SCOPES, Grant, LoginServer
from deploybot.domain.ports import PasscodeRefusedError
from deploybot.domain.secret import Secret
from deploybot.errors import UpstreamError


class FakeAccounts:
    """`codes` are user names by passcode; a refresh token is `refresh-<number>`, an access token `access-<number>`."""

    def __init__(self, name: str = "eu", scopes: Sequence[str] = SCOPES) -> None:
        self._name = name
        self.scopes = tuple(scopes)
        self.codes: dict[str, str] = {}
        self.rotates = True
        self.revokes = True
        self.down = False
        self.gate = asyncio.Event()
        self.gate.set()
        self.owners: dict[str, str] = {}
        self.renewed: list[str] = []
        self.given = 0

    @property
    def name(self) -> str:
        return self._name

    async def login_server(self, until: float) -> LoginServer:
        self._be_there()
        return LoginServer(f"https://login.{self._name}.example/passcode", f"login.{self._name}.example")

    async def redeem(self, passcode: Secret, until: float) -> Grant:
        self._be_there()
        user_name = self.codes.pop(passcode.reveal(), "")
        if not user_name:
            raise PasscodeRefusedError("The login server did not take this code.")
        return self._grant(user_name)

    async def renew(self, refresh: Secret, until: float) -> Grant:
        await self.gate.wait()
        self._be_there()
        self.renewed.append(refresh.reveal())
        user_name = self.owners.get(refresh.reveal(), "")
        if not user_name:
            raise PasscodeRefusedError("it was revoked")
        if self.rotates:
            del self.owners[refresh.reveal()]
        return self._grant(user_name, None if self.rotates else refresh)

    async def revoke(self, refresh: Secret, until: float) -> bool:
        self._be_there()
        if self.revokes:
            self.owners.pop(refresh.reveal(), "")
        return self.revokes

    def _grant(self, user_name: str, kept: Secret | None = None) -> Grant:
        self.given += 1
        refresh = kept or Secret(f"refresh-{self.given}")
        self.owners[refresh.reveal()] = user_name
        access = Secret(f"access-{self.given}")
        return Grant(access, 600.0, refresh, self.scopes, f"guid-{user_name}", user_name)

    def _be_there(self) -> None:
        if self.down:
            raise UpstreamError(self._name, "its login server is not available at the moment")
