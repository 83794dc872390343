"""What the page about doctor promises is what doctor does."""

from deploybot.domain.finding import Level
from deploybot.ops.doctor import BROKEN, MARKS, SOUND, UNREADABLE
from tests.docs.conftest import ROOT

PAGE = (ROOT / "docs" / "operate" / "doctor.md").read_text()


def test_every_mark_and_exit_code_is_told() -> None:
    for level in Level:
        assert f"| `{MARKS[level]}` |" in PAGE
    for code in (SOUND, BROKEN, UNREADABLE):
        assert f"| {code} |" in PAGE
