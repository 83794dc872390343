CREATE TABLE actions (
    id TEXT NOT NULL,
    confirmation TEXT NOT NULL,
    foundation TEXT NOT NULL,
    guid TEXT NOT NULL,
    bound TEXT NOT NULL,
    state TEXT NOT NULL,
    claimed_at BIGINT NOT NULL,
    settled_at BIGINT,
    body TEXT NOT NULL,
    CONSTRAINT pk_actions PRIMARY KEY (id),
    CONSTRAINT uq_actions_confirmation UNIQUE (confirmation),
    CONSTRAINT ck_actions_state CHECK (state IN ('claimed', 'done', 'refused', 'unclear'))
);

CREATE INDEX ix_actions_claimed ON actions (claimed_at) WHERE state = 'claimed';

CREATE INDEX ix_actions_deployment ON actions (foundation, guid, claimed_at);

CREATE UNIQUE INDEX ix_actions_once ON actions (foundation, guid, bound) WHERE state IN ('claimed', 'done');

CREATE INDEX ix_actions_settled ON actions (settled_at) WHERE settled_at IS NOT NULL;

CREATE TABLE approvals (
    id TEXT NOT NULL,
    foundation TEXT NOT NULL,
    guid TEXT NOT NULL,
    bound TEXT NOT NULL,
    state TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revision INTEGER NOT NULL,
    shown INTEGER NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT pk_approvals PRIMARY KEY (id),
    CONSTRAINT ck_approvals_state CHECK (state IN ('open', 'agreed', 'declined', 'expired', 'void'))
);

CREATE UNIQUE INDEX ix_approvals_open ON approvals (foundation, guid, bound) WHERE state = 'open';

CREATE INDEX ix_approvals_outdated ON approvals (asked_at) WHERE shown < revision;

CREATE TABLE audit (
    id TEXT NOT NULL,
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    outcome TEXT NOT NULL,
    user TEXT NOT NULL,
    account TEXT NOT NULL,
    foundation TEXT NOT NULL,
    org TEXT NOT NULL,
    space TEXT NOT NULL,
    app TEXT NOT NULL,
    guid TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT uq_audit_id UNIQUE (id)
);

CREATE INDEX ix_audit_at ON audit (at, number);

CREATE INDEX ix_audit_guid ON audit (guid, number);

CREATE TABLE entries (
    foundation TEXT NOT NULL,
    guid TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    closed_at BIGINT,
    body TEXT NOT NULL,
    CONSTRAINT pk_entries PRIMARY KEY (foundation, guid)
);

CREATE INDEX ix_entries_active ON entries (foundation) WHERE closed_at IS NULL;

CREATE INDEX ix_entries_closed ON entries (closed_at) WHERE closed_at IS NOT NULL;

CREATE TABLE gaps (
    foundation TEXT NOT NULL,
    since BIGINT NOT NULL,
    until BIGINT,
    reason TEXT NOT NULL,
    CONSTRAINT pk_gaps PRIMARY KEY (foundation, since)
);

CREATE TABLE lanes (
    channel TEXT NOT NULL,
    next_at BIGINT NOT NULL,
    blocked TEXT,
    message BIGINT,
    token TEXT,
    claimed_until BIGINT,
    CONSTRAINT pk_lanes PRIMARY KEY (channel)
);

CREATE TABLE leases (
    name TEXT NOT NULL,
    holder TEXT NOT NULL,
    token BIGINT NOT NULL,
    until BIGINT NOT NULL,
    CONSTRAINT pk_leases PRIMARY KEY (name)
);

CREATE TABLE links (
    user TEXT NOT NULL,
    foundation TEXT NOT NULL,
    account_guid TEXT NOT NULL,
    account TEXT NOT NULL,
    scopes TEXT NOT NULL,
    linked_at BIGINT NOT NULL,
    used_at BIGINT,
    sealed TEXT NOT NULL,
    broken TEXT NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_links PRIMARY KEY (user, foundation)
);

CREATE INDEX ix_links_account ON links (foundation, account_guid);

CREATE TABLE messages (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "key" TEXT NOT NULL,
    channel TEXT NOT NULL,
    thread TEXT,
    foundation TEXT,
    guid TEXT,
    body TEXT NOT NULL,
    subscriptions TEXT NOT NULL,
    drafted_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    not_before BIGINT,
    attempts INTEGER NOT NULL,
    sends INTEGER NOT NULL,
    first_attempt_at BIGINT,
    attempted_at BIGINT,
    settle_at BIGINT,
    repeat BOOLEAN NOT NULL,
    reason TEXT NOT NULL,
    ts TEXT NOT NULL,
    sent_at BIGINT,
    doubtful_at BIGINT,
    shown INTEGER,
    outdated_at BIGINT,
    gone BOOLEAN NOT NULL,
    CONSTRAINT uq_messages_key UNIQUE ("key"),
    CONSTRAINT ck_messages_state CHECK (state IN ('ready', 'sending', 'unclear', 'sent', 'blocked')),
    CONSTRAINT ck_messages_sent CHECK ((state = 'sent') = (sent_at IS NOT NULL))
);

