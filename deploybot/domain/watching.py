"""What a look means for a watch: its new view, what its thread is told, and whether it is over; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from deploybot.domain.deployment import App, Deployment, Person, Progress
from deploybot.domain.ledger import Entry, Kind, Transition
from deploybot.domain.outcome import OutcomeRules
from deploybot.domain.outgoing import Draft, WatchBody, WatchReplyBody
from deploybot.domain.transition import Noticed, Sight, lost, notice
from deploybot.domain.watch import Bar, Watch, WatchView

AFTER_THE_END = timedelta(minutes=10)
UNCHANGED = timedelta(hours=24)

ENDED = "The deployment has ended, so this watch has ended too."
TOO_LONG = "Nothing has changed for 24 hours, so this watch has ended; /deployments watch begins a new one."
NOT_ALLOWED = "Not everybody in this channel may see this app any more, so this watch has ended."
DELETED = "The message of this watch was deleted, so the watch has ended."
GONE = "Cloud Foundry shows me this deployment no more."
_ENDED_SOMEHOW = "It has ended."
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Fresh:
    """One deployment as it was just seen. `progress` and `app` are None where nobody can tell."""

    deployment: Deployment
    now: datetime
    app: App | None = None
    by: Person | None = None
    progress: Progress | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of deployments, by guid: those that there are, and who started them as far as that is news."""

    now: datetime
    deployments: Mapping[str, Deployment]
    progress: Mapping[str, Progress]
    apps: Mapping[str, App]
    people: Mapping[str, Person]


@dataclass(frozen=True, slots=True)
class Followed:
    """The watch as it is now (the very same one where nothing is to be stored), and what its thread is told."""

    watch: Watch
    replies: tuple[Draft, ...] = ()


def message_key(watch_id: str) -> str:
    """The key of a watch's message in the outbox."""
    return f"watch:{watch_id}"


def message_of(watch: Watch) -> Draft:
    """The message that a watch begins with."""
    return Draft(key=message_key(watch.id), channel=watch.channel, body=WatchBody(watch=watch))


def mentions(watchers: Sequence[str]) -> tuple[str, ...]:
    """Those who watch, as Slack pings them."""
    return tuple(f"<@{user}>" for user in watchers)


def first_view(
    foundation: str, fresh: Fresh, known: Entry | None, rules: OutcomeRules, expected: float | None, every: float
) -> WatchView:
    """What a watch shows first. `known` is the ledger's entry, which remembers what Cloud Foundry forgets."""
    sight = Sight(foundation, fresh.deployment, fresh.now, fresh.app, fresh.by, silent=True)
    return WatchView(
        entry=notice(known, sight, rules).entry,
        as_of=fresh.now,
        weights=_weights(fresh.deployment),
        bar=_bar(fresh.progress),
        expected=expected,
        every=every,
    )


def follow(watch: Watch, seen: Seen, rules: OutcomeRules, every: float) -> Followed:
    """What a look means for a watch. A deployment that was not found counts as gone, until it is found again."""
    before, deployment = watch.view.entry, seen.deployments.get(watch.guid)
    noticed = _noticed(watch, deployment, seen, rules)
    after = noticed.entry
    view = replace(
        watch.view,
        entry=after,
        as_of=_after(watch.view, seen.now),
        weights=(_weights(deployment) if deployment else ()) or watch.view.weights,
        bar=_bar(seen.progress.get(watch.guid)) if after.is_active else None,
        every=every,
        unseen_since=None,
        unseen_why="",
    )
    told = _replies(watch, before, noticed)
    is_urgent = before.is_active != after.is_active or any(one.kind is Kind.PAUSED for one in noticed.transitions)
    shown = _shown(watch, view, urgent=is_urgent)
    kept = replace(
        shown,
        changed_at=watch.changed_at if after is before else seen.now,
        ended_at=None if after.is_active else watch.ended_at or seen.now,
    )
    return _over_if_it_is(Followed(kept if kept != watch else watch, told), seen.now)


def unseen(watch: Watch, now: datetime, why: str) -> Followed:
    """What it means that the foundation could not be asked: since when nothing was seen, and no more than that."""
    view = watch.view
    if view.unseen_since is None and view.entry.is_active:
        blind = replace(view, as_of=_after(view, now), bar=None, unseen_since=view.as_of, unseen_why=why)
        watch = _shown(watch, blind, urgent=False)
    return _over_if_it_is(Followed(watch), now)


