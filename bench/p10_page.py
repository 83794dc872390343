"""P10: opening the demo's page until it can be used, beside the one second that a newcomer is promised."""

from bench.measure import ROUNDS, Ratio, middle
from tests.browser.conftest import chromium, opened
from tests.demo_process import running_demo

_PROMISED_SECONDS = 1.0


def run() -> list[Ratio]:
    with (
        running_demo("--scenario", "calm", "--speed", "1") as demo,
        chromium() as browser,
        opened(browser, demo) as desk,
    ):
        times = []
        for _ in range(ROUNDS):
            desk.enter()
            times.append(desk.page.evaluate("performance.getEntriesByName('interactive')[0].startTime") / 1000)
    return [Ratio("P10 page opened to usable / one second", middle(times), _PROMISED_SECONDS, "s", 1.0)]
