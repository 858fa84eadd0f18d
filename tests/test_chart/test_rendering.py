"""Each of five sets of values renders to objects that Kubernetes takes and that fit together."""

import importlib
import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from purchasing.telemetry import Metric
from tests.pages import ROOT, rows, sections, text_of
from tests.test_chart import extensions
from tests.test_chart.rendering import SETS, Chart, Object, helm, part_of, rendered, selected
from tests.test_chart.schema import HELM

# The oldest that the chart takes, and the newest whose schemas are known here.
VERSIONS = ("1.30", "1.37")

each_set = pytest.mark.parametrize("values", SETS, ids=lambda path: path.stem)


def validation() -> Callable[..., Any]:
    """What holds an object against the schemas of Kubernetes; fails where it is not there."""
    try:
        module = importlib.import_module("kubernetes_validate")
    except ImportError:
        pytest.fail("kubernetes-validate is not installed here; `make install-dev` brings it.")
    validate: Callable[..., Any] = module.validate
    return validate


@cache
def is_valid(text: str, version: str) -> bool:
    """Whether Kubernetes takes an object; fails with the reason where it does not."""
    validation()(json.loads(text), version, strict=True)
    return True


def text_for_schema(it: Object) -> str:
    """An object without its name, so that what differs in nothing else is looked at once."""
    return json.dumps(it, sort_keys=True)


def test_the_chart_has_no_faults() -> None:
    """Helm's own check finds nothing, not even what is only discouraged."""
    ended = helm("lint", "--strict", str(HELM))
    assert not ended.code, ended.out + ended.err
    assert "[WARNING]" not in ended.out


def test_there_are_five_sets() -> None:
    """What is rendered here covers the ways in which the chart is meant to be used."""
    assert [path.stem for path in SETS] == ["default", "everything", "keda", "sentinel", "trial"]


@each_set
@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_takes_every_object(values: Path, version: str) -> None:
    """Every object fits the strict schema of its kind, or what its extension asks for."""
    objects = rendered(values).objects
    assert objects
    for it in objects:
        if it["apiVersion"] in extensions.CHECKS:
            extensions.CHECKS[it["apiVersion"]](it)
        else:
            assert is_valid(text_for_schema(it), version)


@each_set
def test_names_are_unique_and_short_enough(values: Path) -> None:
    """No two objects of a kind share a name, and every name fits into a label."""
    names = [(it["kind"], it["metadata"]["name"]) for it in rendered(values).objects]
    assert len(set(names)) == len(names)
    assert all(len(name) <= 63 for _, name in names)


@each_set
def test_every_pod_is_restricted(values: Path) -> None:
    """Every pod is one that the Pod Security Standard "restricted" admits, and more than that.

    https://kubernetes.io/docs/concepts/security/pod-security-standards/, read 2026-11-21.
    """
    pods = list(rendered(values).pods())
    assert {"service", "workers", "test"} <= {part for part, _ in pods}
    for part, pod in pods:
        specification = pod["spec"]
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(specification), part
        security = specification["securityContext"]
        assert security["runAsNonRoot"] is True
        assert security["runAsUser"] > 0
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
        kinds = {kind for volume in specification.get("volumes", ()) for kind in volume}
        assert kinds <= {"name", "configMap", "emptyDir"}
        for container in (*specification["containers"], *specification.get("initContainers", ())):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert not any("hostPort" in port for port in container.get("ports", ()))
            # Since 1.34, a probe or a hook may not name another host.
            assert "'host':" not in str(container)


@each_set
def test_no_pod_can_speak_to_kubernetes(values: Path) -> None:
    """Neither the ServiceAccount nor any pod brings a token, and no role is given to anybody."""
    chart = rendered(values)
    assert chart.one("ServiceAccount")["automountServiceAccountToken"] is False
    account = chart.one("ServiceAccount")["metadata"]["name"]
    for part, pod in chart.pods():
        assert pod["spec"]["automountServiceAccountToken"] is False, part
        assert part == "valkey" or pod["spec"]["serviceAccountName"] == account
    assert not any("Role" in it["kind"] for it in chart.objects)


@each_set
def test_a_service_called_tallyman_sets_no_variable(values: Path) -> None:
    """Kubernetes adds no TALLYMAN_PORT of its own, which would be no port."""
    assert all(pod["spec"]["enableServiceLinks"] is False for _, pod in rendered(values).pods())


@each_set
def test_secrets_are_only_referred_to(values: Path) -> None:
    """The chart makes no Secret, and no secret stands in any object."""
    chart = rendered(values)
    assert not chart.all("Secret")
    secret = re.compile(r"TOKEN|SECRET|PASSWORD|API_KEY$")
    for part in {part for part, _ in chart.pods()} - {"test"}:
        for name, value in chart.environment(part).items():
            if secret.search(name) and value != "sandbox-key":
                assert set(value) == {"secretKeyRef"}, name


@each_set
def test_every_variable_is_documented(values: Path) -> None:
    """The chart sets no variable that the page of the configuration does not explain."""
    page = sections(text_of("docs/configuration.md"), 2)["The environment"]
    documented = {row[0].strip("`") for row in rows(page)}
    chart = rendered(values)
    for part in ("service", "workers"):
        ours = {it for it in chart.environment(part) if it.startswith(("TALLYMAN", "COFACTR"))}
        assert ours <= documented


