"""What the maker of a subscription is told when an error has paused it; pure."""

from datetime import datetime

from deploybot.domain.outgoing import Draft, NoticeBody
from deploybot.domain.subscription import Subscription, SubscriptionKind


def paused_notice(subscription: Subscription, reason: str, now: datetime) -> Draft:
    """A direct message to whoever made it, with a button that resumes it. Each pause is told once.

    `reason` is a fact, with a colon before what a person is to do about it, if anything.
    """
    what = "digest" if subscription.kind is SubscriptionKind.DIGEST else "alerts"
    about = f" ({subscription.filters})" if subscription.filters else ""
    fact, _, advice = reason.partition(": ")
    first = f"{advice[0].upper()}{advice[1:]}, then press Resume" if advice else "Press Resume when that has changed"
    text = (
        f"I have paused your {what} in <#{subscription.channel}>{about}, since I cannot post there: {fact}. "
        f"{first}: what waits is posted{_meanwhile(subscription)}."
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
