"""What was drafted a while ago, when others may have been in the channel: whether it may be posted there still."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import assert_never

from deploybot.domain.access import Sight, Target, target_of_entry
from deploybot.domain.outgoing import (
    AlertBody,
    ApprovalBody,
    Claim,
    DigestBody,
    GuardBody,
    NoticeBody,
    ReplyBody,
    SummaryBody,
    WatchBody,
    WatchReplyBody,
)

FRESH = timedelta(minutes=5)
"""So long what was drafted may be posted as it is: who is in a channel is remembered for some minutes anyway."""
INSTEAD = NoticeBody(text="I had something to tell here, but by now not everybody in this channel may read about it.")


def is_to_be_checked(claim: Claim, now: datetime) -> bool:
    """Whether it has waited long, for a channel: in direct messages nobody joins."""
    return (
        claim.drafted_at is not None and now - claim.drafted_at > FRESH and claim.draft.channel.startswith(("C", "G"))
    )


def may_be_posted(claim: Claim, sight: Sight) -> bool:
    """Whether all in a channel may read of every app that the message names."""
    return sight.everything or all(target is not None and sight.sees(target) for target in _named(claim))


def _named(claim: Claim) -> Iterator[Target | None]:
    """The apps; None for one that is not known any more."""
    match claim.draft.body:
        case AlertBody() | ReplyBody():
            yield target_of_entry(claim.entry) if claim.entry else None
        case SummaryBody(lines=lines):
            yield from (target_of_entry(entry) for _, entry in lines)
        case DigestBody(failed=failed, open=waiting, rest=rest):
            yield from (target_of_entry(line.entry) for line in (*failed, *waiting, *rest))
        case WatchReplyBody(entry=entry) | GuardBody(entry=entry):
            yield target_of_entry(entry)
        case WatchBody(watch=watch):
            yield target_of_entry(watch.view.entry)
        case ApprovalBody(approval=one):
            yield Target(one.bound.foundation, org=one.org, space=one.space, app=one.app)
        case NoticeBody():
            return
        case _:
            assert_never(claim.draft.body)
