"""What somebody may do here and which rule says so. Of a deny only the name of its rule is told, not what it hides."""

from collections.abc import Iterable, Iterator, Sequence

from deploybot.domain.access import MEMBERS, Audience, Decision, Right, Rule, Someone, is_about_all
from deploybot.domain.deployment import App
from deploybot.domain.grammar import query_text
from deploybot.domain.pattern import Pattern
from deploybot.domain.query import Query
from deploybot.domain.reach import Reach
from deploybot.service.accessing import Standing, Verdict
from deploybot.slack.blocks.elements import context, header, plain_text, section
from deploybot.slack.limits import Block, Message, View, fit_message, fit_view
from deploybot.slack.text import code, escape

_TITLE = "What you may do here"
_MOST_VERDICTS, _MOST_APPS, _MOST_RULES, _MOST_PATTERNS = 4, 5, 5, 5


def access_message(standing: Standing) -> Message:
    """For the asker alone."""
    return fit_message(lambda _: {"text": _TITLE, "blocks": list(_blocks(standing))})


def access_view(standing: Standing) -> View:
    """The same in a modal."""
    return fit_view(
        lambda _: {
            "type": "modal",
            "title": plain_text("Access"),
            "close": plain_text("Close"),
            "blocks": list(_blocks(standing)),
        }
    )


def _blocks(standing: Standing) -> Iterator[Block]:
    yield header(_TITLE)
    if standing.verdicts is None:
        yield section([_reach(reach) for reach in standing.reaches])
    else:
        for verdict in standing.verdicts[:_MOST_VERDICTS]:
            yield section([_apps(verdict), *map(_decision, Right, verdict.decisions)])
        if len(standing.verdicts) > _MOST_VERDICTS:
            yield context(["For other apps of these names other rules hold: narrow with `app=`, `space=` or `org=`."])
    yield section([f"*For all in this channel*: {_for_all(standing.audience, standing.all_read)}"])
    yield context([*_remarks(standing)])


def _reach(reach: Reach) -> str:
    return f"*{reach.right}*: {_how_far(reach)}"


def _how_far(reach: Reach) -> str:
    if reach.is_nothing:
        return f"nothing here; {escape(reach.why_not)}"
    if reach.by_default:
        return "everything; members of the workspace may, since no rule speaks of it"
    telling = [rule for rule in reach.allowing if is_about_all(rule) or not reach.is_everything]
    but = f", but not what {_listed(map(_called, reach.denying), _MOST_RULES)} denies" if reach.denying else ""
    return f"{_listed(map(_allows, telling), _MOST_RULES)}{but}"


def _allows(rule: Rule) -> str:
    what = "everything" if is_about_all(rule) else f"only {_listed(map(_words, rule.on), _MOST_PATTERNS)}"
    second = ", if a second person agrees" if rule.approvals and rule.may & {Right.CONTINUE, Right.CANCEL} else ""
    return f"{what}{second} ({_called(rule)})"


def _called(rule: Rule) -> str:
    return escape(rule.name, 80)


def _words(pattern: Pattern) -> str:
    asked = Query(foundations=pattern.foundations, orgs=pattern.orgs, spaces=pattern.spaces, apps=pattern.apps)
    return code(query_text(asked), 120)


def _apps(verdict: Verdict) -> str:
    return f"*{_listed((_app(foundation, app) for foundation, app in verdict.apps), _MOST_APPS)}*"


def _app(foundation: str, app: App) -> str:
    space = app.space
    places = [foundation, space.org.name if space and space.org else "", space.name if space else "", app.name]
    return escape("/".join(filter(None, places)), 150)


def _decision(right: Right, decision: Decision) -> str:
    second = ", if a second person agrees" if decision.approvals and right in {Right.CONTINUE, Right.CANCEL} else ""
    return f"{right}: {'yes' if decision.allowed else 'no'}{second}; {escape(decision.why)}"


def _for_all(audience: Audience | None, read: Reach | None) -> str:
    """What messages for everybody here show."""
    if audience is None or read is None:
        return "Slack does not tell me who is here at the moment, so I show nothing to all"
    among = "" if audience.only_members else ", since guests or people of other companies are here, or I can't tell"
    return f"messages show {_how_far(read)}{among}"


def _remarks(standing: Standing) -> Iterator[str]:
    yield from map(escape, standing.notes)
    for trouble in standing.troubles:
        yield escape(f"{trouble.foundation} could not answer: {trouble.reason}")
    yield from _doubts(standing.person)
    yield "Whoever may not read a deployment may do nothing with it. The people who run me set these rules."


def _doubts(person: Someone) -> Iterator[str]:
    if MEMBERS in person.unsure:
        yield "Slack does not tell me who you are at the moment: try again in a minute."
    groups = sorted(person.unsure - {MEMBERS})
    if groups:
        named = _listed((code(group) for group in groups), _MOST_RULES)
        yield f"I can't tell who is in {named}: rules that deny them hold for you, rules that allow them do not."


def _listed(said: Iterable[str], most: int) -> str:
    words: Sequence[str] = list(said)
    more = len(words) - most
    return "; ".join([*words[:most], *([f"{more} more"] if more > 0 else [])])
