"""Invents some days of plausible history, so that the first question somebody asks has an answer."""

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Any

import msgspec

from deploybot.demo.foundation.entities import (
    App,
    AuditEvent,
    Deployment,
    Droplet,
    Health,
    Process,
    Revision,
    Space,
)
from deploybot.demo.foundation.instances import scaled
from deploybot.demo.foundation.instants import DAY, MINUTE, SECOND
from deploybot.demo.foundation.landscape import guid_source, laid_out
from deploybot.demo.foundation.roles import Person
from deploybot.demo.foundation.scenario import Scenario
from deploybot.demo.foundation.world import World

replace = msgspec.structs.replace

OUTCOMES = ("DEPLOYED", "CANCELED", "SUPERSEDED")
OUTCOME_WEIGHTS = (82, 11, 7)
SIZES = (1, 2, 2, 3, 4, 4, 6, 8, 10)
STEPS = ((20, 60), (10, 50, 100), (25,), None, None)
SMALLEST_ON_STAGE = 4
"""An app whose rollout is under way at the start is big enough for something to be seen."""
NEWEST = 15 * MINUTE
MOST_PICKS = 50
"""Some apps are rolled out far more often than others; one that is being rolled out already is passed over."""
HEALTH_CHECK = {"type": "port", "data": {"timeout": None, "invocation_timeout": None, "interval": None}}
READINESS = {"type": "process", "data": {"invocation_timeout": None, "interval": None}}


class Track(msgspec.Struct):
    """Where the story of one app has come to while it is told."""

    app: App
    size: int
    droplet: Droplet
    process_guid: str
    process_at: int
    revision: Revision | None = None
    version: int = 0
    busy_until: int = 0
    ends_at: int = 0  # nothing of this story may happen after it


class Story:
    """Collects the rows of the history of all apps."""

    def __init__(self, scenario: Scenario, rng: random.Random, now: int) -> None:
        self.scenario, self.rng, self.now = scenario, rng, now
        self.new_guid: Callable[[], str] = guid_source(rng)
        self.droplets: list[Droplet] = []
        self.revisions: list[Revision] = []
        self.deployments: list[Deployment] = []
        self.events: list[AuditEvent] = []
        self.audit_from = scenario.history_deployments - (scenario.audited_deployments or scenario.history_deployments)

    def tell(self, track: Track, actor: Person, organization_guid: str, at: int) -> None:
        """One rollout of one app, from `at` to its end."""
        rng = self.rng
        outcome = rng.choices(OUTCOMES, OUTCOME_WEIGHTS)[0]
        strategy = "canary" if rng.random() < 0.25 else "rolling"
        lasting = rng.randrange(25, 240) * SECOND
        if strategy == "canary":
            lasting += rng.randrange(3, 55) * MINUTE
        if outcome == "CANCELED":
            lasting += rng.randrange(2, 25) * MINUTE
        end = min(at + lasting, track.ends_at, self.now - 5 * MINUTE)
        if end <= at + 20 * SECOND:
            return
        audited = len(self.deployments) >= self.audit_from
        droplet = self._droplet(track, at)
        revision = self._revision(track, droplet, at) if audited else None
        deployment = self._deployment(track, droplet, revision, strategy, outcome, at, end)
        self.deployments.append(deployment)
        if audited:
            self._tell_events(deployment, track.app, actor, organization_guid, at, end)
        track.busy_until = end + rng.randrange(5, 90) * SECOND
        if outcome != "CANCELED":
            track.droplet, track.revision = droplet, revision
            track.process_guid, track.process_at = deployment.new_processes[0][0], at

    def _droplet(self, track: Track, at: int) -> Droplet:
        droplet = Droplet(
            guid=self.new_guid(),
            position=len(self.droplets) + 1,
            created_at=at - 40 * SECOND,
            updated_at=at - 40 * SECOND,
            app_guid=track.app.guid,
            space_guid=track.app.space_guid,
        )
        self.droplets.append(droplet)
        return droplet

    def _revision(self, track: Track, droplet: Droplet, at: int) -> Revision:
        track.version += 1
        revision = Revision(
            guid=self.new_guid(),
            position=len(self.revisions) + 1,
            created_at=at,
            updated_at=at,
            app_guid=track.app.guid,
            space_guid=track.app.space_guid,
            version=track.version,
            droplet_guid=droplet.guid,
            description="New droplet deployed." if track.version > 1 else "Initial revision.",
            processes={"web": {"command": None}},
        )
        self.revisions.append(revision)
        return revision

    def _deployment(
        self,
        track: Track,
        droplet: Droplet,
        revision: Revision | None,
        strategy: str,
        outcome: str,
        at: int,
        end: int,
    ) -> Deployment:
        steps = self.rng.choice(STEPS) if strategy == "canary" else None
        process_guid = self.new_guid()
        began_as_rolling = strategy == "rolling" or outcome == "DEPLOYED"
        state = "CANCELED" if outcome == "CANCELED" or not began_as_rolling else "DEPLOYED"
        last_step = len(steps) if steps and outcome == "DEPLOYED" else 1
        return Deployment(
            guid=self.new_guid(),
            position=len(self.deployments) + 1,
            created_at=at,
            updated_at=end,
            app_guid=track.app.guid,
            space_guid=track.app.space_guid,
            state=state,
            status_value="FINALIZED",
            status_reason=outcome,
            strategy=strategy,
            last_healthy_at=end - 5 * SECOND if outcome == "DEPLOYED" else at + 5 * SECOND,
            status_updated_at=end,
            max_in_flight=self.rng.choice((1, 1, 1, 2, 3)),
            canary_steps=steps,
            canary_current_step=last_step if strategy == "canary" else None,
            droplet_guid=droplet.guid,
            previous_droplet_guid=track.droplet.guid,
            new_processes=((process_guid, "web"),),
            deploying_process_guid=process_guid,
            original_instances=track.size,
            revision_guid=revision.guid if revision else None,
            revision_version=revision.version if revision else None,
        )

    def _tell_events(self, row: Deployment, app: App, actor: Person, organization_guid: str, at: int, end: int) -> None:
        about = {"deployment_guid": row.guid, "droplet_guid": row.droplet_guid}
        request = {"strategy": row.strategy, "relationships": {"app": {"data": {"guid": app.guid}}}}
        created = {**about, "type": None, "revision_guid": row.revision_guid, "request": request}
        told: list[tuple[int, str, dict[str, Any]]] = [
            (at, "audit.app.droplet.mapped", {"request": {"droplet_guid": row.droplet_guid}}),
            (at, "audit.app.deployment.create", {**created, "strategy": row.strategy}),
        ]
        pauses = (len(row.canary_steps) if row.canary_steps else 1) if row.strategy == "canary" else 0
        if row.status_reason == "DEPLOYED":
            span = (end - at) // (pauses + 1)
            told += [(at + span * n, "audit.app.deployment.continue", about) for n in range(1, pauses + 1)]
        if row.status_reason == "CANCELED":
            told.append((end - 4 * SECOND, "audit.app.deployment.cancel", about))
        for moment, kind, data in told:
            self._event(app, actor, organization_guid, moment, kind, data)

    def _event(self, app: App, actor: Person, organization_guid: str, at: int, kind: str, data: dict[str, Any]) -> None:
        self.events.append(
            AuditEvent(
                guid=self.new_guid(),
                position=len(self.events) + 1,
                created_at=at,
                updated_at=at,
                type=kind,
                actor=(actor.guid, "user", actor.email),
                target=(app.guid, "app", app.name),
                data=data,
                space_guid=app.space_guid,
                organization_guid=organization_guid,
            )
        )


