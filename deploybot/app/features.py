"""Which features the bot in Slack has, built over the store and the foundations as the settings say."""

import secrets
import time
from collections.abc import Sequence
from functools import partial

from deploybot.app.accounts import OwnAccounts
from deploybot.app.watching import watches_of
from deploybot.domain.ports import Directory, Foundation
from deploybot.service.accessing import Accessing
from deploybot.service.auditing import Auditing
from deploybot.service.reading import Reading
from deploybot.settings.model import Settings
from deploybot.slack.accessing import accessing_feature
from deploybot.slack.acting import acting
from deploybot.slack.acts import Acts
from deploybot.slack.approving import Decides, approving_feature
from deploybot.slack.auditing import auditing
from deploybot.slack.feature import FeatureMaker
from deploybot.slack.linking import linking
from deploybot.slack.watching import watching
from deploybot.store.opening import Store


def features_of(
    settings: Settings,
    store: Store,
    foundations: Sequence[Foundation],
    directory: Directory,
    own: OwnAccounts,
    acts: Acts,
    decides: Decides,
) -> tuple[FeatureMaker, ...]:
    """Everything beside questions and subscriptions."""
    rules, deadline = settings.access.to_rules(), settings.answers.deadline.total_seconds()
    return (
        partial(accessing_feature, Accessing(rules, directory, foundations), deadline, time.monotonic),
        watching(watches_of(settings, store, foundations, Reading(rules, directory), directory), deadline),
        auditing(Auditing(store.actions, directory, rules, partial(secrets.token_hex, 8))),
        linking(own.linking, deadline),
        acting(acts, deadline, several_foundations=len(foundations) > 1),
        approving_feature(decides),
    )
