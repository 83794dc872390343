"""Does what the Dockerfile says, in directories: each stage is a copy of a clean root, each step runs in a chroot.

Mounts live in a namespace of the step's own and end with it. Only a network and root are needed, no container engine.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.deploy.dockerfile import Instruction, environment_of, instructions

SYSTEM_PATH = "/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin"
_FOR_NETWORK = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE")
_ENTER = """
set -e
root=$1 writable=$2; shift 2
mount --bind "$root" "$root"
while [ "$1" != -- ]; do mount --bind "$1" "$root$2"; shift 2; done; shift
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
[ "$writable" = yes ] || mount -o remount,bind,ro "$root"
exec chroot "$@"
"""


@dataclass
class Image:
    """What a stage has come to: its root, and what the steps after it, or a run of it, begin with."""

    root: Path
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": SYSTEM_PATH})
    directory: str = "/"
    user: str = "0:0"
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)
    volumes: list[str] = field(default_factory=list)


def chrooted(
    image: Image,
    command: Sequence[str],
    *,
    binds: Mapping[Path, str],
    writable: bool = True,
    more: Mapping[str, str] | None = None,
) -> list[str]:
    """The command line that runs this in the image as its user, as process 1 of its own, with these places bound."""
    places = [part for source, target in binds.items() for part in (str(source), target)]
    variables = [f"{name}={value}" for name, value in {**image.environment, **(more or {})}.items()]
    inside = ["env", "-i", "-C", image.directory, *variables, *command]
    return [
        *("unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"),
        *("sh", "-c", _ENTER, "enter", str(image.root), "yes" if writable else "no", *places, "--"),
        *(f"--userspec={image.user}", "--groups=", str(image.root), *inside),
    ]


class Replay:
    """`base` is the root that every FROM begins with; `work` is where the stages are made."""

    def __init__(self, base: Path, context: Path, work: Path, arguments: Mapping[str, str] | None = None) -> None:
        self._base, self._context, self._work = base, context, work
        self._given = dict(arguments or {})
        self._known: dict[str, str] = {}
        self._stages: dict[str, Image] = {}
        self.image = Image(base)

    def build(self, text: str) -> Image:
        """The last stage. A step that fails is an AssertionError with the end of what it said."""
        for one in instructions(text):
            self._do(one)
        return self.image

    def _do(self, one: Instruction) -> None:
        image = self.image
        match one.word:
            case "FROM":
                self._begin(one)
            case "ARG":
                name, _, default = one.rest.partition("=")
                self._known[name] = self._given.get(name, default)
            case "ENV":
                image.environment |= environment_of(one, self._variables())
            case "WORKDIR":
                image.directory = one.rest
                (image.root / one.rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
            case "COPY":
                self._copy(one)
            case "RUN":
                self._run(one)
            case "USER":
                image.user = one.rest
            case "VOLUME":
                image.volumes += one.rest.split()
            case "ENTRYPOINT":
                image.entrypoint = one.listed()
            case "CMD":
                image.command = one.listed()
            case "HEALTHCHECK":
                image.health = Instruction("CMD", one.rest.partition("CMD ")[2]).listed()
            case "EXPOSE":
                assert all(port.isdigit() for port in one.rest.split())

    def _variables(self) -> dict[str, str]:
        return {**self._known, **self.image.environment}

    def _begin(self, one: Instruction) -> None:
        """Every base is the clean root: that all stages name the same one is a test of the Dockerfile's."""
        words = one.words(self._known)
        assert words[0], "FROM names no image"
        name = words[2] if len(words) == 3 else f"stage{len(self._stages)}"
        root = self._work / name
        subprocess.run(["cp", "-a", "--reflink=auto", self._base, root], check=True)
        self.image = self._stages[name] = Image(root)

    def _copy(self, one: Instruction) -> None:
        words = one.words(self._variables())
        stage = words.pop(0).removeprefix("--from=") if words[0].startswith("--from=") else ""
        *sources, target = words
        there = self.image.root / os.path.join(self.image.directory, target).lstrip("/")
        for source in sources:
            found = self._stages[stage].root / source.lstrip("/") if stage else self._in_context(source)
            _copied(found, there, into=len(sources) > 1 or target.endswith("/") or target == "./")

    def _in_context(self, source: str) -> Path:
        """Of the checkout, unless .dockerignore keeps it from the build."""
        first, *others = (self._context / ".dockerignore").read_text().split()
        assert first == "*"
        assert f"!{Path(source).parts[0]}" in others, f"{source} is not sent to the build: see .dockerignore"
        return self._context / source

    def _run(self, one: Instruction) -> None:
        binds, variables = for_pip()
        more = {**{name: self._known[name] for name in self._known if name in one.rest}, **variables}
        given = chrooted(self.image, ["/bin/sh", "-c", one.rest], binds=binds, more=more)
        with _places(self.image.root, binds):
            done = subprocess.run(given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        assert done.returncode == 0, f"RUN {one.rest}\n{done.stdout[-3000:]}"


def _copied(source: Path, target: Path, *, into: bool) -> None:
    """As COPY: a directory's content goes into the target; a file into it where that is a directory."""
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        return
    whole = target / source.name if into else target
    whole.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, whole)


@contextmanager
def _places(root: Path, binds: Mapping[Path, str]) -> Iterator[None]:
    """Something to bind these on, which is gone afterwards."""
    made: list[Path] = []
    for source, target in binds.items():
        place = root / target.lstrip("/")
        missing = [each for each in (place, *place.parents) if not each.exists()]
        for each in reversed(missing):
            each.touch() if each == place and source.is_file() else each.mkdir()
        made += reversed(missing)
    try:
        yield
    finally:
        for each in reversed(made):
            each.unlink() if each.is_file() else each.rmdir()


def for_pip() -> tuple[dict[Path, str], dict[str, str]]:
    """How this machine reaches packages: what must be seen in a root, and the environment that says so there."""
    variables = {name: os.environ[name] for name in _FOR_NETWORK if name in os.environ}
    variables |= dict(_pip_settings())
    words = [word.removeprefix("file://") for value in variables.values() for word in value.split()]
    named = {Path(word) for word in words if word.startswith("/") and Path(word).exists()}
    # An index of files names packages beside itself.
    local = {place.parent if place.name == "simple" else place for place in named}
    local |= {Path("/etc/resolv.conf"), Path("/etc/hosts")}
    whole = {place for place in local if not any(parent in local for parent in place.parents)}
    return {place.resolve(): str(place) for place in sorted(whole)}, variables


def _pip_settings() -> Iterator[tuple[str, str]]:
    """Of files and of the environment, as the environment says them."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    for line in listed.stdout.splitlines():
        key, _, value = line.partition("=")
        yield "PIP_" + key.rpartition(".")[2].upper().replace("-", "_"), value.strip("'")


def volumes(image: Image, work: Path) -> dict[Path, str]:
    """A directory for each volume and for /tmp, with what the image has there: what may be written in a run."""
    binds: dict[Path, str] = {}
    for number, target in enumerate((*image.volumes, "/tmp")):
        place = work / f"volume{number}"
        subprocess.run(["cp", "-a", image.root / target.lstrip("/"), place], check=True)
        binds[place] = target
    return binds
