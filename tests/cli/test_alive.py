"""`deploybot alive` as a container's health check calls it: by the age of the heartbeat."""

import os
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploybot.cli import app


@pytest.mark.parametrize(
    ("age", "code", "told"),
    [
        (5, 0, "last heartbeat "),
        (60, 1, "last heartbeat "),
        (-5, 0, "the heartbeat is "),
        (-3600, 1, "the heartbeat is "),
    ],
)
def test_a_heartbeat_counts_while_it_is_of_now(tmp_path: Path, age: float, code: int, told: str) -> None:
    """One of the future is of a clock that was set back: whether the bot lives it does not say."""
    file = tmp_path / "heartbeat"
    file.touch()
    os.utime(file, (time.time() - age, time.time() - age))
    answered = CliRunner().invoke(app, ["alive", "--heartbeat-file", str(file)])
    assert answered.exit_code == code
    assert answered.output.startswith(told)


def test_without_a_heartbeat_nothing_is_alive(tmp_path: Path) -> None:
    answered = CliRunner().invoke(app, ["alive", "--heartbeat-file", str(tmp_path / "none")])
    assert answered.exit_code == 1
    assert "no heartbeat at" in answered.output
