"""What objects of extensions of Kubernetes must look like, as far as the chart makes them.

Written by hand after the documentation of each, read 2026-11-21, because their schemas come with
no package: an unknown key, or a missing one, fails. What the chart makes was also held against the
definitions in the repositories of KEDA, the Gateway API and the Prometheus operator as they were
in August 2026.
"""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

Check = Callable[[Mapping[str, Any]], None]

_SECONDS = re.compile(r"^[0-9]+(ms|s|m|h|d)$")


def _has(it: Mapping[str, Any], needed: Collection[str], allowed: Collection[str] = ()) -> None:
    """All needed keys are there, and no other than those that are allowed."""
    assert set(needed) <= set(it), f"{sorted(it)} lacks one of {sorted(needed)}"
    assert set(it) <= {*needed, *allowed}, f"{sorted(it)} has more than is known"


def keda(it: Mapping[str, Any]) -> None:
    """KEDA: https://keda.sh/docs/2.16/reference/scaledobject-spec/ and the Redis scalers beside."""
    _has(it, ("apiVersion", "kind", "metadata", "spec"))
    if it["kind"] == "TriggerAuthentication":
        _has(it["spec"], ("secretTargetRef",))
        for reference in it["spec"]["secretTargetRef"]:
            _has(reference, ("parameter", "name", "key"))
            assert reference["parameter"] in ("password", "username", "sentinelPassword")
        return
    assert it["kind"] == "ScaledObject"
    needed = ("scaleTargetRef", "triggers", "minReplicaCount", "maxReplicaCount")
    _has(it["spec"], needed, ("pollingInterval", "fallback", "advanced"))
    _has(it["spec"]["scaleTargetRef"], ("name",))
    _has(it["spec"]["fallback"], ("failureThreshold", "replicas"))
    _has(it["spec"]["advanced"], ("horizontalPodAutoscalerConfig",))
    assert 1 <= it["spec"]["minReplicaCount"] <= it["spec"]["maxReplicaCount"]
    (trigger,) = it["spec"]["triggers"]
    _has(trigger, ("type", "metadata", "useCachedMetrics"), ("authenticationRef",))
    common = ("listName", "listLength", "databaseIndex", "enableTLS")
    more = {"redis": ("address",), "redis-sentinel": ("addresses", "sentinelMaster")}
    _has(trigger["metadata"], (*common, *more[trigger["type"]]))
    # KEDA takes texts only.
    assert all(isinstance(value, str) and value for value in trigger["metadata"].values())


def gateway(it: Mapping[str, Any]) -> None:
    """The Gateway API: https://gateway-api.sigs.k8s.io/reference/spec/#httproute."""
    _has(it, ("apiVersion", "kind", "metadata", "spec"))
    assert it["kind"] == "HTTPRoute"
    _has(it["spec"], ("parentRefs", "rules"), ("hostnames",))
    for parent in it["spec"]["parentRefs"]:
        _has(parent, ("name",), ("namespace", "sectionName"))
    for rule in it["spec"]["rules"]:
        _has(rule, ("matches", "backendRefs"))
        for match in rule["matches"]:
            _has(match, ("path",))
            assert match["path"]["type"] == "PathPrefix"
            assert match["path"]["value"].startswith("/")
        for backend in rule["backendRefs"]:
            _has(backend, ("name", "port"))
            assert isinstance(backend["port"], int)


def prometheus(it: Mapping[str, Any]) -> None:
    """The Prometheus operator: https://prometheus-operator.dev/docs/api-reference/api/."""
    _has(it, ("apiVersion", "kind", "metadata", "spec"))
    if it["kind"] == "ServiceMonitor":
        _has(it["spec"], ("selector", "endpoints"))
        _has(it["spec"]["selector"], ("matchLabels",))
        for endpoint in it["spec"]["endpoints"]:
            _has(endpoint, ("port", "path", "interval"))
            assert _SECONDS.match(endpoint["interval"])
        return
    assert it["kind"] == "PrometheusRule"
    _has(it["spec"], ("groups",))
    for group in it["spec"]["groups"]:
        _has(group, ("name", "rules"))
        alerts = [rule["alert"] for rule in group["rules"]]
        assert len(alerts) == len(set(alerts))
        for rule in group["rules"]:
            _has(rule, ("alert", "expr", "for", "labels", "annotations"))
            _has(rule["annotations"], ("summary", "description"))
            assert rule["labels"]["severity"] in ("critical", "warning")
            assert _SECONDS.match(rule["for"])
            _balanced(rule["expr"])


def _balanced(expression: str) -> None:
    """Every bracket and quotation mark of an expression is closed."""
    bare = re.sub(r'"[^"]*"', "", expression)
    assert '"' not in bare, expression
    assert all(bare.count(a) == bare.count(b) for a, b in ("()", "{}", "[]")), expression


CHECKS: Mapping[str, Check] = {
    "keda.sh/v1alpha1": keda,
    "gateway.networking.k8s.io/v1": gateway,
    "monitoring.coreos.com/v1": prometheus,
}
"""The check for each extension, by the apiVersion of its objects."""
