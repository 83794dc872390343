"""The Cloud Foundry side: the Cloud Controller API v3 and the UAA, over HTTP."""
