"""What Slack is sent to show: pure functions from values to Block Kit, plain dicts only."""
