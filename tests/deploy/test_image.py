"""The image as the Dockerfile makes it, from a clean Debian root, and the bot as it runs in it.

Nothing here is of this machine but its network and its access to packages: mmdebstrap makes the root, and the steps are
done in it one after another. That needs root's rights; without them it is skipped, and says so, in CI as well.
"""

import asyncio
import os
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from deploybot import __version__
from tests.deploy.artefacts import ROOT
from tests.deploy.dockerfile import DOCKERFILE
from tests.deploy.replaying import Image, Replay, chrooted, volumes
from tests.deploy.tools import command
from tests.e2e.stage import STOP_SECONDS, Stage, configured, free_port, stage

RELEASE = "bookworm"
"""Debian's release in the base image's name, which has the same Python."""
PACKAGES = "python3-venv,ca-certificates,passwd,libstdc++6"
"""What the base image has beyond Debian's essential packages, as far as it matters: greenlet is written in C++."""
NEEDED_BYTES = 2 * 1024**3
PATIENCE = 60
"""Seconds, on a machine that has much else to do."""


async def test_the_image_is_built_and_the_bot_runs_in_it_until_it_is_told_to_stop(tmp_path: Path) -> None:
    """One test, since the image takes a minute or two to make: most of that is for packages."""
    if not _may_change_root():
        pytest.skip("NOT RUN: the image is only made where tests run as root and may mount, such as in a container")
    mmdebstrap = command("mmdebstrap", "mmdebstrap")
    with tempfile.TemporaryDirectory(prefix="deploybot-image-", dir=_in_memory()) as directory:
        work = Path(directory)
        image = Replay(_clean_root(mmdebstrap, work / "base"), ROOT, work).build(DOCKERFILE.read_text())
        _has_this_version(image)
        _has_nothing_that_installs_or_builds(image)
        _leaves_the_bot_nothing_but_its_data(image)
        _is_unhealthy_while_no_bot_runs(image)
        await _runs_until_it_is_told_to_stop(image, tmp_path)


def _in_memory() -> Path | None:
    """Where it takes half the time; None for the usual place, such as where programs may not be run in memory."""
    memory = Path("/dev/shm")
    if not memory.is_dir():
        return None
    about = os.statvfs(memory)
    usable = not about.f_flag & (os.ST_NOEXEC | os.ST_NODEV) and about.f_bavail * about.f_frsize >= NEEDED_BYTES
    return memory if usable else None


def _may_change_root() -> bool:
    return os.geteuid() == 0 and subprocess.run(["unshare", "--mount", "true"], check=False).returncode == 0


def _clean_root(mmdebstrap: str, base: Path) -> Path:
    """Debian with its Python where the base image has it: /usr/local, with pip, which nobody locks there."""
    small = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("man", "doc", "locale")]
    given = [mmdebstrap, "--quiet", "--variant=essential", f"--include={PACKAGES}", *small, RELEASE, str(base)]
    made = subprocess.run(given, capture_output=True, text=True, check=False)
    if made.returncode and not os.environ.get("CI"):
        pytest.skip(f"NOT RUN: no clean Debian root could be made here: {made.stderr.strip()[-300:]}")
    assert made.returncode == 0, made.stderr
    subprocess.run(chrooted(Image(base), ["python3", "-m", "venv", "/usr/local"], binds={}), check=True)
    return base


def _has_this_version(image: Image) -> None:
    told = _done(image, *image.entrypoint, "--version")
    assert (told.returncode, told.stdout, told.stderr) == (0, f"deploybot {__version__}\n", "")


def _has_nothing_that_installs_or_builds(image: Image) -> None:
    assert _done(image, "python", "-m", "pip", "--version").returncode == 1
    assert not list((image.root / "opt/deploybot/bin").glob("pip*"))
    assert [path.name for path in (image.root / "opt").iterdir()] == ["deploybot"]
    assert not (image.root / "src").exists()


def _leaves_the_bot_nothing_but_its_data(image: Image) -> None:
    assert _done(image, "id", "-u").stdout == "10001\n"
    data = (image.root / "var/lib/deploybot").stat()
    assert (data.st_uid, data.st_gid, data.st_mode & 0o777) == (10001, 10001, 0o700)
    assert [path for path in (image.root / "opt").rglob("*") if path.lstat().st_uid] == []


def _is_unhealthy_while_no_bot_runs(image: Image) -> None:
    told = _done(image, *image.health)
    assert (told.returncode, told.stdout) == (1, "")
    assert "no heartbeat at /tmp/deploybot.heartbeat" in told.stderr


def _done(image: Image, *words: str, writable: bool = True) -> "subprocess.CompletedProcess[str]":
    given = chrooted(image, words, binds={}, writable=writable)
    return subprocess.run(given, capture_output=True, text=True, check=False)


async def _runs_until_it_is_told_to_stop(image: Image, tmp_path: Path) -> None:
    """On a root that it cannot change; its volume and /tmp are all that it may write to."""
    binds = volumes(image, tmp_path)
    assert _done(image, "touch", "/var/lib/deploybot/x", writable=False).returncode == 1
    async with stage(tmp_path) as on, _running(image, binds, on, tmp_path / "bot.log") as bot:
        on.slack.patience = PATIENCE
        await on.slack.wait_for_connections(1)
        await _healthy(image, binds)
        os.kill(_inside(bot.pid), signal.SIGTERM)
        assert await asyncio.wait_for(bot.wait(), STOP_SECONDS) == 0, (tmp_path / "bot.log").read_text()
    (data,) = [place for place, target in binds.items() if target == "/var/lib/deploybot"]
    assert (data / "deploybot.db").stat().st_uid == 10001
    assert "Traceback" not in (tmp_path / "bot.log").read_text()


@asynccontextmanager
async def _running(
    image: Image, binds: Mapping[Path, str], on: Stage, log: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    (tmp,) = [place for place, target in binds.items() if target == "/tmp"]
    configured(tmp)
    (tmp / "rules.toml").chmod(0o644)
    here = {"DEPLOYBOT_HTTP_HOST": "127.0.0.1", "DEPLOYBOT_HEALTH_PORT": str(free_port())}
    given = on.environment(DEPLOYBOT_CONFIG="/tmp/rules.toml", **here)
    del given["DEPLOYBOT_DATA_DIR"]  # that of the image
    whole = chrooted(image, [*image.entrypoint, *image.command], binds=binds, writable=False, more=given)
    with log.open("wb") as out:
        bot = await asyncio.create_subprocess_exec(*whole, stdout=out, stderr=out)
    try:
        yield bot
    finally:
        if bot.returncode is None:
            bot.kill()
            await bot.wait()


async def _healthy(image: Image, binds: Mapping[Path, str]) -> None:
    """Wait until the image's own health check says so."""
    for _ in range(PATIENCE):
        check = chrooted(image, image.health, binds=binds, writable=False)
        asked = await asyncio.create_subprocess_exec(*check, stdout=asyncio.subprocess.DEVNULL, stderr=None)
        if await asked.wait() == 0:
            return
        await asyncio.sleep(0.5)
    pytest.fail("the health check does not pass")


def _inside(pid: int) -> int:
    """The bot's own process: process 1 in there, to whom an engine sends its signals."""
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(child)
