"""What continuing or canceling will do, and what happened to a deployment since somebody looked, in sentences.

Steps and instances are as the Cloud Controller's updater computes them:
https://docs.cloudfoundry.org/devguide/deploy-apps/canary-deployments.html
"""

from collections.abc import Sequence
from dataclasses import dataclass

from deploybot.domain.acting import Action, Bound, Stand, possible, stand_of
from deploybot.domain.deployment import Deployment, Event, Progress

_DONE = {"continue": "continued", "cancel": "canceled"}
NO_UNDO = "It does not undo changes of environment variables or services."
OUTAGE = "It may mean a short outage while instances of the previous version start."


def consequences(action: Action, deployment: Deployment, progress: Progress | None) -> tuple[str, ...]:
    """What will happen, a sentence each; instances only where they are known."""
    if action is Action.CANCEL:
        return (_put_back(progress), NO_UNDO, OUTAGE)
    crashed = progress.new.crashed if progress else 0
    warning = f"{_instances(crashed)} of the new version {'is' if crashed == 1 else 'are'} crashed at the moment."
    return (*_going_on(deployment, progress), *([warning] if crashed else []))


def why_not(action: Action, deployment: Deployment) -> str:
    """A sentence why Cloud Foundry would refuse it as things are, "" where it may well do it."""
    if action not in possible(stand_of(deployment)):
        if action is Action.CONTINUE:
            return f"Only what is paused can be continued: {_lower(state_words(deployment))}"
        return f"There is nothing to cancel: {_lower(state_words(deployment))}"
    if action is Action.CANCEL and not (deployment.previous_droplet and deployment.previous_droplet.guid):
        return "It can't be canceled, since there is no previous version to put back: push another version instead."
    return ""


def moved(bound: Bound, deployment: Deployment | None, events: Sequence[Event] | None) -> str:
    """What changed since the stand that an action is bound to, and by whom if that is known; "" for nothing.

    `events` are what people did to the deployment, oldest first.
    """
    if deployment is None:
        return "It is not there any more."
    if bound.stand is None or bound.stand == stand_of(deployment):
        return ""
    return " ".join(filter(None, ("It has moved on.", state_words(deployment), _by(bound.stand, deployment, events))))


def state_words(deployment: Deployment) -> str:
    """Where a deployment stands, as a sentence."""
    steps = deployment.canary_steps
    step = f" step {steps.current} of {steps.total}" if steps and steps.current and steps.total else ""
    match deployment.value, deployment.reason:
        case "ACTIVE", "PAUSED":
            return f"It is now paused{' at' + step if step else ''}."
        case "ACTIVE", "DEPLOYING":
            return f"It is now rolling out{',' + step if step else ''}."
        case "ACTIVE", "CANCELING":
            return "It is now being canceled."
        case "FINALIZED", "DEPLOYED":
            return "It has ended: succeeded."
        case "FINALIZED", "CANCELED":
            return "It has ended: canceled."
        case "FINALIZED", "SUPERSEDED":
            return "It has ended: a newer deployment of the app replaced it."
        case value, reason:
            return f"Its status is now {value or 'null'}, reason {reason or 'null'}."


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _by(before: Stand, deployment: Deployment, events: Sequence[Event] | None) -> str:
    """Who did that. What a rollout reaches by itself (a pause, its end) is nobody's doing."""
    now = stand_of(deployment)
    by_itself = before.reason == "DEPLOYING" and now.step == before.step and now.reason not in {"CANCELING", "CANCELED"}
    done = [event for event in events or () if event.type in _DONE]
    if by_itself or not done:
        return ""
    last = max(done, key=lambda event: event.at)
    return f"{last.by.shown} {_DONE[last.type]} it at {last.at:%H:%M:%S} UTC."


def _put_back(progress: Progress | None) -> str:
    put_back = "The previous version (its droplet) is put back, and the instances of the new one go away"
    if progress is None:
        return f"{put_back}."
    return f"{put_back}: {progress.new.desired} of the new and {progress.old.desired} of the previous one run now."


@dataclass(frozen=True, slots=True)
class _Canary:
    """At which step of how many, numbered from 1, and the weights of those that are known, in percent."""

    current: int
    total: int
    weights: tuple[int | None, ...]

    def weight(self, step: int) -> int | None:
        return self.weights[step - 1] if 0 < step <= len(self.weights) else None


def _going_on(deployment: Deployment, progress: Progress | None) -> tuple[str, ...]:
    goal = progress.goal if progress else None
    new = progress.new.desired if progress else None
    canary = _canary(deployment)
    if canary and canary.current < canary.total:
        return _to_next_step(canary, new, goal)
    count = f", {new} -> {goal}" if new is not None and goal is not None else ""
    steps = f" after step {canary.current} of {canary.total}" if canary and canary.total > 1 else ""
    return (f"It goes on{steps} to all instances{count}, without another pause.",)


def _to_next_step(canary: _Canary, new: int | None, goal: int | None) -> tuple[str, ...]:
    following = canary.current + 1
    before, after = canary.weight(canary.current), canary.weight(following)
    parts = []
    if before is not None and after is not None:
        parts.append(f"{before} % -> {after} %")
    if new is not None and goal is not None and after is not None:
        parts.append(f"{new} -> {target(goal, after)} of {_instances(goal)}")
    told = f": {', '.join(parts)}" if parts else ""
    return (
        f"It goes on by one step, to step {following} of {canary.total}{told}.",
        "There it waits for a person again.",
    )


def target(instances: int, weight: int) -> int:
    """How many new instances a step wants; the server rounds a half up."""
    return max(1, (2 * instances * weight + 100) // 200)


def _canary(deployment: Deployment) -> _Canary | None:
    """None where it is no canary, or the server does not say at which step it is."""
    steps = deployment.canary_steps
    if not steps or not steps.current or not steps.total:
        return None
    options = deployment.options and deployment.options.canary
    weights = tuple(step.instance_weight for step in (options and options.steps) or ())
    return _Canary(steps.current, steps.total, weights)


def _instances(count: int) -> str:
    return "1 instance" if count == 1 else f"{count} instances"
