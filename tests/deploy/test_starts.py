"""Each shipped way starts the bot: its command line and environment, as they are written, between simulated neighbours.

Changed are only places that this machine has not: directories, the ports, and 0.0.0.0, where nothing here listens. What
a platform adds by itself is added: PORT and VCAP_SERVICES on Cloud Foundry, a directory of credentials by systemd.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography.fernet import Fernet

from tests.deploy.artefacts import DEPLOY, HEALTH_PORT, ROOT, Start, cf_app, starts
from tests.deploy.test_cf_push import pushed
from tests.e2e.stage import CF_SECRET, STOP_SECONDS, Stage, free_port, stage
from tests.workspace_client import APP_TOKEN, BOT_TOKEN

PATIENCE = 60
"""Seconds, on a machine that has much else to do."""
_BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Place:
    """What stands for the directories of a platform."""

    root: Path
    database_url: str
    port: int

    def prepare(self) -> None:
        for name, text in self._secrets().items():
            (self.root / "secrets").mkdir(exist_ok=True)
            (self.root / "secrets" / name).write_text(text + "\n")
        for name in ("tmp", "state", "etc"):
            (self.root / name).mkdir()
        (self.root / "etc/deploybot.toml").write_text((DEPLOY / "deploybot.toml").read_text())

    def _secrets(self) -> dict[str, str]:
        return {
            "database-url": self.database_url,
            "slack-bot-token": BOT_TOKEN,
            "slack-app-token": APP_TOKEN,
            "cf-client-secret": CF_SECRET,
            "link-keys": Fernet.generate_key().decode(),
        }

    def here(self, text: str) -> str:
        """The same place on this machine."""
        for there, name in (
            ("/run/secrets/deploybot", "secrets"),
            ("/run/secrets", "secrets"),
            ("%d", "secrets"),
            ("%S", "state"),
            ("/var/lib", "state"),
            ("/etc/deploybot", "etc"),
            ("/tmp", "tmp"),
        ):
            if text == there or text.startswith(f"{there}/"):
                return str(self.root / name) + text.removeprefix(there)
        return {"0.0.0.0": "127.0.0.1", HEALTH_PORT: str(self.port)}.get(text, text)

    def environment(self, on: Stage, start: Start) -> dict[str, str]:
        """That of the way, and where the simulated neighbours are."""
        neighbours = {"SLACK_API_URL": on.slack.api_url, "CF_API": on.foundation.url}
        given = {name: self.here(value) for name, value in start.environment.items()}
        return {"PATH": f"{_BIN}:{os.environ['PATH']}", **given, **neighbours}


@asynccontextmanager
async def _started(
    command: tuple[str, ...], environment: Mapping[str, str], directory: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    log = directory / "bot.log"
    with log.open("wb") as out:
        bot = await asyncio.create_subprocess_exec(*command, env=environment, cwd=directory, stdout=out, stderr=out)
    try:
        yield bot
        bot.terminate()
        assert await asyncio.wait_for(bot.wait(), STOP_SECONDS) == 0, _read(log)
    finally:
        if bot.returncode is None:
            bot.kill()
            await bot.wait()
    assert "Traceback" not in _read(log)
    assert [secret for secret in (BOT_TOKEN, APP_TOKEN, CF_SECRET) if secret in _read(log)] == []


def _read(file: Path) -> str:
    return file.read_text()


@pytest.fixture
def place(tmp_path: Path, postgres_url: str) -> Place:
    made = Place(tmp_path, postgres_url, free_port())
    made.prepare()
    return made


@pytest.mark.parametrize("way", ["compose", "kubernetes", "systemd"])
async def test_the_bot_starts_as_it_is_written_and_is_healthy(place: Place, way: str) -> None:
    start = starts()[way]
    async with stage(place.root) as on:
        environment = place.environment(on, start)
        await _went_well(start.before, environment, place.root)
        command = tuple(word.replace("/opt/deploybot/bin", str(_BIN)) for word in start.command)
        async with _started(command, environment, place.root):
            on.slack.patience = PATIENCE
            await on.slack.wait_for_connections(1)
            for path in start.probes or ("/livez", "/readyz"):
                await _answers(place.port, path)
    _kept_where_it_should_be(place, way)


async def _went_well(command: tuple[str, ...], environment: Mapping[str, str], directory: Path) -> None:
    if command:
        words = [word.replace("/opt/deploybot/bin", str(_BIN)) for word in command]
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *words, env=environment, cwd=directory, stdout=pipe, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await process.communicate()
        assert process.returncode == 0, said.decode()


def _kept_where_it_should_be(place: Place, way: str) -> None:
    kept = [file.name for file in (place.root / "state").rglob("*.db")]
    assert kept == (["deploybot.db"] if way == "systemd" else [])


async def _answers(port: int, path: str) -> None:
    """Wait until this path says yes."""
    said = "nothing"
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
        for _ in range(10 * PATIENCE):
            try:
                answer = await http.get(path)
            except httpx.TransportError as trouble:
                said = repr(trouble)
            else:
                if answer.status_code == 200:
                    return
                said = answer.text
            await asyncio.sleep(0.1)
    pytest.fail(f"{path} does not say yes: {said}")


async def test_what_is_pushed_starts_on_cloud_foundry_and_is_healthy(place: Place) -> None:
    """With the packages of the lock file and what is pushed, but not the package installed: the buildpack does not."""
    start, app = starts()["cloud foundry"], place.root / "app"
    _push(app)
    (place.root / "etc/deploybot.toml").rename(app / "deploybot.toml")
    async with stage(place.root) as on:
        environment = {
            **place.environment(on, start),
            "PATH": f"{_packages_only(place.root / 'deps')}:{os.environ['PATH']}",
            "PORT": str(place.port),
            "VCAP_SERVICES": json.dumps(_bound(place.database_url)),
        }
        async with _started(("bash", "-c", " ".join(start.command)), environment, app):
            on.slack.patience = PATIENCE
            await on.slack.wait_for_connections(1)
            for path in start.probes or ("/livez", "/readyz"):
                await _answers(place.port, path)
    assert not list(app.rglob("*.db"))


def _push(app: Path) -> None:
    for name in pushed(ROOT):
        file = app / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes((ROOT / name).read_bytes())


def _packages_only(where: Path) -> Path:
    """A Python with every package of this one but deploybot itself; the directory with its program."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", where], check=True)
    (packages,) = where.glob("lib/python*/site-packages")
    (ours,) = {Path(httpx.__file__).parents[1]}
    for entry in ours.iterdir():
        if not any(word in entry.name.lower() for word in ("deploybot", "__editable__")):
            (packages / entry.name).symlink_to(entry)
    return where / "bin"


def _bound(database_url: str) -> dict[str, object]:
    """Both services of the manifest, as the platform tells of them."""
    own, database = cf_app()["services"]
    secrets = {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": APP_TOKEN, "CF_CLIENT_SECRET": CF_SECRET}
    return {
        "user-provided": [{"name": own, "label": "user-provided", "tags": [], "credentials": secrets}],
        "postgresql-db": [
            {"name": database, "label": "postgresql-db", "tags": ["postgresql"], "credentials": {"uri": database_url}}
        ],
    }
