"""What one object, or one program, says of another is what that one has."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from purchasing.telemetry import Metric
from store.accounts import Account
from store.connection import ANSWER_SECONDS, CONNECT_SECONDS
from tests.pages import ROOT
from tests.test_chart.rendering import (
    NAMESPACE,
    SETS,
    Chart,
    Object,
    changed,
    part_of,
    rendered,
    selected,
)

each_set = pytest.mark.parametrize("values", SETS, ids=lambda path: path.stem)

TRIAL = ("valkey.enabled=true", "sandbox.enabled=true")
PEER = '[{"namespaceSelector":{"matchLabels":{"a":"b"}}}]'
LABELS = {"a": "b"}


@each_set
def test_each_part_runs_its_own_program(values: Path) -> None:
    """The first word is what makes a pod of the one image the part that it is named for."""
    chart = rendered(values)
    programs = {"service": "serve", "workers": "work", "sandbox": "sandbox"}
    for part in {part for part, _ in chart.pods()} & programs.keys():
        assert chart.container(part)["args"][0] == programs[part]


@each_set
def test_programs_listen_where_they_are_asked(values: Path) -> None:
    """Every program listens on the port of its container, on every address."""
    chart = rendered(values)
    service, workers = chart.environment("service"), chart.environment("workers")
    (port,) = chart.container("service")["ports"]
    assert service["TALLYMAN_PORT"] == str(port["containerPort"])
    (port,) = chart.container("workers")["ports"]
    assert workers["TALLYMAN_METRICS_PORT"] == str(port["containerPort"])
    assert service["TALLYMAN_HOST"] == workers["TALLYMAN_HOST"] == "0.0.0.0"  # noqa: S104
    if chart.all("StatefulSet"):
        (port,) = chart.container("valkey")["ports"]
        assert port["containerPort"] == 6379


def test_the_sandbox_listens_where_workers_look_for_it() -> None:
    """Its port is the one that the address of its Service leads to, from other pods, too."""
    chart = changed(*TRIAL)
    words = chart.container("sandbox")["args"]
    (port,) = chart.container("sandbox")["ports"]
    assert words[1:] == ["--host", "0.0.0.0", "--port", str(port["containerPort"])]  # noqa: S104
    for variable, part in (("COFACTR_BASE_URL", "sandbox"), ("REDIS_URL", "valkey")):
        address = urlsplit(chart.environment("workers")[variable])
        service = chart.one("Service", part)
        assert (address.hostname, address.port) == (
            service["metadata"]["name"],
            service["spec"]["ports"][0]["port"],
        )


@each_set
def test_entrances_lead_to_the_service(values: Path) -> None:
    """An Ingress names the Service of the pods that serve, its port, and beginnings of paths."""
    chart = rendered(values)
    service = chart.one("Service", "service")
    for entrance in chart.all("Ingress"):
        for rule in entrance["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                assert path["pathType"] == "Prefix"
                backend = path["backend"]["service"]
                assert backend["name"] == service["metadata"]["name"]
                assert backend["port"]["name"] in {it["name"] for it in service["spec"]["ports"]}
    assert service["spec"]["type"] == "ClusterIP"


@each_set
def test_a_read_only_file_system_has_a_folder_to_write_in(values: Path) -> None:
    """Every pod but Valkey's, and the one that writes nothing, has a /tmp with a limit."""
    for part, pod in rendered(values).pods():
        (container,) = pod["spec"]["containers"]
        if part == "valkey" or container["name"] == "ready":
            continue
        mounts = {it["name"]: it for it in container["volumeMounts"]}
        volumes = {it["name"]: it for it in pod["spec"]["volumes"]}
        assert mounts["tmp"]["mountPath"] == "/tmp"  # noqa: S108
        assert volumes["tmp"]["emptyDir"]["sizeLimit"]
        assert all(it["readOnly"] for name, it in mounts.items() if name == "configuration")


