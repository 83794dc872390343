"""Builds what examines the set-up, of all that the configuration lets one see, and has it done at once."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Literal

from deploybot.domain.finding import Examination, Finding
from deploybot.service.access_check import AccessExamination
from deploybot.service.examining import examine
from deploybot.settings.examining import ConfigurationExamination
from deploybot.settings.model import Settings
from deploybot.settings.salvage import Loaded

TransportName = Literal["socket", "http"]


async def examined(loaded: Loaded, transport: TransportName, seconds: float) -> tuple[Finding, ...]:
    """All that there is to find out within so many seconds. It changes nothing anywhere."""
    until = time.monotonic() + seconds
    async with _examinations(loaded, transport) as examinations:
        return await examine(examinations, until, time.monotonic)


@asynccontextmanager
async def _examinations(loaded: Loaded, transport: TransportName) -> AsyncIterator[tuple[Examination, ...]]:
    """What can be examined; connections are closed at the end."""
    configuration = ConfigurationExamination(loaded, transport)
    if loaded.settings is None:
        yield (configuration,)
        return
    yield (configuration, *_of_settings(loaded.settings, loaded.lost))


def _of_settings(settings: Settings, lost: frozenset[str]) -> Iterator[Examination]:
    """What is found out from the settings alone, as far as they could be read."""
    if not lost & {"access", "linking", "foundations"}:
        as_bot = {name: one.act_as == "bot" for name, one in settings.foundations.items()}
        yield AccessExamination(settings.access.to_rules(), as_bot, linking=bool(settings.linking.keys))
