"""What is said of the directory that holds the SQLite file, for each thing that the file system may say of it."""

from dataclasses import replace
from pathlib import Path

import pytest

from deploybot.domain.finding import Level
from deploybot.store.examining_directory import Directory, directory_findings, filesystem_of, look_at

WHERE = Path("/var/lib/deploybot")
GIGA = 1_000_000_000
WELL = Directory(
    WHERE, WHERE, is_directory=True, writable=True, mode=0o700, owner=7, me=7, free=GIGA, filesystem="ext4"
)
MOUNTS = """\
/dev/vda / ext4 rw 0 0
server:/export /mnt/shared\\040data nfs4 rw 0 0
/dev/vdb /mnt/shared\\040data/local xfs rw 0 0
overlay /var ext4 rw 0 0
tmpfs /var tmpfs rw 0 0
"""


def test_a_directory_of_its_own_on_a_local_disk_is_well() -> None:
    (found,) = directory_findings(WELL)
    assert found.level is Level.OK
    assert "1000 MB are free" in found.says


@pytest.mark.parametrize(
    ("told", "check", "level", "says", "fix"),
    [
        (replace(WELL, is_directory=False), "directory", Level.FAILURE, "is no directory", "DEPLOYBOT_DATA_DIR"),
        (replace(WELL, writable=False), "directory", Level.FAILURE, "can't be written to", "give it to the bot's user"),
        (replace(WELL, mode=0o750), "directory", Level.WARNING, "mode 0750", "chmod 700 /var/lib/deploybot"),
        (replace(WELL, owner=0), "directory", Level.NOTE, "number 0, and this runs as 7", "as the bot's user"),
        (replace(WELL, filesystem="nfs4"), "directory", Level.FAILURE, "network file system (nfs4)", "local disk"),
        (replace(WELL, free=300_000_000), "disk-space", Level.WARNING, "only 300 MB", "make room"),
        (replace(WELL, free=30_000_000), "disk-space", Level.FAILURE, "only 30 MB", "make room"),
    ],
)
def test_each_trouble_has_its_own_words(told: Directory, check: str, level: Level, says: str, fix: str) -> None:
    (found,) = directory_findings(told)
    assert (found.check, found.level) == (check, level)
    assert says in found.says
    assert fix in found.fix


def test_of_a_directory_that_is_yet_to_be_made_only_the_way_to_it_counts(tmp_path: Path) -> None:
    told = look_at(tmp_path / "below" / "data")
    assert told.at == tmp_path
    assert told.wanted != told.at
    (found,) = directory_findings(replace(told, mode=0o755, owner=told.me + 1, filesystem="ext4", free=GIGA))
    assert found.level is Level.OK


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/bot", "ext4"),
        ("/mnt/shared data/bot", "nfs4"),
        ("/mnt/shared data/local/bot", "xfs"),
        ("/var/lib/deploybot", "tmpfs"),
    ],
)
def test_the_file_system_is_that_of_the_nearest_mount(path: str, kind: str) -> None:
    assert filesystem_of(Path(path), MOUNTS) == kind
    assert filesystem_of(Path(path), "") == ""
