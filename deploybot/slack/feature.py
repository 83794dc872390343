"""A feature as the Slack side takes it up: its verbs, its buttons and its forms, so that none knows another."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from deploybot.domain.query import Command, Verb
from deploybot.slack.answers import Answers
from deploybot.slack.blocks.links import Console
from deploybot.slack.delivery import Delivery
from deploybot.slack.guard import Guard, Work
from deploybot.slack.payload import Body, Home, Interaction
from deploybot.slack.people import People
from deploybot.slack.usergroups import UserGroups

CommandWork = Callable[[Interaction, Command], Awaitable[None]]
Take = Callable[[Interaction, Work], None]
"""Begins work in the background and returns at once: `Desk.take`."""
Submitted = Callable[[Body, Interaction, Take], dict[str, Any]]
"""Reads a form that was sent, has the work begun, and tells Slack what the form is to show; {} closes it."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What features are made with. `now` is Unix time in seconds."""

    delivery: Delivery
    guard: Guard
    people: People
    groups: UserGroups
    client: AsyncWebClient
    home: Home
    now: Callable[[], float]
    answers: Answers
    console: Console

    def moment(self) -> datetime:
        """Now, in UTC."""
        return datetime.fromtimestamp(self.now(), UTC)


@dataclass(frozen=True, slots=True)
class Feature:
    """`clicks` are keyed by what an action's id begins with, up to the first `_`; `forms` by the form's callback id."""

    commands: Mapping[Verb, CommandWork] = field(default_factory=dict)
    clicks: Mapping[str, Work] = field(default_factory=dict)
    forms: Mapping[str, Submitted] = field(default_factory=dict)


FeatureMaker = Callable[[Tools], Feature]
