"""The dashboard shows what the bot tells: nothing that is not there, and nothing left out."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from deploybot.ops.metrics import METRICS
from tests.ops.promql import labels_by_name, problems_of

FILE = Path(__file__).parents[2] / "deploy" / "grafana" / "deploybot.json"
BOARD: dict[str, Any] = json.loads(FILE.read_text())
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_a_panel_asks_only_for_what_the_bot_tells(panel: dict[str, Any]) -> None:
    assert panel["targets"]
    for target in panel["targets"]:
        assert problems_of(target["expr"]) == []


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_a_legend_names_labels_that_are_kept(panel: dict[str, Any]) -> None:
    for target in panel["targets"]:
        named = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
        groups = re.findall(r"\bby \(([^)]*)\)", target["expr"])
        kept = set(re.findall(r"\w+", " ".join(groups))) if groups else {"instance"}
        assert named <= kept


def test_every_metric_is_on_the_dashboard() -> None:
    shown = " ".join(target["expr"] for panel in PANELS for target in panel["targets"])
    assert [one.full for one in METRICS if not re.search(rf"\b{one.full}(_bucket|_count|_sum)?\b", shown)] == []


def test_panels_have_ids_of_their_own_and_do_not_overlap() -> None:
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])
    cells = [
        (column, row)
        for at in (panel["gridPos"] for panel in BOARD["panels"])
        for column in range(at["x"], at["x"] + at["w"])
        for row in range(at["y"], at["y"] + at["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(column for column, _ in cells) == 23


def test_the_data_source_is_the_readers_choice() -> None:
    assert {panel["datasource"]["uid"] for panel in PANELS} == {"${datasource}"}
    assert [one["name"] for one in BOARD["templating"]["list"]] == ["datasource"]


@pytest.mark.parametrize(
    ("expr", "problem"),
    [
        ("rate(deploybot_nothing_total[5m])", "no metric deploybot_nothing_total"),
        ('deploybot_ready{verb="list"}', "deploybot_ready has no verb"),
        ("sum by (verb) (deploybot_polls_total)", "no label verb"),
        ("deploybot_ack_seconds", "no metric deploybot_ack_seconds"),
        ("up", "it asks for nothing of the bot's"),
    ],
)
def test_a_mistake_in_an_expression_is_found(expr: str, problem: str) -> None:
    assert problems_of(expr) == [problem]
    assert "deploybot_ready" in labels_by_name()
