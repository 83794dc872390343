"""The Slack app manifest: what the bot asks Slack for, and no more than its code uses.

https://docs.slack.dev/reference/app-manifest
"""

from typing import Any
from urllib.parse import urlsplit

import yaml

from deploybot.errors import ConfigError
from deploybot.slack.blocks.help import COMMAND
from deploybot.slack.http import PATH

SOCKET_MODE_NOTE = """\
# This is the Slack app manifest, for Socket Mode; `cf push` needs `-f deploy/cf-manifest.yml`.
# Create the app with it at https://api.slack.com/apps ("From a manifest"), then an app-level token with the scope
# connections:write. Written by `deploybot manifest`; for HTTP: `deploybot manifest --http https://host`.
"""
HTTP_NOTE = """\
# This is the Slack app manifest, for HTTP. Written by `deploybot manifest --http`.
"""

SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "groups:history",
    "groups:read",
    "im:write",
    "usergroups:read",
    "users:read",
)
"""To hear mentions, to see in public channels whether a message is there and whether the bot may post, to post, to be
typed to, to see both in private channels as well, to tell people directly, to ping their groups, to know their zones.
"""
OPTIONAL_SCOPES = ("channels:history", "groups:history")
"""What may be refused: without it a message of which nobody knows whether it is there is sent again, and says so."""
EVENTS = ("app_mention",)

_LONG = """\
deploybot tells what is being deployed on your Cloud Foundry, without anybody logging in anywhere: type \
/deployments in any channel, or mention the bot in a thread. It shows state, strategy and progress, who started it and \
what is wrong, pages through long lists, and filters by app, space, org, state, person, label and time. Answers are \
for you alone, unless you share them.

A channel can be told by itself: /deployments subscribe sends it digests on a schedule, or alerts as something fails, \
and /deployments watch follows one deployment to its end. Those whom your rules allow continue or cancel a canary \
where they talk, with their own Cloud Foundry account, after a form that says what that will do. Where you want it, \
a second person agrees first, and everything is on the record.
"""


def manifest(http_url: str | None = None) -> dict[str, Any]:
    """The manifest for Socket Mode, or with an `https://host` for HTTP; ConfigError for any other address."""
    address = _address(http_url) if http_url is not None else None
    where = {"request_url": address} if address else {}
    menus = {"message_menu_options_url": address} if address else {}
    command = {
        "command": COMMAND,
        "description": "What is being deployed on Cloud Foundry",
        "usage_hint": "[app=name] [state=failed] [public], show, watch, continue, cancel, subscribe, link, or help",
        "should_escape": False,
    }
    return {
        "display_information": {
            "name": "deploybot",
            "description": "What is being deployed on Cloud Foundry",
            "long_description": _LONG.strip(),
            "background_color": "#0b3d5c",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": "deploybot", "always_online": True},
            "slash_commands": [{**command, **({"url": address} if address else {})}],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES), "bot_optional": list(OPTIONAL_SCOPES)}},
        "settings": {
            "event_subscriptions": {**where, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **where, **menus},
            "org_deploy_enabled": False,
            "socket_mode_enabled": address is None,
            "token_rotation_enabled": False,
        },
    }


def _address(http_url: str) -> str:
    if not _is_address(http_url):
        raise ConfigError(
            [f"--http {http_url}: Slack needs a public https:// address, for example https://bot.example.com"]
        )
    return http_url.removesuffix("/").removesuffix(PATH) + PATH


def _is_address(http_url: str) -> bool:
    try:
        parts = urlsplit(http_url)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and not (parts.query or parts.fragment)


def manifest_yaml(http_url: str | None = None) -> str:
    """The manifest as YAML, with a comment that says what it is."""
    note = SOCKET_MODE_NOTE if http_url is None else HTTP_NOTE
    return note + yaml.safe_dump(manifest(http_url), sort_keys=False, allow_unicode=True, width=100)
