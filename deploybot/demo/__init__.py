"""The stage: a simulated Cloud Foundry and a simulated Slack workspace around the real bot."""
