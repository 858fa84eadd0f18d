"""Each value reaches the field that it is there for, one at a time."""

from typing import Any

import pytest

from tests.test_chart.rendering import Object, changed, part_of

SCALED = "workers.autoscaling.enabled=true"
KEDA = (
    SCALED,
    "workers.autoscaling.keda.enabled=true",
    'workers.autoscaling.keda.redis.address="redis:6379"',
)
BY_CPU = "service.autoscaling.enabled=true"
INGRESS = ("ingress.enabled=true", 'ingress.hosts=["a.example"]')
ROUTE = ("httpRoute.enabled=true", 'httpRoute.gateways=[{"name":"g"}]')
MONITOR = "monitoring.serviceMonitor.enabled=true"
VALKEY = "valkey.enabled=true"
NAME = "counting-house-tallyman"

POD = "spec.template.spec"
CONTAINER = f"{POD}.containers.0"
CPU = "spec.metrics.0.resource.target.averageUtilization"
BEHAVIOR = "spec.advanced.horizontalPodAutoscalerConfig.behavior"
TRIGGER = "spec.triggers.0.metadata"
CLAIM = "spec.volumeClaimTemplates.0.spec"

TARGET = {"apiVersion": "apps/v1", "kind": "Deployment"}
TOLERATION = {"key": "a", "operator": "Exists"}


def at(it: Any, path: str) -> Any:
    """What stands at a path of names and numbers."""
    for step in path.split("."):
        it = it[int(step) if step.isdecimal() else step]
    return it


def one(settings: tuple[str, ...], kind: str, part: str) -> Object:
    """The only object of a kind and a part, with these settings."""
    (found,) = (it for it in changed(*settings).all(kind) if part_of(it) == part)
    return found


