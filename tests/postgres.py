"""A real PostgreSQL for tests: one cluster per test process, a database per test, nothing left behind."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

MISSING = "no PostgreSQL server binaries: apt-get install postgresql"

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "autovacuum": "off",
}


@dataclass
class Cluster:
    """A running server; `database()` makes an empty database and gives its URL."""

    port: int
    made: int = field(default=0)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://deploybot@127.0.0.1:{self.port}/{database}"

    def database(self, template: str = "template1") -> str:
        """A new database, a copy of another one where it is named."""
        self.made += 1
        name = f"t{self.made}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def drop(self, url: str) -> None:
        self.run(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def run(self, statement: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement.encode())


def binaries() -> Path | None:
    """The directory with `initdb` and `postgres`, the newest of Debian's or the one in PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    in_path = shutil.which("initdb")
    candidates = [*reversed(found), *([Path(in_path).resolve()] if in_path else [])]
    return next((path.parent for path in candidates if path.with_name("postgres").exists()), None)


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A server of its own on a free port. Without binaries: a failure in CI, else the test is skipped."""
    where = binaries()
    if where is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(MISSING)
    with tempfile.TemporaryDirectory(prefix="deploybot-pg-") as directory:
        data = Path(directory) / "data"
        user = _owner(Path(directory))
        subprocess.run(
            [where / "initdb", "-D", data, "-U", "deploybot", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
            check=True,
            stdout=subprocess.DEVNULL,
            user=user,
            cwd=directory,
        )
        with _serving(where / "postgres", data, user) as port:
            yield Cluster(port)


def _owner(directory: Path) -> str | None:
    """PostgreSQL does not run as root: the cluster is another user's then."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = "postgres" if "postgres" in names else "nobody"
    shutil.chown(directory, user)
    return user


@contextmanager
def _serving(binary: Path, data: Path, user: str | None) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    options = [part for name, value in {**_SETTINGS, "port": str(port)}.items() for part in ("-c", f"{name}={value}")]
    log = data.with_name("log")
    with log.open("wb") as output:
        server = subprocess.Popen([binary, "-D", data, *options], stdout=output, stderr=output, user=user, cwd=data)
    try:
        _wait_until_ready(server, data, log)
        yield port
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=30)


def _wait_until_ready(server: "subprocess.Popen[bytes]", data: Path, log: Path) -> None:
    """The server itself writes `ready` into the last line of its pid file."""
    for _ in range(600):
        pid_file = data / "postmaster.pid"
        if pid_file.exists() and pid_file.read_text().rstrip().endswith("ready"):
            return
        try:
            server.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            continue
        break
    pytest.fail(f"PostgreSQL did not start: {log.read_text()}")