CREATE INDEX ix_messages_doubtful ON messages (doubtful_at) WHERE doubtful_at IS NOT NULL;

CREATE INDEX ix_messages_first ON messages (foundation, guid, channel) WHERE guid IS NOT NULL;

CREATE INDEX ix_messages_outdated ON messages (outdated_at) WHERE outdated_at IS NOT NULL;

CREATE INDEX ix_messages_recent ON messages (channel, drafted_at) WHERE thread IS NULL;

CREATE INDEX ix_messages_sent ON messages (sent_at) WHERE sent_at IS NOT NULL;

CREATE INDEX ix_messages_unsent ON messages (channel, id) WHERE sent_at IS NULL;

CREATE INDEX ix_messages_unsent_thread ON messages (thread, id) WHERE sent_at IS NULL AND thread IS NOT NULL;

CREATE TABLE polls (
    foundation TEXT NOT NULL,
    first_at BIGINT,
    cursor BIGINT,
    polled_at BIGINT,
    failing_since BIGINT,
    failure TEXT NOT NULL,
    CONSTRAINT pk_polls PRIMARY KEY (foundation)
);

CREATE TABLE subscriptions (
    id TEXT NOT NULL,
    channel TEXT NOT NULL,
    kind TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    paused BOOLEAN NOT NULL,
    revision INTEGER NOT NULL,
    next_due BIGINT,
    claimed_until BIGINT,
    last_posted_at BIGINT,
    body TEXT NOT NULL,
    CONSTRAINT pk_subscriptions PRIMARY KEY (id)
);

CREATE INDEX ix_subscriptions_channel ON subscriptions (channel, made_at);

CREATE INDEX ix_subscriptions_due ON subscriptions (next_due) WHERE next_due IS NOT NULL;

CREATE TABLE versions (
    name TEXT NOT NULL,
    value BIGINT NOT NULL,
    CONSTRAINT pk_versions PRIMARY KEY (name)
);

CREATE TABLE watches (
    id TEXT NOT NULL,
    channel TEXT NOT NULL,
    foundation TEXT NOT NULL,
    guid TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    as_of BIGINT NOT NULL,
    shown_as_of BIGINT,
    shown_at BIGINT,
    over_at BIGINT,
    body TEXT NOT NULL,
    CONSTRAINT pk_watches PRIMARY KEY (id)
);

CREATE INDEX ix_watches_foundation ON watches (foundation) WHERE over_at IS NULL;

CREATE INDEX ix_watches_over ON watches (over_at) WHERE over_at IS NOT NULL;

CREATE UNIQUE INDEX ix_watches_running ON watches (channel, foundation, guid) WHERE over_at IS NULL;

CREATE TABLE listed (
    message BIGINT NOT NULL,
    position INTEGER NOT NULL,
    foundation TEXT NOT NULL,
    guid TEXT NOT NULL,
    CONSTRAINT pk_listed PRIMARY KEY (message, position),
    CONSTRAINT fk_listed_messages FOREIGN KEY(message) REFERENCES messages (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE TABLE transitions (
    foundation TEXT NOT NULL,
    guid TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    noticed_at BIGINT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT pk_transitions PRIMARY KEY (foundation, guid, ordinal),
    CONSTRAINT fk_transitions_entries FOREIGN KEY(foundation, guid) REFERENCES entries (foundation, guid) ON DELETE CASCADE
);

CREATE INDEX ix_transitions_noticed ON transitions (noticed_at, foundation, guid, ordinal);

CREATE TABLE announcements (
    foundation TEXT NOT NULL,
    guid TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    channel TEXT NOT NULL,
    not_before BIGINT,
    told_by BIGINT,
    body TEXT NOT NULL,
    CONSTRAINT pk_announcements PRIMARY KEY (foundation, guid, ordinal, channel),
    CONSTRAINT fk_announcements_transitions FOREIGN KEY(foundation, guid, ordinal) REFERENCES transitions (foundation, guid, ordinal) ON DELETE CASCADE
);

CREATE INDEX ix_announcements_waiting ON announcements (channel, not_before) WHERE told_by IS NULL;

CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));

INSERT INTO alembic_version (version_num) VALUES ('0002');

