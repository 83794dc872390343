"""The page about logs and traces says what is so."""

import re
from pathlib import Path

from deploybot.app.tracing import LAST_SECONDS
from deploybot.domain.telemetry import AnswerOutcome
from deploybot.ops.exact import LEAST
from deploybot.ops.redaction import LONGEST
from deploybot.ops.shapes import MASK
from deploybot.ops.tracing import MOST_WAITING, PATH

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/operate/logs.md").read_text()
CODE = "".join(path.read_text() for path in sorted((ROOT / "deploybot").rglob("*.py")))


def test_its_numbers_and_words_are_those_of_the_code() -> None:
    assert f"more than {LONGEST:,} characters" in PAGE
    assert f"at most {MOST_WAITING:,} spans" in PAGE
    assert (LEAST, LAST_SECONDS) == (4, 1.0)
    assert "fewer than four characters" in PAGE
    assert "one second" in PAGE
    assert f"`{MASK}`" in PAGE
    assert f"`{PATH}`" in PAGE


def test_every_outcome_of_a_request_is_explained() -> None:
    assert [outcome for outcome in AnswerOutcome if f"`{outcome.value}`" not in PAGE] == []


def test_every_span_is_in_its_table_and_no_other() -> None:
    spans = set(re.findall(r'\.span\(\s*"([a-z ]+)"', CODE))
    table = PAGE[PAGE.index("| Span |") : PAGE.index("A span that failed")]
    told = {name for row in table.splitlines()[2:] if row for name in re.findall(r"`([^`]+)`", row.split("|")[1])}
    assert told == spans
