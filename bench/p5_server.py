"""A foundation whose 200,000 deployments changed a second apart, so that reading them from one on never ends soon.

Answers are joined from bytes that were made before. `python -m bench.p5_server <milliseconds a row>`: so long it waits
before it answers, as the real server needs to list a deployment.
"""

import re
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from bench.p3_server import Handler, Server
from bench.pages import page, rows

ROWS = 200_000
DISTINCT = 5000
FORM = "%Y-%m-%dT%H:%M:%SZ"


class SortedHandler(Handler):
    """Deployments by `updated_ats[gte]`, oldest first, and by guid; apps; nobody's events."""

    server: "SortedServer"

    def answer_to(self, path: str, asked: Mapping[str, str]) -> bytes:
        match path:
            case "/v3/deployments":
                return self.server.changed(asked)
            case "/v3/audit_events":
                return page([], 0, None)
            case _:
                return super().answer_to(path, asked)


class SortedServer(Server):
    def __init__(self, seconds_a_row: float) -> None:
        super().__init__(ROWS, [], SortedHandler)
        self._seconds_a_row = seconds_a_row
        self._begins = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=ROWS)
        self._made = [_timeless(row) for row in rows(DISTINCT)]

    def changed(self, asked: Mapping[str, str]) -> bytes:
        per_page = int(asked["per_page"])
        if "guids" in asked:
            numbers = [int(guid[-12:]) for guid in asked["guids"].split(",")]
        else:
            since = datetime.strptime(asked["updated_ats[gte]"], FORM).replace(tzinfo=UTC)
            first = max(0, round((since - self._begins).total_seconds()))
            numbers = list(range(first, min(first + per_page, ROWS)))
        time.sleep(self._seconds_a_row * len(numbers))
        more = "guids" not in asked and bool(numbers) and numbers[-1] < ROWS - 1
        total = len(numbers) + (ROWS - 1 - numbers[-1] if more else 0)
        return page([self._row(number) for number in numbers], total, f"{self.url}/v3/deployments" if more else None)

    def _row(self, number: int) -> bytes:
        at = (self._begins + timedelta(seconds=number)).strftime(FORM).encode()
        head, tail = self._made[number % DISTINCT]
        return head.replace(b"%012d" % (number % DISTINCT), b"%012d" % number, 1) + at + tail


def _timeless(row: bytes) -> tuple[bytes, bytes]:
    """What stands before and after the time of the update, which is when it became what it is."""
    row = re.sub(rb'"last_status_change":"[^"]*"', b'"last_status_change":null', row)
    head, tail = re.split(rb'"updated_at":(?:null|"[^"]*")', row, maxsplit=1)
    return head + b'"updated_at":"', b'"' + tail


if __name__ == "__main__":
    server = SortedServer(float(sys.argv[1]) / 1000)
    print(server.url, flush=True)
    server.serve_forever()
