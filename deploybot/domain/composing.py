"""Which messages a channel gets for what waits there: a thread per deployment, or one summary for a burst; pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain

from deploybot.domain.access import Sight
from deploybot.domain.ledger import Entry, Kind, Transition
from deploybot.domain.outcome import span
from deploybot.domain.outgoing import AlertBody, Announcement, Draft, Listed, Pending, ReplyBody, SummaryBody
from deploybot.domain.storage import Composed, Withheld

Waiting = tuple[Announcement, Transition, Entry]
Group = tuple[Waiting, ...]
"""What waits about one deployment, oldest first."""

FAILURES = frozenset({Kind.FAILED, Kind.STALLED})
"""What pings."""

IMPORTANCE = (
    Kind.FAILED,
    Kind.STALLED,
    Kind.PAUSED,
    Kind.ENDED,
    Kind.CANCELED,
    Kind.SUPERSEDED,
    Kind.RECOVERED,
    Kind.SUCCEEDED,
    Kind.CONTINUED,
    Kind.STARTED,
)


@dataclass(frozen=True, slots=True)
class ComposingRules:
    """At most `messages` outside of threads per `window` in a channel, `replies` at once in threads.

    A summary names `lines` transitions and counts the others. Where `queue` messages are not sent yet, what comes
    waits until they are, and is then told at once.
    """

    messages: int = 2
    window: timedelta = timedelta(seconds=60)
    replies: int = 10
    lines: int = 20
    queue: int = 5


def compose_seen(
    pending: Pending, now: datetime, rules: ComposingRules, sight: Sight
) -> tuple[Composed | Withheld, ...]:
    """The same where not all may be shown in the channel: the rest is withheld before anything is counted."""
    if sight.everything:
        return compose(pending, now, rules)
    shown = tuple(each for each in pending.waiting if sight.entry(each[2]))
    withheld = tuple(told for told, _, entry in pending.waiting if not sight.entry(entry))
    composed = compose(replace(pending, waiting=shown), now, rules)
    return (Withheld(withheld), *composed) if withheld else composed


def compose(pending: Pending, now: datetime, rules: ComposingRules) -> tuple[Composed, ...]:
    """The messages for what may be told now; what is in none of them goes on waiting, for a window at most.

    A deployment's first message opens its thread, and what follows goes there. What does not fit into the budget, is
    late or was held back goes into one summary, as soon as the budget has room for that.
    """
    if pending.queued >= rules.queue:
        return ()
    left = _left(pending.recent, now, rules)
    one_by_one, together = _parted(pending, now, left, rules)
    told = chain.from_iterable(_thread(pending, group) for group in one_by_one)
    return (*told, *(_summary(pending, together, now, rules) if together and left else ()))


def _left(recent: Sequence[datetime], now: datetime, rules: ComposingRules) -> int:
    """How many messages outside of threads the channel may get now."""
    return max(0, rules.messages - sum(at > now - rules.window for at in recent))


def _parted(pending: Pending, now: datetime, left: int, rules: ComposingRules) -> tuple[list[Group], list[Group]]:
    """The deployments that are told one by one, and those that are told together."""
    groups = _groups(waiting for waiting in pending.waiting if _may_be_told(waiting[0], now))
    together = [group for group in groups if any(map(_was_held, group))]
    fresh = [group for group in groups if not any(map(_was_held, group))]
    known = [group for group in fresh if _deployment(group[0]) in pending.threads]
    new = [group for group in fresh if _deployment(group[0]) not in pending.threads]
    if sum(map(len, known)) > rules.replies:
        known, together = [], [*together, *known]
    if len(new) + bool(together) > left:
        new, together = [], [*together, *new]
    return [*known, *new], together


def _groups(told: Iterable[Waiting]) -> list[Group]:
    groups: dict[tuple[str, str], list[Waiting]] = {}
    for waiting in told:
        groups.setdefault(_deployment(waiting), []).append(waiting)
    return [tuple(sorted(group, key=lambda waiting: waiting[0].ordinal)) for group in groups.values()]


def _deployment(waiting: Waiting) -> tuple[str, str]:
    return waiting[0].foundation, waiting[0].guid


def _may_be_told(announcement: Announcement, now: datetime) -> bool:
    return announcement.not_before is None or announcement.not_before <= now


def _was_held(waiting: Waiting) -> bool:
    """Whether it is told later than usual: noticed late, or held back in quiet hours or while snoozed."""
    return waiting[1].late or _was_held_back(waiting)


def _was_held_back(waiting: Waiting) -> bool:
    announcement, transition, _ = waiting
    return announcement.not_before is not None and announcement.not_before > transition.noticed_at


def _thread(pending: Pending, group: Group) -> Iterator[Composed]:
    """A deployment's first message if it has none here, and the rest of what waits about it as replies.

    The first message alone names nobody, so a failure that begins a thread is told there once more, to ping.
    """
    thread = pending.threads.get(_deployment(group[0]))
    if thread is None:
        root = _root(pending.channel, group[0])
        thread = root.draft.key
        yield root
        if _pings(group[0]):
            yield Composed(_reply(pending.channel, thread, group[0]), ())
        group = group[1:]
    for waiting in group:
        yield Composed(_reply(pending.channel, thread, waiting), (waiting[0],))


def _root(channel: str, waiting: Waiting) -> Composed:
    announcement, transition, _ = waiting
    draft = Draft(
        key=_key("alert", announcement),
        channel=channel,
        body=AlertBody(foundation=transition.foundation, guid=transition.guid),
        listed=(Listed(transition.foundation, transition.guid),),
        subscriptions=announcement.subscriptions,
    )
    return Composed(draft, (announcement,))


def _reply(channel: str, thread: str, waiting: Waiting) -> Draft:
    announcement, transition, _ = waiting
    return Draft(
        key=_key("reply", announcement),
        channel=channel,
        body=ReplyBody(transition=transition, mentions=announcement.mentions if _pings(waiting) else ()),
        thread=thread,
        subscriptions=announcement.subscriptions,
    )


def _key(kind: str, announcement: Announcement) -> str:
    """The announcement's own key: each is told once only, so nothing else ever makes the same."""
    return f"{kind}:{announcement.channel}:{announcement.foundation}:{announcement.guid}:{announcement.ordinal}"


