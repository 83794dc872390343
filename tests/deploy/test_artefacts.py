"""The shipped files for each platform are valid there, agree with each other and with what the bot can be told."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from deploybot import __version__
from deploybot.app.running import DRAIN_SECONDS
from deploybot.settings.environment import ENVIRONMENT
from deploybot.settings.loading import load
from deploybot.settings.model import Settings
from tests.deploy import artefacts
from tests.deploy.artefacts import COMPOSE, DEPLOY, HEALTH_PORT, KUBERNETES, ROOT, UNIT, Start, starts
from tests.deploy.dockerfile import last_stage
from tests.deploy.tools import command

OLDEST_KUBERNETES = "1.30"
WITHOUT_SCHEMA = {"Kustomization", "ServiceMonitor"}
"""Of no Kubernetes itself: what they name is looked at below."""
OF_OTHERS = {"DEPLOYBOT_CONFIG", "PYTHONUNBUFFERED"}
MOST_EXPOSURE = 15
"""Of a hundred, as systemd counts what a unit may do."""


@pytest.fixture(params=starts())
def way(request: pytest.FixtureRequest) -> Start:
    return starts()[str(request.param)]


def _secrets() -> set[str]:
    """The variables whose values must not be in any file that is shipped."""
    words = ("token", "secret", "password", "keys", "database_url")
    return {name for name, path in ENVIRONMENT.items() if any(word in path[-1] for word in words)}


def test_the_settings_that_are_secret_are_known_here() -> None:
    assert {"SLACK_BOT_TOKEN", "CF_CLIENT_SECRET", "DEPLOYBOT_LINK_KEYS", "DATABASE_URL"} <= _secrets()


def test_whatever_is_set_can_be_set(way: Start) -> None:
    known = {*ENVIRONMENT, *(f"{name}_FILE" for name in ENVIRONMENT), *OF_OTHERS}
    assert way.environment.keys() - known == set()


def test_no_secret_is_in_a_shipped_file(way: Start) -> None:
    assert _secrets() & way.environment.keys() == set()


def test_a_bot_that_stops_is_given_the_time_to_finish(way: Start) -> None:
    assert way.stop_seconds >= DRAIN_SECONDS + 3


def test_the_configuration_that_is_shipped_is_valid() -> None:
    settings = load(DEPLOY / "deploybot.toml", {"CF_CLIENT_SECRET": "s"}, transport=None)
    assert isinstance(settings, Settings)
    assert list(settings.foundations) == ["cf"]
    assert (KUBERNETES / "deploybot.toml").read_text() == (DEPLOY / "deploybot.toml").read_text()


# Kubernetes


@pytest.mark.parametrize("version", [OLDEST_KUBERNETES, "latest"])
def test_every_manifest_is_what_kubernetes_knows(version: str) -> None:
    wanted = kubernetes_validate.latest_version() if version == "latest" else version
    seen = [document["kind"] for _, document in artefacts.manifests()]
    for _, document in artefacts.manifests():
        if document["kind"] not in WITHOUT_SCHEMA:
            kubernetes_validate.validate(document, wanted, strict=True)
    assert {"Deployment", "Service", "PodDisruptionBudget", "NetworkPolicy", "Secret", *WITHOUT_SCHEMA} <= set(seen)


def test_a_manifest_with_a_misspelt_key_would_be_found() -> None:
    wrong = artefacts.manifest("Deployment")
    wrong["spec"]["template"]["spec"]["enableServiceLink"] = False
    with pytest.raises(kubernetes_validate.ValidationError, match="enableServiceLink"):
        kubernetes_validate.validate(wrong, OLDEST_KUBERNETES, strict=True)


def test_the_kustomization_names_files_that_there_are_and_leaves_none_out() -> None:
    kustomization = artefacts.manifest("Kustomization")
    (generated,) = kustomization["configMapGenerator"]
    assert all((KUBERNETES / name).is_file() for name in (*kustomization["resources"], *generated["files"]))
    optional = {"kustomization.yaml", "servicemonitor.yaml", "secret.example.yaml"}
    assert {file.name for file in KUBERNETES.glob("*.yaml")} == {*kustomization["resources"], *optional}
    pod = artefacts.manifest("Deployment")["spec"]["template"]["spec"]
    named = {volume["configMap"]["name"] for volume in pod["volumes"] if "configMap" in volume}
    assert named == {generated["name"]}


def test_every_secret_that_a_pod_reads_is_in_the_example() -> None:
    example = set(artefacts.manifest("Secret")["stringData"])
    read = [Path(each["value"]) for each in artefacts.container()["env"] if each["name"].endswith("_FILE")]
    assert {file.name for file in read} == example
    (mounted,) = [each["mountPath"] for each in artefacts.container()["volumeMounts"] if each["name"] == "secrets"]
    assert {str(file.parent) for file in read} == {mounted}


def test_a_pod_is_as_restricted_as_the_strictest_pod_security_standard_asks() -> None:
    pod, inside = artefacts.manifest("Deployment")["spec"]["template"]["spec"], artefacts.container()["securityContext"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert (inside["allowPrivilegeEscalation"], inside["readOnlyRootFilesystem"]) == (False, True)
    assert inside["capabilities"] == {"drop": ["ALL"]}
    assert (pod["enableServiceLinks"], pod["automountServiceAccountToken"]) == (False, False)
    assert {volume["name"] for volume in pod["volumes"]} == {each["name"] for each in _mounts()}


def _mounts() -> list[dict[str, str]]:
    return list(artefacts.container()["volumeMounts"])


def test_selectors_find_the_pods() -> None:
    spec = artefacts.manifest("Deployment")["spec"]
    labels = spec["template"]["metadata"]["labels"]
    assert spec["selector"]["matchLabels"] == labels
    assert artefacts.manifest("Service")["spec"]["selector"] == labels
    assert artefacts.manifest("NetworkPolicy")["spec"]["podSelector"]["matchLabels"] == labels
    assert artefacts.manifest("PodDisruptionBudget")["spec"]["selector"]["matchLabels"] == labels
    of_service = artefacts.manifest("Service")["metadata"]["labels"]
    assert artefacts.manifest("ServiceMonitor")["spec"]["selector"]["matchLabels"] == of_service


# ports, images


def test_one_port_is_told_the_bot_probed_published_and_scraped() -> None:
    inside = artefacts.container()
    assert [(each["name"], str(each["containerPort"])) for each in inside["ports"]] == [("health", HEALTH_PORT)]
    probes = [inside[f"{kind}Probe"]["httpGet"]["port"] for kind in ("startup", "liveness", "readiness")]
    assert {*probes, *(each["port"] for each in artefacts.manifest("ServiceMonitor")["spec"]["endpoints"])} == {
        "health"
    }
    (served,) = artefacts.manifest("Service")["spec"]["ports"]
    assert (served["name"], served["targetPort"], str(served["port"])) == ("health", "health", HEALTH_PORT)
    (scraped,) = artefacts.manifest("NetworkPolicy")["spec"]["ingress"][0]["ports"]
    assert str(scraped["port"]) == HEALTH_PORT
    assert artefacts.compose()["services"]["deploybot"]["ports"] == [f"127.0.0.1:{HEALTH_PORT}:{HEALTH_PORT}"]
    told = {name: way.environment.get("DEPLOYBOT_HEALTH_PORT") for name, way in starts().items()}
    assert told == {"compose": HEALTH_PORT, "kubernetes": HEALTH_PORT, "systemd": HEALTH_PORT, "cloud foundry": None}
    (targets,) = artefacts.scrape()["scrape_configs"][0]["static_configs"]
    assert {each.rpartition(":")[2] for each in targets["targets"]} == {HEALTH_PORT}
    (exposed,) = [one.rest.split() for one in last_stage() if one.word == "EXPOSE"]
    assert HEALTH_PORT in exposed


def test_probes_ask_where_health_is_told() -> None:
    assert starts()["kubernetes"].probes == ("/livez", "/livez", "/readyz")
    assert starts()["cloud foundry"].probes == ("/livez", "/readyz")


def test_every_image_is_of_one_version() -> None:
    services = artefacts.compose()["services"]
    (renamed,) = artefacts.manifest("Kustomization")["images"]
    own = [services["deploybot"]["image"], artefacts.container()["image"], f"{renamed['name']}:{renamed['newTag']}"]
    assert own == [f"deploybot:{__version__}"] * 3
    tag = services["postgres"]["image"].partition(":")[2]
    assert tag.split("-")[0].replace(".", "").isdigit()
    assert "." in tag


# Compose


def test_compose_itself_takes_the_file() -> None:
    told = subprocess.run([*_compose(), "-f", COMPOSE, "config"], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (0, "")
    assert set(yaml.safe_load(told.stdout)["services"]) == {"deploybot", "postgres"}


def test_compose_would_refuse_a_misspelt_key(tmp_path: Path) -> None:
    (tmp_path / "wrong.yml").write_text(COMPOSE.read_text().replace("cap_drop:", "cap_dropp:"))
    told = subprocess.run([*_compose(), "-f", tmp_path / "wrong.yml", "config"], capture_output=True, check=False)
    assert told.returncode != 0


def _compose() -> list[str]:
    """A part of Docker since its second version, a program of its own before; both judge a file without a server."""
    if docker := shutil.which("docker"):
        version = subprocess.run([docker, "compose", "version"], capture_output=True, check=False)
        if version.returncode == 0:
            return [docker, "compose"]
    return [command("docker-compose", "docker-compose")]


def test_each_container_may_do_no_more_than_it_needs() -> None:
    for service in artefacts.compose()["services"].values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert not service["user"].startswith("0")
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
        assert {"mem_limit", "pids_limit", "restart", "networks"} <= service.keys()


def test_every_secret_of_compose_is_declared_and_used() -> None:
    whole = artefacts.compose()
    given = {name for service in whole["services"].values() for name in service["secrets"]}
    assert given == set(whole["secrets"])
    for service in whole["services"].values():
        files = [Path(value) for name, value in service["environment"].items() if name.endswith("_FILE")]
        assert sorted(f"/run/secrets/{name}" for name in service["secrets"]) == sorted(map(str, files))


# systemd


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    told = _verified(tmp_path, UNIT.read_text())
    assert (told.returncode, told.stdout + told.stderr) == (0, "")


def test_systemd_would_refuse_a_misspelt_key(tmp_path: Path) -> None:
    told = _verified(tmp_path, UNIT.read_text().replace("PrivateTmp", "PrivateTemp"))
    assert "PrivateTemp" in told.stderr


def _verified(tmp_path: Path, text: str) -> "subprocess.CompletedProcess[str]":
    """Of this text, with a bot that is there in the place of the installed one."""
    here = str(Path(sys.executable).with_name("deploybot"))
    (tmp_path / UNIT.name).write_text(text.replace("/opt/deploybot/bin/deploybot", here))
    systemd = command("systemd-analyze", "systemd")
    given = [systemd, "verify", "--man=no", str(tmp_path / UNIT.name)]
    return subprocess.run(given, capture_output=True, text=True, check=False)


def test_systemd_counts_the_unit_as_little_exposed() -> None:
    systemd = command("systemd-analyze", "systemd")
    given = [systemd, "security", "--offline=true", f"--threshold={MOST_EXPOSURE}", "--no-pager", str(UNIT)]
    told = subprocess.run(given, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout[-300:]


def test_every_credential_of_the_unit_is_loaded_and_read() -> None:
    service = artefacts.unit()["Service"]
    loaded = {line.partition(":")[0] for line in service["LoadCredential"].splitlines()}
    read = {value for name, value in starts()["systemd"].environment.items() if name.endswith("_FILE")}
    assert read == {f"%d/{name}" for name in loaded}


def _variables(given: Mapping[str, str]) -> Iterator[str]:
    yield from (name.removesuffix("_FILE") for name in given)


def test_each_way_gives_the_bot_all_secrets_that_it_needs() -> None:
    needed = {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "CF_CLIENT_SECRET", "DEPLOYBOT_LINK_KEYS"}
    for name in ("compose", "kubernetes", "systemd"):
        assert needed <= set(_variables(starts()[name].environment)), name
    assert artefacts.cf_app()["services"] == ["deploybot", "deploybot-db"]
    assert ROOT.joinpath(".cfignore").is_file()
