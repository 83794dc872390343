"""The first form: ledger, announcements, messages and their lanes, subscriptions, leases."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _ledger()
    _messages()
    _sending()
    _subscriptions()


def _ledger() -> None:
    op.create_table(
        "polls",
        sa.Column("foundation", sa.Text(), nullable=False),
        sa.Column("first_at", sa.BigInteger()),
        sa.Column("cursor", sa.BigInteger()),
        sa.Column("polled_at", sa.BigInteger()),
        sa.Column("failing_since", sa.BigInteger()),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("foundation", name="pk_polls"),
    )
    op.create_table(
        "gaps",
        sa.Column("foundation", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("foundation", "since", name="pk_gaps"),
    )
    op.create_table(
        "entries",
        sa.Column("foundation", sa.Text(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.BigInteger()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("foundation", "guid", name="pk_entries"),
    )
    op.create_index("ix_entries_active", "entries", ["foundation"], **_where("closed_at IS NULL"))
    op.create_index("ix_entries_closed", "entries", ["closed_at"], **_where("closed_at IS NOT NULL"))
    op.create_table(
        "transitions",
        sa.Column("foundation", sa.Text(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("noticed_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["foundation", "guid"],
            ["entries.foundation", "entries.guid"],
            name="fk_transitions_entries",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("foundation", "guid", "ordinal", name="pk_transitions"),
    )
    op.create_index("ix_transitions_noticed", "transitions", ["noticed_at", "foundation", "guid", "ordinal"])
    op.create_table(
        "announcements",
        sa.Column("foundation", sa.Text(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("not_before", sa.BigInteger()),
        sa.Column("told_by", sa.BigInteger()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["foundation", "guid", "ordinal"],
            ["transitions.foundation", "transitions.guid", "transitions.ordinal"],
            name="fk_announcements_transitions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("foundation", "guid", "ordinal", "channel", name="pk_announcements"),
    )
    op.create_index("ix_announcements_waiting", "announcements", ["channel", "not_before"], **_where("told_by IS NULL"))


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text()),
        sa.Column("foundation", sa.Text()),
        sa.Column("guid", sa.Text()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("subscriptions", sa.Text(), nullable=False),
        sa.Column("drafted_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("not_before", sa.BigInteger()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("first_attempt_at", sa.BigInteger()),
        sa.Column("attempted_at", sa.BigInteger()),
        sa.Column("settle_at", sa.BigInteger()),
        sa.Column("repeat", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ts", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.BigInteger()),
        sa.Column("doubtful_at", sa.BigInteger()),
        sa.Column("shown", sa.Integer()),
        sa.Column("outdated_at", sa.BigInteger()),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="ck_messages_sent"),
        sa.CheckConstraint("state IN ('ready', 'sending', 'unclear', 'sent', 'blocked')", name="ck_messages_state"),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.UniqueConstraint("key", name="uq_messages_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_messages_doubtful", "messages", ["doubtful_at"], **_where("doubtful_at IS NOT NULL"))
    op.create_index("ix_messages_first", "messages", ["foundation", "guid", "channel"], **_where("guid IS NOT NULL"))
    op.create_index("ix_messages_outdated", "messages", ["outdated_at"], **_where("outdated_at IS NOT NULL"))
    op.create_index("ix_messages_recent", "messages", ["channel", "drafted_at"], **_where("thread IS NULL"))
    op.create_index("ix_messages_sent", "messages", ["sent_at"], **_where("sent_at IS NOT NULL"))
    op.create_index("ix_messages_unsent", "messages", ["channel", "id"], **_where("sent_at IS NULL"))
    op.create_index(
        "ix_messages_unsent_thread", "messages", ["thread", "id"], **_where("sent_at IS NULL AND thread IS NOT NULL")
    )


def _sending() -> None:
    op.create_table(
        "listed",
        sa.Column("message", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("foundation", sa.Text(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["message"], ["messages.id"], name="fk_listed_messages", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("message", "position", name="pk_listed"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lanes",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("blocked", sa.Text()),
        sa.Column("message", sa.BigInteger()),
        sa.Column("token", sa.Text()),
        sa.Column("claimed_until", sa.BigInteger()),
        sa.PrimaryKeyConstraint("channel", name="pk_lanes"),
    )


def _subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("next_due", sa.BigInteger()),
        sa.Column("claimed_until", sa.BigInteger()),
        sa.Column("last_posted_at", sa.BigInteger()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
    )
    op.create_index("ix_subscriptions_channel", "subscriptions", ["channel", "made_at"])
    op.create_index("ix_subscriptions_due", "subscriptions", ["next_due"], **_where("next_due IS NOT NULL"))
    op.create_table(
        "versions",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_versions"),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