def _pings(waiting: Waiting) -> bool:
    return waiting[1].kind in FAILURES and bool(waiting[0].mentions)


def _summary(pending: Pending, groups: list[Group], now: datetime, rules: ComposingRules) -> tuple[Composed]:
    """One message for many deployments; it pings once where any of them failed."""
    waiting = tuple(chain.from_iterable(groups))
    counts = Counter(transition.kind for _, transition, _ in waiting)
    pinged = chain.from_iterable(one[0].mentions for one in waiting if _pings(one))
    body = SummaryBody(
        counts=tuple((kind.value, counts[kind]) for kind in IMPORTANCE if counts[kind]),
        deployments=len(groups),
        lines=tuple((transition, entry) for _, transition, entry in _by_importance(waiting)[: rules.lines]),
        why=_why(waiting, now),
        mentions=tuple(dict.fromkeys(pinged)),
    )
    draft = Draft(
        key=_key("summary", waiting[0][0]),
        channel=pending.channel,
        body=body,
        listed=tuple(Listed(*_deployment(group[0])) for group in groups),
        subscriptions=tuple(dict.fromkeys(chain.from_iterable(one[0].subscriptions for one in waiting))),
    )
    return (Composed(draft, tuple(announcement for announcement, _, _ in waiting)),)


def _by_importance(waiting: Group) -> list[Waiting]:
    return sorted(waiting, key=lambda one: (IMPORTANCE.index(one[1].kind), one[1].at))


def _why(waiting: Group, now: datetime) -> str:
    """What made it a summary, in words."""
    late = sorted({transition.foundation for _, transition, _ in waiting if transition.late})
    reasons = [f"{' and '.join(late)} could not be seen for a while"] if late else []
    if any(map(_was_held_back, waiting)):
        reasons.append("held back while this channel was not to be disturbed")
    if not reasons:
        noticed = min(transition.noticed_at for _, transition, _ in waiting)
        within = "a minute" if now - noticed <= timedelta(minutes=1) else span(now - noticed)
        reasons.append(f"{len(waiting)} changes in {within}")
    return "; ".join(reasons)
