"""What the workspace takes from the app's manifest: its commands, its scopes, the events it hears, where it listens."""

from dataclasses import dataclass

from deploybot.demo.workspace.records import JsonObject


@dataclass(frozen=True, slots=True)
class Command:
    command: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = False
    url: str | None = None


@dataclass(frozen=True, slots=True)
class App:
    """The app as installed. `request_url` is where HTTP payloads go, None with Socket Mode.

    `options_url` says that menus may ask for their entries over HTTP too.
    """

    name: str
    bot_name: str
    commands: tuple[Command, ...]
    bot_scopes: frozenset[str]
    bot_events: frozenset[str]
    request_url: str | None = None
    options_url: str | None = None
    messages_tab: bool = True

    def command(self, name: str) -> Command | None:
        return next((command for command in self.commands if command.command == name), None)


def parse_manifest(manifest: JsonObject) -> App:
    """https://docs.slack.dev/reference/app-manifest; the keys that have no say here are not looked at."""
    features, settings = manifest.get("features", {}), manifest.get("settings", {})
    name = manifest["display_information"]["name"]
    events = settings.get("event_subscriptions", {})
    commands = tuple(_command(given) for given in features.get("slash_commands", []))
    return App(
        name=name,
        bot_name=features.get("bot_user", {}).get("display_name", name).lower(),
        commands=commands,
        bot_scopes=frozenset(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", [])),
        bot_events=frozenset(events.get("bot_events", [])),
        request_url=None if settings.get("socket_mode_enabled") else events.get("request_url"),
        messages_tab=features.get("app_home", {}).get("messages_tab_enabled", True),
        options_url=settings.get("interactivity", {}).get("message_menu_options_url"),
    )


def _command(given: JsonObject) -> Command:
    return Command(
        command=given["command"],
        description=given.get("description", ""),
        usage_hint=given.get("usage_hint", ""),
        should_escape=given.get("should_escape", False),
        url=given.get("url"),
    )
