"""Builds what people do to deployments: over the foundations, the store, the rules, and their own accounts."""

import secrets
import time
from datetime import timedelta
from functools import partial

from deploybot.app.accounts import OwnAccounts
from deploybot.app.background import Turn
from deploybot.cf.actions import CloudFoundryActions
from deploybot.cf.foundation import CloudFoundry
from deploybot.domain.acting import Credential
from deploybot.domain.ports import Checkpoint, Directory
from deploybot.service.acting import Acting
from deploybot.service.admitting import Admission
from deploybot.service.aftermath import Aftermath
from deploybot.service.credentials import BOT_ACCOUNT
from deploybot.service.hurrying import Hurries
from deploybot.service.listing import Listing
from deploybot.service.recording import Record
from deploybot.service.requesting import ActRules, Sending
from deploybot.settings.model import FoundationSettings, Settings
from deploybot.store.opening import Store

_LOOK_AFTER = timedelta(seconds=10)
_LEARN = timedelta(seconds=2)


def acting_of(
    settings: Settings,
    store: Store,
    listing: Listing,
    directory: Directory,
    own: OwnAccounts,
    hurries: Hurries,
    checkpoint: Checkpoint,
) -> Acting:
    """Continue and cancel; who asks a second person is to be set in `approves`."""
    new_id = partial(secrets.token_hex, 8)
    foundations = [one for one in listing.foundations if isinstance(one, CloudFoundry)]
    admission = Admission(
        listing=listing,
        rules=settings.access.to_rules(),
        directory=directory,
        credentials=own.credentials,
        bots={name: _bot(one) for name, one in settings.foundations.items()},
        record=Record(store.actions, new_id),
    )
    sending = Sending(
        log=store.actions,
        outbox=store.outbox,
        actions={one.name: CloudFoundryActions(one.client) for one in foundations},
        aftermath=Aftermath(listing),
        new_id=new_id,
        monotonic=time.monotonic,
        rules=act_rules_of(settings),
        hurry=hurries.hurry,
        checkpoint=checkpoint,
    )
    return Acting(admission, sending)


def act_rules_of(settings: Settings) -> ActRules:
    """How long an action may take."""
    acting = settings.acting
    return ActRules(acting.timeout, acting.settle_after, acting.again_after)


def aftermath_turn(settings: Settings, acting: Acting) -> Turn:
    """Looks after what was begun by a process that is no more."""
    return Turn("actions", min(_LOOK_AFTER, settings.acting.settle_after), acting.tick)


def hurry_turn(store: Store, hurries: Hurries) -> Turn:
    """Learns of what was done through other replicas."""
    return Turn("hurry", _LEARN, partial(hurries.learn, store.actions))


def _bot(settings: FoundationSettings) -> Credential:
    """The bot's own account, and by what Cloud Foundry's own record knows it: a client's id, or a user's name."""
    return Credential(BOT_ACCOUNT, settings.username or settings.client_id or "")
