"""What `tallyman check` finds."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tallyman.data import DataDirectory, Running
from tests.publishing import key_set
from tests.running import Guard, Valkey, valkey

SOURCES = """
[sources.easypost]
format = "easypost"
secrets = ["${EASYPOST_SECRET}"]

[sources.easypost-open]
format = "easypost"
unauthenticated = true

[sources.easypost-shut]
format = "easypost"

[internal.tokens]
erp = "short"
"""
GOOD = {
    "COFACTR_API_KEY": "key",
    "TALLYMAN_ADMIN_TOKEN": "token",
    "EASYPOST_SECRET": "a-secret-of-many-characters",
}
NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """A Valkey as it must be."""
    folder = tmp_path_factory.mktemp("valkey")
    with Guard(folder) as guard, valkey(guard, folder) as running:
        yield running


class Check:
    """`tallyman check`, in a directory with nothing in it but a configuration."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.data = DataDirectory(folder / "data")

    def run(self, *options: str, **environment: str) -> tuple[int, str]:
        """The exit code, and what is printed."""
        known = {"PATH": os.environ["PATH"], "TALLYMAN_DATA_DIR": str(self.data.path)}
        ended = subprocess.run(
            [sys.executable, "-m", "tallyman", "check", *options],
            cwd=self._folder,
            env=known | {name: value for name, value in environment.items() if value},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.stderr == ""
        return ended.returncode, ended.stdout

    def remarks(self, text: str = SOURCES, **environment: str) -> list[str]:
        """The remarks on a configuration, where nothing else is wrong that is not said here."""
        file = self._folder / "some.toml"
        file.write_text(text)
        set_up = GOOD | {"REDIS_URL": NOWHERE, "TALLYMAN_CONFIG": str(file)} | environment
        items = json.loads(self.run("--json", **set_up)[1])["items"]
        return [f"{it['level']} {it['about']}: {it['text']}" for it in items]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """The command, and nothing around it."""
    return Check(tmp_path)


def about(what: str, remarks: list[str]) -> list[str]:
    """The remarks on one thing."""
    return [line for line in remarks if line.split(" ", 1)[1].startswith(f"{what}:")]


def test_all_is_well(check: Check, server: Valkey) -> None:
    """With everything as it must be, every remark is ok."""
    text = SOURCES.split("[sources.easypost-open]", maxsplit=1)[0]
    found = check.remarks(text, REDIS_URL=server.url)
    assert found
    assert {line.split()[0] for line in found} == {"ok"}


def test_each_source_is_judged(check: Check) -> None:
    """A source is told how it proves itself; open, shut and guessable ones are warnings."""
    found = check.remarks()
    assert about("configuration", found) == [
        "ok configuration: easypost, easypost-open, easypost-shut, erp may post"
    ]
    (signed,) = about("source easypost", found)
    assert signed.startswith("ok source easypost: signed: HMAC-SHA256")
    (unauthenticated,) = about("source easypost-open", found)
    assert unauthenticated.startswith("warning source easypost-open: unauthenticated = true")
    (without,) = about("source easypost-shut", found)
    assert without.startswith("warning source easypost-shut: it has no secrets")
    (guessable,) = about("internal service erp", found)
    assert guessable.startswith("warning internal service erp: bearer token; a secret of it is")


WEAK = """
[sources.dhl]
format = "dhl"
secrets = ["a-token-that-is-long-enough"]
{}
"""


def test_a_weak_proof_is_a_warning_until_something_is_added(check: Check) -> None:
    """A sender that only shows a secret is a warning that says what to add, and ok with it."""
    (proof, weak) = about("source dhl", check.remarks(WEAK.format("")))
    assert proof.startswith("ok source dhl: shown secret: ")
    assert weak.startswith("warning source dhl: ")
    assert weak.endswith("add path_tokens or addresses")

    more = 'path_tokens = ["a-path-token-of-some-length"]\naddresses = ["192.0.2.1"]'
    (_, added) = about("source dhl", check.remarks(WEAK.format(more)))
    assert added == "ok source dhl: strengthened by path_tokens and addresses"


def test_an_agreed_hash_is_a_signature(check: Check) -> None:
    """A format whose sender signs as agreed is as strong as one that signs by itself."""
    text = (
        '[sources.x]\nformat = "mapped"\nsecrets = ["a-secret-that-is-long-enough"]\n'
        'hmac = {header = "X-Signature"}\n[[sources.x.mapped]]\nsays = "ship_notice"'
    )
    (proof,) = about("source x", check.remarks(text))

    assert proof.startswith("ok source x: signed: ")


def test_a_secret_that_the_sender_would_not_take_is_an_error(check: Check) -> None:
    """A secret that has not the form that its sender demands is an error, and is not shown."""
    text = '[sources.usps]\nformat = "usps"\nsecrets = ["not-of-thirty-two-characters"]'
    (_, wrong) = about("source usps", check.remarks(text))

    assert wrong == "error source usps: a secret has 28 characters, and USPS takes exactly 32"


def test_keys_in_a_file_are_looked_at(check: Check, tmp_path: Path) -> None:
    """A file with a sender's public keys is named with its keys, or as an error."""
    file = tmp_path / "keys.json"
    text = f'[sources.se]\nformat = "shipengine"\nkeys_file = {json.dumps(str(file))}'
    (_, missing) = about("source se", check.remarks(text))
    file.write_bytes(key_set("first", "second"))
    (_, found) = about("source se", check.remarks(text))

    sentence = f"The keys_file {file} cannot be read: No such file or directory."
    assert missing == f"error source se: {sentence}"
    assert found == "ok source se: keys_file holds first, second"


@pytest.mark.parametrize(
    ("environment", "text", "remark"),
    [
        ({"EASYPOST_SECRET": ""}, SOURCES, "sources.easypost.secrets needs ${EASYPOST_SECRET}"),
        ({}, "[cofactor]", 'the top level has no setting "cofactor"'),
        ({"TALLYMAN_CONFIG": "/nowhere.toml"}, "", "/nowhere.toml cannot be read"),
    ],
)
def test_a_wrong_configuration_is_an_error(
    check: Check, environment: dict[str, str], text: str, remark: str
) -> None:
    """What is wrong with the configuration is said, and the rest is looked at all the same."""
    found = check.remarks(text, **environment)
    (wrong,) = about("configuration", found)
    assert wrong.startswith("error")
    assert remark in wrong
    assert about("redis", found)


def test_nobody_configured_is_a_warning(check: Check) -> None:
    """A configuration in which nobody may post is a warning."""
    (found,) = about("configuration", check.remarks(""))
    assert found.startswith("warning configuration: nobody is configured")


def test_what_is_missing_is_named(check: Check) -> None:
    """A missing key or address is an error that names it; a missing token is a warning."""
    found = check.remarks(COFACTR_API_KEY="", REDIS_URL="", TALLYMAN_ADMIN_TOKEN="")
    assert about("cofactr", found)[0].startswith("error cofactr: COFACTR_API_KEY is not set")
    assert about("redis", found)[0].startswith("error redis: REDIS_URL is not set")
    (token,) = about("admin token", found)
    assert token.startswith("warning admin token: TALLYMAN_ADMIN_TOKEN is not set")


@pytest.mark.parametrize("url", [NOWHERE, "nonsense://somewhere", "redis+sentinel://"])
def test_a_redis_out_of_reach_is_an_error(check: Check, url: str) -> None:
    """An address that nobody answers at, or that is none, is an error."""
    (found,) = about("redis", check.remarks(REDIS_URL=url))
    assert found.startswith("error redis: ")


@pytest.mark.parametrize(
    ("setting", "value", "level"),
    [
        ("appendonly", "no", "error"),
        ("appendfsync", "everysec", "warning"),
        ("appendfsync", "no", "error"),
        ("maxmemory-policy", "allkeys-lru", "error"),
    ],
)
def test_a_forgetful_redis_is_named(
    check: Check, server: Valkey, setting: str, value: str, level: str
) -> None:
    """A Redis that may forget is an error; one that can be waited for, a warning."""
    before = server.redis.config_get(setting)
    server.redis.config_set(setting, value)
    try:
        found = about("redis", check.remarks(REDIS_URL=server.url))
    finally:
        server.redis.config_set(setting, str(*before.values()))
    assert any(line.startswith(level) and setting in line for line in found), found


def test_a_running_up_answers_for_itself(check: Check, server: Valkey, tmp_path: Path) -> None:
    """Where the environment says nothing, what `tallyman up` set up is looked at."""
    config = tmp_path / "running.toml"
    config.write_text('[internal.tokens]\nerp = "a-token-of-many-characters"\n')
    running = Running(
        url="http://127.0.0.1:1",
        admin_token="t",
        config=str(config),
        redis_url=server.url,
        sandbox_url="http://127.0.0.1:2",
    )
    nothing = dict.fromkeys([*GOOD, "REDIS_URL", "TALLYMAN_CONFIG"], "")
    check.data.create()
    check.data.tell(running)
    found = check.remarks(**nothing)
    assert "ok configuration: erp may post" in found
    assert {line.split()[0] for line in found} == {"ok"}


def test_the_exit_code_tells_errors(check: Check, server: Valkey) -> None:
    """The exit code is 1 for any error, and 0 with nothing worse than a warning."""
    code, text = check.run()
    assert (code, {line.split()[0] for line in text.splitlines()}) == (1, {"error", "warning"})
    code, text = check.run(REDIS_URL=server.url, COFACTR_API_KEY="key")
    assert (code, {line.split()[0] for line in text.splitlines()}) == (0, {"ok", "warning"})
    assert not check.data.path.exists()
