"""The manifest is one that Slack takes, and asks for exactly what the code uses."""

import ast
import json
import re
from pathlib import Path
from typing import cast

import jsonschema
import pytest
import yaml
from slack_sdk.web.async_client import AsyncWebClient

import deploybot.slack
from deploybot.errors import ConfigError
from deploybot.slack.answering import Answering
from deploybot.slack.desk import Desk
from deploybot.slack.http import PATH
from deploybot.slack.listeners import Doors
from deploybot.slack.manifest import manifest, manifest_yaml
from deploybot.slack.standing_chat import StandingChat

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SCHEMA = json.loads((HERE / "slack-manifest.schema.json").read_text())
BOTH = pytest.mark.parametrize("http_url", [None, "https://bot.example.com"])

KNOWN_SCOPES = {
    *("app_mentions:read", "channels:history", "channels:read", "chat:write", "chat:write.public", "commands"),
    *("files:write", "groups:history", "groups:read", "im:history", "im:write", "links:read", "links:write"),
    *("reactions:write", "team:read", "usergroups:read", "users:read"),
}
"""Bot scopes of https://docs.slack.dev/reference/scopes that a bot like this could ask for."""
KNOWN_EVENTS = {
    "app_home_opened",
    "app_mention",
    "link_shared",
    "member_joined_channel",
    "message.channels",
    "message.im",
}

SCOPES_OF_METHOD: dict[str, set[str]] = {
    "apps_connections_open": set(),  # a scope of the app-level token
    "auth_test": set(),
    "bots_info": {"users:read"},
    "chat_delete": {"chat:write"},
    "chat_postEphemeral": {"chat:write"},
    "chat_postMessage": {"chat:write"},
    "chat_update": {"chat:write"},
    "conversations_history": {"channels:history", "groups:history"},
    "conversations_info": {"channels:read", "groups:read"},
    "conversations_members": {"channels:read", "groups:read"},
    "conversations_open": {"im:write"},
    "conversations_replies": {"channels:history", "groups:history"},
    "usergroups_list": {"usergroups:read"},
    "usergroups_users_list": {"usergroups:read"},
    "users_info": {"users:read"},
    "users_list": {"users:read"},
    "views_open": set(),
    "views_push": set(),
    "views_update": set(),
}
"""From each method's page at https://docs.slack.dev/reference/methods; a method not in here fails the test."""
SCOPE_OF_EVENT = {"app_mention": "app_mentions:read"}


@pytest.fixture
def doors() -> Doors:
    """What the code listens to."""
    return Doors(cast(Desk, None), cast(Answering, AnyWork()), lambda: 0.0, cast(StandingChat, AnyWork()))


class AnyWork:
    """Has a method for whatever is asked of it."""

    def __getattr__(self, name: str) -> str:
        return name


def called_methods() -> set[str]:
    """The Web API methods that the Slack side calls, as methods of the client or by their names, from its source."""
    package = Path(deploybot.slack.__file__).parent
    nodes = [node for path in package.rglob("*.py") for node in ast.walk(ast.parse(path.read_text()))]
    names = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    words = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    names |= {word.replace(".", "_") for word in words if re.fullmatch(r"[a-z]+\.[a-zA-Z.]+", word)}
    api = {name for name in vars(AsyncWebClient) if "_" in name.strip("_")}
    return (names & api) - {"api_call"}


@BOTH
def test_slacks_own_schema_takes_it(http_url: str | None) -> None:
    jsonschema.validate(manifest(http_url), SCHEMA)


@BOTH
def test_what_the_schema_misses_is_right_as_well(http_url: str | None) -> None:
    """It lets pass upper case in commands, made-up scopes and events, and HTTP without addresses."""
    made = manifest(http_url)
    for command in made["features"]["slash_commands"]:
        assert re.fullmatch(r"/[a-z0-9_-]{1,31}", command["command"])
    assert set(made["oauth_config"]["scopes"]["bot"]) <= KNOWN_SCOPES
    assert set(made["settings"]["event_subscriptions"]["bot_events"]) <= KNOWN_EVENTS
    assert re.fullmatch(r"#[0-9a-f]{6}", made["display_information"]["background_color"])
    assert re.fullmatch(r"[a-z0-9._-]{1,80}", made["features"]["bot_user"]["display_name"])


def test_over_http_every_address_is_given_and_socket_mode_is_off() -> None:
    made = manifest("https://bot.example.com/")
    address = f"https://bot.example.com{PATH}"
    settings = made["settings"]
    assert settings["event_subscriptions"]["request_url"] == address
    assert settings["interactivity"]["request_url"] == address
    assert [command["url"] for command in made["features"]["slash_commands"]] == [address]
    assert settings["socket_mode_enabled"] is False


def test_in_socket_mode_no_address_is_given() -> None:
    assert "url" not in json.dumps(manifest())
    assert manifest()["settings"]["socket_mode_enabled"] is True


@pytest.mark.parametrize(
    "address", ["http://bot.example.com", "bot.example.com", "", "https://", "https://b.example?x=1"]
)
def test_an_address_that_slack_would_not_take_is_refused(address: str) -> None:
    with pytest.raises(ConfigError, match=r"https://bot\.example\.com"):
        manifest(address)


def test_scopes_are_exactly_those_that_the_code_uses(doors: Doors) -> None:
    methods = set().union(*(SCOPES_OF_METHOD[method] for method in called_methods()))
    events = {SCOPE_OF_EVENT[event] for event in doors.events}
    commands = {"commands"} if doors.commands else set()
    assert set(manifest()["oauth_config"]["scopes"]["bot"]) == methods | events | commands


def test_only_what_the_bot_can_do_without_is_optional() -> None:
    """Slack wants optional scopes among the others as well."""
    scopes = manifest()["oauth_config"]["scopes"]
    assert set(scopes["bot_optional"]) == {"channels:history", "groups:history"} < set(scopes["bot"])


def test_the_bot_may_write_to_people_who_cannot_write_to_it() -> None:
    """Without the messages tab Slack refuses direct messages; with one to write in, people would talk to nobody."""
    home = manifest()["features"]["app_home"]
    assert home["messages_tab_enabled"]
    assert home["messages_tab_read_only_enabled"]


def test_over_http_menus_are_asked_for_their_entries_where_all_else_goes() -> None:
    interactivity = manifest("https://bot.example.com")["settings"]["interactivity"]
    assert interactivity["message_menu_options_url"] == interactivity["request_url"]


def test_the_methods_are_found_in_the_source() -> None:
    """Else the test before would pass on nothing."""
    assert called_methods() == set(SCOPES_OF_METHOD)


def test_events_and_commands_are_exactly_those_that_are_listened_to(doors: Doors) -> None:
    made = manifest()
    assert made["settings"]["event_subscriptions"]["bot_events"] == list(doors.events)
    assert [command["command"] for command in made["features"]["slash_commands"]] == list(doors.commands)
    assert made["settings"]["interactivity"]["is_enabled"] is bool(doors.forms)


def test_the_file_at_the_top_is_the_one_for_socket_mode() -> None:
    """After a change: `deploybot manifest > manifest.yml`."""
    text = (ROOT / "manifest.yml").read_text()
    assert text == manifest_yaml()
    assert yaml.safe_load(text) == manifest()
    first = text.splitlines()[0]
    assert first.startswith("# ")
    assert "Slack app manifest" in first
    assert "-f deploy/cf-manifest.yml" in first
