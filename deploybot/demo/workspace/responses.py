"""What a response_url does: answer the person alone or everybody, replace or delete the message that was clicked."""

from dataclasses import replace

from deploybot.demo.workspace.drafting import Draft, message_draft
from deploybot.demo.workspace.grants import Grants, ResponseUrl
from deploybot.demo.workspace.records import JsonObject, Message
from deploybot.demo.workspace.refusals import RefusedError, invalid
from deploybot.demo.workspace.state import Workspace

FIELDS = frozenset(
    {
        *("text", "blocks", "attachments", "metadata", "response_type", "replace_original", "delete_original"),
        *("thread_ts", "mrkdwn", "parse", "link_names", "unfurl_links", "unfurl_media"),
    }
)


class Responses:
    def __init__(self, workspace: Workspace, grants: Grants) -> None:
        self._workspace, self._grants = workspace, grants

    def respond(self, path: str, body: JsonObject) -> tuple[str, ...]:
        """Use a response_url once; the answer is what to warn of. A refused body is no use of it."""
        granted = self._grants.response_url(path)
        warnings = self.apply(granted, body)
        self._grants.count_use(self._grants.response_url(path))
        return warnings

    def acknowledged(self, path: str, body: JsonObject) -> tuple[str, ...]:
        """An answer that came inside the acknowledgement of a command: no use of the response_url."""
        if body == {"response_type": "in_channel"}:
            self._show_typed(self._grants.response_url(path))
            return ()
        return self.apply(self._grants.response_url(path), body)

    def apply(self, granted: ResponseUrl, body: JsonObject) -> tuple[str, ...]:
        _refuse_unknown(body)
        origin = self._origin(granted)
        if body.get("delete_original") is True:
            if origin is not None:
                self._workspace.remove_message(origin)
            return () if origin else ("delete_original: there is no message to delete",)
        draft = message_draft(body)
        if body.get("replace_original") is True and origin is not None:
            self._workspace.put_message(self._replaced(origin, draft))
            return (*draft.warnings, *_kept_ephemeral(origin, body))
        self._post(granted, draft, body)
        return draft.warnings

    def _origin(self, granted: ResponseUrl) -> Message | None:
        return self._workspace.message(granted.channel, granted.origin) if granted.origin else None

    def _replaced(self, origin: Message, draft: Draft) -> Message:
        edited_ts = None if origin.ephemeral_to else self._workspace.ids.ts(self._workspace.clock.now())
        return replace(
            origin,
            text=draft.text,
            blocks=draft.blocks,
            attachments=draft.attachments,
            metadata=draft.metadata or origin.metadata,
            edited_ts=edited_ts,
        )

    def _post(self, granted: ResponseUrl, draft: Draft, body: JsonObject) -> None:
        everybody = body.get("response_type") == "in_channel"
        if everybody:
            self._show_typed(granted)
        thread_ts = body.get("thread_ts")
        if thread_ts is not None and self._workspace.message(granted.channel, thread_ts) is None:
            raise RefusedError("thread_not_found")
        self._workspace.put_message(
            Message(
                channel=granted.channel,
                ts=self._workspace.ids.ts(self._workspace.clock.now()),
                author=self._workspace.bot.user_id,
                text=draft.text,
                blocks=draft.blocks,
                attachments=draft.attachments,
                thread_ts=thread_ts,
                ephemeral_to=None if everybody else granted.person,
                metadata=draft.metadata,
            )
        )

    def _show_typed(self, granted: ResponseUrl) -> None:
        """An answer for everybody shows the command that was typed first, once, as its typist's message."""
        if granted.typed is None:
            return
        ts = self._workspace.ids.ts(self._workspace.clock.now())
        self._workspace.put_message(Message(granted.channel, ts, granted.person, granted.typed))
        self._grants.forget_typed(granted.path)


def _refuse_unknown(body: JsonObject) -> None:
    unknown = sorted(set(body) - FIELDS)
    if unknown:
        raise invalid("invalid_arguments", [f"invalid additional property: {name}" for name in unknown])
    if body.get("response_type") not in (None, "ephemeral", "in_channel"):
        raise invalid("invalid_arguments", ["must be ephemeral or in_channel [json-pointer:/response_type]"])


def _kept_ephemeral(origin: Message, body: JsonObject) -> tuple[str, ...]:
    if origin.ephemeral_to and body.get("response_type") == "in_channel":
        return ("an ephemeral message cannot be turned in_channel: it stays ephemeral",)
    return ()
