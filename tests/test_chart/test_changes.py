"""One value is changed at a time, and the objects have the property that it is there for."""

import json
from typing import Any

import pytest

from service.__main__ import _DRAIN_SECONDS
from store import keys
from tests.test_chart.rendering import Chart, Object, changed, part_of

NAME = "counting-house-tallyman"


def annotations(chart: Chart) -> dict[str, str]:
    """The checksum of each part that has one."""
    return {
        part_of(it): it["spec"]["template"]["metadata"]["annotations"]["checksum/configuration"]
        for it in chart.all("Deployment")
    }


def grace(chart: Chart, part: str) -> int:
    """How long the pods of a part may take to end."""
    seconds: int = chart.pod(part)["terminationGracePeriodSeconds"]
    return seconds


def secret(name: str, key: str) -> Object:
    """A variable that comes out of a Secret."""
    return {"secretKeyRef": {"name": name, "key": key}}


def test_a_change_of_the_configuration_rolls_the_pods() -> None:
    """Another text of tallyman.toml, or of a file beside it, makes new pods of both parts."""
    before = annotations(changed())
    toml = annotations(changed('configuration.toml="# another"'))
    beside = annotations(changed('configuration.files={"keys.json":"{}"}'))
    scale = annotations(changed("service.replicas=5"))

    assert set(before) == {"service", "workers"}
    for part, checksum in before.items():
        assert len({checksum, toml[part], beside[part]}) == 3
        assert scale[part] == checksum


def test_the_configuration_is_kept_as_it_is_written() -> None:
    """What is in the ConfigMap is the text that was given, however it is indented."""
    for text in (
        "[cofactr]\ntimeout_seconds = 20\n",
        "  # Ours.\n[cofactr]\n",
        "\t# Ours.\r\n[sources.a]\npath_tokens = ['\"$%\\{{']",
        "",
    ):
        data = changed(f"configuration.toml={json.dumps(text)}").one("ConfigMap")["data"]
        assert data["tallyman.toml"] == text


def test_a_configuration_of_ones_own_takes_the_place_of_the_charts() -> None:
    """With a ConfigMap that is there already, the chart makes none and mounts that one."""
    chart = changed('configuration.existingConfigMap="ours"')
    assert not chart.all("ConfigMap")
    assert chart.pod("workers")["volumes"][0]["configMap"]["name"] == "ours"


def test_liveness_asks_nobody_else_and_readiness_asks_redis() -> None:
    """A pod is restarted for its own fault only; it gets traffic when it can keep it."""
    service = changed().container("service")
    assert service["livenessProbe"]["httpGet"]["path"] == "/livez"
    assert service["startupProbe"]["httpGet"]["path"] == "/livez"
    assert service["readinessProbe"]["httpGet"]["path"] == "/readyz"
    worker = changed().container("workers")
    probes = [probe for name, probe in worker.items() if name.endswith("Probe")]
    assert {probe["httpGet"]["path"] for probe in probes} == {"/livez"}
    assert {probe["httpGet"]["port"] for probe in probes} == {"metrics"}


@pytest.mark.parametrize("wait", [1, 5, 15])
def test_a_pod_of_the_service_may_drain_before_it_is_killed(wait: int) -> None:
    """What is granted is longer than the wait before the end and the time to drain together."""
    chart = changed(f"service.preStopSeconds={wait}")
    lifecycle = chart.container("service")["lifecycle"]
    assert lifecycle["preStop"]["sleep"]["seconds"] == wait
    assert grace(chart, "service") >= wait + _DRAIN_SECONDS + 5