def over(watch: Watch, why: str, now: datetime, *, tell: bool = False) -> Followed:
    """The watch, ended for a reason in words; `tell`: its thread is told, and those who watched are pinged."""
    view = replace(watch.view, as_of=_after(watch.view, now), bar=None, over=why)
    ended = replace(_shown(watch, view, urgent=True), over_at=now)
    reply = WatchReplyBody(entry=view.entry, text=why, mentions=mentions(watch.watchers))
    return Followed(ended, (_reply(watch, "over", reply),) if tell else ())


def expected_seconds(past: Sequence[Deployment], strategy: str | None) -> float | None:
    """The usual length of a rollout with this strategy: the median of those of the past that succeeded."""
    lengths = sorted(
        (one.details.last_status_change - one.created_at).total_seconds()
        for one in past
        if one.strategy == strategy and one.reason == "DEPLOYED" and one.created_at and one.details.last_status_change
    )
    return max(0.0, lengths[len(lengths) // 2]) if lengths else None


def _noticed(watch: Watch, deployment: Deployment | None, seen: Seen, rules: OutcomeRules) -> Noticed:
    before = watch.view.entry
    if deployment is None:
        return Noticed(before if before.gone_at else lost(before, seen.now))
    sight = Sight(
        foundation=watch.foundation,
        deployment=deployment,
        now=seen.now,
        app=seen.apps.get(deployment.app_guid or ""),
        by=seen.people.get(watch.guid),
        late=watch.view.unseen_since is not None,
    )
    return notice(before, sight, rules)


def _after(view: WatchView, now: datetime) -> datetime:
    """When a view is decided: later than the one before, whatever another replica's clock said."""
    return max(now, view.as_of + _MICROSECOND)


def _shown(watch: Watch, view: WatchView, *, urgent: bool) -> Watch:
    """The watch with another view; the same one where its deployment is over and the view says nothing new."""
    is_worded = _words(view) != _words(watch.view)
    if not is_worded and not urgent and not view.entry.is_active:
        return watch
    return replace(
        watch,
        view=view,
        worded_at=view.as_of if is_worded or urgent else watch.worded_at,
        urgent_at=view.as_of if urgent else watch.urgent_at,
    )


def _words(view: WatchView) -> tuple[object, ...]:
    """What a view says beside numbers that move."""
    entry = view.entry
    state = (entry.outcome, entry.value, entry.reason, entry.step, entry.error, entry.by, entry.ended_at, entry.gone_at)
    return (*state, view.weights, view.unseen_since, view.over)


def _replies(watch: Watch, before: Entry, noticed: Noticed) -> tuple[Draft, ...]:
    """The changes, each once; what ends the deployment pings those who watch."""
    ends = before.is_active and not noticed.entry.is_active
    pinged = mentions(watch.watchers) if ends else ()
    entry, changes = noticed.entry, noticed.transitions
    told = [_changed(watch, entry, change, pinged if change is changes[-1] else ()) for change in changes]
    if ends and not told:
        text, name = (GONE, "gone") if entry.gone_at else (_ENDED_SOMEHOW, "ended")
        told = [_reply(watch, name, WatchReplyBody(entry=entry, text=text, mentions=pinged))]
    return tuple(told)


def _changed(watch: Watch, entry: Entry, change: Transition, pinged: tuple[str, ...]) -> Draft:
    return _reply(watch, str(change.ordinal), WatchReplyBody(entry=entry, transition=change, mentions=pinged))


def _reply(watch: Watch, name: str, body: WatchReplyBody) -> Draft:
    root = message_key(watch.id)
    return Draft(key=f"{root}:{name}", channel=watch.channel, thread=root, body=body)


def _over_if_it_is(followed: Followed, now: datetime) -> Followed:
    watch = followed.watch
    if watch.ended_at and now - watch.ended_at >= AFTER_THE_END:
        ended = over(watch, ENDED, now)
    elif not watch.ended_at and now - watch.changed_at >= UNCHANGED:
        ended = over(watch, TOO_LONG, now, tell=True)
    else:
        return followed
    return Followed(ended.watch, (*followed.replies, *ended.replies))


def _weights(deployment: Deployment) -> tuple[int, ...]:
    canary = deployment.options.canary if deployment.options else None
    weights = [step.instance_weight for step in (canary.steps if canary else None) or ()]
    return tuple(weight for weight in weights if weight is not None) if None not in weights else ()


def _bar(progress: Progress | None) -> Bar | None:
    if progress is None:
        return None
    new, old = progress.new, progress.old
    return Bar(
        new_running=new.running,
        new_wanted=new.desired,
        new_crashed=new.crashed,
        old_running=old.running,
        old_wanted=old.desired,
        goal=progress.goal,
    )
