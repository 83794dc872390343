"""Posts what the outbox holds, looks for it by its key, keeps first messages up to date, and takes doubles away."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from deploybot.domain.outgoing import Claim, Edit, Outdated
from deploybot.domain.ports import Declined, Delivery, Posted, Unclear
from deploybot.service.latest import Latest
from deploybot.slack.limits import Message
from deploybot.slack.refusals import (
    BAD_SHAPE,
    GONE,
    HOPELESS_PEOPLE,
    NO_RIGHT_TO_LOOK,
    NO_THREAD,
    is_limit,
    meaning,
)
from deploybot.slack.rests import Rests
from deploybot.slack.webapi import reason_of

log = structlog.get_logger(__name__)

Draw = Callable[[Claim | Outdated | Edit], Message]
"""What a message looks like: `text` and `blocks`."""

EVENT = "deploybot_message"
"""The type of the metadata in which a message carries its key: `{"key": ...}`."""

UNDRAWN = "There is news about your deployments that could not be shown here: /deployments shows them."

_PAGE = 200
_PAGES = 10
_PEOPLE = ("U", "W")
_ODD = 20
"""So many refusals in a row that nobody knows are no passing trouble: half an hour, as the sender waits."""
_LATER = 300.0
"""Seconds to wait where what is wrong is not for this message alone."""
_CALM = {"unfurl_links": False, "unfurl_media": False, "link_names": False}


@dataclass(frozen=True, slots=True)
class _Refused:
    """Slack's word for a no, and what it means for a message."""

    word: str
    outcome: Declined | Unclear
    is_odd: bool = False
    """Whether nobody knows what the word means."""


