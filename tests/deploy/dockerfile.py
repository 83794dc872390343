"""Reads the Dockerfile into instructions, as far as it is written; what it does not know it refuses."""

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DOCKERFILE = Path(__file__).parents[2] / "Dockerfile"
_KNOWN = frozenset(
    {"ARG", "FROM", "ENV", "WORKDIR", "COPY", "RUN", "VOLUME", "EXPOSE", "USER", "HEALTHCHECK", "ENTRYPOINT", "CMD"}
)


@dataclass(frozen=True)
class Instruction:
    word: str
    rest: str

    def words(self, known: Mapping[str, str]) -> list[str]:
        """The arguments, variables filled in as Docker does: an unknown one is empty."""
        return shlex.split(filled(self.rest, known))

    def listed(self) -> list[str]:
        """The arguments of the form in brackets."""
        return [str(each) for each in json.loads(self.rest)]


def instructions(text: str) -> list[Instruction]:
    """In their order; a line that ends with a backslash goes on in the next one, comments are left out."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n", " ", "\n".join(lines)).splitlines()
    found = [Instruction(word.upper(), rest.strip()) for word, _, rest in (line.partition(" ") for line in joined)]
    if unknown := sorted({one.word for one in found} - _KNOWN):
        raise ValueError(f"the replay does not know {', '.join(unknown)}: teach it, or it would show nothing")
    return found


def filled(text: str, known: Mapping[str, str]) -> str:
    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda match: known.get(match[1] or match[2], ""), text)


def environment_of(one: Instruction, known: Mapping[str, str]) -> dict[str, str]:
    """What an ENV sets."""
    return dict(word.split("=", 1) for word in one.words(known))


def last_stage() -> list[Instruction]:
    found = instructions(DOCKERFILE.read_text())
    begin = max(number for number, one in enumerate(found) if one.word == "FROM")
    return found[begin:]


def image_environment() -> dict[str, str]:
    """What the image sets; its PATH is left out, which stands on the base's."""
    environment: dict[str, str] = {}
    for one in last_stage():
        environment |= environment_of(one, environment) if one.word == "ENV" else {}
    return {name: value for name, value in environment.items() if name != "PATH"}
