"""The page with a bot that shows every kind of element: `python -m tests.browser.gallery`."""

import asyncio
import sys
from pathlib import Path

from deploybot.demo.launch import run
from deploybot.demo.stage import Play

BOT = (sys.executable, str(Path(__file__).parent / "gallery_bot.py"))

if __name__ == "__main__":
    asyncio.run(run(Play("calm", command=BOT), browser=False))
