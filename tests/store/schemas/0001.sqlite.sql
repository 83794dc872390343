CREATE TABLE polls (
    foundation TEXT NOT NULL,
    first_at BIGINT,
    cursor BIGINT,
    polled_at BIGINT,
    failing_since BIGINT,
    failure TEXT NOT NULL,
    CONSTRAINT pk_polls PRIMARY KEY (foundation)
);

CREATE TABLE gaps (
    foundation TEXT NOT NULL,
    since BIGINT NOT NULL,
    until BIGINT,
    reason TEXT NOT NULL,
    CONSTRAINT pk_gaps PRIMARY KEY (foundation, since)
);

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
    CONSTRAINT ck_messages_sent CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CONSTRAINT ck_messages_state CHECK (state IN ('ready', 'sending', 'unclear', 'sent', 'blocked')),
    CONSTRAINT uq_messages_key UNIQUE ("key")
);

CREATE INDEX ix_messages_doubtful ON messages (doubtful_at) WHERE doubtful_at IS NOT NULL;

CREATE INDEX ix_messages_first ON messages (foundation, guid, channel) WHERE guid IS NOT NULL;

CREATE INDEX ix_messages_outdated ON messages (outdated_at) WHERE outdated_at IS NOT NULL;

CREATE INDEX ix_messages_recent ON messages (channel, drafted_at) WHERE thread IS NULL;

CREATE INDEX ix_messages_sent ON messages (sent_at) WHERE sent_at IS NOT NULL;

CREATE INDEX ix_messages_unsent ON messages (channel, id) WHERE sent_at IS NULL;

CREATE INDEX ix_messages_unsent_thread ON messages (thread, id) WHERE sent_at IS NULL AND thread IS NOT NULL;

CREATE TABLE listed (
    message BIGINT NOT NULL,
    position INTEGER NOT NULL,
    foundation TEXT NOT NULL,
    guid TEXT NOT NULL,
    CONSTRAINT pk_listed PRIMARY KEY (message, position),
    CONSTRAINT fk_listed_messages FOREIGN KEY(message) REFERENCES messages (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE TABLE lanes (
    channel TEXT NOT NULL,
    next_at BIGINT NOT NULL,
    blocked TEXT,
    message BIGINT,
    token TEXT,
    claimed_until BIGINT,
    CONSTRAINT pk_lanes PRIMARY KEY (channel)
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

CREATE TABLE leases (
    name TEXT NOT NULL,
    holder TEXT NOT NULL,
    token BIGINT NOT NULL,
    until BIGINT NOT NULL,
    CONSTRAINT pk_leases PRIMARY KEY (name)
);

CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));

INSERT INTO alembic_version (version_num) VALUES ('0001');

