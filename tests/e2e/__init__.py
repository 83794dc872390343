"""The whole bot as its users meet it: a real process between a simulated Slack and a simulated Cloud Foundry."""
