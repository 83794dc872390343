"""Builds what follows deployments live: the use cases, and the turns that look and edit."""

import secrets
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from deploybot.app.background import Turn
from deploybot.domain.outcome import OutcomeRules
from deploybot.domain.pacing import PaceRules
from deploybot.domain.ports import Checkpoint, Directory, Foundation, Notifier
from deploybot.service.budget import Budget
from deploybot.service.following import Follower, Following
from deploybot.service.hurrying import Hurries
from deploybot.service.listing import Listing
from deploybot.service.reading import Reading
from deploybot.service.redrawing import Redrawing
from deploybot.service.watching import Watching
from deploybot.settings.model import Settings
from deploybot.store.opening import Store

_LOOK = timedelta(seconds=1)
_APART = timedelta(seconds=5)
"""Between two looks at a foundation where something is watched."""
_HURRIED = timedelta(seconds=2)
"""The same while somebody has just continued or canceled something there."""
_SHARE = 0.5
"""The part of the polls' share of a foundation's rate limit that looking at what is watched may use beside them."""


def watches_of(
    settings: Settings, store: Store, foundations: Sequence[Foundation], reading: Reading, directory: Directory
) -> Watching:
    """What people do about watches."""
    outcome = OutcomeRules(settings.answers.stall_after, settings.answers.unhealthy_after)
    return Watching(
        Listing(tuple(foundations), time.monotonic, outcome),
        store.watches,
        store.ledger,
        store.actions,
        reading,
        directory,
        settings.access.to_rules(),
        settings.delivery.edits_per_minute,
        partial(secrets.token_hex, 8),
    )


def following_of(
    settings: Settings,
    store: Store,
    foundations: Sequence[Foundation],
    reading: Reading,
    notifier: Notifier,
    edits: Budget,
    hurries: Hurries,
    checkpoint: Checkpoint,
) -> Following:
    """Each foundation by whichever replica holds its lease; `edits` is shared with all others that edit."""
    polling, per_minute, holder = settings.polling, settings.delivery.edits_per_minute, secrets.token_hex(8)
    outcome = OutcomeRules(settings.answers.stall_after, settings.answers.unhealthy_after)
    apart = min(_APART, polling.interval)
    followers = [
        Follower(
            foundation,
            store.watches,
            store.ledger,
            store.leases,
            reading.of_all,
            holder,
            lambda: datetime.now(UTC),
            time.monotonic,
            PaceRules(apart, min(_HURRIED, apart), share=polling.rate_share * _SHARE),
            checkpoint,
            outcome,
            lease=polling.lease,
            hurried=partial(hurries.is_hurried, foundation.name),
        )
        for foundation in foundations
    ]
    redrawing = Redrawing(store.watches, notifier, edits, per_minute, checkpoint)
    return Following(followers, store.watches, redrawing, per_minute)


def turns_of(following: Following) -> tuple[Turn, ...]:
    """Looking, and editing messages, apart: a Slack that is slow delays no look."""
    return Turn("watch", _LOOK, following.tick), Turn("watch edits", _LOOK, following.redraw)