class SlackNotifier:
    """The Notifier port over the Web API. `bot` is the name by which people invite the bot.

    `timeout` is in seconds, for each call of this port as a whole. What Slack may have taken is never sent twice.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        draw: Draw,
        *,
        timeout: float = 10.0,
        bot: str = "deploybot",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = _plain(client)
        self._draw, self._timeout, self._bot = draw, timeout, bot
        self._rests = Rests(monotonic)
        self._direct: Latest[str, str] = Latest()
        self._odd: Latest[str, int] = Latest()

    async def post(self, claim: Claim) -> Delivery:
        """Post a message with its key in the metadata; a repeat says that it may be one."""
        deadline = self._deadline()
        channel = await self._address(claim.draft.channel, deadline)
        if isinstance(channel, Declined):
            return channel
        metadata = {"event_type": EVENT, "event_payload": {"key": claim.draft.key}}
        thread = {"thread_ts": claim.thread_ts} if claim.thread_ts else {}
        args = {"channel": channel, **thread, **_CALM, "metadata": metadata}
        answer = await self._shown("chat.postMessage", args, self._drawn(claim), deadline)
        if isinstance(answer, _Refused) and thread and answer.word in NO_THREAD:
            answer = await self._shown("chat.postMessage", {**args, "thread_ts": None}, self._drawn(claim), deadline)
        if isinstance(answer, _Refused):
            return self._declined(claim.draft.channel, answer)
        self._odd.pop(claim.draft.channel, None)
        return Posted(str(answer["ts"]))

    def _declined(self, channel: str, refused: _Refused) -> Declined | Unclear:
        """What a refused post means. A channel where Slack says what nobody knows again and again counts as shut.

        It would otherwise be silent for ever, and nobody would be told. Direct messages are nobody's to resume, so
        only a person who is gone shuts them.
        """
        if _is_person(channel):
            return refused.outcome if refused.word in HOPELESS_PEOPLE else _waited_out(refused.outcome)
        if refused.is_odd:
            self._odd[channel] = self._odd.get(channel, 0) + 1
            if self._odd[channel] >= _ODD:
                reason = f"Slack refuses my messages there and says {refused.word}: tell those who run me"
                return Declined(reason, shut=True)
        return refused.outcome

    async def update(self, outdated: Outdated) -> Delivery:
        """Bring a deployment's first message up to date. Declined with `shut` where it is no more."""
        return await self._edited(outdated)

    async def edit(self, edit: Edit) -> Delivery:
        """Have a message show something else. Declined with `shut` where it is no more."""
        return await self._edited(edit)

    async def _edited(self, edit: Outdated | Edit) -> Delivery:
        deadline = self._deadline()
        channel = await self._address(edit.channel, deadline)
        if isinstance(channel, Declined):
            return channel
        args = {"channel": channel, "ts": edit.ts, "link_names": False, "parse": "none"}
        answer = await self._shown("chat.update", args, self._drawn(edit), deadline)
        if not isinstance(answer, _Refused):
            return Posted(edit.ts)
        if answer.word in GONE:
            return Declined(f"Slack says {answer.word}", shut=True)
        return _waited_out(answer.outcome)

    async def find(self, channel: str, key: str, since: datetime, thread_ts: str) -> tuple[str, ...] | Unclear | None:
        """The `ts` of every message with this key since an instant, earliest first.

        A reply whose thread was gone or locked when it was posted stands in the channel itself, so it is looked for
        there too. None where the bot has no right to look; Unclear where Slack did not say.
        """
        deadline = self._deadline()
        address = await self._address(channel, deadline)
        if isinstance(address, Declined):
            return Unclear(address.reason)
        args = {"channel": address, "oldest": f"{since.timestamp():.6f}"}
        places = [("conversations.history", args)]
        if thread_ts:
            places.insert(0, ("conversations.replies", {**args, "ts": thread_ts}))
        found: list[str] | _Refused | Unclear = []
        for method, asked in places:
            found = await self._search(method, asked, key, deadline)
            if found and not (isinstance(found, _Refused) and found.word in NO_THREAD):
                break
        if isinstance(found, _Refused):
            return None if found.word in NO_RIGHT_TO_LOOK else Unclear(found.outcome.reason)
        return found if isinstance(found, Unclear) else tuple(sorted(found, key=_instant))

    async def _search(
        self, method: str, args: Mapping[str, Any], key: str, deadline: float
    ) -> list[str] | _Refused | Unclear:
        found: list[str] = []
        asked = {**args, "limit": _PAGE, "include_all_metadata": "true"}
        for _ in range(_PAGES):
            answer = await self._call(method, asked, deadline)
            if isinstance(answer, _Refused):
                return answer
            found += [message["ts"] for message in answer.get("messages") or () if _key_of(message) == key]
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return found
            asked["cursor"] = cursor
        return Unclear("so much was written since that the message cannot be looked for")

    async def delete(self, channel: str, ts: str) -> bool:
        """Take a double away; whether it is gone."""
        deadline = self._deadline()
        address = await self._address(channel, deadline)
        if isinstance(address, Declined):
            return False
        answer = await self._call("chat.delete", {"channel": address, "ts": ts}, deadline)
        return not isinstance(answer, _Refused) or answer.word == "message_not_found"

    def _deadline(self) -> float:
        return asyncio.get_running_loop().time() + self._timeout

    def _drawn(self, told: Claim | Outdated | Edit) -> Message:
        """The message as it is to look; what cannot be drawn is a bug, but no reason to lose it."""
        try:
            return self._draw(told)
        except Exception:  # a bug in drawing must not lose what is to be told
            log.exception("message not drawn", message=told.ts if isinstance(told, Edit) else told.message)
            return {"text": UNDRAWN}

    async def _shown(
        self, method: str, args: Mapping[str, Any], message: Message, deadline: float
    ) -> Mapping[str, Any] | _Refused:
        """Post or edit; where Slack does not take what the message looks like, once more as plain text."""
        answer = await self._call(method, {**args, **message}, deadline)
        if not isinstance(answer, _Refused) or answer.word not in BAD_SHAPE:
            return answer
        log.error("message refused", method=method, reason=answer.word, channel=args["channel"])
        text = str(message.get("text") or UNDRAWN)[:3000]
        return await self._call(method, {**args, "text": text, "blocks": []}, deadline)

    async def _address(self, channel: str, deadline: float) -> str | Declined:
        """Where to post: a person's id becomes that of their direct messages with the bot.

        Without the scope for opening them, Slack may still take the person's id itself.
        """
        if not _is_person(channel):
            return channel
        if channel not in self._direct:
            answer = await self._call("conversations.open", {"users": channel}, deadline)
            if isinstance(answer, _Refused) and answer.word == "missing_scope":
                return channel
            if isinstance(answer, _Refused):
                told = answer.outcome if answer.word in HOPELESS_PEOPLE else _waited_out(answer.outcome)
                return told if isinstance(told, Declined) else Declined(told.reason)
            self._direct[channel] = str(answer["channel"]["id"])
        return self._direct[channel]

    async def _call(self, method: str, args: Mapping[str, Any], deadline: float) -> Mapping[str, Any] | _Refused:
        """One call that ends by the deadline; not made while Slack has asked to wait with it."""
        channel = str(args.get("channel") or "")
        if asyncio.get_running_loop().time() >= deadline:
            return _Refused("deadline", Declined("there was no time left to ask Slack"))
        if (wait := self._rests.left(method, channel)) > 0:
            return _Refused("ratelimited", Declined("Slack asked to wait", wait=wait))
        given = {name: value for name, value in args.items() if value is not None}
        try:
            async with asyncio.timeout_at(deadline):
                call = partial(self._client.api_call, method)
                answer = await (call(json=given) if method.startswith("chat.") else call(data=given))
                return answer.data if isinstance(answer.data, dict) else {}
        except Exception as problem:  # the SDK raises many kinds, and whatever it is, this port raises nothing
            refused = self._refused(problem)
            log.info("slack call failed", method=method, channel=channel, reason=refused.outcome.reason)
            if isinstance(refused.outcome, Declined) and is_limit(problem):
                self._rests.rest(method, channel, refused.outcome.wait)
            return refused

    def _refused(self, problem: Exception) -> _Refused:
        word = reason_of(problem) if isinstance(problem, SlackApiError) else type(problem).__name__
        outcome = meaning(problem, self._bot)
        is_said = isinstance(problem, SlackApiError) and isinstance(outcome, Declined) and not outcome.shut
        return _Refused(word, outcome, is_odd=is_said and not is_limit(problem))


def _plain(client: AsyncWebClient) -> AsyncWebClient:
    """The same client without retries of the SDK's: what Slack may have taken must not be sent a second time."""
    return AsyncWebClient(token=client.token, base_url=client.base_url, session=client.session, retry_handlers=[])


def _waited_out(outcome: Declined | Unclear) -> Declined | Unclear:
    """What a refusal means where it is not to pause a channel: trouble that people end is waited out."""
    return Declined(outcome.reason, wait=_LATER) if isinstance(outcome, Declined) and outcome.shut else outcome


def _is_person(channel: str) -> bool:
    return channel.startswith(_PEOPLE)


def _key_of(message: Mapping[str, Any]) -> str:
    metadata = message.get("metadata") or {}
    payload = metadata.get("event_payload") if metadata.get("event_type") == EVENT else None
    return str((payload or {}).get("key") or "")


def _instant(ts: str) -> tuple[int, ...]:
    """A `ts` as something to compare: `1790000000.000100`."""
    return tuple(int(part) for part in ts.split(".") if part.isdecimal())
