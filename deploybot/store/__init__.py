"""The only package that knows SQL: the ledger, subscriptions, outbox and leases, on SQLite or PostgreSQL."""