@each_set
def test_every_container_says_what_it_needs(values: Path) -> None:
    """CPU and memory are asked for, so that a pod is placed and scaled, and memory has a limit."""
    for part, pod in rendered(values).pods():
        for container in pod["spec"]["containers"]:
            assert {"cpu", "memory"} <= set(container["resources"]["requests"]), part
            assert "memory" in container["resources"]["limits"], part


@each_set
def test_pods_of_one_part_are_spread_and_never_kept_from_starting(values: Path) -> None:
    """Pods of the same part and the same version are counted, and a full zone refuses none."""
    chart = rendered(values)
    pods = list(chart.pods())
    for part in ("service", "workers"):
        for rule in chart.pod(part)["topologySpreadConstraints"]:
            assert selected(rule["labelSelector"]["matchLabels"], pods) == {part}
            assert rule["matchLabelKeys"] == ["pod-template-hash"]
            assert rule["whenUnsatisfiable"] == "ScheduleAnyway"


def test_probes_have_patience() -> None:
    """A pod is not restarted for one slow answer, and /readyz may wait as long as it does."""
    for part in ("service", "workers"):
        container = changed().container(part)
        alive, begun = container["livenessProbe"], container["startupProbe"]
        assert alive["failureThreshold"] * alive["periodSeconds"] >= 30
        assert alive["timeoutSeconds"] > 1
        assert begun["failureThreshold"] * begun["periodSeconds"] >= 60
        assert changed().one("Deployment", part)["spec"]["minReadySeconds"] > 0
    ready = changed().container("service")["readinessProbe"]
    assert ready["timeoutSeconds"] > CONNECT_SECONDS + ANSWER_SECONDS


@each_set
def test_the_check_sees_what_the_parts_see(values: Path) -> None:
    """The pod of `helm test` has the variables, Secrets and files of service and workers."""
    chart = rendered(values)
    pods = [pod["spec"] for part, pod in chart.pods() if part == "test"]
    (check,) = (it for it in pods if it["containers"][0]["name"] == "check")
    (container,) = check["containers"]
    variables = {it["name"]: it.get("value", it.get("valueFrom")) for it in container["env"]}
    service, workers = chart.environment("service"), chart.environment("workers")
    own = {"TALLYMAN_PORT", "TALLYMAN_TRUSTED_PROXIES", "TALLYMAN_LEASE_SECONDS"}
    own |= {"TALLYMAN_METRICS_PORT"}
    assert variables == {k: v for k, v in (service | workers).items() if k not in own}
    assert container.get("envFrom") == chart.container("service").get("envFrom")
    assert container["volumeMounts"] == chart.container("service")["volumeMounts"]
    assert check["volumes"] == chart.pod("service")["volumes"]


@each_set
def test_the_pods_of_helm_test_stay_for_their_logs(values: Path) -> None:
    """What they said can be read afterwards, and the next run does not find them in its way."""
    for part, pod in rendered(values).pods():
        if part == "test":
            policy = pod["metadata"]["annotations"]["helm.sh/hook-delete-policy"]
            assert policy == "before-hook-creation"


def test_another_version_of_the_chart_leaves_valkey_alone() -> None:
    """The pod of the Valkey for trials carries nothing that changes with the chart."""
    template = changed(*TRIAL).one("StatefulSet")["spec"]
    assert template["template"]["metadata"] == {"labels": template["selector"]["matchLabels"]}


def test_valkey_may_write_to_its_volume() -> None:
    """The volume belongs to the group that the server runs as, which is that of its image."""
    security = changed(*TRIAL).pod("valkey")["securityContext"]
    assert security["fsGroup"] == security["runAsGroup"] == security["runAsUser"] == 999


def test_valkey_answers_other_pods() -> None:
    """It has no address of its own to listen on, so that protected mode would shut others out."""
    words = " ".join(changed(*TRIAL).container("valkey")["args"])
    assert "--protected-mode no" in words


def policy(chart: Chart, part: str) -> Object:
    """What a NetworkPolicy says of the pods of a part."""
    (found,) = (it["spec"] for it in chart.all("NetworkPolicy") if part_of(it) == part)
    specification: Object = found
    return specification


