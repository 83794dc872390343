"""The bot as it is, but for a guard that looks often, and announces a cancel seconds before: no test waits minutes."""

import asyncio
from datetime import timedelta

from deploybot.app.approving import GuardTimes
from deploybot.app.running import run
from deploybot.ops.logs import set_up_logs
from deploybot.settings.loading import environment, load
from deploybot.settings.secrets import secrets_in

TIMES = GuardTimes(notice=timedelta(seconds=6), every=timedelta(seconds=0.3))


def main() -> None:
    settings = load(None, environment(), transport="socket")
    set_up_logs(settings.log.format, settings.log.level, secrets=secrets_in(settings))
    asyncio.run(run(settings, "socket", TIMES))


if __name__ == "__main__":
    main()
