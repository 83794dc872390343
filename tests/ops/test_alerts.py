"""Every alert fires when it should and else is quiet, as Prometheus itself has it, and says what to do.

Install Prometheus' promtool where it is missing: apt-get install prometheus. CI has it.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ops.promql import problems_of

ROOT = Path(__file__).parents[2]
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yml"
ON_CALL = ROOT / "docs" / "operate" / "on-call.md"
MINUTES = 60
RULES: list[dict[str, Any]] = yaml.safe_load(ALERTS.read_text())["groups"][0]["rules"]


@dataclass(frozen=True)
class Case:
    """Series of an hour, a sample a minute, in promtool's notation: with `fires` it fires, with `quiet` it does not."""

    fires: Mapping[str, str]
    quiet: Mapping[str, str]


def _steady(rate: float) -> str:
    return f"0+{rate}x{MINUTES}"


def _requests(labels: str) -> str:
    return f'deploybot_foundation_requests_total{{foundation="eu",{labels}}}'


def _histogram(name: str, labels: str, buckets: Mapping[str, float]) -> dict[str, str]:
    return {f'deploybot_{name}_bucket{{{labels},le="{le}"}}': _steady(rate) for le, rate in buckets.items()}


OK, TOKEN = _requests('status="200"'), _requests('endpoint="/oauth/token",status="401"')
POSTED, DECLINED = (f'deploybot_deliveries_total{{call="post",outcome="{one}"}}' for one in ("posted", "declined"))
BUG = 'deploybot_commands_total{how="command",verb="list",outcome="bug"}'
ANSWERED = 'deploybot_commands_total{how="command",verb="list",outcome="answered"}'

CASES = {
    "DeploybotDown": Case({"other": _steady(1)}, {'deploybot_info{version="1"}': f"1x{MINUTES}"}),
    "DeploybotReplicaDown": Case(
        {'up{job="j",instance="a"}': f"1x30 0x{MINUTES}", 'deploybot_info{job="j",instance="a"}': f"1x30 _x{MINUTES}"},
        {'up{job="j",instance="b"}': f"0x{MINUTES}", 'deploybot_info{job="j",instance="a"}': f"1x{MINUTES}"},
    ),
    "DeploybotNotReady": Case(
        {'deploybot_ready{part="slack",instance="a"}': f"1x40 0x{MINUTES}"},
        {'deploybot_ready{part="slack",instance="a"}': f"1x50 0 0 1x{MINUTES}"},
    ),
    "DeploybotSocketReconnects": Case(
        {'deploybot_socket_connects_total{again="true"}': _steady(0.5)},
        {
            'deploybot_socket_connects_total{again="true"}': _steady(0.1),
            'deploybot_socket_connects_total{again="false"}': _steady(5),
        },
    ),
    "DeploybotPollLag": Case(
        {
            'deploybot_poll_lag_seconds{foundation="eu",instance="a"}': f"15x30 300+60x{MINUTES}",
            'deploybot_poll_lag_seconds{foundation="us",instance="a"}': f"15x{MINUTES}",
        },
        {'deploybot_poll_lag_seconds{foundation="eu",instance="a"}': f"299x{MINUTES}"},
    ),
    "DeploybotFoundationErrors": Case(
        {OK: _steady(10), _requests('status="503"'): _steady(3), _requests('status="none"'): _steady(1)},
        {OK: _steady(10), _requests('status="503"'): _steady(1), _requests('status="404"'): _steady(10)},
    ),
    "DeploybotLoginRefused": Case(
        {TOKEN: _steady(1)}, {TOKEN: f"0x50 3x{MINUTES}", _requests('endpoint="/v3/apps",status="403"'): _steady(9)}
    ),
    "DeploybotRateLimited": Case(
        {_requests('status="429"'): _steady(2)}, {_requests('status="429"'): _steady(0.2), OK: _steady(20)}
    ),
    "DeploybotOutboxOld": Case(
        {"deploybot_outbox_oldest_seconds": f"0x30 60+60x{MINUTES}"},
        {"deploybot_outbox_oldest_seconds": f"0x50 700 0x{MINUTES}"},
    ),
    "DeploybotDeliveriesFail": Case(
        {POSTED: _steady(1), DECLINED: _steady(2)}, {POSTED: _steady(2), DECLINED: _steady(1)}
    ),
    "DeploybotAcksSlow": Case(
        _histogram("ack_seconds", 'instance="a"', {"1.0": 90, "2.0": 95, "+Inf": 100}),
        _histogram("ack_seconds", 'instance="a"', {"0.5": 100, "1.0": 100, "+Inf": 100}),
    ),
    "DeploybotAnswersSlow": Case(
        _histogram("answer_seconds", 'verb="list"', {"8.0": 80, "13.0": 100, "+Inf": 100}),
        _histogram("answer_seconds", 'verb="list"', {"5.0": 95, "8.0": 95, "+Inf": 100}),
    ),
    "DeploybotBug": Case({BUG: f"_x55 1x{MINUTES}", ANSWERED: _steady(1)}, {BUG: f"3x{MINUTES}", ANSWERED: _steady(1)}),
    "DeploybotTurnsFail": Case(
        {'deploybot_turn_failures_total{turn="send"}': _steady(1)},
        {'deploybot_turn_failures_total{turn="send"}': f"0x50 4x{MINUTES}"},
    ),
    "DeploybotTurnsLate": Case(
        _histogram("turn_late_seconds", 'instance="a",turn="send"', {"1.0": 80, "5.0": 100, "+Inf": 100}),
        _histogram("turn_late_seconds", 'instance="a",turn="send"', {"1.0": 97, "5.0": 100, "+Inf": 100}),
    ),
}