def peers(rules: list[Object], side: str) -> Iterator[Mapping[str, Any]]:
    """The labels of those whom rules name, pods or namespaces."""
    for rule in rules:
        for peer in rule.get(side, ()):
            (selector,) = peer.values()
            yield selector["matchLabels"]


@each_set
def test_policies_let_in_at_ports_that_are_there(values: Path) -> None:
    """Each policy opens the port of the container that it guards, and no other."""
    chart = rendered(values)
    for it in chart.all("NetworkPolicy"):
        ports = {port["name"] for port in chart.container(part_of(it))["ports"]}
        opened = {port["port"] for rule in it["spec"]["ingress"] for port in rule["ports"]}
        assert opened == ports


def test_names_are_asked_over_udp_and_tcp() -> None:
    """DNS goes over both, and neither is left out."""
    for part in ("service", "workers"):
        asked = policy(changed(), part)["egress"][0]["ports"]
        assert {(it["port"], it["protocol"]) for it in asked} == {(53, "UDP"), (53, "TCP")}


def test_each_side_of_a_trial_lets_the_other_through() -> None:
    """Workers may ask the sandbox, and both parts Valkey; these let them in."""
    chart = changed(*TRIAL)
    pods = list(chart.pods())
    for asking, asked, port in (
        ("workers", "sandbox", 8090),
        ("workers", "valkey", 6379),
        ("service", "valkey", 6379),
    ):
        leaving = [
            rule
            for rule in policy(chart, asking)["egress"]
            if any(asked in selected(labels, pods) for labels in peers([rule], "to"))
        ]
        assert [port["port"] for rule in leaving for port in rule["ports"]] == [port]
        entering = peers(policy(chart, asked)["ingress"], "from")
        assert any(asking in selected(labels, pods) for labels in entering)
    (only,) = peers(policy(chart, "sandbox")["ingress"], "from")
    assert selected(only, pods) == {"workers"}


def test_redis_is_reached_where_it_is_said_to_be() -> None:
    """With its peers named, nothing else is reached at its ports."""
    rules = policy(changed(f"networkPolicy.redisTo={PEER}"), "workers")["egress"]
    (redis,) = (rule for rule in rules if {"port": 6379} in rule["ports"])
    assert list(peers([redis], "to")) == [LABELS]


def test_the_ports_of_another_redis_do_not_hide_the_valkey_for_trials() -> None:
    """The Valkey of the chart is reached at its own port, whatever is said of another Redis."""
    rules = policy(changed(*TRIAL, "networkPolicy.redisPorts=[6380]"), "service")["egress"]
    assert [port["port"] for rule in rules if "to" in rule for port in rule["ports"]] == [6379]


def test_who_may_speak_to_the_service_can_be_said() -> None:
    """Those who are named may, and the pods of `helm test`; without names anybody may."""
    assert "from" not in policy(changed(), "service")["ingress"][0]
    chart = changed(f"networkPolicy.from={PEER}")
    named, test = peers(policy(chart, "service")["ingress"], "from")
    assert named == LABELS
    assert selected(test, list(chart.pods())) == {"test"}


def test_prometheus_reads_both_parts_though_few_may_speak_to_the_service() -> None:
    """Who may read metrics reaches the workers and, where not everybody does, the service."""
    other = '[{"namespaceSelector":{"matchLabels":{"c":"d"}}}]'
    chart = changed(f"networkPolicy.metricsFrom={PEER}", f"networkPolicy.from={other}")
    for part in ("service", "workers"):
        assert LABELS in peers(policy(chart, part)["ingress"], "from")
    assert (
        "from" not in policy(changed(f"networkPolicy.metricsFrom={PEER}"), "service")["ingress"][0]
    )


def test_others_may_be_let_to_the_valkey_for_trials() -> None:
    """KEDA's operator, which is in another namespace, can be named."""
    chart = changed(*TRIAL, f"networkPolicy.valkeyFrom={PEER}")
    assert LABELS in peers(policy(chart, "valkey")["ingress"], "from")