@pytest.mark.parametrize(
    ("settings", "where", "path", "expected"),
    [
        (("service.replicas=5",), "Deployment/service", "spec.replicas", 5),
        (("workers.replicas=5",), "Deployment/workers", "spec.replicas", 5),
        (("service.port=81",), "Service/service", "spec.ports.0.port", 81),
        ((*ROUTE, "service.port=81"), "HTTPRoute/service", "spec.rules.0.backendRefs.0.port", 81),
        (
            ('image.pullPolicy="Always"',),
            "Deployment/service",
            f"{CONTAINER}.imagePullPolicy",
            "Always",
        ),
        (
            ('image.pullPolicy="Always"',),
            "Deployment/workers",
            f"{CONTAINER}.imagePullPolicy",
            "Always",
        ),
        (
            ('imagePullSecrets=["a"]',),
            "Deployment/service",
            f"{POD}.imagePullSecrets",
            [{"name": "a"}],
        ),
        (
            (VALKEY, 'imagePullSecrets=["a"]'),
            "StatefulSet/valkey",
            f"{POD}.imagePullSecrets",
            [{"name": "a"}],
        ),
        (
            ('service.resources={"limits":{"memory":"1Gi"}}',),
            "Deployment/service",
            f"{CONTAINER}.resources.limits.memory",
            "1Gi",
        ),
        (
            ('workers.resources={"limits":{"memory":"1Gi"}}',),
            "Deployment/workers",
            f"{CONTAINER}.resources.limits.memory",
            "1Gi",
        ),
        (
            (VALKEY, 'valkey.resources={"limits":{"memory":"2Gi"}}'),
            "StatefulSet/valkey",
            f"{CONTAINER}.resources.limits.memory",
            "2Gi",
        ),
        (
            ('service.nodeSelector={"a":"b"}',),
            "Deployment/service",
            f"{POD}.nodeSelector",
            {"a": "b"},
        ),
        (
            ('workers.tolerations=[{"key":"a","operator":"Exists"}]',),
            "Deployment/workers",
            f"{POD}.tolerations",
            [TOLERATION],
        ),
        (
            ('workers.affinity={"podAntiAffinity":{}}',),
            "Deployment/workers",
            f"{POD}.affinity",
            {"podAntiAffinity": {}},
        ),
        (
            ('service.priorityClassName="high"',),
            "Deployment/service",
            f"{POD}.priorityClassName",
            "high",
        ),
        (
            ('service.podAnnotations={"a":"b"}',),
            "Deployment/service",
            "spec.template.metadata.annotations.a",
            "b",
        ),
        (
            ('workers.podAnnotations={"a":"b"}',),
            "Deployment/workers",
            "spec.template.metadata.annotations.a",
            "b",
        ),
        (('serviceAccount.name="a"',), "ServiceAccount/account", "metadata.name", "a"),
        (
            ('serviceAccount.annotations={"a":"b"}',),
            "ServiceAccount/account",
            "metadata.annotations.a",
            "b",
        ),
        ((BY_CPU,), "HorizontalPodAutoscaler/service", "spec.minReplicas", 2),
        (
            (BY_CPU,),
            "HorizontalPodAutoscaler/service",
            "spec.scaleTargetRef",
            TARGET | {"name": f"{NAME}-service"},
        ),
        (
            (SCALED,),
            "HorizontalPodAutoscaler/workers",
            "spec.scaleTargetRef",
            TARGET | {"name": f"{NAME}-workers"},
        ),
        (
            (BY_CPU, "service.autoscaling.maxReplicas=9"),
            "HorizontalPodAutoscaler/service",
            "spec.maxReplicas",
            9,
        ),
        (
            (BY_CPU, "service.autoscaling.targetCPUUtilizationPercentage=70"),
            "HorizontalPodAutoscaler/service",
            CPU,
            70,
        ),
        (
            (SCALED, "workers.autoscaling.minReplicas=3"),
            "HorizontalPodAutoscaler/workers",
            "spec.minReplicas",
            3,
        ),
        (
            (SCALED, "workers.autoscaling.maxReplicas=9"),
            "HorizontalPodAutoscaler/workers",
            "spec.maxReplicas",
            9,
        ),
        (
            (SCALED, "workers.autoscaling.targetCPUUtilizationPercentage=70"),
            "HorizontalPodAutoscaler/workers",
            CPU,
            70,
        ),
        (
            (*KEDA, "workers.autoscaling.maxReplicas=9"),
            "ScaledObject/workers",
            "spec.maxReplicaCount",
            9,
        ),
        (
            (*KEDA, "workers.autoscaling.minReplicas=3"),
            "ScaledObject/workers",
            "spec.fallback.replicas",
            3,
        ),
        (
            (*KEDA, "workers.autoscaling.keda.pollingIntervalSeconds=7"),
            "ScaledObject/workers",
            "spec.pollingInterval",
            7,
        ),
        (KEDA, "ScaledObject/workers", "spec.triggers.0.useCachedMetrics", True),
        (
            (*KEDA, "workers.autoscaling.keda.scaleDownSeconds=7"),
            "ScaledObject/workers",
            f"{BEHAVIOR}.scaleDown.stabilizationWindowSeconds",
            7,
        ),
        (
            (*KEDA, "workers.autoscaling.keda.queueLength=7"),
            "ScaledObject/workers",
            f"{TRIGGER}.listLength",
            "7",
        ),
        (
            (*KEDA, "workers.autoscaling.keda.redis.database=7"),
            "ScaledObject/workers",
            f"{TRIGGER}.databaseIndex",
            "7",
        ),
        (
            (*KEDA, "workers.autoscaling.keda.redis.tls=true"),
            "ScaledObject/workers",
            f"{TRIGGER}.enableTLS",
            "true",
        ),
        (
            ("service.disruptionBudget.maxUnavailable=2",),
            "PodDisruptionBudget/service",
            "spec.maxUnavailable",
            2,
        ),
        (
            ("workers.disruptionBudget.maxUnavailable=2",),
            "PodDisruptionBudget/workers",
            "spec.maxUnavailable",
            2,
        ),
        (
            (*INGRESS, 'ingress.className="nginx"'),
            "Ingress/service",
            "spec.ingressClassName",
            "nginx",
        ),
        (
            (*INGRESS, 'ingress.annotations={"a":"b"}'),
            "Ingress/service",
            "metadata.annotations.a",
            "b",
        ),
        (INGRESS, "Ingress/service", "spec.rules.0.host", "a.example"),
        (
            (*ROUTE, 'httpRoute.hosts=["a.example"]'),
            "HTTPRoute/service",
            "spec.hostnames",
            ["a.example"],
        ),
        (
            (MONITOR, 'monitoring.serviceMonitor.interval="7s"'),
            "ServiceMonitor/workers",
            "spec.endpoints.0.interval",
            "7s",
        ),
        (
            ("monitoring.rules.enabled=true", 'monitoring.rules.labels={"a":"b"}'),
            "PrometheusRule/rules",
            "metadata.labels.a",
            "b",
        ),
        (
            (VALKEY, 'valkey.image={"repository":"a","tag":"1"}'),
            "StatefulSet/valkey",
            f"{CONTAINER}.image",
            "a:1",
        ),
        (
            (VALKEY, 'valkey.storage.size="1Gi"'),
            "StatefulSet/valkey",
            f"{CLAIM}.resources.requests.storage",
            "1Gi",
        ),
        (
            (VALKEY, 'valkey.storage.className="fast"'),
            "StatefulSet/valkey",
            f"{CLAIM}.storageClassName",
            "fast",
        ),
        (
            ('configuration.files={"a.json":"{}"}',),
            "ConfigMap/configuration",
            "data",
            {
                "tallyman.toml": "",
                "a.json": "{}",
            },
        ),
    ],
)
def test_a_value_reaches_its_field(
    settings: tuple[str, ...], where: str, path: str, expected: Any
) -> None:
    """What is said in the values stands where Kubernetes, or an extension of it, looks for it."""
    kind, part = where.split("/")
    assert at(one(settings, kind, part), path) == expected


