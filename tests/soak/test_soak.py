"""Less than half an hour of the demo's time with a real bot: what `make soak` does for a whole day."""

import json
from pathlib import Path

from soak.day import soak
from soak.plan import Plan
from soak.report import as_json, lines, wrong

PLAN = Plan(hours=0.4, minutes=0.4, seed=3)


async def test_people_and_troubles_leaves_nothing_open_and_nothing_untold(tmp_path: Path) -> None:
    said: list[str] = []
    soaked = await soak(PLAN, tmp_path, said.append)

    assert wrong(soaked) == (), "\n".join(lines(soaked))
    assert len(soaked.truth.ends) > 50
    assert len(soaked.truth.told) > 100
    assert soaked.troubles.total() >= 1
    assert soaked.did.total() >= 10
    assert len(soaked.samples) > 40
    assert lines(soaked)[-1] == "flat and right"
    assert json.loads(as_json(soaked))["rollouts"] == len(soaked.truth.ends)
    assert said[-1].startswith("the day is over")