@pytest.mark.parametrize(
    ("toml", "least"),
    [
        ("", 10),
        ("[cofactr]\\ntimeout_seconds = 45\\n", 45),
        ("[cofactr]\\n  timeout_seconds=12.5 # longer\\n", 13),
        ("cofactr.timeout_seconds = 300\\n", 300),
        ("cofactr = {org_id = 'a', timeout_seconds = 120}\\n", 120),
        ("[cofactr]\\n'timeout_seconds' = 60\\n", 60),
        ("[cofactr]\\ntimeout_seconds = 1_20\\n", 120),
        ("[cofactr]\\ntimeout_seconds = 1.2e2\\n", 120),
        ("[cofactr]\\nmy_timeout_seconds = 60\\n", 10),
        ("# timeout_seconds = 200\\n", 10),
    ],
)
def test_a_worker_may_finish_its_longest_call(toml: str, least: int) -> None:
    """What is granted follows the longest call that the configuration allows."""
    chart = changed(f'configuration.toml="{toml}"')
    assert grace(chart, "workers") == 2 * least + 30


def test_a_worker_with_a_configuration_that_is_not_known_may_take_the_longest() -> None:
    """Where the chart cannot read the configuration, the longest call that there may be counts."""
    assert grace(changed('configuration.existingConfigMap="ours"'), "workers") == 630


def test_what_is_granted_can_be_said() -> None:
    """A time that is given counts, where it is long enough."""
    chart = changed("workers.terminationGracePeriodSeconds=90")
    assert grace(chart, "workers") == 90


