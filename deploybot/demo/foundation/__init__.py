"""A simulated Cloud Foundry foundation: an API and a UAA that answer as the real servers do."""
