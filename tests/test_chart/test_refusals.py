"""Values that cannot be meant are refused before anything is installed, in words that help."""

import pytest

from tests.test_chart.rendering import refused
from tests.test_chart.schema import SCHEMA, VALUES, schema_of, text_of

KEDA = ("workers.autoscaling.enabled=true", "workers.autoscaling.keda.enabled=true")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["servce.replicas=3"], "Additional property servce is not allowed"),
        (["workers.replica=3"], "workers: Additional property replica is not allowed"),
        (["workers.replicas=0"], "workers.replicas: Must be greater than or equal to 1"),
        (['service.port="http"'], "service.port: Invalid type. Expected: integer, given: string"),
        (["service.replicas=null"], "service: replicas is required"),
        (['log="xml"'], "log must be one of the following"),
        (['image.pullPolicy="Sometimes"'], "image.pullPolicy must be one of the following"),
        (['image.digest="sha256:12"'], "image.digest: Does not match pattern"),
        (['cofactr.baseUrl="cofactr.example"'], "cofactr.baseUrl: Does not match pattern"),
        (['environment.secretKeys={"A":{"secret":"s"}}'], "secretKeys.A: key is required"),
        (
            ['environment.secretKeys={"A":{"value":"hunter2"}}'],
            "Additional property value is not allowed",
        ),
        (['environment.secretKeys={"A-B":{"secret":"s","key":"k"}}'], '"A-B" does not match'),
        (["workers.autoscaling.minReplicas=0"], "minReplicas: Must be greater than or equal to 1"),
        (["workers.leaseSeconds=4000"], "leaseSeconds: Must be less than or equal to 3600"),
        (['ingress.paths=["webhooks"]'], "ingress.paths.0: Does not match pattern"),
        (['nameOverride="My App"'], "nameOverride: Does not match pattern"),
        (['fullnameOverride="-a"'], "fullnameOverride: Does not match pattern"),
        (['configuration.files={"a/b":""}'], '"a/b" does not match'),
        (['configuration.files={"tallyman.toml":""}'], "belongs into configuration.toml"),
        (
            ['environment.secretKeys={"REDIS_URL":{"secret":"s","key":"k"}}'],
            "environment.secretKeys has REDIS_URL, which the chart sets itself",
        ),
        (['ingress.hosts=["https://a.example"]'], "ingress.hosts.0: Does not match pattern"),
        (['httpRoute.hosts=["a example"]'], "httpRoute.hosts.0: Does not match pattern"),
        (['valkey.maxMemory="1T"'], "valkey.maxMemory: Does not match pattern"),
        (
            ["service.preStopSeconds=40"],
            "service.terminationGracePeriodSeconds is 45; with a preStopSeconds of 40",
        ),
        (
            [
                "workers.terminationGracePeriodSeconds=30",
                'configuration.toml="[cofactr]\\ntimeout_seconds = 60\\n"',
            ],
            "a call to Cofactr may take 60 seconds, so it must be at least 70",
        ),
        (['redis.secret.name=""'], "redis.secret.name names no Secret"),
        (['cofactr.secret.name=""'], "cofactr.secret.name names no Secret"),
        (["ingress.enabled=true"], "ingress.enabled needs ingress.hosts"),
        (["httpRoute.enabled=true"], "httpRoute.enabled needs httpRoute.gateways"),
        ([*KEDA], "KEDA cannot read an address out of redis.secret"),
        (
            [*KEDA, 'workers.autoscaling.keda.redis.sentinels=["a:26379"]'],
            "sentinels are given without a sentinelMaster",
        ),
        (
            [*KEDA, 'workers.autoscaling.keda.redis.address="redis://redis:6379"'],
            "keda.redis.address: Does not match pattern",
        ),
        (
            ["service.autoscaling.enabled=true", "service.autoscaling.maxReplicas=1"],
            "service.autoscaling.maxReplicas is 1, which is less than minReplicas, 2",
        ),
        (
            ["workers.autoscaling.enabled=true", "workers.autoscaling.maxReplicas=1"],
            "workers.autoscaling.maxReplicas is 1, which is less than minReplicas, 2",
        ),
    ],
)
def test_a_wrong_value_is_refused(settings: list[str], words: str) -> None:
    """What is wrong is named, with where it stands and what it could be."""
    assert words in refused(*settings)


def test_the_schema_is_that_of_the_values() -> None:
    """`values.schema.json` is what `python -m tests.test_chart.schema` makes of `values.yaml`."""
    fresh = text_of(schema_of(VALUES.read_text(encoding="utf-8")))
    assert SCHEMA.read_text(encoding="utf-8") == fresh, (
        "helm/values.schema.json is stale; `python -m tests.test_chart.schema` writes it"
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ("bare: 1\n", "bare has no sentence above it"),
        ("# No sentence\nbare: 1\n", "bare has no sentence above it"),
        ("# A group.\ngroup:\n  bare: 1\n", "group.bare has no sentence above it"),
        ("# Nothing.\nnothing: null\n", "nothing has a default of the type null"),
        ("- 1\n", "no mapping"),
    ],
)
def test_a_value_without_a_sentence_is_a_fault(values: str, words: str) -> None:
    """No value gets into the chart unexplained."""
    with pytest.raises(ValueError, match=words):
        schema_of(values)
