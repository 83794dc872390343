"""`make soak`: a day of the demo in half an hour, its figures, and exit code 1 where something grew or was lost."""

import argparse
import asyncio
import logging
import sys
import tempfile
from pathlib import Path

from soak.day import soak
from soak.plan import Plan
from soak.report import as_json, lines, wrong


def main(arguments: list[str]) -> int:
    given = _parsed(arguments)
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # an answer that is cut on purpose is no error
    plan = Plan(given.hours, given.minutes, given.seed)
    with tempfile.TemporaryDirectory(prefix="deploybot-soak-") as folder:
        try:
            soaked = asyncio.run(soak(plan, Path(folder), lambda line: print(line, flush=True)))
        finally:
            if given.log and (log := Path(folder) / "bot.log").exists():
                given.log.write_bytes(log.read_bytes())
    print(*lines(soaked), sep="\n", flush=True)
    if given.out:
        given.out.write_text(as_json(soaked))
    return 1 if wrong(soaked) else 0


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m soak", description=__doc__)
    parser.add_argument("--hours", type=float, default=24.0, help="simulated hours (24)")
    parser.add_argument("--minutes", type=float, default=27.0, help="true minutes that they take (27)")
    parser.add_argument("--seed", type=int, default=1, help="decides what people do and what goes wrong")
    parser.add_argument("--out", type=Path, help="a file for the figures, as JSON")
    parser.add_argument("--log", type=Path, help="a file for the bot's log")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
