"""Acting and watching: links, actions, the audit record, approvals, watches."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _links()
    _actions()
    _audit()
    _approvals()
    _watches()


def _links() -> None:
    op.create_table(
        "links",
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("foundation", sa.Text(), nullable=False),
        sa.Column("account_guid", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("linked_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger()),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("broken", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("user", "foundation", name="pk_links"),
    )
    op.create_index("ix_links_account", "links", ["foundation", "account_guid"])


def _actions() -> None:
    op.create_table(
        "actions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("confirmation", sa.Text(), nullable=False),
        sa.Column("foundation", sa.Text(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("bound", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_actions"),
        sa.UniqueConstraint("confirmation", name="uq_actions_confirmation"),
        sa.CheckConstraint("state IN ('claimed', 'done', 'refused', 'unclear')", name="ck_actions_state"),
    )
    op.create_index("ix_actions_deployment", "actions", ["foundation", "guid", "claimed_at"])
    once = _where("state IN ('claimed', 'done')")
    op.create_index("ix_actions_once", "actions", ["foundation", "guid", "bound"], unique=True, **once)
    op.create_index("ix_actions_claimed", "actions", ["claimed_at"], **_where("state = 'claimed'"))
    op.create_index("ix_actions_settled", "actions", ["settled_at"], **_where("settled_at IS NOT NULL"))


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("foundation", sa.Text(), nullable=False),
        sa.Column("org", sa.Text(), nullable=False),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("app", sa.Text(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
        sa.UniqueConstraint("id", name="uq_audit_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_at", "audit", ["at", "number"])
    op.create_index("ix_audit_guid", "audit", ["guid", "number"])


def _approvals() -> None:
    op.create_table(
        "approvals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("foundation", sa.Text(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("bound", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_approvals"),
        sa.CheckConstraint("state IN ('open', 'agreed', 'declined', 'expired', 'void')", name="ck_approvals_state"),
    )
    open_ones = _where("state = 'open'")
    op.create_index("ix_approvals_open", "approvals", ["foundation", "guid", "bound"], unique=True, **open_ones)
    op.create_index("ix_approvals_outdated", "approvals", ["asked_at"], **_where("shown < revision"))


def _watches() -> None:
    op.create_table(
        "watches",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("foundation", sa.Text(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("shown_as_of", sa.BigInteger()),
        sa.Column("shown_at", sa.BigInteger()),
        sa.Column("over_at", sa.BigInteger()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_watches"),
    )
    running = _where("over_at IS NULL")
    op.create_index("ix_watches_running", "watches", ["channel", "foundation", "guid"], unique=True, **running)
    op.create_index("ix_watches_foundation", "watches", ["foundation"], **running)
    op.create_index("ix_watches_over", "watches", ["over_at"], **_where("over_at IS NOT NULL"))


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
