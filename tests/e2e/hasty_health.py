"""The bot as it is, but for health that loses patience within seconds: no test waits a minute and a half."""

import asyncio
import sys

from deploybot.app.running import run
from deploybot.domain.health import HealthRules
from deploybot.ops.logs import set_up_logs
from deploybot.settings.loading import environment, load
from deploybot.settings.secrets import secrets_in

RULES = HealthRules(database=5.0, slack=14.0, every=0.5, ask_every=1.0)
"""Pings go out every 10 s, so nobody hears of Slack more often than that."""


def main() -> None:
    transport = "http" if "--http" in sys.argv else "socket"
    settings = load(None, environment(), transport=transport)  # type: ignore[arg-type]
    set_up_logs(settings.log.format, settings.log.level, secrets=secrets_in(settings))
    asyncio.run(run(settings, transport, health=RULES))  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
