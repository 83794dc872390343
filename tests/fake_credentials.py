"""The one fake of the Credentials port: people's accounts in memory, the same on every foundation."""

from dataclasses import dataclass, field

from deploybot.domain.acting import Credential
from deploybot.domain.secret import Secret
from deploybot.errors import UserError


@dataclass
class FakeCredentials:
    """`accounts` are guid and name by Slack user; whoever is not there is not linked. `rejected` were refused.

    `tokens` by Slack user are for where a foundation looks at them.
    """

    accounts: dict[str, tuple[str, str]] = field(default_factory=dict)
    rejected: list[Credential] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)

    async def of(self, user: str, foundation: str, until: float) -> Credential:
        if user not in self.accounts:
            raise UserError(f"Connect your account on {foundation} with /deployments link.")
        guid, name = self.accounts[user]
        return Credential(name, guid, Secret(self.tokens.get(user, f"token-of-{user}")))

    async def account(self, user: str, foundation: str) -> tuple[str, str] | None:
        return self.accounts.get(user)

    def reject(self, credential: Credential) -> None:
        self.rejected.append(credential)
