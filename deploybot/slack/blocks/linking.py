"""The form in which people link their own accounts, and what whoami shows: for the one who asks, nobody else."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deploybot.domain.link import Link, LoginServer
from deploybot.service.linking import Account, Unlinked
from deploybot.slack.blocks.elements import Element, actions, button, context, option, plain_text, section
from deploybot.slack.limits import Block, Message, View, fit_message, fit_view
from deploybot.slack.payload import channel_of, channel_text
from deploybot.slack.text import date, escape

LINK_FORM = "link"
LINK_START, LINK_CHOOSE, OPEN_PASSCODE = "link_start", "link_choose", "open_passcode"
TITLE = "Link your account"
MOST_CODE = 200
MOST_CHOICES = 100
MOST_BUTTONS = 5
_FORM = re.compile(r"(?:channel=[A-Z0-9]{1,31})?\n([a-z0-9-]{1,31}) (\d{1,4})")
_CODE = "code_"


@dataclass(frozen=True, slots=True)
class LinkForm:
    """What a form is about. Each try has an input of its own: Slack would keep what was typed in the one before."""

    channel: str
    foundation: str
    attempt: int = 1

    @property
    def block(self) -> str:
        return f"{_CODE}{self.attempt}"


def link_view(form: LinkForm, server: LoginServer, problem: str = "") -> View:
    """The passcode page of one foundation, and a field for the code."""
    where = f"Log in to *{escape(form.foundation)}* at `{escape(server.host, 200)}`: the page shows a code."
    page = button(OPEN_PASSCODE, "Get a code", form.foundation, f"Open {server.host} to get a code")
    link = {**page, "url": server.passcode_url}
    own = (
        "The code works once. I exchange it for a token that may do no more than read and change what your own roles "
        "in Cloud Foundry allow, and keep that encrypted."
    )
    return fit_view(
        lambda _: {
            "type": "modal",
            "callback_id": LINK_FORM,
            "private_metadata": _form_text(form),
            "title": plain_text(TITLE),
            "submit": plain_text("Link"),
            "close": plain_text("Cancel"),
            "blocks": [*_told(problem), section([where], link), _input(form), context([own])],
        }
    )


def choose_view(channel: str, foundations: Sequence[str]) -> View:
    """Which foundation, where there are several."""
    options = [option(name, name) for name in foundations[:MOST_CHOICES]]
    select: Element = {
        "type": "static_select",
        "action_id": LINK_CHOOSE,
        "placeholder": plain_text("Foundation"),
        "options": options,
    }
    return fit_view(
        lambda _: {
            "type": "modal",
            "private_metadata": channel_text(channel),
            "title": plain_text(TITLE),
            "close": plain_text("Cancel"),
            "blocks": [section(["Which Cloud Foundry do you want to link your account with?"]), *actions([select])],
        }
    )


def parse_form(metadata: str) -> LinkForm | None:
    """None for what no form of this version keeps."""
    found = _FORM.fullmatch(metadata)
    return LinkForm(channel_of(metadata), found[1], int(found[2])) if found else None


def code_in(view: Mapping[str, Any], form: LinkForm) -> str:
    """What was typed, "" for nothing."""
    state = view.get("state")
    values = state.get("values") if isinstance(state, dict) else None
    block = values.get(form.block) if isinstance(values, dict) else None
    field = block.get("value") if isinstance(block, dict) else None
    typed = field.get("value") if isinstance(field, dict) else None
    return typed.strip() if isinstance(typed, str) else ""


def linked_text(link: Link) -> str:
    return (
        f"You are linked with {link.foundation} as {link.account}. What you continue or cancel there is done with this "
        f"account, by its own roles. If it is not yours, type /deployments unlink {link.foundation}."
    )


def unlinked_text(gone: Unlinked) -> str:
    forgotten = f"I have forgotten your link with {gone.link.foundation} ({gone.link.account})."
    if gone.revoked:
        return f"{forgotten} Its login server has revoked the token."
    return f"{forgotten} Its login server did not revoke the token, which nobody has any more: it ends with its time."


def whoami_message(user: str, accounts: Sequence[Account], *, on: bool) -> Message:
    """Who somebody is here and there."""
    return fit_message(
        lambda _: {"text": "Your Cloud Foundry accounts", "blocks": list(_whoami_blocks(user, accounts, on))}
    )


def whoami_view(user: str, accounts: Sequence[Account], *, on: bool) -> View:
    return fit_view(
        lambda _: {
            "type": "modal",
            "title": plain_text("Who you are"),
            "close": plain_text("Close"),
            "blocks": list(_whoami_blocks(user, accounts, on)),
        }
    )


def _whoami_blocks(user: str, accounts: Sequence[Account], on: bool) -> Iterator[Block]:
    yield section(
        [f"In Slack you are <@{escape(user)}> (`{escape(user)}`).", *(f"• {_account(one)}" for one in accounts)]
    )
    if not on:
        yield context(["Linking is off: ask the people who run me to set DEPLOYBOT\u2060_LINK\u2060_KEYS."])
        return
    open_ones = [one.foundation for one in accounts if not (one.link and not one.link.broken)][:MOST_BUTTONS]
    yield from actions(
        [button(f"{LINK_START}_{name}", f"Link {name}…", name, f"Link your account on {name}") for name in open_ones]
    )


def _account(account: Account) -> str:
    name, link = f"*{escape(account.foundation)}*", account.link
    by_bot = "; actions are done there with the bot's own account" if account.as_bot else ""
    if link is None:
        return f"{name}: not linked{by_bot}"
    linked = f"{name}: linked as {escape(link.account)} since {date(link.linked_at)}"
    return f"{linked}, but that does not work any more: {escape(link.broken)}" if link.broken else f"{linked}{by_bot}"


def _told(problem: str) -> list[Block]:
    return [{"type": "section", "text": plain_text(f"⚠️ {problem}")}] if problem else []


def _input(form: LinkForm) -> Block:
    element = {"type": "plain_text_input", "action_id": "value", "max_length": MOST_CODE}
    return {"type": "input", "block_id": form.block, "label": plain_text("Code"), "element": element}


def _form_text(form: LinkForm) -> str:
    channel = channel_text(form.channel) if form.channel else ""
    return f"{channel}\n{form.foundation} {form.attempt}"
