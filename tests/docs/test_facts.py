"""What the pages say of the bot is what the code says: scopes, words of the log, words to people, alerts' anchors."""

import ast
import re
from functools import cache

import pytest
import yaml

from deploybot.slack.manifest import EVENTS, OPTIONAL_SCOPES, SCOPES
from tests.docs.conftest import ROOT
from tests.docs.test_markdown import slugs

ON_CALL = ROOT / "docs" / "operate" / "on-call.md"
SLACK_ADMIN = ROOT / "docs" / "admin" / "slack.md"
COMMANDS = ("deploybot ", "cf ", "curl ")


@cache
def said() -> str:
    """Every text in the sources, in lower case; a line each."""
    trees = [ast.parse(file.read_text()) for file in (ROOT / "deploybot").rglob("*.py")]
    nodes = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return "\n".join(node.value.lower() for node in nodes if isinstance(node.value, str))


def test_the_scopes_are_those_of_the_manifest_and_so_are_the_optional_ones() -> None:
    rows = re.findall(r"^\| `([a-z_.]+:?[a-z]*)` \| .+ \| (yes|optional) \|$", SLACK_ADMIN.read_text(), re.MULTILINE)
    assert [scope for scope, _ in rows] == list(SCOPES)
    assert [scope for scope, needed in rows if needed == "optional"] == list(OPTIONAL_SCOPES)


def test_the_events_are_those_of_the_manifest() -> None:
    assert EVENTS == ("app_mention",)
    assert "It subscribes to one event, `app_mention`." in SLACK_ADMIN.read_text()


def words_of_the_log() -> list[str]:
    quoted = set(re.findall(r"`([A-Za-z][A-Za-z',]* [A-Za-z', \n]+)`", ON_CALL.read_text()))
    return sorted(re.sub(r"\s+", " ", words) for words in quoted if not words.startswith(COMMANDS))


def words_to_people() -> list[str]:
    quoted = re.findall(r'"([^"]{12,})"', ON_CALL.read_text())
    return sorted({re.sub(r"\s+", " ", words) for words in quoted})


def test_there_are_words_to_look_up() -> None:
    """Else the two tests below would pass on nothing."""
    assert len(words_of_the_log()) > 10
    assert len(words_to_people()) > 10


@pytest.mark.parametrize("words", words_of_the_log())
def test_the_log_says_what_whoever_is_on_call_is_told_to_look_for(words: str) -> None:
    assert words.lower() in said().splitlines()


@pytest.mark.parametrize("words", words_to_people())
def test_people_are_told_what_whoever_is_on_call_is_told_that_they_are(words: str) -> None:
    assert [part for part in re.split(r" ?\.\.\. ?", words.lower()) if part not in said()] == []


def test_every_alert_leads_to_what_is_to_be_done() -> None:
    groups = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yml").read_text())["groups"]
    books = [rule["annotations"]["runbook"] for group in groups for rule in group["rules"]]
    assert len(books) > 10
    assert {book.partition("#")[0] for book in books} == {"docs/operate/on-call.md"}
    assert {book.partition("#")[2] for book in books} <= slugs(ON_CALL)
