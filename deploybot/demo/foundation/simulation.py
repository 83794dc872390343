"""Keeps a foundation moving: runs the updater, starts rollouts, and lets its people look after them."""

import asyncio
import random
from collections.abc import Sequence

import msgspec

from deploybot.demo.foundation import actions
from deploybot.demo.foundation.clock import Clock
from deploybot.demo.foundation.core import Core
from deploybot.demo.foundation.entities import Deployment
from deploybot.demo.foundation.instants import MINUTE, SECOND
from deploybot.demo.foundation.moment import Moment
from deploybot.demo.foundation.roles import Caller, Person, may_deploy
from deploybot.demo.foundation.scenario import Live, Traffic
from deploybot.demo.foundation.staging import staged, wanted_rollout
from deploybot.demo.foundation.updater import PERIOD_SECONDS, advanced
from deploybot.demo.foundation.world import World

BREATH_SECONDS = 0.1
"""How soon a change of speed is noticed."""
SETTLING = 3 * MINUTE
"""After this a rollout that is left alone has come to a stand: done, paused, or crashing for ever."""


class Simulation:
    """The people of a foundation and its updater; what they do is decided elsewhere, here it is done."""

    def __init__(
        self, core: Core, clock: Clock, people: Sequence[Person], traffic: Traffic | None, rng: random.Random
    ) -> None:
        self.core, self.clock, self.people, self.rng = core, clock, tuple(people), rng
        self.traffic = traffic
        self.traffic_on = traffic is not None
        self._left_alone: set[str] = set()
        self._next_rollout = 0

    @property
    def world(self) -> World:
        return self.core.world

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            waited = 0.0
            while waited < self.clock.seconds(PERIOD_SECONDS):
                await asyncio.sleep(BREATH_SECONDS)
                waited += BREATH_SECONDS
            self.step()

    def step(self) -> None:
        """One run of the updater, then a look around by the people."""
        self.update(self.core.moment())
        if self.traffic_on and self.traffic is not None:
            self._look_after(self.core.moment())
            self._perhaps_roll_out(self.traffic)

    def update(self, moment: Moment) -> None:
        for deployment in self.world.active_deployments():
            self.world.apply(advanced(self.world, deployment, moment))

    def roll_out(
        self,
        app_guid: str,
        kind: str,
        actor: Person,
        *,
        max_in_flight: int | None = None,
        steps: tuple[int, ...] | None = None,
        moment: Moment | None = None,
    ) -> Deployment:
        """A new version of that kind; KeyError for no such app, RefusedError as the API would."""
        moment = moment or self.core.moment()
        app = self.world.apps[app_guid]
        droplet = staged(self.world, app, kind, self.rng, moment)
        self.world.apply([droplet])
        wanted = wanted_rollout(app, droplet, kind, self.rng, max_in_flight, steps)
        self.world.apply(actions.create(self.world, wanted, actor, moment))
        return max(self.world.deployments.where("app_guid", app_guid), key=lambda each: each.position)

    def begin(self, live: Live, app_guid: str) -> None:
        """A rollout from before the start, run up to where it would be by now, that nobody will touch."""
        now = self.core.now()
        at = now - round(live.minutes_ago * MINUTE)
        actor = next(person for person in self.people if person.user_name == live.by)
        moment = Moment(at, self.core.new_guid)
        deployment = self.roll_out(app_guid, live.kind, actor, max_in_flight=1, moment=moment)
        self._left_alone.add(deployment.guid)
        while moment.now < min(now, at + SETTLING):
            moment = msgspec.structs.replace(moment, now=moment.now + round(PERIOD_SECONDS * SECOND))
            self.world.apply(advanced(self.world, self.world.deployments[deployment.guid], moment))

    def act(self, deployment: Deployment, action: str, actor: Person) -> None:
        """`cancel` or `continue`; RefusedError as the API would."""
        decide = actions.cancel if action == "cancel" else actions.proceed
        self.world.apply(decide(self.world, deployment, actor, self.core.moment()))

    def deployers(self, space_guid: str) -> list[Person]:
        """People who may deploy there by a role of theirs; an admin where nobody has one."""
        return deployers(self.people, space_guid)

    def _look_after(self, moment: Moment) -> None:
        """A pause is continued after a while, mostly; what does not get healthy is cancelled."""
        for row in list(self.world.active_deployments()):
            if row.guid in self._left_alone:
                continue
            actor = self.rng.choice(self.deployers(row.space_guid))
            paused = (moment.now - row.status_updated_at) * moment.speed
            stuck = (moment.now - row.last_healthy_at) * moment.speed
            if row.state == "PAUSED" and paused > 25 * SECOND and self.rng.random() < 0.35:
                self.act(row, "continue" if self.rng.random() < 0.85 else "cancel", actor)
            elif row.state == "DEPLOYING" and stuck > 75 * SECOND and self.rng.random() < 0.3:
                self.act(row, "cancel", actor)

    def _perhaps_roll_out(self, traffic: Traffic) -> None:
        now = self.core.now()
        active = list(self.world.active_deployments())
        if now < self._next_rollout or len(active) >= traffic.most_at_once:
            return
        pause = self.rng.uniform(0.5, 1.5) * traffic.every_seconds
        self._next_rollout = now + round(self.clock.seconds(pause) * SECOND)
        busy = {each.app_guid for each in active}
        free = [app.guid for app in self.world.apps if app.guid not in busy or self.rng.random() < 0.02]
        if not free:
            return
        app = self.world.apps[self.rng.choice(free)]
        actor = self.rng.choice(self.deployers(app.space_guid))
        self.roll_out(app.guid, self._kind(traffic), actor)

    def _kind(self, traffic: Traffic) -> str:
        shares = (traffic.canary, traffic.failing, traffic.troubled)
        kinds = ("canary", "failing", "troubled", "rolling")
        return self.rng.choices(kinds, (*shares, max(0.0, 1 - sum(shares))))[0]


def deployers(people: Sequence[Person], space_guid: str) -> list[Person]:
    with_role = [each for each in people if may_deploy(Caller(each, frozenset()), space_guid)]
    return with_role or [each for each in people if "cloud_controller.admin" in each.scopes]