def test_keda_finds_the_valkey_for_trials_from_another_namespace() -> None:
    """The address names the namespace, because KEDA does not run in it."""
    chart = changed(
        *TRIAL, "workers.autoscaling.enabled=true", "workers.autoscaling.keda.enabled=true"
    )
    (trigger,) = chart.one("ScaledObject")["spec"]["triggers"]
    service = chart.one("Service", "valkey")
    name, port = service["metadata"]["name"], service["spec"]["ports"][0]["port"]
    assert trigger["metadata"]["address"] == f"{name}.{NAMESPACE}.svc:{port}"


@each_set
def test_prometheus_reads_the_metrics(values: Path) -> None:
    """Each ServiceMonitor finds its own Service, a port of it and the page of the metrics."""
    chart = rendered(values)
    services = chart.all("Service")
    for monitor in chart.all("ServiceMonitor"):
        wanted = monitor["spec"]["selector"]["matchLabels"].items()
        (found,) = (it for it in services if wanted <= it["metadata"]["labels"].items())
        (endpoint,) = monitor["spec"]["endpoints"]
        assert endpoint["port"] in {it["name"] for it in found["spec"]["ports"]}
        assert endpoint["path"] == "/metrics"


# The labels with which `service/metrics.py` says each metric; a gauge without any has none.
LABELS_OF = {
    Metric.NOTIFICATIONS: {"source", "state"},
    Metric.QUEUE: {"of"},
    Metric.BREAKER_OPEN: {"org_id", "misconfigured"},
}


def test_alerts_ask_the_service_of_this_release() -> None:
    """Every metric of an alert is asked of the Service and the namespace of this release."""
    chart = changed("monitoring.rules.enabled=true")
    service = chart.one("Service", "service")["metadata"]["name"]
    for rule in rules_of(chart):
        for labels in re.findall(r"tallyman_\w+\{(.*?)\}", rule["expr"]):
            said = dict(re.findall(r'(\w+)="(.*?)"', labels))
            assert said.pop("service") == service
            assert said.pop("namespace") == NAMESPACE
            assert not said or said["state"] in Account.__struct_fields__
        assert len(re.findall(r"tallyman_\w+", rule["expr"])) == rule["expr"].count("service=")


def test_alerts_use_labels_that_the_metrics_have() -> None:
    """What an alert is told apart by, or speaks of, is a label of its metric."""
    for rule in rules_of(changed("monitoring.rules.enabled=true")):
        (metric, *_) = re.findall(r"tallyman_\w+", rule["expr"])
        known = LABELS_OF.get(Metric(metric), set())
        kept = {
            it.strip() for by in re.findall(r"by \((.*?)\)", rule["expr"]) for it in by.split(",")
        }
        assert kept <= known
        spoken = set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"])))
        assert spoken <= kept


@pytest.mark.parametrize(
    ("alert", "end"),
    [
        ("TallymanNoWorkers", "== 0"),
        ("TallymanPaused", "== 1"),
        ("TallymanBreakerOpen", "== 1"),
        ("TallymanInDoubt", "> 0"),
        ("TallymanDead", "> 0"),
        ("TallymanAcceptBacklog", "> 7"),
    ],
)
def test_an_alert_fires_on_the_right_side(alert: str, end: str) -> None:
    """Each alert compares with the number that its summary speaks of."""
    chart = changed("monitoring.rules.enabled=true", "monitoring.rules.acceptBacklog=7")
    (rule,) = (it for it in rules_of(chart) if it["alert"] == alert)
    assert rule["expr"].endswith(f" {end}")


def rules_of(chart: Chart) -> list[Object]:
    """The alerts of a rendering."""
    return [
        rule for group in chart.one("PrometheusRule")["spec"]["groups"] for rule in group["rules"]
    ]


def test_the_chart_asks_for_the_kubernetes_that_it_needs() -> None:
    """Before 1.30 a pod cannot wait without a program that waits, so that Helm refuses it."""
    said = yaml.safe_load((ROOT / "helm" / "Chart.yaml").read_text(encoding="utf-8"))
    assert said["kubeVersion"] == ">=1.30.0-0"
