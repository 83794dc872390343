"""Slack's tokens tell their kind by how they begin: what is said where one of another kind is given.

https://docs.slack.dev/authentication/tokens
"""

from pydantic import AfterValidator, SecretStr

BOT, APP = "xoxb-", "xapp-"

_GIVE = {
    BOT: "give the Bot User OAuth Token (xoxb-..., from OAuth & Permissions of the Slack app)",
    APP: "give an app-level token with connections:write (xapp-..., from Basic Information of the Slack app)",
}
_ROTATES = "create the app anew from the manifest, which leaves token rotation off, since it can't be turned off again"
_OTHERS = (
    (BOT, "the bot's token", "it belongs into SLACK_BOT_TOKEN, and here "),
    (APP, "an app-level token", "it belongs into SLACK_APP_TOKEN, and here "),
    ("xoxp-", "a person's token, not the bot's", ""),
    ("xoxe", "a token that rotates, which this bot does not renew", _ROTATES),
    ("xox", "a token of another kind", ""),
)


def token_trouble(token: str, wanted: str) -> str:
    """What is wrong with a token of another kind than wanted, and what to do, as `this is ...: ...`; "" for nothing."""
    if token.startswith(wanted):
        return ""
    for start, what, instead in _OTHERS:
        if token.startswith(start):
            return f"this is {what}: {instead if instead == _ROTATES else instead + _GIVE[wanted]}"
    return f"this is no token of Slack: {_GIVE[wanted]}"


def of_kind(wanted: str) -> AfterValidator:
    """Refuses any other kind of token, without telling it."""

    def check(token: SecretStr | None) -> SecretStr | None:
        if token and (trouble := token_trouble(token.get_secret_value(), wanted)):
            raise ValueError(trouble)
        return token

    return AfterValidator(check)
