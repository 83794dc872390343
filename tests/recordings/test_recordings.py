"""The recordings themselves: complete, in order, and readable."""

from tests.recordings import TIMELINES, exchanges, timeline, timeline_context, world


def test_the_recordings_are_complete() -> None:
    counts = {name: len(exchanges(name)) for name in ("exchanges", "rate_limited", "proxy")}

    assert counts["exchanges"] == 824
    assert len(world()["deployments"]) == 181
    assert {app["file"] for app in timeline_context()["apps"]} == {f"{name}.jsonl" for name in TIMELINES}


def test_exchanges_come_in_the_order_they_were_sent() -> None:
    assert [e["seq"] for e in exchanges()] == sorted(e["seq"] for e in exchanges())
    assert all(len(timeline(name)) > 20 for name in TIMELINES)


def test_each_reader_gets_a_world_of_its_own() -> None:
    world()["deployments"].clear()

    assert world()["deployments"]
