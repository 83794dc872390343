"""deploybot: Slack chat-ops for Cloud Foundry deployments."""

__version__ = "0.1.0"
