"""A 2xx is only given where a notification is on disk, and the service says why where it is not."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from tests.running import Guard, Service, Valkey, eventually, free_port, valkey
from tests.talking import ENVIRONMENT, Caller, is_problem, new_number, order, parcel, signature
from tests.test_engine.stage import CONFIGURATION, Engine


@contextmanager
def serving(
    guard: Guard, folder: Path, server: Valkey, configuration: str = CONFIGURATION
) -> Iterator[Caller]:
    """A service over a Valkey, and a sender."""
    file = folder / "tallyman.toml"
    file.write_text(configuration)
    service = Service(guard, file, REDIS_URL=server.url, **ENVIRONMENT)
    caller = Caller(service.url)
    try:
        yield caller
    finally:
        caller.close()
        assert not service.program.has_ended, (service.program.ended(), service.program.output())
        service.program.kill()


def _notify(caller: Caller) -> httpx.Response:
    return caller.notify(parcel(new_number(), "in_transit"))


def _is_refused(answer: httpx.Response) -> bool:
    assert int(answer.headers["retry-after"]) > 0
    return is_problem(answer, 503, "unavailable")


@pytest.mark.parametrize(
    "options",
    [{"appendonly": "no"}, {"appendfsync": "no"}],
    ids=["no append-only file", "no fsync"],
)
def test_nothing_is_taken_in_that_need_not_be_on_disk(
    guard: Guard, tmp_path: Path, options: dict[str, str]
) -> None:
    """Where Redis does not put on disk what it confirms, all get 503 and `/readyz` says why."""
    with valkey(guard, tmp_path, **options) as server, serving(guard, tmp_path, server) as caller:
        assert _is_refused(_notify(caller))
        assert _is_refused(caller.http.put("/v1/orders/PO-1", json=order(new_number())))
        ready = caller.http.get("/readyz")
        assert ready.status_code == 503
        assert "on disk" in ready.json()["reason"]
        assert not server.redis.exists("rq:queue:tallyman")


@pytest.mark.parametrize(
    "options",
    [
        {"appendfsync": "everysec"},
        {"appendfsync": "everysec", "rename_command": "CONFIG "},
        {"appendfsync": "always", "rename_command": "CONFIG "},
    ],
    ids=["everysec", "everysec, CONFIG renamed", "always, CONFIG renamed"],
)
def test_where_fsync_is_not_known_to_be_at_once_it_is_waited_for(
    guard: Guard, tmp_path: Path, options: dict[str, str]
) -> None:
    """With everysec, and where CONFIG is refused, each batch is followed by WAITAOF, then 202."""
    with valkey(guard, tmp_path, **options) as server, serving(guard, tmp_path, server) as caller:
        assert _notify(caller).status_code == 202
        assert server.redis.info("commandstats")["cmdstat_waitaof"]["calls"] >= 1
        assert caller.http.get("/readyz").status_code == 200


def test_a_user_who_may_not_read_the_configuration_is_served(guard: Guard, tmp_path: Path) -> None:
    """Where the access list forbids CONFIG, as hosted servers do, each batch waits by WAITAOF."""
    with valkey(guard, tmp_path) as server:
        server.redis.acl_setuser("default", enabled=True, nopass=True, commands=["-config"])
        with serving(guard, tmp_path, server) as caller:
            assert _notify(caller).status_code == 202
            assert server.redis.info("commandstats")["cmdstat_waitaof"]["calls"] >= 1


@pytest.mark.parametrize("on_disk", [True, False])
def test_a_replica_that_must_have_it_is_waited_for(
    guard: Guard, tmp_path: Path, *, on_disk: bool
) -> None:
    """With `replicas = 1` nothing is promised while there is no replica, and only then."""
    port = free_port()
    folders = [tmp_path / name for name in ("primary", "replica")]
    for folder in folders:
        folder.mkdir()
    wanted = f"[durability]\nreplicas = 1\non_disk = {str(on_disk).lower()}\n"
    configuration = f"{CONFIGURATION}\n{wanted}"
    with (
        valkey(guard, folders[0], port=str(port)) as primary,
        valkey(guard, folders[1], replicaof=f"127.0.0.1 {port}") as replica,
        serving(guard, tmp_path, primary, configuration) as caller,
    ):

        def is_linked() -> bool:
            return bool(replica.redis.info("replication")["master_link_status"] == "up")

        eventually(is_linked, what="the replica's link")
        eventually(lambda: _notify(caller).status_code == 202, what="the first one")
        body = parcel(new_number(), "in_transit")
        kept = caller.notified(body)
        assert replica.redis.exists(f"tallyman:raw:{kept}")

        replica.stop(kill=True)
        began_at = time.monotonic()
        assert _is_refused(_notify(caller))
        assert time.monotonic() - began_at < 1.5
        assert _is_refused(caller.http.put("/v1/orders/PO-1", json=order(new_number())))
        assert _is_refused(caller.http.post(f"/v1/notifications/{kept}/replay", json={}))

        replica.start()
        eventually(is_linked, what="the replica's link")
        eventually(lambda: _notify(caller).status_code == 202, what="its return")
        assert caller.notify(body).json() == {"id": kept, "duplicate": True}


def test_another_server_in_its_place_is_looked_at_before_it_is_trusted(
    guard: Guard, tmp_path: Path
) -> None:
    """A Redis that came back without its append-only file is not given the first notification."""
    with valkey(guard, tmp_path) as server, serving(guard, tmp_path, server) as caller:
        assert _notify(caller).status_code == 202
        server.stop()
        assert _is_refused(_notify(caller))
        server.options["appendonly"] = "no"
        server.start()

        assert _is_refused(_notify(caller))
        assert "on disk" in caller.http.get("/readyz").json()["reason"]


def test_a_redis_that_is_gone_is_told_at_once_and_its_return_is_noticed(engine: Engine) -> None:
    """While Redis is gone senders get 503 within a second, and 202 again when it is back."""
    assert _notify(engine.admin).status_code == 202
    engine.valkey.stop(kill=True)

    for _ in range(3):
        began_at = time.monotonic()
        assert _is_refused(_notify(engine.admin))
        assert time.monotonic() - began_at < 1.3
    assert "Redis does not answer" in engine.admin.http.get("/readyz").json()["reason"]
    assert engine.admin.http.get("/livez").status_code == 200

    engine.valkey.start()
    eventually(lambda: _notify(engine.admin).status_code == 202, seconds=2, what="its return")
    assert engine.admin.http.get("/v1/accounts").json()["balanced"]


def test_a_redis_that_is_silent_is_told_within_a_second(engine: Engine) -> None:
    """While Redis answers nothing senders get 503 within a second, and a repetition is known."""
    assert _notify(engine.admin).status_code == 202
    body = parcel(new_number(), "in_transit")
    engine.valkey.freeze()
    try:
        began_at = time.monotonic()
        assert _is_refused(engine.admin.notify(body))
        assert time.monotonic() - began_at < 1.3
    finally:
        engine.valkey.thaw()

    # It had reached Redis, and is there when Redis goes on.
    eventually(lambda: engine.admin.notify(body).status_code == 202, what="its return")
    assert engine.admin.notify(body).json()["duplicate"]
    assert engine.admin.http.get("/v1/accounts").json()["queued"] == 2


def test_no_more_waits_than_fits(engine: Engine) -> None:
    """Of what waits for a silent Redis 64 MiB are kept in mind, and nothing beyond is taken in."""
    filler = "x" * 1_000_000
    engine.valkey.freeze()
    answers: list[httpx.Response] = []

    def post() -> None:
        with httpx.Client(base_url=engine.service.url, timeout=30) as client:
            body = parcel(new_number(), "in_transit", public_url=filler)
            headers = {"x-hmac-signature": signature(body)}
            answers.append(client.post("/webhooks/easypost", content=body, headers=headers))

    try:
        threads = [threading.Thread(target=post) for _ in range(90)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(_is_refused(answer) for answer in answers)
    finally:
        engine.valkey.thaw()

    eventually(lambda: _notify(engine.admin).status_code == 202, seconds=20, what="its return")
    accounts = engine.admin.http.get("/v1/accounts").json()
    assert accounts["balanced"]
    assert 0 < accounts["queued"] < 75


def test_a_sender_that_hangs_up_cancels_nothing(engine: Engine) -> None:
    """A notification whose sender hung up before the answer is kept like any other."""
    assert _notify(engine.admin).status_code == 202
    body = parcel(new_number(), "in_transit")
    head = (
        "POST /webhooks/easypost HTTP/1.1\r\nHost: tallyman\r\n"
        f"X-Hmac-Signature: {signature(body)}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    engine.valkey.freeze()
    try:
        with socket.create_connection(("127.0.0.1", engine.service.port)) as sender:
            sender.sendall(head.encode() + body)
            time.sleep(0.2)
    finally:
        with suppress(OSError):
            engine.valkey.thaw()

    eventually(
        lambda: engine.admin.http.get("/v1/accounts").json()["queued"] == 2, what="its being kept"
    )
    assert engine.admin.notify(body).json()["duplicate"]
