"""The tables. Rows that are values elsewhere keep them whole in `body`; columns are what queries and rules need.

The unique keys are belt and braces: what is decided twice is stored once.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from deploybot.store.columns import Instant, Words

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def _where(condition: str) -> dict[str, Any]:
    """A partial index, in both dialects."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


leases = Table(
    "leases",
    metadata,
    Column("name", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("until", Instant, nullable=False),
    PrimaryKeyConstraint("name"),
)

polls = Table(
    "polls",
    metadata,
    Column("foundation", Text, nullable=False),
    # These three are NULL until a first poll went well.
    Column("first_at", Instant),
    Column("cursor", Instant),
    Column("polled_at", Instant),
    Column("failing_since", Instant),
    Column("failure", Words, nullable=False),
    PrimaryKeyConstraint("foundation"),
)

gaps = Table(
    "gaps",
    metadata,
    Column("foundation", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
    Column("reason", Words, nullable=False),
    PrimaryKeyConstraint("foundation", "since"),
)

entries = Table(
    "entries",
    metadata,
    Column("foundation", Text, nullable=False),
    Column("guid", Text, nullable=False),
    Column("ordinal", Integer, nullable=False),
    # When it ended, or was found gone; NULL while it is under way.
    Column("closed_at", Instant),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("foundation", "guid"),
    Index("ix_entries_active", "foundation", **_where("closed_at IS NULL")),
    Index("ix_entries_closed", "closed_at", **_where("closed_at IS NOT NULL")),
)

transitions = Table(
    "transitions",
    metadata,
    Column("foundation", Text, nullable=False),
    Column("guid", Text, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("noticed_at", Instant, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("foundation", "guid", "ordinal"),
    ForeignKeyConstraint(["foundation", "guid"], ["entries.foundation", "entries.guid"], ondelete="CASCADE"),
    Index("ix_transitions_noticed", "noticed_at", "foundation", "guid", "ordinal"),
)

announcements = Table(
    "announcements",
    metadata,
    Column("foundation", Text, nullable=False),
    Column("guid", Text, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("channel", Text, nullable=False),
    Column("not_before", Instant),
    # The message that tells it; NULL while it waits. No foreign key: a message that is forgotten must not make an
    # announcement wait again.
    Column("told_by", BigInteger),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("foundation", "guid", "ordinal", "channel"),
    ForeignKeyConstraint(
        ["foundation", "guid", "ordinal"],
        ["transitions.foundation", "transitions.guid", "transitions.ordinal"],
        ondelete="CASCADE",
    ),
    Index("ix_announcements_waiting", "channel", "not_before", **_where("told_by IS NULL")),
)

messages = Table(
    "messages",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), autoincrement=True),
    Column("key", Text, nullable=False),
    Column("channel", Text, nullable=False),
    # The key of the message in whose thread it goes; NULL outside of threads.
    Column("thread", Text),
    # Whose first message it is, for alerts only.
    Column("foundation", Text),
    Column("guid", Text),
    Column("body", Text, nullable=False),
    Column("subscriptions", Text, nullable=False),
    Column("drafted_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("not_before", Instant),
    # Sends since it was last certain that it is not there; all sends; when the first and the last of them began.
    Column("attempts", Integer, nullable=False),
    Column("sends", Integer, nullable=False),
    Column("first_attempt_at", Instant),
    Column("attempted_at", Instant),
    Column("settle_at", Instant),
    Column("repeat", Boolean, nullable=False),
    Column("reason", Words, nullable=False),
    Column("ts", Text, nullable=False),
    Column("sent_at", Instant),
    # The last send of one that may be there twice, until somebody has looked.
    Column("doubtful_at", Instant),
    # An alert's: which state it shows; from when on it may be brought up to date, NULL where it shows the newest.
    Column("shown", Integer),
    Column("outdated_at", Instant),
    Column("gone", Boolean, nullable=False),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("key"),
    CheckConstraint("state IN ('ready', 'sending', 'unclear', 'sent', 'blocked')", name="state"),
    CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent"),
    Index("ix_messages_unsent", "channel", "id", **_where("sent_at IS NULL")),
    Index("ix_messages_unsent_thread", "thread", "id", **_where("sent_at IS NULL AND thread IS NOT NULL")),
    Index("ix_messages_first", "foundation", "guid", "channel", **_where("guid IS NOT NULL")),
    Index("ix_messages_recent", "channel", "drafted_at", **_where("thread IS NULL")),
    Index("ix_messages_sent", "sent_at", **_where("sent_at IS NOT NULL")),
    Index("ix_messages_doubtful", "doubtful_at", **_where("doubtful_at IS NOT NULL")),
    Index("ix_messages_outdated", "outdated_at", **_where("outdated_at IS NOT NULL")),
    # A key is never used again, so an id must not be either.
    sqlite_autoincrement=True,
)

listed = Table(
    "listed",
    metadata,
    Column("message", BigInteger, nullable=False),
    Column("position", Integer, nullable=False),
    Column("foundation", Text, nullable=False),
    Column("guid", Text, nullable=False),
    PrimaryKeyConstraint("message", "position"),
    ForeignKeyConstraint(["message"], ["messages.id"], ondelete="CASCADE"),
    sqlite_with_rowid=False,
)

lanes = Table(
    "lanes",
    metadata,
    Column("channel", Text, nullable=False),
    Column("next_at", Instant, nullable=False),
    # Why the channel can't be posted to; NULL while it can.
    Column("blocked", Words),
    # The claim, at most one: which message, whose, until when. It stays when it has run out, until the next one.
    Column("message", BigInteger),
    Column("token", Text),
    Column("claimed_until", Instant),
    PrimaryKeyConstraint("channel"),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("next_due", Instant),
    # Until when a due digest is somebody's.
    Column("claimed_until", Instant),
    Column("last_posted_at", Instant),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("id"),
    Index("ix_subscriptions_channel", "channel", "made_at"),
    Index("ix_subscriptions_due", "next_due", **_where("next_due IS NOT NULL")),
)

versions = Table(
    "versions",
    metadata,
    Column("name", Text, nullable=False),
    Column("value", BigInteger, nullable=False),
    PrimaryKeyConstraint("name"),
)

links = Table(
    "links",
    metadata,
    Column("user", Text, nullable=False),
    Column("foundation", Text, nullable=False),
    Column("account_guid", Text, nullable=False),
    Column("account", Words, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("linked_at", Instant, nullable=False),
    Column("used_at", Instant),
    # The refresh token, encrypted; "" where the link is broken.
    Column("sealed", Text, nullable=False),
    Column("broken", Words, nullable=False),
    Column("revision", Integer, nullable=False),
    PrimaryKeyConstraint("user", "foundation"),
    Index("ix_links_account", "foundation", "account_guid"),
)

actions = Table(
    "actions",
    metadata,
    Column("id", Text, nullable=False),
    Column("confirmation", Text, nullable=False),
    Column("foundation", Text, nullable=False),
    Column("guid", Text, nullable=False),
    # The stand that it is bound to, as text: in each one thing is done, and once.
    Column("bound", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("claimed_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("confirmation"),
    CheckConstraint("state IN ('claimed', 'done', 'refused', 'unclear')", name="state"),
    Index("ix_actions_deployment", "foundation", "guid", "claimed_at"),
    # Belt and braces: whoever decides otherwise, one try at a time in a stand, and none after one that was done.
    Index("ix_actions_once", "foundation", "guid", "bound", unique=True, **_where("state IN ('claimed', 'done')")),
    Index("ix_actions_claimed", "claimed_at", **_where("state = 'claimed'")),
    Index("ix_actions_settled", "settled_at", **_where("settled_at IS NOT NULL")),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Text, nullable=False),
    # The order in which events were appended; two may share an instant.
    Column("number", BigInteger().with_variant(Integer, "sqlite"), autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("kind", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("user", Text, nullable=False),
    # Names in lower case, for comparing without case.
    Column("account", Words, nullable=False),
    Column("foundation", Text, nullable=False),
    Column("org", Words, nullable=False),
    Column("space", Words, nullable=False),
    Column("app", Words, nullable=False),
    Column("guid", Text, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("number"),
    UniqueConstraint("id"),
    Index("ix_audit_at", "at", "number"),
    Index("ix_audit_guid", "guid", "number"),
    sqlite_autoincrement=True,
)

approvals = Table(
    "approvals",
    metadata,
    Column("id", Text, nullable=False),
    Column("foundation", Text, nullable=False),
    Column("guid", Text, nullable=False),
    Column("bound", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("shown", Integer, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("id"),
    CheckConstraint("state IN ('open', 'agreed', 'declined', 'expired', 'void')", name="state"),
    Index("ix_approvals_open", "foundation", "guid", "bound", unique=True, **_where("state = 'open'")),
    Index("ix_approvals_outdated", "asked_at", **_where("shown < revision")),
)

watches = Table(
    "watches",
    metadata,
    Column("id", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("foundation", Text, nullable=False),
    Column("guid", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    # What was seen last, and what the message shows: an instant each.
    Column("as_of", Instant, nullable=False),
    Column("shown_as_of", Instant),
    Column("shown_at", Instant),
    Column("over_at", Instant),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("id"),
    Index("ix_watches_running", "channel", "foundation", "guid", unique=True, **_where("over_at IS NULL")),
    Index("ix_watches_foundation", "foundation", **_where("over_at IS NULL")),
    Index("ix_watches_over", "over_at", **_where("over_at IS NOT NULL")),
)