def test_no_pod_goes_before_another_one_has_come() -> None:
    """A rolling update never has fewer pods than before."""
    for it in changed().all("Deployment"):
        assert it["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}


def test_secrets_come_from_where_they_are_said_to_be() -> None:
    """Redis, Cofactr's key and the admin token each have their Secret, and only who needs it."""
    chart = changed(
        'redis.secret={"name":"r","key":"u"}',
        'cofactr.secret={"name":"c","key":"k"}',
        'admin.secret={"name":"a","key":"t"}',
    )
    service, workers = chart.environment("service"), chart.environment("workers")
    assert service["REDIS_URL"] == workers["REDIS_URL"] == secret("r", "u")
    assert workers["COFACTR_API_KEY"] == secret("c", "k")
    assert service["TALLYMAN_ADMIN_TOKEN"] == secret("a", "t")
    assert "COFACTR_API_KEY" not in service
    assert "TALLYMAN_ADMIN_TOKEN" not in workers


def test_without_a_secret_nobody_administers() -> None:
    """An empty name of the Secret leaves the admin token out."""
    assert "TALLYMAN_ADMIN_TOKEN" not in changed('admin.secret.name=""').environment("service")


def test_what_the_configuration_refers_to_is_there_for_both_parts() -> None:
    """`${NAME}` is found by the service and the workers, who read the same file."""
    chart = changed(
        'environment.secrets=["senders"]',
        'environment.secretKeys={"ERP_TOKEN":{"secret":"erp","key":"token"}}',
    )
    for part in ("service", "workers"):
        assert chart.environment(part)["ERP_TOKEN"] == secret("erp", "token")
        assert chart.container(part)["envFrom"] == [{"secretRef": {"name": "senders"}}]


def test_proxies_are_believed_when_they_are_named() -> None:
    """The proxies are passed on, with commas between."""
    chart = changed('service.trustedProxies=["10.0.0.0/8","192.0.2.1"]')
    assert chart.environment("service")["TALLYMAN_TRUSTED_PROXIES"] == "10.0.0.0/8,192.0.2.1"
    assert "TALLYMAN_TRUSTED_PROXIES" not in changed().environment("service")


def test_an_image_is_named_by_tag_or_digest() -> None:
    """The version of the application is the tag, unless another one or a digest is given."""
    digest = f"sha256:{'0' * 64}"
    assert changed().container("service")["image"] == "tallyman:0.1.0"
    assert changed('image.tag="2"').container("workers")["image"] == "tallyman:2"
    assert changed(f'image.digest="{digest}"').container("service")["image"] == f"tallyman@{digest}"


def test_a_trial_needs_no_secret() -> None:
    """With the Valkey and the sandbox of the chart, nothing refers to a Secret."""
    chart = changed("valkey.enabled=true", "sandbox.enabled=true", 'admin.secret.name=""')
    workers = chart.environment("workers")
    assert workers["REDIS_URL"] == f"redis://{NAME}-valkey:6379/0"
    assert workers["COFACTR_BASE_URL"] == f"http://{NAME}-sandbox:8090"
    assert "secretKeyRef" not in str(chart.objects)


def test_the_valkey_for_trials_is_durable() -> None:
    """It confirms what is on the disk of its volume, and deletes nothing for want of room."""
    chart = changed("valkey.enabled=true")
    words = " ".join(chart.container("valkey")["args"])
    for setting in ("appendonly yes", "appendfsync always", "maxmemory-policy noeviction"):
        assert f"--{setting}" in words
    (claim,) = chart.one("StatefulSet")["spec"]["volumeClaimTemplates"]
    (mount,) = chart.container("valkey")["volumeMounts"]
    assert mount == {"name": claim["metadata"]["name"], "mountPath": "/data"}
    assert "--dir /data" in words


def test_the_valkey_for_trials_can_have_a_password() -> None:
    """Service, workers and KEDA have the password out of one Secret, and no object tells it."""
    chart = changed(
        "valkey.enabled=true",
        'valkey.passwordSecret.name="valkey"',
        "workers.autoscaling.enabled=true",
        "workers.autoscaling.keda.enabled=true",
    )
    workers = chart.environment("workers")
    assert workers["VALKEY_PASSWORD"] == secret("valkey", "password")
    assert workers["REDIS_URL"] == f"redis://:$(VALKEY_PASSWORD)@{NAME}-valkey:6379/0"
    # Kubernetes replaces only what stands before.
    assert list(workers).index("VALKEY_PASSWORD") < list(workers).index("REDIS_URL")
    (reference,) = chart.one("TriggerAuthentication")["spec"]["secretTargetRef"]
    assert reference == {"parameter": "password", "name": "valkey", "key": "password"}


def test_only_our_own_pods_reach_the_valkey_for_trials() -> None:
    """Its policy names who may speak to it; it speaks to nobody."""
    policies = changed("valkey.enabled=true").all("NetworkPolicy")
    (policy,) = (it["spec"] for it in policies if part_of(it) == "valkey")
    (rule,) = policy["ingress"]
    parts = [it["podSelector"]["matchLabels"]["app.kubernetes.io/component"] for it in rule["from"]]
    assert parts == ["service", "workers", "test"]
    assert policy["egress"] == []


def keda(*settings: str) -> tuple[Object, Object]:
    """The ScaledObject, and its trigger."""
    chart = changed(
        "workers.autoscaling.enabled=true", "workers.autoscaling.keda.enabled=true", *settings
    )
    scaled: Object = chart.one("ScaledObject")["spec"]
    (trigger,) = scaled["triggers"]
    return scaled, trigger


def test_keda_looks_at_the_queue_that_the_workers_take_from() -> None:
    """The list is RQ's own, whose length is what waits."""
    _, trigger = keda('workers.autoscaling.keda.redis.address="redis:6379"')
    assert trigger["metadata"]["listName"] == keys.RQ_QUEUE
    assert trigger["type"] == "redis"
    assert trigger["metadata"]["address"] == "redis:6379"
    assert "authenticationRef" not in trigger


def test_keda_finds_redis_through_sentinels() -> None:
    """Sentinels, the name of the primary and the passwords reach KEDA's trigger."""
    scaled, trigger = keda(
        'workers.autoscaling.keda.redis.sentinels=["a:26379","b:26379"]',
        'workers.autoscaling.keda.redis.sentinelMaster="primary"',
        'workers.autoscaling.keda.redis.secret={"name":"redis","sentinelPasswordKey":"sentinel"}',
    )
    assert trigger["type"] == "redis-sentinel"
    assert trigger["metadata"]["addresses"] == "a:26379,b:26379"
    assert trigger["metadata"]["sentinelMaster"] == "primary"
    assert trigger["authenticationRef"] == {"name": f"{NAME}-workers"}
    assert scaled["minReplicaCount"] == 2


def test_without_keda_the_workers_are_scaled_by_their_cpu() -> None:
    """A plain HorizontalPodAutoscaler takes the place of KEDA's object."""
    chart = changed("workers.autoscaling.enabled=true")
    assert not chart.all("ScaledObject")
    scaler = chart.one("HorizontalPodAutoscaler")
    assert scaler["spec"]["scaleTargetRef"]["name"] == f"{NAME}-workers"
    assert scaler["spec"]["metrics"][0]["resource"]["name"] == "cpu"


def test_from_outside_only_senders_get_in() -> None:
    """Neither the Ingress nor the route leads to administration or metrics by itself."""
    chart = changed(
        "ingress.enabled=true",
        'ingress.hosts=["a.example"]',
        "httpRoute.enabled=true",
        'httpRoute.gateways=[{"name":"g"}]',
    )
    (rule,) = chart.one("Ingress")["spec"]["rules"]
    assert [it["path"] for it in rule["http"]["paths"]] == ["/webhooks"]
    (rule,) = chart.one("HTTPRoute")["spec"]["rules"]
    assert [it["path"]["value"] for it in rule["matches"]] == ["/webhooks"]
    service = chart.one("Service", "service")
    assert rule["backendRefs"] == [{"name": service["metadata"]["name"], "port": 80}]


def test_a_certificate_counts_for_all_hosts() -> None:
    """The Secret with the certificate is named for every host."""
    chart = changed(
        "ingress.enabled=true", 'ingress.hosts=["a.example","b.example"]', 'ingress.tlsSecret="t"'
    )
    tls = chart.one("Ingress")["spec"]["tls"]
    assert tls == [{"secretName": "t", "hosts": ["a.example", "b.example"]}]


def egress_ports(chart: Chart, part: str) -> list[Any]:
    """The ports that the pods of a part may reach."""
    (policy,) = (it for it in chart.all("NetworkPolicy") if part_of(it) == part)
    return [port["port"] for rule in policy["spec"]["egress"] for port in rule["ports"]]


def test_pods_reach_what_they_need_and_nothing_else() -> None:
    """Names, Redis with its Sentinels, and what is outside; other ports when they are named."""
    assert egress_ports(changed(), "service") == [53, 53, 6379, 26379, 443]
    chart = changed("networkPolicy.redisPorts=[6380]", "networkPolicy.outsidePorts=[8443]")
    assert egress_ports(chart, "workers") == [53, 53, 6380, 8443]


def test_policies_and_budgets_can_be_left_out() -> None:
    """Where a cluster has its own, none is made."""
    chart = changed(
        "networkPolicy.enabled=false",
        "service.disruptionBudget.enabled=false",
        "workers.disruptionBudget.enabled=false",
    )
    assert not chart.all("NetworkPolicy")
    assert not chart.all("PodDisruptionBudget")


def test_a_budget_keeps_all_pods_but_one() -> None:
    """Emptying nodes takes one pod of each part at a time, and waits for none that is not well."""
    budgets = changed().all("PodDisruptionBudget")
    assert {part_of(it) for it in budgets} == {"service", "workers"}
    for it in budgets:
        assert it["spec"]["maxUnavailable"] == 1
        assert it["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"


def test_metrics_of_both_parts_are_read() -> None:
    """Each part has its ServiceMonitor, with the labels by which it is found."""
    chart = changed(
        "monitoring.serviceMonitor.enabled=true", 'monitoring.serviceMonitor.labels={"team":"a"}'
    )
    ports = {part_of(it): it["spec"]["endpoints"][0]["port"] for it in chart.all("ServiceMonitor")}
    assert ports == {"service": "http", "workers": "metrics"}
    assert all(it["metadata"]["labels"]["team"] == "a" for it in chart.all("ServiceMonitor"))


def test_thresholds_of_alerts_can_be_said() -> None:
    """The age that somebody is told of is that of the values."""
    chart = changed("monitoring.rules.enabled=true", "monitoring.rules.oldestSeconds=77")
    (group,) = chart.one("PrometheusRule")["spec"]["groups"]
    (rule,) = (it for it in group["rules"] if it["alert"] == "TallymanQueueOld")
    assert " > 77 " in rule["expr"]
