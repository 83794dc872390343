"""The documents that need no token: the root, /v3, /v3/info and /v2/info."""

from typing import Any

import msgspec

V3, V2 = "3.228.0", "2.293.0"
FINGERPRINT = "47:0d:d1:c8:c3:3d:0a:36:d1:49:2f:f2:90:27:31:d0"
RESOURCES = (
    "app_usage_events",
    "apps",
    "audit_events",
    "buildpacks",
    "builds",
    "deployments",
    "domains",
    "droplets",
    "environment_variable_groups",
    "feature_flags",
    "info",
    "isolation_segments",
    "organizations",
    "organization_quotas",
    "packages",
    "processes",
    "resource_matches",
    "roles",
    "routes",
    "security_groups",
    "service_brokers",
    "service_instances",
    "service_credential_bindings",
    "service_offerings",
    "service_plans",
    "service_route_bindings",
    "service_usage_events",
    "spaces",
    "space_quotas",
    "stacks",
    "tasks",
    "users",
)


class Addresses(msgspec.Struct, frozen=True, kw_only=True):
    """Public URLs, with the port where there is one; `domain` is what the other links are under."""

    api: str
    uaa: str
    login: str
    domain: str


def addresses(api: str, *, uaa: str | None = None, login: str | None = None, domain: str | None = None) -> Addresses:
    """All addresses; UAA and login page are below the API's own unless told apart."""
    host = api.partition("://")[2]
    return Addresses(api=api, uaa=uaa or f"{api}/uaa", login=login or f"{api}/login", domain=domain or host)


def root(at: Addresses) -> dict[str, Any]:
    ssh = {"host_key_fingerprint": FINGERPRINT, "oauth_client": "ssh-proxy"}
    links: dict[str, Any] = {
        "self": {"href": at.api},
        "cloud_controller_v3": {"href": f"{at.api}/v3", "meta": {"version": V3}},
        "network_policy_v0": {"href": f"{at.api}/networking/v0/external"},
        "network_policy_v1": {"href": f"{at.api}/networking/v1/external"},
        "login": {"href": at.login},
        "uaa": {"href": at.uaa},
        "credhub": {"href": "https://credhub.capi.external:8844"},
        "routing": {"href": f"{at.api}/routing"},
        "logging": {"href": f"wss://doppler.{at.domain}:443"},
        "log_cache": {"href": f"https://log-cache.{at.domain}"},
        "log_stream": {"href": f"https://log-stream.{at.domain}"},
        "app_ssh": {"href": f"ssh.{at.domain}:2222", "meta": ssh},
        "cloud_controller_v2": {"href": f"{at.api}/v2", "meta": {"version": V2}},
    }
    return {"links": links}


def v3_root(at: Addresses) -> dict[str, Any]:
    links = {name: {"href": f"{at.api}/v3/{name}"} for name in RESOURCES}
    return {"links": {"self": {"href": f"{at.api}/v3"}, **links}}


def v3_info(at: Addresses, limits: dict[str, Any]) -> dict[str, Any]:
    return {
        "build": "2222",
        "cli_version": {"minimum": "6.22.0", "recommended": "latest"},
        "custom": {"arbitrary": "stuff"},
        "description": "Cloud Foundry sponsored by Pivotal",
        "name": "vcap",
        "version": 2,
        "osbapi_version": "2.15",
        "rate_limits": limits,
        "links": {
            "self": {"href": f"{at.api}/v3/info"},
            "support": {"href": f"https://support.{at.domain}"},
        },
    }


def v2_info(at: Addresses) -> dict[str, Any]:
    return {
        "name": "vcap",
        "build": "2222",
        "support": f"https://support.{at.domain}",
        "version": 2,
        "description": "Cloud Foundry sponsored by Pivotal",
        "authorization_endpoint": at.login,
        "token_endpoint": at.uaa,
        "min_cli_version": "6.22.0",
        "min_recommended_cli_version": "latest",
        "app_ssh_endpoint": f"ssh.{at.domain}:2222",
        "app_ssh_host_key_fingerprint": FINGERPRINT,
        "app_ssh_oauth_client": "ssh-proxy",
        "doppler_logging_endpoint": f"wss://doppler.{at.domain}:443",
        "api_version": V2,
        "osbapi_version": "2.15",
        "routing_endpoint": f"{at.api}/routing",
        "custom": {"arbitrary": "stuff"},
    }