def furnished_world(scenario: Scenario, now: int) -> World:
    """Organizations, spaces and apps of the scenario, before anything has happened to them."""
    world = World()
    for rows in laid_out(scenario, random.Random(scenario.seed), now):  # noqa: S311 - a story, not a secret
        world.load(rows)
    return world


def tell_history(
    world: World,
    scenario: Scenario,
    actors: Callable[[str], Sequence[Person]],
    ends: Callable[[App], int | None],
    now: int,
) -> None:
    """Fills the world; `actors` says who deploys to a space, `ends` from when on an app is left alone."""
    rng = random.Random(scenario.seed + 1)  # noqa: S311 - a story, not a secret
    story = Story(scenario, rng, now)
    tracks = [_track(story, app, ends(app)) for app in world.apps]
    shares = list(accumulate(1 / (n + 3) for n in range(len(tracks))))
    organization = {space.guid: space.organization_guid for space in world.spaces}
    for at in _instants(story):
        picks = (rng.choices(tracks, cum_weights=shares)[0] for _ in range(MOST_PICKS))
        track = next((each for each in picks if each.busy_until < at < each.ends_at), None)
        if track is not None:
            actor = rng.choice(actors(track.app.space_guid))
            story.tell(track, actor, organization[track.app.space_guid], at)
    _load(world, story, tracks)


def _instants(story: Story) -> Iterator[int]:
    begin = story.now - round(story.scenario.history_days * DAY)
    span = story.now - NEWEST - begin
    offsets = (story.rng.random() for _ in range(story.scenario.history_deployments))
    return iter(sorted(begin + round(offset * span) for offset in offsets))


def _track(story: Story, app: App, ends_at: int | None) -> Track:
    first = Droplet(
        guid=story.new_guid(),
        position=len(story.droplets) + 1,
        created_at=app.created_at,
        updated_at=app.created_at,
        app_guid=app.guid,
        space_guid=app.space_guid,
    )
    story.droplets.append(first)
    return Track(
        app=app,
        size=max(story.rng.choice(SIZES), 1 if ends_at is None else SMALLEST_ON_STAGE),
        droplet=first,
        process_guid=story.new_guid(),
        process_at=app.created_at,
        ends_at=story.now if ends_at is None else ends_at,
    )


def _load(world: World, story: Story, tracks: list[Track]) -> None:
    world.load(story.droplets)
    world.load(story.revisions)
    world.load(story.deployments)
    story.events.sort(key=lambda event: event.created_at)
    world.load([replace(event, position=n) for n, event in enumerate(story.events, 1)])
    world.load([_process(story, track, n) for n, track in enumerate(tracks, 1)])
    world.apply(replace(track.app, current_droplet_guid=track.droplet.guid) for track in tracks)


def _process(story: Story, track: Track, position: int) -> Process:
    return Process(
        guid=track.process_guid,
        position=position,
        created_at=track.process_at,
        updated_at=track.process_at,
        app_guid=track.app.guid,
        space_guid=track.app.space_guid,
        type="web",
        version=story.new_guid(),
        instances=track.size,
        running=scaled((), track.size, Health(), track.process_at, 1.0),
        health_check=HEALTH_CHECK,
        readiness_health_check=READINESS,
        droplet_guid=track.droplet.guid,
        revision_guid=track.revision.guid if track.revision else None,
    )


def space_named(world: World, place: str) -> Space:
    """The space called organization/space."""
    return next(space for space in world.spaces if place == f"{world.organization_of(space.guid).name}/{space.name}")
