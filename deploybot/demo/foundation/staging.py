"""New versions to roll out: droplets that run well, never get healthy, or make the updater stumble."""

import random

from deploybot.demo.foundation.bodies import Wanted
from deploybot.demo.foundation.entities import App, Droplet, Health, Trouble
from deploybot.demo.foundation.instants import SECOND
from deploybot.demo.foundation.moment import Moment
from deploybot.demo.foundation.world import World

KINDS = ("rolling", "canary", "failing", "troubled")
STEPS = ((20, 60), (10, 50, 100), (25,), None)
ERRORS = (
    "memory space_quota_exceeded",
    "An unexpected error has occurred: RuntimeError",
    "Runner is unavailable: Process Guid: connection refused",
)


def staged(world: World, app: App, kind: str, rng: random.Random, moment: Moment) -> Droplet:
    """A new droplet of the app, healthy unless the kind says otherwise."""
    return Droplet(
        guid=moment.new_guid(),
        position=world.position(Droplet),
        created_at=moment.now,
        updated_at=moment.now,
        app_guid=app.guid,
        space_guid=app.space_guid,
        health=health_of_kind(kind, rng),
    )


def health_of_kind(kind: str, rng: random.Random) -> Health:
    match kind:
        case "failing":
            return Health(crashes_after=3 * SECOND, restarts_every=12 * SECOND)
        case "troubled":
            begin = rng.randrange(6, 12)
            error = rng.choice(ERRORS)
            return Health(troubles=(Trouble(after=begin * SECOND, until=(begin + 25) * SECOND, error=error),))
        case _:
            return Health()


def wanted_rollout(
    app: App,
    droplet: Droplet,
    kind: str,
    rng: random.Random,
    max_in_flight: int | None,
    steps: tuple[int, ...] | None = None,
) -> Wanted:
    """What somebody would ask the API for to roll that droplet out; a canary's steps by chance unless given."""
    strategy = "canary" if kind == "canary" else "rolling"
    if kind == "canary" and not steps:
        steps = rng.choice(STEPS)
    in_flight = max_in_flight or rng.choice((1, 1, 1, 2))
    options: dict[str, object] = {"max_in_flight": in_flight}
    if steps:
        options["canary"] = {"steps": [{"instance_weight": weight} for weight in steps]}
    return Wanted(
        app_guid=app.guid,
        droplet_guid=droplet.guid,
        strategy=strategy,
        max_in_flight=in_flight,
        canary_steps=steps,
        request={
            "droplet": {"guid": droplet.guid},
            "strategy": strategy,
            "options": options,
            "relationships": {"app": {"data": {"guid": app.guid}}},
        },
    )
