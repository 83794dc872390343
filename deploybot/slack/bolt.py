"""The Bolt app with its traps closed: built from values, told at start who it is, one connection pool for all."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.logger.messages import warning_client_prioritized_and_token_skipped
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from deploybot.domain.telemetry import SILENT, Telemetry
from deploybot.errors import ConfigError
from deploybot.service.request_id import new_request_id, request, request_id
from deploybot.slack.answering import OWN_CLICKS, Answering
from deploybot.slack.answers import Answers
from deploybot.slack.blocks.filter_modal import FILTER_FORM
from deploybot.slack.blocks.links import Console
from deploybot.slack.blocks.problem import apology, sentence, sentence_view
from deploybot.slack.blocks.subscribe_modal import FORM_KIND, SUBSCRIBE_FORM
from deploybot.slack.delivery import Delivery
from deploybot.slack.desk import Desk, Score
from deploybot.slack.feature import Feature, FeatureMaker, Tools
from deploybot.slack.guard import Guard
from deploybot.slack.listeners import Doors
from deploybot.slack.payload import Body, Home
from deploybot.slack.people import Mine, People, as_it_is
from deploybot.slack.respond import SLACK_API, Responder, hooks_origin
from deploybot.slack.seen import Seen
from deploybot.slack.standing import Standing
from deploybot.slack.standing_chat import ACTIONS, StandingChat
from deploybot.slack.subscribe_forms import SubscribeForms
from deploybot.slack.subscribing import ChannelSubscriptions
from deploybot.slack.tasks import Tasks
from deploybot.slack.usergroups import UserGroups
from deploybot.slack.verbs import Verbs
from deploybot.slack.webapi import is_passing, reason_of

log = structlog.get_logger(__name__)


LOG_NAME = "deploybot.slack.bolt"


@dataclass(frozen=True, slots=True)
class Bot:
    """A Bolt app ready for a transport, the work that goes on behind it, and who it is."""

    app: AsyncApp
    desk: Desk
    home: Home


async def who_am_i(client: AsyncWebClient) -> Home:
    """Where this token is installed; ConfigError where Slack does not accept it.

    SlackApiError where Slack itself is in trouble, and what a connection that fails raises.
    """
    try:
        answer = await client.auth_test()
    except SlackApiError as problem:
        if is_passing(problem):
            raise
        reason = reason_of(problem)
        raise ConfigError([f"SLACK_BOT_TOKEN: Slack says {reason}; copy the Bot User OAuth Token again."]) from problem
    return Home(
        team=answer.get("team_id") or "",
        enterprise=answer.get("enterprise_id") or "",
        org_wide=bool(answer.get("is_enterprise_install")),
        bot_user=answer.get("user_id") or "",
        bot=answer.get("bot_id") or "",
        name=answer.get("user") or "deploybot",
    )


def build_bot(
    *,
    answers: Answers,
    client: AsyncWebClient,
    session: aiohttp.ClientSession,
    home: Home,
    api_url: str = SLACK_API,
    console: Console | None = None,
    standing: Standing | None = None,
    features: Sequence[FeatureMaker] = (),
    mine: Mine = as_it_is,
    tasks: Tasks | None = None,
    clock: Callable[[], float] = time.monotonic,
    now: Callable[[], float] = time.time,
    new_id: Callable[[], str] = new_request_id,
    telemetry: Telemetry = SILENT,
) -> Bot:
    """Everything between a transport and the answers. `client` carries the bot's token, `tasks` bounds the work.

    Without `standing` there are no subscriptions, and whoever asks for one is told so; so it is with the `features`.
    """
    delivery = Delivery(client, Responder(session, hooks_origin(api_url)), telemetry)
    guard = Guard(delivery)
    people = People(client, clock, mine=mine)
    groups = UserGroups(client, clock)
    chat = _chat(standing, delivery, people, groups, client, guard, now, home.name) if standing else None
    tools = Tools(delivery, guard, people, groups, client, home, now, answers, console or Console())
    made = [make(tools) for make in features]
    answering = Answering(answers, delivery, people, console or Console(), guard, now, home.bot_user, chat, made)
    score = Score(telemetry, _verbs(made, home), clock, new_id)
    desk = Desk(guard, people, home, Seen(clock), tasks or Tasks(), Tasks(total=16, queue=64, each=1), score)
    app = bolt_app(home, client, session, new_id)
    app.use(Doors(desk, answering, now, chat, made))
    return Bot(app, desk, home)


def _verbs(features: Sequence[Feature], home: Home) -> Verbs:
    clicks = {kind for feature in features for kind in feature.clicks}
    forms = {name for feature in features for name in feature.forms}
    own_clicks = OWN_CLICKS | ACTIONS | {FORM_KIND.partition("_")[0]}
    return Verbs(clicks | own_clicks, forms | {FILTER_FORM, SUBSCRIBE_FORM}, home.bot_user)


def _chat(
    standing: Standing,
    delivery: Delivery,
    people: People,
    groups: UserGroups,
    client: AsyncWebClient,
    guard: Guard,
    now: Callable[[], float],
    bot: str,
) -> StandingChat:
    subscriptions = ChannelSubscriptions(standing, delivery, people, groups, client, now, bot)
    return StandingChat(subscriptions, SubscribeForms(standing, subscriptions, delivery, people, groups, guard))


def bolt_app(home: Home, client: AsyncWebClient, session: aiohttp.ClientSession, new_id: Callable[[], str]) -> AsyncApp:
    """Bolt without its `auth.test` on the first request, and with an answer even when one of its doors fails.

    Signatures are checked before Bolt sees a request (`http.py`), so it need not know the secret. Everything that it
    would read from the environment is given.
    """
    app = AsyncApp(
        name=LOG_NAME,  # Bolt gives the log of this name its own level: not that of everything here
        logger=_logger(),
        signing_secret="",
        client=AsyncWebClient(base_url=client.base_url, session=session),
        authorize=_Known(home),
        request_verification_enabled=False,
        process_before_response=True,
    )

    async def failed(error: Exception, body: Body) -> BoltResponse:
        with request(new_id()):
            log.error("door failed", exc_info=error)
            return BoltResponse(status=200, body=_told(body, apology(request_id())))

    app.error(failed)
    return app


class _Known(AsyncAuthorize):
    """Who the bot is, known since the start; as a class, since Bolt inspects a function anew for every request."""

    def __init__(self, home: Home) -> None:
        self._result = AuthorizeResult(
            enterprise_id=home.enterprise or None, team_id=home.team, bot_user_id=home.bot_user, bot_id=home.bot
        )

    async def __call__(self, **_: object) -> AuthorizeResult:
        return self._result


def _told(body: Body, text: str) -> dict[str, Any] | str:
    """A sentence in the acknowledgement itself, where that kind of request takes one."""
    if body.get("type") == "view_submission":
        return {"response_action": "update", "view": sentence_view(text)}
    return {"response_type": "ephemeral", **sentence(text)} if "command" in body else ""


def _logger() -> logging.Logger:
    """Bolt's log without its remark, at every start, that SLACK_BOT_TOKEN in the environment is not used by Bolt."""
    logger = logging.getLogger(LOG_NAME)
    if not logger.filters:
        logger.addFilter(lambda record: record.getMessage() != warning_client_prioritized_and_token_skipped())
    return logger
