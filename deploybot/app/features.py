"""Which features the bot in Slack has, built over the store and the foundations as the settings say."""

from collections.abc import Sequence

from deploybot.domain.ports import Directory, Foundation
from deploybot.settings.model import Settings
from deploybot.slack.feature import FeatureMaker
from deploybot.store.opening import Store


def features_of(
    settings: Settings,  # noqa: ARG001
    store: Store,  # noqa: ARG001
    foundations: Sequence[Foundation],  # noqa: ARG001
    directory: Directory,  # noqa: ARG001
) -> tuple[FeatureMaker, ...]:
    """Everything beside questions and subscriptions."""
    return ()
