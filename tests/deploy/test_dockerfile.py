"""The Dockerfile as it is written; `test_image` does what it says."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.dockerfile import DOCKERFILE, instructions, last_stage

HADOLINT = Path(sys.executable).with_name("hadolint")


def _judged(file: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([HADOLINT, "--no-color", file], capture_output=True, text=True, check=False)


def test_hadolint_has_nothing_to_say() -> None:
    told = _judged(DOCKERFILE)
    assert (told.returncode, told.stdout) == (0, "")


def test_hadolint_would_say_something(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM python:latest\nRUN cd /tmp\n")
    told = _judged(tmp_path / "Dockerfile")
    assert told.returncode == 1
    assert "DL3007" in told.stdout


def test_no_rule_is_silenced() -> None:
    assert "hadolint ignore" not in DOCKERFILE.read_text()


def test_an_instruction_that_the_replay_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="does not know ONBUILD"):
        instructions("FROM python:3.11\nONBUILD RUN true\n")


def test_the_image_runs_as_a_user_of_its_own_and_can_be_asked_for_its_health() -> None:
    words = {one.word: one for one in last_stage()}
    assert words["USER"].rest == "10001:10001"
    assert words["ENTRYPOINT"].listed() == ["deploybot"]
    assert words["CMD"].listed() == ["run"]
    assert words["HEALTHCHECK"].rest.endswith('CMD ["deploybot", "alive"]')


def test_both_stages_begin_with_one_base_that_may_be_given() -> None:
    found = instructions(DOCKERFILE.read_text())
    assert {one.rest.split()[0] for one in found if one.word == "FROM"} == {"${BASE}"}
    assert ("ARG", "BASE=python:3.11-slim-bookworm") in [(one.word, one.rest) for one in found]
