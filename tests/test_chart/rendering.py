"""What Helm makes of the chart and some values, as objects that can be looked into."""

import subprocess
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.test_chart.schema import HELM

SETS = sorted(Path(__file__).with_name("values").glob("*.yaml"))
RELEASE = "counting-house"
NAMESPACE = "purchasing"

Object = dict[str, Any]


class Ended(NamedTuple):
    """What Helm left behind."""

    code: int
    out: str
    err: str


def helm(*arguments: str) -> Ended:
    """Run the Helm that belongs to this environment; fails where there is none."""
    program = Path(sysconfig.get_path("scripts")) / "helm"
    if not program.exists():
        pytest.fail("Helm is not installed here; `make install-dev` brings it (helm-binary).")
    ended = subprocess.run(
        [str(program), *arguments], capture_output=True, text=True, check=False, timeout=30
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


@cache
def refused(*settings: str) -> str:
    """What Helm says to values that it does not take; fails where it takes them."""
    ended = _template(*(word for setting in settings for word in ("--set-json", setting)))
    assert ended.code, "it was not refused"
    return ended.err


def _template(*arguments: str) -> Ended:
    return helm("template", RELEASE, str(HELM), "--namespace", NAMESPACE, *arguments)


class Chart:
    """The objects of one rendering."""

    def __init__(self, text: str) -> None:
        self.objects: list[Object] = [it for it in yaml.safe_load_all(text) if it]

    def all(self, kind: str) -> list[Object]:
        """All objects of a kind."""
        return [it for it in self.objects if it["kind"] == kind]

    def one(self, kind: str, part: str = "") -> Object:
        """The only object of a kind, or of a kind and a part."""
        (found,) = (it for it in self.all(kind) if not part or part_of(it) == part)
        return found

    def pods(self) -> Iterator[tuple[str, Object]]:
        """Every pod that can come of it, with its part: the labels and the specification."""
        for it in self.objects:
            if it["kind"] == "Pod":
                yield part_of(it), it
            elif it["kind"] in ("Deployment", "StatefulSet"):
                yield part_of(it), it["spec"]["template"]

    def pod(self, part: str) -> Object:
        """The specification of the pods of a part."""
        (found,) = (pod["spec"] for its, pod in self.pods() if its == part)
        specification: Object = found
        return specification

    def container(self, part: str) -> Object:
        """The only container of the pods of a part."""
        (found,) = self.pod(part)["containers"]
        container: Object = found
        return container

    def environment(self, part: str) -> dict[str, Any]:
        """The variables of a part: their values, or where they come from."""
        return {
            it["name"]: it.get("value", it.get("valueFrom"))
            for it in self.container(part).get("env", ())
        }


def part_of(it: Mapping[str, Any]) -> str:
    """The part that an object belongs to."""
    part: str = it["metadata"]["labels"]["app.kubernetes.io/component"]
    return part


@cache
def rendered(values: Path) -> Chart:
    """The chart with a file of values."""
    return _chart(_template("--values", str(values)))


@cache
def changed(*settings: str) -> Chart:
    """The chart with its defaults, but for these settings, each `path=JSON`."""
    return _chart(_template(*(word for setting in settings for word in ("--set-json", setting))))


def _chart(ended: Ended) -> Chart:
    assert not ended.code, ended.err
    return Chart(ended.out)


def selected(selector: Mapping[str, str], pods: Sequence[tuple[str, Object]]) -> set[str]:
    """The parts whose pods carry all of these labels."""
    return {part for part, pod in pods if selector.items() <= pod["metadata"]["labels"].items()}
