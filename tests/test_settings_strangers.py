"""Environment variables that are no settings: a mistyped one is a problem, one of somebody else is none of ours."""

import pytest

from deploybot.settings.environment import CHOOSING, ENVIRONMENT, is_of_kubernetes
from deploybot.settings.loading import load
from deploybot.settings.remarks import Remarks
from deploybot.settings.strangers import note_strangers
from tests.test_settings import ONE_FOUNDATION

OF_CLOUD_FOUNDRY = (
    "CF_INSTANCE_ADDR CF_INSTANCE_GUID CF_INSTANCE_INDEX CF_INSTANCE_IP CF_INSTANCE_INTERNAL_IP CF_INSTANCE_PORT "
    "CF_INSTANCE_PORTS CF_INSTANCE_CERT CF_INSTANCE_KEY CF_SYSTEM_CERT_PATH DATABASE_URL HOME INSTANCE_GUID "
    "INSTANCE_INDEX LANG MEMORY_LIMIT PATH PORT PWD TMPDIR USER VCAP_APP_HOST VCAP_APP_PORT VCAP_APPLICATION "
    "VCAP_SERVICES VCAP_PLATFORM_OPTIONS VCAP_SERVICES_FILE_PATH SERVICE_BINDING_ROOT"
)
OF_THE_CF_CLI = (
    "CF_HOME CF_COLOR CF_DIAL_TIMEOUT CF_PLUGIN_HOME CF_STAGING_TIMEOUT CF_STARTUP_TIMEOUT CF_TRACE CF_ASYNC_TIMEOUT "
    "CF_DOCKER_PASSWORD CF_CLI_EXPERIMENTAL CF_LOG_LEVEL CF_CNB_REGISTRY_CREDS"
)
OF_PIPELINES = (
    "CF_APP CF_APPS CF_APP_NAME CF_ORG CF_SPACE CF_USER CF_PASS CF_DOMAIN CF_API_KEY CF_API_TOKEN CF_API_EMAIL "
    "CF_ZONE_ID CF_ACCOUNT_ID CF_DIST_ID"
)
OF_OTHER_SLACK_APPS = (
    "SLACK_TOKEN SLACK_API_TOKEN SLACK_WEBHOOK SLACK_WEBHOOK_URL SLACK_CHANNEL SLACK_USER_TOKEN SLACK_CLIENT_ID "
    "SLACK_CLIENT_SECRET SLACK_APP_ID SLACK_TEAM_ID SLACK_VERIFICATION_TOKEN SLACK_USERNAME SLACK_BOT_NAME SLACK_BOT_ID"
)
OF_OTHERS = f"{OF_CLOUD_FOUNDRY} {OF_THE_CF_CLI} {OF_PIPELINES} {OF_OTHER_SLACK_APPS}".split()


def unknown_variables(environ: dict[str, str]) -> list[str]:
    """The problems; nothing is only warned of."""
    remarks = Remarks()
    note_strangers(environ, remarks)
    assert remarks.warnings == []
    return remarks.problems


@pytest.mark.parametrize(
    ("mistyped", "meant"),
    [
        ("SLACK_BOT_TOKN", "SLACK_BOT_TOKEN"),
        ("SLACK_BOT_TOKENS", "SLACK_BOT_TOKEN"),
        ("SLAKC_APP_TOKEN", "SLACK_APP_TOKEN"),
        ("SLACK_SIGNIN_SECRET", "SLACK_SIGNING_SECRET"),
        ("SLACK_BOT_TOKEN_FIEL", "SLACK_BOT_TOKEN_FILE"),
        ("CF_CLIENT_SECRETS", "CF_CLIENT_SECRET"),
        ("CF_PASSWORT", "CF_PASSWORD"),
        ("CF_APIS", "CF_API"),
        ("CF_CA_BUNDEL", "CF_CA_BUNDLE"),
        ("DATABSE_URL", "DATABASE_URL"),
        ("DEPLOYBOT_POLL_INTERVALL", "DEPLOYBOT_POLL_INTERVAL"),
        ("DEPLOYBOT_METRICS_TOKEN_FIL", "DEPLOYBOT_METRICS_TOKEN_FILE"),
        ("DEPLOYBOT_LOGLEVEL", "DEPLOYBOT_LOG_LEVEL"),
    ],
)
def test_a_mistyped_variable_is_told_with_the_one_that_was_meant(mistyped: str, meant: str) -> None:
    assert unknown_variables({mistyped: "s3cret"}) == [f"{mistyped}: there is no such variable: did you mean {meant}?"]