def promtool() -> str:
    found = shutil.which("promtool")
    if not found and os.environ.get("CI"):
        pytest.fail("promtool is missing: apt-get install --no-install-recommends prometheus")
    if not found:
        pytest.skip("promtool is missing: apt-get install --no-install-recommends prometheus")
    return found


def _test_of(alert: str, series: Mapping[str, str], firing: bool) -> dict[str, Any]:
    samples = [{"labels": "{}", "value": 1}] if firing else []
    expr = f'count(ALERTS{{alertname="{alert}",alertstate="firing"}})'
    return {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [{"expr": expr, "eval_time": f"{MINUTES}m", "exp_samples": samples}],
    }


def test_every_alert_has_its_case() -> None:
    assert [rule["alert"] for rule in RULES] == list(CASES)


@pytest.mark.parametrize("alert", CASES)
@pytest.mark.parametrize("firing", [True, False], ids=["fires", "quiet"])
def test_an_alert_fires_when_it_should_and_else_is_quiet(alert: str, firing: bool, tmp_path: Path) -> None:
    series = CASES[alert].fires if firing else CASES[alert].quiet
    file = tmp_path / "alerts_test.yml"
    tests = [_test_of(alert, series, firing)]
    file.write_text(yaml.safe_dump({"rule_files": [str(ALERTS)], "evaluation_interval": "1m", "tests": tests}))
    done = subprocess.run([promtool(), "test", "rules", str(file)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_takes_the_files_as_they_are(tmp_path: Path) -> None:
    scrape = yaml.safe_load((ROOT / "deploy" / "prometheus" / "scrape.yml").read_text())
    token = tmp_path / "token"
    token.write_text("figures-please")
    scrape["scrape_configs"][0]["authorization"]["credentials_file"] = str(token)
    file = tmp_path / "prometheus.yml"
    file.write_text(yaml.safe_dump({**scrape, "rule_files": [str(ALERTS)]}))
    done = subprocess.run([promtool(), "check", "config", str(file)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_asks_only_for_what_the_bot_tells(rule: dict[str, Any]) -> None:
    assert problems_of(rule["expr"]) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_to_do_and_leads_to_a_section_that_is_there(rule: dict[str, Any]) -> None:
    told = rule["annotations"]
    assert set(told) == {"summary", "description", "runbook"}
    assert len(told["description"]) > 40
    page, _, anchor = told["runbook"].partition("#")
    assert page == "docs/operate/on-call.md"
    headings = re.findall(r"^## (.+)$", ON_CALL.read_text(), re.MULTILINE)
    assert anchor in {re.sub(r"[^a-z0-9 -]", "", one.lower()).replace(" ", "-") for one in headings}
