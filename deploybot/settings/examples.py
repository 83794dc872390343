"""Examples and units of what can be set, where the type and the default do not show them."""

from collections.abc import Mapping

EXAMPLES: Mapping[str, str] = {
    "slack.bot_token": '"xoxb-..."',
    "slack.app_token": '"xapp-..."',
    "slack.signing_secret": '"..."',
    "slack.api_url": '"https://slack-gov.com/api/"',
    "foundations.NAME.api": '"https://api.example.com"',
    "foundations.NAME.client_id": '"deploybot"',
    "foundations.NAME.client_secret": '"..."',
    "foundations.NAME.username": '"deploybot@example.com"',
    "foundations.NAME.password": '"..."',
    "foundations.NAME.refresh_token": '"..."',
    "foundations.NAME.ca_bundle": '"/etc/ssl/foundation.pem"',
    "foundations.NAME.ui_url": '"https://console.example.com/apps/{app}"',
    "foundations.NAME.link_client_id": '"deploybot-people"',
    "foundations.NAME.link_client_secret": '"..."',
    "access.rules.name": '"on call"',
    "access.rules.who": '["@oncall", "U0123ABC"]',
    "access.rules.may": '["continue", "cancel"]',
    "access.rules.where": '"C0123ABC"',
    "access.rules.on": '"org=shop space=production"',
    "access.rules.effect": '"allow"',
    "access.rules.approvals": "1",
    "linking.keys": '["..."]',
    "guards.name": '"production"',
    "guards.on": '"space=production"',
    "guards.channel": '"C0123ABC"',
    "guards.remind_after": '"1h"',
    "guards.tell_after": '"2h"',
    "guards.cancel_after": '"8h"',
    "store.database_url": '"postgresql://user:password@db.example.com/deploybot?sslmode=verify-full"',
    "store.data_dir": '"/var/lib/deploybot"',
    "http.host": '"0.0.0.0"',
    "health.port": "9090",
    "health.host": '"0.0.0.0"',
    "health.metrics_token": '"..."',
    "health.heartbeat_file": '"/tmp/deploybot.heartbeat"',
    "tracing.endpoint": '"http://127.0.0.1:4318"',
}
"""As TOML has it. Others show their default, or the other one of two values."""

UNITS: Mapping[str, str] = {
    "access.rules.approvals": "people",
    "polling.rate_share": "share of 1",
    "delivery.messages_per_minute": "messages in a minute, per channel",
    "delivery.edits_per_minute": "edits in a minute",
    "http.port": "TCP port",
    "health.port": "TCP port",
}
"""Of numbers. Durations have theirs by their type."""