@pytest.mark.parametrize("given", ["SLACK_BOT_TOKEN", "SLACK_BOT_TOKEN_FILE"])
def test_what_is_near_to_one_that_is_set_may_be_another_programs_and_stops_nothing(given: str) -> None:
    remarks = Remarks()
    note_strangers({given: "x", "SLACK_BOT_TOKEN_2": "xoxb-2"}, remarks)
    assert remarks.problems == []
    assert remarks.warnings == ["SLACK_BOT_TOKEN_2: there is no such variable: did you mean SLACK_BOT_TOKEN?"]


def test_a_mistyped_variable_of_ours_is_a_problem_whatever_else_is_set() -> None:
    given = {"DEPLOYBOT_LOG_LEVEL": "info", "DEPLOYBOT_LOGLEVEL": "debug"}
    assert unknown_variables(given) == [
        "DEPLOYBOT_LOGLEVEL: there is no such variable: did you mean DEPLOYBOT_LOG_LEVEL?"
    ]


def test_an_unknown_variable_of_ours_is_told_even_where_none_is_near() -> None:
    (problem,) = unknown_variables({"DEPLOYBOT_QQQQQQQQQQQQQQQQQQ": "1"})
    assert problem.startswith("DEPLOYBOT_QQQQQQQQQQQQQQQQQQ: there is no such variable: take it away")


@pytest.mark.parametrize("variable", OF_OTHERS)
def test_variables_of_the_platform_and_of_other_programs_are_left_alone(variable: str) -> None:
    assert unknown_variables({variable: "x"}) == []


def test_only_what_is_ours_is_read_of_what_cloud_foundry_sets() -> None:
    assert set(OF_OTHERS) & set(ENVIRONMENT) == {"PORT", "DATABASE_URL"}


@pytest.mark.parametrize(
    "variable", [*ENVIRONMENT, *CHOOSING, "DEPLOYBOT_FAILPOINT", *(f"{x}_FILE" for x in ENVIRONMENT)]
)
def test_what_can_be_set_is_known(variable: str) -> None:
    assert unknown_variables({variable: "x"}) == []
    assert not is_of_kubernetes(variable, "x")


def test_an_empty_variable_counts_as_not_set() -> None:
    assert unknown_variables({"SLACK_BOT_TOKN": ""}) == []


@pytest.mark.parametrize(
    "service", ["DEPLOYBOT", "DEPLOYBOT_POSTGRES", "DEPLOYBOT_HTTP", "DEPLOYBOT_HEALTH", "CF", "SLACK"]
)
def test_what_kubernetes_sets_for_services_is_left_alone(service: str) -> None:
    injected = {
        f"{service}_SERVICE_HOST": "10.0.0.11",
        f"{service}_SERVICE_PORT": "3000",
        f"{service}_SERVICE_PORT_HTTP": "3000",
        f"{service}_PORT": "tcp://10.0.0.11:3000",
        f"{service}_PORT_3000_TCP": "tcp://10.0.0.11:3000",
        f"{service}_PORT_3000_TCP_PROTO": "tcp",
        f"{service}_PORT_3000_TCP_PORT": "3000",
        f"{service}_PORT_3000_TCP_ADDR": "10.0.0.11",
    }
    assert unknown_variables(injected) == []


def test_a_port_that_a_person_wrote_is_not_taken_for_one_of_kubernetes() -> None:
    (problem,) = unknown_variables({"DEPLOYBOT_PORT": "3000"})
    assert problem.startswith("DEPLOYBOT_PORT: there is no such variable: did you mean DEPLOYBOT_")


def test_a_service_of_kubernetes_whose_name_is_that_of_a_setting_sets_nothing() -> None:
    """Services named deploybot-health and deploybot-http: DEPLOYBOT_HEALTH_PORT is then an address, and no port."""
    injected = {"DEPLOYBOT_HEALTH_PORT": "tcp://10.0.0.11:9090", "DEPLOYBOT_HTTP_PORT": "tcp://10.0.0.12:3000"}
    loaded = load(None, {**ONE_FOUNDATION, **injected}, transport=None)
    assert (loaded.health.port, loaded.http.port) == (None, 3000)
