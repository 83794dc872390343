"""Faults: the proxy's pages are the recorded ones, and a share hits its part of the requests and no more."""

import random

import pytest

from deploybot.demo.foundation.faults import TITLES, Faults, hit, hit_action, hit_after, merged, proxy_page
from deploybot.demo.foundation.messages import Answer
from tests.recordings import exchanges


def test_the_pages_of_the_proxy_are_those_of_a_real_nginx() -> None:
    recorded = {each["status"]: each for each in exchanges("proxy") if each["status"] in TITLES}

    assert set(recorded) == set(TITLES)
    for status, each in recorded.items():
        page = proxy_page(status)
        assert page.body.decode() == each["body"]
        assert page.headers["content-type"] == each["headers"]["content-type"]


def test_a_share_hits_about_that_part_of_the_requests() -> None:
    dice = random.Random(5)
    struck = sum(hit(Faults(bad_gateway=0.3), of_uaa=False, chance=dice.random) is not None for _ in range(2000))

    assert 500 < struck < 700


def test_faults_of_the_api_spare_the_uaa_and_an_outage_spares_nobody() -> None:
    own = Faults(server_error=1, rate_limit=1, refused_tokens=1)

    assert hit(own, of_uaa=True, chance=lambda: 0.5) is None
    assert hit(Faults(outage=True), of_uaa=True, chance=lambda: 0.5) == "cut"
    assert hit(Faults(), of_uaa=False, chance=lambda: 0.0) is None


@pytest.mark.parametrize("changes", [{"cut": 1.1}, {"gateway_timeout": -1}, {"latency_ms": 10**9}, {"cut": "often"}])
def test_a_fault_out_of_range_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        merged(Faults(), changes)


def test_the_answer_to_an_action_that_was_done_may_be_lost_in_three_ways() -> None:
    error = hit_after(Faults(done_but_error=1), chance=lambda: 0.5)

    assert isinstance(error, Answer)
    assert error.status == 500
    assert hit_after(Faults(done_but_cut=1), chance=lambda: 0.5) == "cut"
    assert hit_after(Faults(done_but_slow=1), chance=lambda: 0.5) == "slow"
    assert hit_after(Faults(), chance=lambda: 0.0) is None
    assert hit_action(Faults(undone_error=1), chance=lambda: 0.5) == error
    assert hit_action(Faults(done_but_error=1), chance=lambda: 0.0) is None
