"""`deploybot guard check` at a simulated foundation: which spaces, whether the bot may cancel, and the exit code."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from deploybot.demo.foundation.scenario import load_clients
from deploybot.demo.foundation.serving import serve
from tests.recordings import world

GUARDS = """
[[guards]]
name = "shop"
on = "org=acme-retail space=prod"
channel = "C0ONCALL01"
tell_after = "2h"
cancel_after = "8h"
"""
ELSEWHERE = """
[[guards]]
on = "org=payments-eu"
channel = "C0ONCALL01"
remind_after = "1h"
cancel_after = "8h"
"""


async def checked(tmp_path: Path, text: str, client: str = "deploybot-guard") -> tuple[int, str, str]:
    """Exit code, output and errors."""
    config = tmp_path / "bot.toml"
    async with serve(world(), control_token="c", ticking=False) as served:
        secret = load_clients()[client].secret
        config.write_text(
            f'[foundations.cf]\napi = "{served.url}"\nclient_id = "{client}"\nclient_secret = "{secret}"\n{text}'
        )
        return await _run("guard", "check", "--config", str(config))


async def _run(*arguments: str) -> tuple[int, str, str]:
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "deploybot", *arguments, env=kept, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def test_a_guard_that_can_do_what_it_says_is_told_with_its_spaces(tmp_path: Path) -> None:
    code, out, err = await checked(tmp_path, GUARDS)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        'the guard "shop": tells after 2 h, cancels after 8 h, told in C0ONCALL01',
        "- cf acme-retail/prod: the bot may cancel there",
    ]


async def test_where_the_bot_may_not_cancel_it_says_what_is_needed(tmp_path: Path) -> None:
    code, out, _ = await checked(tmp_path, GUARDS + ELSEWHERE)
    assert code == 1
    assert "- cf acme-retail/prod: the bot may cancel there" in out
    assert "guard 2: reminds after 60 min, cancels after 8 h" in out
    assert "- cf payments-eu/prod: the bot may not cancel there; give it the role Space Supporter" in out


async def test_a_bot_that_may_only_read_may_cancel_nowhere(tmp_path: Path) -> None:
    code, out, _ = await checked(tmp_path, GUARDS, client="deploybot")
    assert code == 1
    assert "- cf acme-retail/prod: the bot may not cancel there" in out


async def test_without_guards_there_is_nothing_to_check(tmp_path: Path) -> None:
    assert await checked(tmp_path, "") == (0, "No guard is configured.\n", "")
