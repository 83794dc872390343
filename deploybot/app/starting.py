"""What an operator wants to know of a bot that starts: what it is, whom it asks, where it keeps what, what is on."""

from urllib.parse import urlsplit

from deploybot import __version__
from deploybot.settings.model import Settings, StoreSettings


def facts_of(settings: Settings, transport: str) -> dict[str, object]:
    """The facts of the first line of the log. Nothing in them is secret."""
    return {
        "version": __version__,
        "transport": transport,
        "foundations": {name: one.api for name, one in settings.foundations.items()},
        "store": place_of(settings.store),
        "on": _on(settings),
    }


def place_of(store: StoreSettings) -> str:
    """Where state is kept, without whom the database is told that we are."""
    if store.database_url is None:
        return f"SQLite in {store.data_dir.resolve()}"
    parts = urlsplit(store.database_url.get_secret_value())
    host = (parts.hostname or "") + (f":{parts.port}" if parts.port else "")
    return f"PostgreSQL at {host}{parts.path}"


def _on(settings: Settings) -> list[str]:
    """Which parts are on that need not be."""
    parts = {
        "linked accounts": settings.linking.keys,
        "access rules": settings.access.rules,
        "canary guards": settings.guards,
        "health on a port of its own": settings.health.port is not None,
        "heartbeat file": settings.health.heartbeat_file,
        "traces": settings.tracing.endpoint,
    }
    return [name for name, on in parts.items() if on]