@pytest.mark.parametrize(
    ("setting", "part", "name", "expected"),
    [
        ('log="console"', "service", "TALLYMAN_LOG", "console"),
        ('log="console"', "workers", "TALLYMAN_LOG", "console"),
        ('cofactr.baseUrl="https://c.example"', "workers", "COFACTR_BASE_URL", "https://c.example"),
        ("workers.leaseSeconds=7", "workers", "TALLYMAN_LEASE_SECONDS", "7"),
        ("workers.metricsPort=9200", "workers", "TALLYMAN_METRICS_PORT", "9200"),
    ],
)
def test_a_value_reaches_its_variable(setting: str, part: str, name: str, expected: str) -> None:
    """What a program reads from its environment is what is said in the values."""
    assert changed(setting).environment(part)[name] == expected


def test_valkey_gets_its_limit_and_its_password() -> None:
    """What the Valkey for trials may hold, and what opens it, are among its words."""
    chart = changed(VALKEY, 'valkey.maxMemory="2gb"', 'valkey.passwordSecret.name="s"')
    words = chart.container("valkey")["args"]
    assert words[words.index("--maxmemory") + 1] == "2gb"
    assert words[words.index("--requirepass") + 1] == "$(VALKEY_PASSWORD)"
    assert "--requirepass" not in changed(VALKEY).container("valkey")["args"]


def test_the_names_of_keda_s_secrets_are_not_mixed_up() -> None:
    """User, password and the password of the Sentinels each come from their own key."""
    secret = '{"name":"r","passwordKey":"p","usernameKey":"u","sentinelPasswordKey":"s"}'
    chart = changed(*KEDA, f"workers.autoscaling.keda.redis.secret={secret}")
    references = chart.one("TriggerAuthentication")["spec"]["secretTargetRef"]
    keys = {it["parameter"]: (it["name"], it["key"]) for it in references}
    assert keys == {
        "password": ("r", "p"),
        "username": ("r", "u"),
        "sentinelPassword": ("r", "s"),
    }
    (trigger,) = chart.one("ScaledObject")["spec"]["triggers"]
    name = chart.one("TriggerAuthentication")["metadata"]["name"]
    assert trigger["authenticationRef"] == {"name": name}
