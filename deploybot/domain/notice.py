"""What the maker of a subscription is told when an error has paused it; pure."""

from datetime import datetime

from deploybot.domain.outgoing import Draft, NoticeBody
from deploybot.domain.subscription import Subscription, SubscriptionKind


def paused_notice(subscription: Subscription, reason: str, now: datetime) -> Draft:
    """A direct message to whoever made it, with a button that resumes it. Each pause is told once."""
    what = "digest" if subscription.kind is SubscriptionKind.DIGEST else "alerts"
    about = f" ({subscription.filters})" if subscription.filters else ""
    text = (
        f"I have paused your {what} in <#{subscription.channel}>{about}, since I cannot post there: {reason}. "
        f"When that is done, press Resume: what waits is posted{_meanwhile(subscription)}."
    )
    return Draft(
        key=f"notice:{subscription.id}:{now.isoformat()}",
        channel=subscription.made_by,
        body=NoticeBody(text=text, resume=subscription.id),
    )


def _meanwhile(subscription: Subscription) -> str:
    """A digest tells afterwards what happened while it was paused; an alert does not."""
    if subscription.kind is SubscriptionKind.DIGEST:
        return ", and the next digest goes back to where the last one ended"
    return ". What happens until then is not announced: /deployments shows it"
