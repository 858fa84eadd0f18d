"""What `tallyman up` will run, decided before anything is started."""

import errno
import socket
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import msgspec

from store.environment import configuration_in
from tallyman.configuration import configuration_file
from tallyman.data import DataDirectory, Running
from tallyman.demonstration import write_configuration
from tallyman.embedded import Valkey, embedded_valkey
from tallyman.errors import CommandError, MisuseError
from tallyman.processes import Program, module, worker

_DEFAULT_PORT = "8080"
_LARGEST_PORT = 65_535

# Beyond the calls to Cofactr that are under way: what was answered is written down, and ended.
_DRAIN_SECONDS = 25.0


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The programs, and what people and other commands are told of them."""

    running: Running
    is_demonstration: bool
    is_token_ours: bool
    is_data_elsewhere: bool
    valkey: Valkey | None
    sandbox: Program | None
    shells: tuple[Program, ...]
    drain_seconds: float


def plan(
    environment: Mapping[str, str],
    data: DataDirectory,
    *,
    lock: int,
    port: int | None,
    workers: int,
    config: Path | None,
) -> Plan:
    """Decide what is run.

    Raises:
        ConfigurationError: The configuration says something impossible.
        CommandError: A port is taken, or the environment contradicts itself.
    """
    file = config or configuration_file(environment)
    config_path = (file or write_configuration(data)).absolute()
    settings = {**environment, "TALLYMAN_CONFIG": str(config_path)}
    call_seconds = configuration_in(settings).cofactr.timeout_seconds
    settings["TALLYMAN_PORT"] = str(_port(environment, port))
    token = environment.get("TALLYMAN_ADMIN_TOKEN")
    settings["TALLYMAN_ADMIN_TOKEN"] = token or data.secret("admin_token")
    valkey = _valkey(settings, data, lock)
    sandbox = _sandbox(settings, data)
    service = Program(name="the service", command=module("service"), environment=settings)
    return Plan(
        running=_running(settings, has_sandbox=sandbox is not None),
        is_demonstration=file is None,
        is_token_ours=not token,
        is_data_elsewhere=bool(environment.get("TALLYMAN_DATA_DIR")),
        valkey=valkey,
        sandbox=sandbox,
        shells=(service, *(worker(number, settings) for number in range(1, workers + 1))),
        drain_seconds=call_seconds + _DRAIN_SECONDS,
    )


def _running(settings: Mapping[str, str], *, has_sandbox: bool) -> Running:
    return Running(
        url=_url(settings),
        admin_token=settings["TALLYMAN_ADMIN_TOKEN"],
        config=settings["TALLYMAN_CONFIG"],
        redis_url=settings["REDIS_URL"],
        sandbox_url=settings["COFACTR_BASE_URL"] if has_sandbox else None,
    )


def _valkey(settings: dict[str, str], data: DataDirectory, lock: int) -> Valkey | None:
    """A Valkey, where nothing says that there is a Redis; the settings then lead to it."""
    if settings.get("REDIS_URL"):
        return None
    valkey = embedded_valkey(data.path / "valkey", settings, lock=lock)
    settings["REDIS_URL"] = valkey.url
    return valkey


def _sandbox(settings: dict[str, str], data: DataDirectory) -> Program | None:
    """The sandbox, where nothing says that there is a Cofactr; the settings then lead to it."""
    if settings.get("COFACTR_API_KEY"):
        return None
    if settings.get("COFACTR_BASE_URL"):
        message = "COFACTR_BASE_URL is set and COFACTR_API_KEY is not; set both, or neither."
        raise CommandError(message)
    port = _free_port("127.0.0.1", 0)
    settings["COFACTR_BASE_URL"] = f"http://127.0.0.1:{port}"
    settings["COFACTR_API_KEY"] = data.secret("sandbox_key")
    return Program(
        name="the sandbox",
        command=module("tallyman.sandbox", "--port", str(port)),
        environment=dict(settings),
        is_silent=True,
    )


def _port(environment: Mapping[str, str], asked: int | None) -> int:
    text = environment.get("TALLYMAN_PORT") or _DEFAULT_PORT
    if asked is None and not (text.isdecimal() and int(text) <= _LARGEST_PORT):
        message = f'TALLYMAN_PORT is "{text}"; a port is a number from 1 to {_LARGEST_PORT}.'
        raise MisuseError(message)
    return _free_port(_host(environment), int(text) if asked is None else asked)


def _host(environment: Mapping[str, str]) -> str:
    return environment.get("TALLYMAN_HOST") or "127.0.0.1"


def _free_port(host: str, port: int) -> int:
    """The port itself, or any free one for 0; our programs open it a moment later."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # What ended a moment ago is no obstacle to the service, either.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                message = f"Port {port} of {host} is taken; choose another one with --port."
            else:
                message = f"Port {port} of {host} cannot be used: {error.strerror}."
            raise CommandError(message) from None
        taken: int = probe.getsockname()[1]
        return taken


def _url(settings: Mapping[str, str]) -> str:
    """Where the service is reached from this machine, whatever else it listens on."""
    host = _host(settings)
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # it is compared, not bound
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{settings['TALLYMAN_PORT']}"


def without_password(url: str) -> str:
    """An address as it may be shown."""
    parts = urlsplit(url)
    credentials, at, hosts = parts.netloc.rpartition("@")
    if not at:
        return url
    user = credentials.partition(":")[0]
    return urlunsplit(parts._replace(netloc=f"{user}:***@{hosts}"))
