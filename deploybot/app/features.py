"""Which features the bot in Slack has, built over the store and the foundations as the settings say."""

from collections.abc import Sequence

from deploybot.domain.ports import Foundation
from deploybot.settings.model import Settings
from deploybot.slack.feature import FeatureMaker
from deploybot.store.opening import Store


def features_of(settings: Settings, store: Store, foundations: Sequence[Foundation]) -> tuple[FeatureMaker, ...]:  # noqa: ARG001
    """Everything beside questions and subscriptions."""
    return ()