@each_set
def test_selectors_find_their_own_pods(values: Path) -> None:
    """Whatever selects pods selects those of its own part, and none of another one."""
    chart = rendered(values)
    pods = list(chart.pods())
    kinds = ("Deployment", "StatefulSet", "PodDisruptionBudget", "Service", "NetworkPolicy")
    for it in chart.objects:
        if it["kind"] in kinds:
            spec = it["spec"]
            selector = spec.get("podSelector") or spec["selector"]
            assert selected(selector.get("matchLabels", selector), pods) == {part_of(it)}


@each_set
def test_ports_are_there(values: Path) -> None:
    """Every port that a Service or a probe names is one of the container behind it."""
    chart = rendered(values)
    for it in chart.all("Service"):
        ports = {port["name"] for port in chart.container(part_of(it))["ports"]}
        assert {port["targetPort"] for port in it["spec"]["ports"]} <= ports
    for part, pod in chart.pods():
        for container in pod["spec"]["containers"]:
            ports = {port["name"] for port in container.get("ports", ())}
            for name, probe in container.items():
                if name.endswith("Probe"):
                    asked = probe.get("httpGet") or probe["tcpSocket"]
                    assert asked["port"] in ports, (part, name)


@each_set
def test_what_is_scaled_is_there(values: Path) -> None:
    """Every autoscaler has a Deployment, which leaves the number of its pods to it."""
    chart = rendered(values)
    deployments = {it["metadata"]["name"]: it for it in chart.all("Deployment")}
    scaled = [
        it["spec"]["scaleTargetRef"]["name"]
        for kind in ("HorizontalPodAutoscaler", "ScaledObject")
        for it in chart.all(kind)
    ]
    assert len(scaled) == len(set(scaled))
    for name in scaled:
        assert "replicas" not in deployments[name]["spec"]
    for name in deployments.keys() - scaled:
        assert deployments[name]["spec"]["replicas"] >= 1


@each_set
def test_everybody_has_a_network_policy(values: Path) -> None:
    """Nobody can speak to a pod, or be spoken to by one, but as a policy says; tests only ask."""
    chart = rendered(values)
    policies = {part_of(it): it["spec"] for it in chart.all("NetworkPolicy")}
    assert set(policies) == {part for part, _ in chart.pods()} - {"test"}
    for policy in policies.values():
        assert policy["policyTypes"] == ["Ingress", "Egress"]
        assert all(rule["ports"] for rule in (*policy["ingress"], *policy["egress"]))


@each_set
def test_pods_are_spread(values: Path) -> None:
    """The pods of the service and of the workers are spread over zones and nodes."""
    chart = rendered(values)
    for part in ("service", "workers"):
        keys = [it["topologyKey"] for it in chart.pod(part)["topologySpreadConstraints"]]
        assert keys == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]


@each_set
def test_the_configuration_is_mounted_where_it_is_read(values: Path) -> None:
    """Service, workers and the check read the file that the ConfigMap has."""
    chart = rendered(values)
    (name,) = (it["metadata"]["name"] for it in chart.all("ConfigMap"))
    for part in ("service", "workers"):
        assert chart.environment(part)["TALLYMAN_CONFIG"] == "/etc/tallyman/tallyman.toml"
        (mount, *_) = chart.container(part)["volumeMounts"]
        assert mount["mountPath"] == "/etc/tallyman"
        (volume, *_) = chart.pod(part)["volumes"]
        assert volume["configMap"]["name"] == name


@each_set
def test_helm_test_looks_from_inside(values: Path) -> None:
    """`helm test` checks what is set up, and asks the service by its name."""
    chart = rendered(values)
    pods = {
        pod["spec"]["containers"][0]["name"]: pod for part, pod in chart.pods() if part == "test"
    }
    assert set(pods) == {"check", "ready"}
    for pod in pods.values():
        assert pod["metadata"]["annotations"]["helm.sh/hook"] == "test"
        assert pod["spec"]["restartPolicy"] == "Never"
    assert pods["check"]["spec"]["containers"][0]["args"] == ["check"]
    service = chart.one("Service", "service")["metadata"]["name"]
    assert pods["ready"]["spec"]["containers"][0]["command"][-1] == f"http://{service}:80/readyz"


@each_set
def test_alerts_stand_on_metrics_that_are_there(values: Path) -> None:
    """Every metric of an alert is one that Tallyman has."""
    for it in rendered(values).all("PrometheusRule"):
        rules = [rule for group in it["spec"]["groups"] for rule in group["rules"]]
        named = {name for rule in rules for name in re.findall(r"tallyman_\w+", rule["expr"])}
        assert named
        assert named <= {str(metric) for metric in Metric}


def test_the_chart_is_of_this_version() -> None:
    """The chart installs the version that it lies beside."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (version,) = re.findall(r'^version = "(.+)"$', project, re.MULTILINE)
    said = (HELM / "Chart.yaml").read_text(encoding="utf-8")
    assert f'appVersion: "{version}"' in said


def kinds_of(chart: Chart) -> set[str]:
    """The kinds of the objects of a rendering."""
    return {it["kind"] for it in chart.objects}


def test_each_set_has_what_it_is_named_for() -> None:
    """The sets differ in what they are there for."""
    charts = {path.stem: kinds_of(rendered(path)) for path in SETS}
    assert not charts["default"] & {"StatefulSet", "Ingress", "HTTPRoute", "ScaledObject"}
    assert "StatefulSet" in charts["trial"]
    assert {"ScaledObject", "TriggerAuthentication"} <= charts["keda"]
    assert {"HTTPRoute", "ServiceMonitor", "PrometheusRule"} <= charts["keda"]
    extra = {"Ingress", "HTTPRoute", "ServiceMonitor", "PrometheusRule", "StatefulSet"}
    assert extra <= charts["everything"]
