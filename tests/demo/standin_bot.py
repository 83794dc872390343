"""A stand-in for the bot's process, for tests of the stage alone: says what it was given, and lives or dies as told."""

import json
import os
import signal
import sys
import time

MANIFEST = {
    "display_information": {"name": "standin"},
    "features": {
        "bot_user": {"display_name": "standin"},
        "slash_commands": [{"command": "/deployments", "description": "Stands in", "usage_hint": "[app=name]"}],
    },
    "settings": {"socket_mode_enabled": True},
}


def main(verb: str) -> None:
    if verb == "manifest":
        say(json.dumps(MANIFEST))
        return
    say("given " + ",".join(sorted(os.environ)))
    if "--die" in sys.argv:
        sys.exit("I can't go on.")
    if "--deaf" in sys.argv:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    say("ready")
    time.sleep(600)


def say(line: str) -> None:
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


if __name__ == "__main__":
    main(sys.argv[-1])
