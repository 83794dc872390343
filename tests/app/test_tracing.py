"""Traces are an extra: where they are wanted and not installed that is said, and who does not want them has none."""

import asyncio
import subprocess
import sys

import pytest
from aiohttp import web

from deploybot.app.tracing import traced
from deploybot.domain.telemetry import Polled
from deploybot.settings.model import TracingSettings
from tests.e2e.passage import served
from tests.fake_telemetry import FakeTelemetry

WITHOUT = """
import asyncio, sys

class Away:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "opentelemetry":
            raise ImportError(name)

sys.meta_path.insert(0, Away())
from deploybot.app import running
from deploybot.app.tracing import traced
from deploybot.domain.telemetry import SILENT
from deploybot.errors import ConfigError
from deploybot.settings.model import TracingSettings

async def main(endpoint):
    async with traced(TracingSettings(endpoint=endpoint), SILENT) as (telemetry, headers):
        print(telemetry is SILENT, headers(), any(name.startswith("opentelemetry") for name in sys.modules))

asyncio.run(main(None))
try:
    asyncio.run(main("http://127.0.0.1:4318"))
except ConfigError as problem:
    print(problem)
"""


def test_without_the_extra_the_bot_runs_and_traces_are_refused_with_a_sentence() -> None:
    told = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, timeout=60, check=True)
    first, second = told.stdout.strip().splitlines()[0], told.stdout.strip().splitlines()[-1]
    assert first == "True {} False"
    assert "tracing.endpoint" in second
    assert "pip install 'deploybot[otel]'" in second


async def test_what_is_counted_goes_on_beside_traces() -> None:
    telemetry, signal = FakeTelemetry(), Polled("eu", succeeded=True, seconds=1.0)
    app = web.Application()
    async with served(app) as url, traced(TracingSettings(endpoint=url), telemetry) as (both, headers):
        both.note(signal)
        with both.span("listing"):
            assert "traceparent" in headers()
    assert telemetry.signals == [signal]


async def test_a_collector_that_hangs_is_left_behind_at_the_end() -> None:
    asked, cut, let_go = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        asked.set()
        try:
            await let_go.wait()
        except asyncio.CancelledError:
            cut.set()
            raise
        return web.Response()

    app = web.Application()
    app.router.add_post("/v1/traces", hang)
    async with served(app) as url:
        async with traced(TracingSettings(endpoint=url), FakeTelemetry()) as (telemetry, _):
            with telemetry.span("listing"):
                pass
        assert asked.is_set()
        assert not cut.is_set()
        let_go.set()


@pytest.mark.parametrize("endpoint", ["nonsense", "ftp://127.0.0.1", "http://collector.example.com"])
def test_an_endpoint_that_is_no_address_is_refused(endpoint: str) -> None:
    with pytest.raises(ValueError, match="endpoint"):
        TracingSettings(endpoint=endpoint)
